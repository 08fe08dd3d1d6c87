#include "bench.h"

#include <filesystem>
#include <iostream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace holdfast::bench {

void Say(std::string_view text) {
  std::cerr << "bench: " << text << std::endl;
}

std::string Bench::Folder(std::string_view name) {
  const std::filesystem::path folder = std::filesystem::path(settings_.work) / name;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return std::filesystem::absolute(folder).string();
}

absl::Status Bench::Compare(const Row& row, const Measure& ours, const std::vector<Limit>& limits) {
  std::vector<Row> rows(limits.size(), row);
  for (int run = -1; run < settings_.runs; ++run) {
    ASSIGN_OR_RETURN(const double own, ours());
    for (std::size_t i = 0; i < limits.size(); ++i) {
      ASSIGN_OR_RETURN(const double limit, limits[i].measure());
      if (limit <= 0) return absl::InternalError(absl::StrCat(limits[i].name, " measured nothing"));
      if (run < 0) continue;
      rows[i].ours.Add(own);
      rows[i].limit.Add(limit);
      rows[i].ratio.Add(own / limit);
    }
  }
  for (std::size_t i = 0; i < limits.size(); ++i) {
    rows[i].against = limits[i].name;
    rows[i].target = limits[i].target;
    Add(std::move(rows[i]));
  }
  return absl::OkStatus();
}

void Bench::Add(Row row) {
  row.scenario = scenario_;
  std::cout << JsonLine(row) << std::endl;
  report_.Add(std::move(row));
}

void Bench::Skip(Row row, std::string reason) {
  row.skipped = std::move(reason);
  Add(std::move(row));
}

}  // namespace holdfast::bench
