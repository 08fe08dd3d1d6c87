// What every scenario is given: how long to measure, where to write, and how figures are compared.
//
//   absl::Status E21(Bench& bench) {
//     return bench.Compare({.path = "point in ward", …}, ours, limit);   // each answers a figure
//   }
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "report.h"

namespace holdfast::bench {

struct Settings {
  std::string work;                         // a folder on the disk that is measured
  std::string peers;                        // where setup.sh left the peers: .cache/bench
  std::string programs;                     // where holdfast-standalone stands
  int runs = 5;                             // after a warm-up that is discarded
  absl::Duration slice = absl::Seconds(2);  // of one run
  std::uint64_t growth = 1'000'000;  // how many events E17 keeps the state of, E24 goes up to
  std::uint64_t crimes = 2'000'000;  // how many E23 imports
};

// One run: a figure in the row's unit.
using Measure = std::function<absl::StatusOr<double>()>;

// What ours is held against.
struct Limit {
  std::string name;
  double target = 0;
  Measure measure;
};

class Bench {
 public:
  Bench(Settings settings, Report& report) : settings_(std::move(settings)), report_(report) {}

  const Settings& settings() const { return settings_; }
  // A new, empty folder below the work folder.
  std::string Folder(std::string_view name);

  // Ours and each limit in turns, so that a noisy minute strikes both: a warm-up of each, then the
  // runs. The ratio is taken run by run. Adds a row for each limit.
  absl::Status Compare(const Row& row, const Measure& ours, const std::vector<Limit>& limits);
  // For what was measured otherwise.
  void Add(Row row);
  // Never a figure that was not measured.
  void Skip(Row row, std::string reason);

  void set_scenario(std::string_view name) { scenario_ = name; }

 private:
  const Settings settings_;
  Report& report_;
  std::string scenario_;
};

// A line on stderr.
void Say(std::string_view text);

}  // namespace holdfast::bench
