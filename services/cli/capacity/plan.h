// How a national size lies on partitions and pods: force -> partition -> pod, what each is asked
// for at its peak, how much is left, and which forces to move where that is too little.
//
//   slug --SHA-256--> partition --mod pods--> pod; the next pod stands by, and takes its load over
//
// Pure: figures in, a plan out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace holdfast::cli::capacity {

struct Force {
  std::string slug;  // of the tenant: its place follows from it
  std::uint64_t officers = 0;
  std::uint64_t crimes_a_year = 0;
  std::uint64_t users = 0;
};

// What a force does. docs/guides/capacity.md says why these.
struct Assumptions {
  double commands_a_user_day = 30;
  double peak_over_mean = 10;
  // A month's crimes are brought in so long, at the time of the peak, and each counts as a command
  // although hundreds share one.
  double import_hours = 1;
};

struct Cluster {
  std::uint32_t partitions = 24;  // of each journal
  std::uint32_t pods = 6;         // that decide
  double partition_rate = 0;      // commands a second, measured
  double pod_rate = 0;            // of all partitions of a pod together
  double least_headroom = 0.3;    // 0 to 1
};

struct Placed {
  Force force;
  double peak = 0;                // commands a second
  std::uint32_t partition = 0;    // by the hash
  std::uint32_t pod = 0;          // that decides for it, by preference
  std::uint32_t moved_to = 0;     // the partition after all moves; `partition` where it stays
  double partition_headroom = 0;  // of that partition, as placed; below 0 where it is overrun
};

struct Plan {
  std::vector<Placed> forces;  // in the order given
  double peak = 0;             // of all together
  // The least of any partition, and of any pod that has taken its neighbour's partitions over.
  double headroom = 0;
  double headroom_after_moves = 0;
  // Sentences; empty where the plan holds.
  std::vector<std::string> faults;
};

// Commands a second at the force's peak.
double PeakOf(const Force& force, const Assumptions& assumptions);

// kInvalidArgument naming what is wrong: no forces, a slug given twice, a rate or number of 0.
absl::StatusOr<Plan> MakePlan(const std::vector<Force>& forces, const Assumptions& assumptions,
                              const Cluster& cluster);

// CSV with the columns slug, officers, crimes_a_year and users; an empty users means that each
// officer is one. kInvalidArgument naming line, column and rule.
absl::StatusOr<std::vector<Force>> ReadForces(std::string_view csv, const std::string& file);

// Commands a second of one partition, as `./dev bench E8` measured them: its report.json. Of the
// most brokers that were measured, with 64 in flight. kInvalidArgument where the report has none.
absl::StatusOr<double> PartitionRateOf(const std::string& report_json);

}  // namespace holdfast::cli::capacity
