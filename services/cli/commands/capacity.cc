// capacity plan FILE: how forces lie on partitions and pods, and what is left. It asks nobody.
#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "cli/capacity/plan.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/invocation.h"
#include "cli/progress.h"

namespace holdfast::cli {
namespace {

constexpr std::uint32_t kMostPartitions = 1'024;
constexpr std::uint32_t kMostPods = 1'000;

absl::StatusOr<std::string> ContentOf(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat("No file ", file, " can be read here."));
  return std::string(std::istreambuf_iterator<char>(in), {});
}

absl::Status SetCount(const Invocation& in, const char* option, std::uint32_t most,
                      std::uint32_t& into) {
  if (!in.Has(option)) return absl::OkStatus();
  if (absl::SimpleAtoi(in.Get(option), &into) && into >= 1 && into <= most) return absl::OkStatus();
  return UsageError(absl::StrCat(option, " wants a number from 1 to ", most, ", such as 24"));
}

absl::Status SetPositive(const Invocation& in, const char* option, double& into) {
  ASSIGN_OR_RETURN(const std::optional<double> number, in.Number(option));
  if (!number) return absl::OkStatus();
  if (*number <= 0) return UsageError(absl::StrCat(option, " wants more than 0"));
  into = *number;
  return absl::OkStatus();
}

absl::Status SetRate(const Invocation& in, double& rate) {
  RETURN_IF_ERROR(SetPositive(in, "--rate", rate));
  if (rate > 0) return absl::OkStatus();
  if (!in.Has("--report")) {
    return UsageError(
        "what one partition can do must be measured: give --report build/bench/report.json after "
        "./dev bench E8, or --rate COMMANDS a second");
  }
  ASSIGN_OR_RETURN(const std::string report, ContentOf(in.Get("--report")));
  ASSIGN_OR_RETURN(rate, capacity::PartitionRateOf(report));
  return absl::OkStatus();
}

absl::StatusOr<capacity::Cluster> ClusterOf(const Invocation& in) {
  capacity::Cluster cluster;
  RETURN_IF_ERROR(SetCount(in, "--partitions", kMostPartitions, cluster.partitions));
  RETURN_IF_ERROR(SetCount(in, "--pods", kMostPods, cluster.pods));
  RETURN_IF_ERROR(SetRate(in, cluster.partition_rate));
  cluster.pod_rate = cluster.partition_rate;
  RETURN_IF_ERROR(SetPositive(in, "--pod-rate", cluster.pod_rate));
  return cluster;
}

absl::StatusOr<capacity::Assumptions> AssumptionsOf(const Invocation& in) {
  capacity::Assumptions assumptions;
  RETURN_IF_ERROR(SetPositive(in, "--commands-a-day", assumptions.commands_a_user_day));
  RETURN_IF_ERROR(SetPositive(in, "--peak", assumptions.peak_over_mean));
  RETURN_IF_ERROR(SetPositive(in, "--import-hours", assumptions.import_hours));
  return assumptions;
}

Rows RowsOf(const capacity::Plan& plan) {
  Rows rows{{"force", "users", "crimes_a_year", "peak_commands_s", "partition", "pod",
             "partition_headroom_percent", "move_to_partition"},
            {},
            {false, true, true, true, true, true, true, true}};
  for (const capacity::Placed& one : plan.forces) {
    const bool moves = one.moved_to != one.partition;
    rows.rows.push_back(
        {one.force.slug, absl::StrCat(one.force.users), absl::StrCat(one.force.crimes_a_year),
         ToText(one.peak, 1), absl::StrCat(one.partition), absl::StrCat(one.pod),
         ToText(one.partition_headroom * 100, 1), moves ? absl::StrCat(one.moved_to) : ""});
  }
  return rows;
}

absl::Status Plan(Invocation& in) {
  const std::string file = in.Get("FILE");
  ASSIGN_OR_RETURN(const std::string csv, ContentOf(file));
  ASSIGN_OR_RETURN(const std::vector<capacity::Force> forces, capacity::ReadForces(csv, file));
  ASSIGN_OR_RETURN(const capacity::Cluster cluster, ClusterOf(in));
  ASSIGN_OR_RETURN(const capacity::Assumptions assumptions, AssumptionsOf(in));
  ASSIGN_OR_RETURN(const capacity::Plan plan, capacity::MakePlan(forces, assumptions, cluster));
  RETURN_IF_ERROR(in.output().Print(RowsOf(plan)));
  Say(absl::StrCat(forces.size(), " forces on ", cluster.partitions, " partitions and ",
                   cluster.pods, " pods: at the peak of all ", ToText(plan.peak, 1),
                   " commands a second; a partition takes ", ToText(cluster.partition_rate, 0),
                   ", a pod ", ToText(cluster.pod_rate, 0), "; least headroom ",
                   ToText(plan.headroom * 100, 1), " %, with one pod ended"));
  for (const capacity::Placed& one : plan.forces) {
    if (one.moved_to == one.partition) continue;
    Say(absl::StrCat("Move with: holdfast tenant move ", one.force.slug, " --all --to ",
                     one.moved_to));
  }
  if (plan.faults.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("The plan does not hold: ", absl::StrJoin(plan.faults, "; "), "."));
}

}  // namespace

Commands CapacityCommands() {
  return {
      {"capacity plan",
       "Force, partition, pod, peak and headroom; exit 1 where less than 30 % is left",
       {{"FILE", "CSV: slug, officers, crimes_a_year, users"}},
       {{"--report", "FILE", "Of ./dev bench E8: what one partition can do"},
        {"--rate", "N", "The same, in commands a second"},
        {"--pod-rate", "N", "All partitions of a pod together; as one partition where not given"},
        {"--partitions", "N", "Of each journal: 24"},
        {"--pods", "N", "That decide: 6"},
        {"--commands-a-day", "N", "Of a user: 30"},
        {"--peak", "N", "Times the mean: 10"},
        {"--import-hours", "N", "In which a month's crimes are brought in: 1"}},
       "holdfast capacity plan deploy/capacity/forces.csv --rate 5000",
       Plan},
  };
}

}  // namespace holdfast::cli
