#include "cli/invocation.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <utility>

#include <google/protobuf/descriptor.h>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/civil_time.h"
#include "cli/exit_code.h"
#include "ingest/nearest_name.h"

namespace holdfast::cli {

Invocation::Invocation(std::map<std::string, std::vector<std::string>, std::less<>> given,
                       SessionOptions session, Output output)
    : given_(std::move(given)),
      output_(output),
      session_(std::make_unique<Session>(std::move(session))) {}

Invocation::~Invocation() = default;

bool Invocation::Has(std::string_view name) const {
  return given_.find(name) != given_.end();
}

std::string Invocation::Get(std::string_view name) const {
  const auto found = given_.find(name);
  return found == given_.end() || found->second.empty() ? "" : found->second.front();
}

std::vector<std::string> Invocation::GetAll(std::string_view name) const {
  std::vector<std::string> all;
  const auto found = given_.find(name);
  if (found == given_.end()) return all;
  for (const std::string& value : found->second) {
    for (absl::string_view part : absl::StrSplit(value, ',', absl::SkipEmpty()))
      all.emplace_back(part);
  }
  return all;
}

absl::StatusOr<std::optional<type::v1::Month>> Invocation::Month(std::string_view name) const {
  if (!Has(name)) return std::optional<type::v1::Month>();
  const std::optional<absl::CivilMonth> month = ParseMonth(Get(name));
  if (!month)
    return UsageError(absl::StrCat(std::string(name), " must be a month such as 2016-04."));
  type::v1::Month out;
  out.set_year(static_cast<std::int32_t>(month->year()));
  out.set_month(month->month());
  return std::optional<type::v1::Month>(out);
}

absl::StatusOr<std::optional<type::v1::Day>> Invocation::Day(std::string_view name) const {
  if (!Has(name)) return std::optional<type::v1::Day>();
  const std::optional<absl::CivilDay> day = ParseDay(Get(name));
  if (!day)
    return UsageError(absl::StrCat(std::string(name), " must be a day such as 2016-06-30."));
  type::v1::Day out;
  out.set_year(static_cast<std::int32_t>(day->year()));
  out.set_month(day->month());
  out.set_day(day->day());
  return std::optional<type::v1::Day>(out);
}

absl::StatusOr<std::optional<double>> Invocation::Number(std::string_view name) const {
  if (!Has(name)) return std::optional<double>();
  double value = 0;
  if (!absl::SimpleAtod(Get(name), &value) || !std::isfinite(value)) {
    return UsageError(absl::StrCat(std::string(name), " must be a number such as 0.95."));
  }
  return std::optional<double>(value);
}

absl::StatusOr<int> Invocation::Code(std::string_view name,
                                     const google::protobuf::EnumDescriptor& codes) const {
  std::string wanted = absl::AsciiStrToUpper(Get(name));
  std::replace(wanted.begin(), wanted.end(), '-', '_');
  std::vector<std::string> names;
  for (int i = 0; i < codes.value_count(); ++i) {
    if (codes.value(i)->number() == 0) continue;
    if (codes.value(i)->name() == wanted) return codes.value(i)->number();
    names.push_back(codes.value(i)->name());
  }
  std::vector<std::string_view> views(names.begin(), names.end());
  const std::string_view nearest = ingest::NearestName(wanted, views);
  return UsageError(absl::StrCat(
      std::string(name), " must be one of ", absl::StrJoin(names, ", "), ".",
      nearest.empty() ? "" : absl::StrCat(" Did you mean ", std::string(nearest), "?")));
}

std::string ToText(const type::v1::Month& month) {
  char out[32];
  std::snprintf(out, sizeof out, "%04d-%02d", month.year(), month.month());
  return out;
}

std::string ToText(const type::v1::Day& day) {
  if (day.year() == 0) return "";
  char out[48];
  std::snprintf(out, sizeof out, "%04d-%02d-%02d", day.year(), day.month(), day.day());
  return out;
}

std::string ToText(double value, int digits) {
  char out[64];
  std::snprintf(out, sizeof out, "%.*f", digits, value);
  std::string text = out;
  if (text.find('.') != std::string::npos) {
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  return text == "-0" ? "0" : text;
}

}  // namespace holdfast::cli
