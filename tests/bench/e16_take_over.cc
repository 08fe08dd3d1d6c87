// E16: how long nobody decides for a tenant after its owner was killed, beside the time without a
// heartbeat after which a standby may take over.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "bench.h"
#include "deployment.h"
#include "kafka_house.h"
#include "scenarios.h"

namespace holdfast::bench {
namespace {

constexpr char kOf[] = "westmoor";
constexpr absl::Duration kTimeout = absl::Seconds(5);  // the default
constexpr absl::Duration kAllowed = absl::Seconds(2);  // beyond it
constexpr absl::Duration kBetween = absl::Milliseconds(20);
constexpr absl::Duration kPatience = absl::Minutes(2);

Row TakeOverRow() {
  Row row;
  row.path = "kill -9 of an owner, until its standby accepts";
  row.unit = "s";
  row.sense = Sense::kAtMost;
  return row;
}

absl::StatusOr<double> TakeOver(Deployment& deployment) {
  ASSIGN_OR_RETURN(const std::size_t owner, deployment.OwnerOf(kOf));
  const std::size_t standby = 1 - owner;
  deployment.Kill(owner);
  const absl::Time killed = absl::Now();
  absl::Status last = deployment.CreateSite(standby, kOf).status();
  while (!last.ok()) {
    if (absl::Now() - killed > kPatience) return last;
    absl::SleepFor(kBetween);
    last = deployment.CreateSite(standby, kOf).status();
  }
  const absl::Duration took = absl::Now() - killed;
  RETURN_IF_ERROR(deployment.StartAgain(owner));
  return absl::ToDoubleSeconds(took);
}

absl::Status Measured(Bench& bench, KafkaHouse& house) {
  Deployment::Options options;
  options.heartbeat_timeout = kTimeout;
  ASSIGN_OR_RETURN(const std::unique_ptr<Deployment> deployment,
                   Deployment::Start(bench, house, options));
  Row row = TakeOverRow();
  row.durability = house.durability();
  row.note = "from the kill to the first receipt; the one that was killed is started again";
  const double timeout = absl::ToDoubleSeconds(kTimeout);
  return bench.Compare(row, [&] { return TakeOver(*deployment); },
                       {{"the heartbeat timeout", 1 + absl::FDivDuration(kAllowed, kTimeout),
                         [&]() -> absl::StatusOr<double> { return timeout; }}});
}

}  // namespace

absl::Status E16(Bench& bench) {
  return WithBroker(bench, 1, TakeOverRow(),
                    [&](KafkaHouse& house) { return Measured(bench, house); });
}

}  // namespace holdfast::bench
