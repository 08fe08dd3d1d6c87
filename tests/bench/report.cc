#include "report.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ostream>
#include <thread>

#include <sys/sysinfo.h>

#include "absl/strings/str_cat.h"
#include "security/strict_json.h"

namespace holdfast::bench {
namespace {

std::string Quoted(std::string_view text) {
  return security::JsonQuote(text);
}

std::string Numbers(const Samples& samples) {
  std::string out = "[";
  for (const double value : samples.values()) {
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", value);
    absl::StrAppend(&out, out.size() > 1 ? "," : "", text);
  }
  return out + "]";
}

std::string Target(const Row& row) {
  return absl::StrCat(row.sense == Sense::kAtLeast ? ">= " : "<= ", Figure(row.target));
}

std::string Spread(const Samples& ratio) {
  return absl::StrCat(Figure(ratio.Min()), " - ", Figure(ratio.Max()));
}

// Bytes that begin a character.
std::size_t Width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
  }));
}

}  // namespace

bool Row::Reached() const {
  if (!skipped.empty()) return false;
  return sense == Sense::kAtLeast ? ratio.Median() >= target : ratio.Median() <= target;
}

void Report::PrintTable(std::ostream& out) const {
  constexpr std::size_t kColumns = 8;
  std::vector<std::array<std::string, kColumns>> lines = {
      {"", "path", "ours", "limit", "ratio", "target", "spread", "against"}};
  for (const Row& row : rows_) {
    if (!row.skipped.empty()) {
      lines.push_back({row.scenario, row.path, "-", "-", "-", Target(row), "-",
                       absl::StrCat("skipped: ", row.skipped)});
      continue;
    }
    lines.push_back({row.scenario, row.path, absl::StrCat(Figure(row.ours.Median()), " ", row.unit),
                     Figure(row.limit.Median()), Figure(row.ratio.Median()),
                     absl::StrCat(Target(row), row.Reached() ? "" : "  missed"), Spread(row.ratio),
                     row.against});
  }
  std::array<std::size_t, kColumns> widths{};
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < kColumns; ++i) widths[i] = std::max(widths[i], Width(line[i]));
  }
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < kColumns; ++i)
      out << line[i] << std::string(i + 1 == kColumns ? 0 : widths[i] - Width(line[i]) + 2, ' ');
    out << '\n';
  }
}

std::string JsonLine(const Row& row) {
  std::string out =
      absl::StrCat("{\"scenario\":", Quoted(row.scenario), ",\"path\":", Quoted(row.path),
                   ",\"against\":", Quoted(row.against));
  if (!row.skipped.empty()) return absl::StrCat(out, ",\"skipped\":", Quoted(row.skipped), "}");
  absl::StrAppend(&out, ",\"unit\":", Quoted(row.unit), ",\"ours\":", row.ours.Median(),
                  ",\"limit\":", row.limit.Median(), ",\"ratio\":", row.ratio.Median());
  absl::StrAppend(&out, ",\"target\":", Quoted(Target(row)),
                  ",\"reached\":", row.Reached() ? "true" : "false",
                  ",\"spread\":", Quoted(Spread(row.ratio)));
  absl::StrAppend(&out, ",\"durability\":", Quoted(row.durability), ",\"note\":", Quoted(row.note));
  return absl::StrCat(out, ",\"samples\":{\"ours\":", Numbers(row.ours),
                      ",\"limit\":", Numbers(row.limit), ",\"ratio\":", Numbers(row.ratio), "}}");
}

std::string Report::Json() const {
  std::string out = absl::StrCat("{\"machine\":", Quoted(MachineClass()), ",\n\"rows\":[\n");
  for (const Row& row : rows_)
    absl::StrAppend(&out, JsonLine(row), &row == &rows_.back() ? "\n" : ",\n");
  return out + "]}\n";
}

std::string MachineClass() {
  struct sysinfo info {};
  sysinfo(&info);
  const std::uint64_t bytes = std::uint64_t{info.totalram} * info.mem_unit;
  return absl::StrCat(std::thread::hardware_concurrency(), " cores, ", bytes >> 30U, " GiB");
}

}  // namespace holdfast::bench
