#include "cli/capacity/plan.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "journal/journal.h"

namespace holdfast::cli::capacity {
namespace {

constexpr double kSecondsADay = 86'400;
constexpr double kMonthsAYear = 12;
constexpr double kSecondsAnHour = 3'600;

absl::Status Check(const std::vector<Force>& forces, const Assumptions& assumptions,
                   const Cluster& cluster) {
  const auto fault = [](std::string_view what) {
    return absl::InvalidArgumentError(std::string(what));
  };
  if (forces.empty()) return fault("no force is given: name at least one");
  if (cluster.partitions == 0 || cluster.pods == 0)
    return fault("partitions and pods: at least 1 each");
  if (cluster.partition_rate <= 0 || cluster.pod_rate <= 0)
    return fault("the rate of a partition must be more than 0 commands a second");
  if (assumptions.import_hours <= 0) return fault("an import takes more than 0 hours");
  std::set<std::string> slugs;
  for (const Force& force : forces) {
    if (!slugs.insert(force.slug).second)
      return fault(absl::StrCat("force ", force.slug, " is given twice"));
  }
  return absl::OkStatus();
}

// What lies where, and how much that is beyond what is allowed.
class Loads {
 public:
  explicit Loads(const Cluster& cluster)
      : cluster_(cluster), partitions_(cluster.partitions, 0.0) {}

  void Add(std::uint32_t partition, double peak) { partitions_[partition] += peak; }

  double PartitionHeadroom(std::uint32_t partition) const {
    return 1 - partitions_[partition] / cluster_.partition_rate;
  }
  // Of a pod whose neighbour has ended, so that it has two pods' partitions.
  std::vector<double> PodsAlone() const {
    std::vector<double> own(cluster_.pods, 0.0);
    for (std::uint32_t p = 0; p < cluster_.partitions; ++p)
      own[p % cluster_.pods] += partitions_[p];
    std::vector<double> alone = own;
    for (std::uint32_t pod = 0; cluster_.pods > 1 && pod < cluster_.pods; ++pod)
      alone[(pod + 1) % cluster_.pods] += own[pod];
    return alone;
  }
  double Headroom() const {
    double used = std::ranges::max(partitions_) / cluster_.partition_rate;
    used = std::max(used, std::ranges::max(PodsAlone()) / cluster_.pod_rate);
    return 1 - used;
  }
  // Commands a second beyond what leaves the headroom that is wanted; 0 where it is there.
  double Excess() const {
    const double share = 1 - cluster_.least_headroom;
    double excess = 0;
    for (const double load : partitions_)
      excess += std::max(0.0, load - share * cluster_.partition_rate);
    for (const double load : PodsAlone()) excess += std::max(0.0, load - share * cluster_.pod_rate);
    return excess;
  }

 private:
  const Cluster& cluster_;
  std::vector<double> partitions_;
};

struct Move {
  std::size_t force = 0;
  std::uint32_t to = 0;
  double excess = 0;  // what is left of it
};

// The one move that leaves the least beyond the limits; none where no move helps.
std::optional<Move> BestMove(const std::vector<Placed>& forces, Loads& loads,
                             std::uint32_t partitions) {
  std::optional<Move> best;
  double least = loads.Excess();
  for (std::size_t i = 0; i < forces.size(); ++i) {
    const Placed& one = forces[i];
    for (std::uint32_t to = 0; to < partitions; ++to) {
      if (to == one.moved_to) continue;
      loads.Add(one.moved_to, -one.peak);
      loads.Add(to, one.peak);
      const double excess = loads.Excess();
      loads.Add(to, -one.peak);
      loads.Add(one.moved_to, one.peak);
      if (excess < least - 1e-9) {
        least = excess;
        best = Move{i, to, excess};
      }
    }
  }
  return best;
}

void MoveUntilItFits(std::vector<Placed>& forces, Loads& loads, std::uint32_t partitions) {
  while (loads.Excess() > 0) {
    const std::optional<Move> move = BestMove(forces, loads, partitions);
    if (!move) return;
    Placed& moved = forces[move->force];
    loads.Add(moved.moved_to, -moved.peak);
    loads.Add(move->to, moved.peak);
    moved.moved_to = move->to;
  }
}

std::string Percent(double share) {
  return absl::StrCat(std::floor(share * 100 + 1e-9), " %");
}

std::vector<std::string> FaultsOf(const Plan& plan, const Cluster& cluster) {
  std::vector<std::string> faults;
  const auto largest = std::ranges::max_element(plan.forces, {}, &Placed::peak);
  if (largest->peak > cluster.partition_rate) {
    faults.push_back(absl::StrCat(
        "the largest force, ", largest->force.slug, ", asks for ", std::ceil(largest->peak),
        " commands a second, and one partition takes ", std::floor(cluster.partition_rate),
        ": a force lies on one partition, so no move helps"));
  }
  if (plan.headroom < cluster.least_headroom) {
    faults.push_back(absl::StrCat(
        "the least headroom is ", Percent(plan.headroom), ", and ", Percent(cluster.least_headroom),
        " is wanted; after the moves it is ", Percent(plan.headroom_after_moves)));
  }
  return faults;
}

}  // namespace

double PeakOf(const Force& force, const Assumptions& assumptions) {
  const double people = static_cast<double>(force.users) * assumptions.commands_a_user_day *
                        assumptions.peak_over_mean / kSecondsADay;
  const double imports = static_cast<double>(force.crimes_a_year) / kMonthsAYear /
                         (assumptions.import_hours * kSecondsAnHour);
  return people + imports;
}

absl::StatusOr<Plan> MakePlan(const std::vector<Force>& forces, const Assumptions& assumptions,
                              const Cluster& cluster) {
  RETURN_IF_ERROR(Check(forces, assumptions, cluster));
  Plan plan;
  Loads loads(cluster);
  for (const Force& force : forces) {
    Placed& placed = plan.forces.emplace_back();
    placed.force = force;
    placed.peak = PeakOf(force, assumptions);
    placed.partition = journal::PartitionOf(force.slug, cluster.partitions);
    placed.pod = placed.partition % cluster.pods;
    placed.moved_to = placed.partition;
    plan.peak += placed.peak;
    loads.Add(placed.partition, placed.peak);
  }
  for (Placed& placed : plan.forces)
    placed.partition_headroom = loads.PartitionHeadroom(placed.partition);
  plan.headroom = loads.Headroom();
  MoveUntilItFits(plan.forces, loads, cluster.partitions);
  plan.headroom_after_moves = loads.Headroom();
  plan.faults = FaultsOf(plan, cluster);
  return plan;
}

}  // namespace holdfast::cli::capacity
