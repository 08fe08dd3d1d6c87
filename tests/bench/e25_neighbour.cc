// E25: what a tenant feels when another one of its partition asks for ten times its quota, through
// the processes of a deployment: B's p99 with A's flood, beside B's p99 alone.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "holdfast/initiative/v1/initiative.pb.h"

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "bench.h"
#include "deployment.h"
#include "histogram.h"
#include "kafka_house.h"
#include "open_loop.h"
#include "rpc_load.h"
#include "scenarios.h"

namespace holdfast::bench {
namespace {

constexpr char kNoisy[] = "westmoor";
constexpr char kQuiet[] = "eastvale";
constexpr double kQuota = 200;  // commands a second, of each tenant
constexpr double kNoisyRate = 10 * kQuota;
constexpr double kQuietRate = kQuota / 2;
constexpr int kSlices = 4;  // a run must hold enough of the quiet one's for a p99

// Sites of one tenant, at fixed times. What is beyond the quota is an answer as well.
class SiteLoad {
 public:
  SiteLoad(const std::string& address, const std::string& token)
      : client_(NewConnection(address), [token] { return token; }) {}

  absl::StatusOr<Histogram> Steadily(double per_second, absl::Duration duration) {
    return OpenLoop::Run(per_second, duration, [this](std::uint64_t, OpenLoop::Done done) {
      auto call = std::make_shared<Call>();
      call->request.set_name(absl::StrCat("Site ", ++sent_));
      client_.Start(kCreateSite, call->request, call->receipt, {},
                    [this, call, done = std::move(done)](absl::Status status) mutable {
                      if (ReasonOf(status) == "QUOTA") {
                        ++beyond_;
                        status = absl::OkStatus();
                      }
                      std::move(done)(std::move(status));
                    });
    });
  }
  std::uint64_t sent() const { return sent_.load(); }
  std::uint64_t beyond() const { return beyond_.load(); }

 private:
  struct Call {
    initiative::v1::CreateSite request;
    type::v1::Receipt receipt;
  };
  rpc::Client client_;
  std::atomic<std::uint64_t> sent_ = 0;
  std::atomic<std::uint64_t> beyond_ = 0;
};

Row NeighbourRow() {
  Row row;
  row.path = "p99 of a tenant while another asks for ten times its quota";
  row.unit = "ms";
  row.sense = Sense::kAtMost;
  return row;
}

absl::StatusOr<double> P99(SiteLoad& load, absl::Duration duration) {
  ASSIGN_OR_RETURN(const Histogram latency, load.Steadily(kQuietRate, duration));
  if (load.beyond() > 0) return absl::InternalError("the quiet tenant was held to its quota");
  return absl::ToDoubleMilliseconds(latency.Percentile(0.99));
}

absl::Status Measured(Bench& bench, KafkaHouse& house) {
  const absl::Duration run = kSlices * bench.settings().slice;
  Deployment::Options options;
  options.partitions = 1;  // so that they meet
  options.settings = {absl::StrCat("actor.quota.cost_per_second=", kQuota)};
  ASSIGN_OR_RETURN(const std::unique_ptr<Deployment> deployment,
                   Deployment::Start(bench, house, options));
  ASSIGN_OR_RETURN(const std::size_t owner, deployment->OwnerOf(kQuiet));
  ASSIGN_OR_RETURN(const std::string noisy_token, deployment->Token(kNoisy));
  ASSIGN_OR_RETURN(const std::string quiet_token, deployment->Token(kQuiet));
  SiteLoad noisy(deployment->owner_address(owner), noisy_token);
  SiteLoad quiet(deployment->owner_address(owner), quiet_token);
  const Measure ours = [&]() -> absl::StatusOr<double> {
    absl::Status flooded;
    std::jthread flood([&] { flooded = noisy.Steadily(kNoisyRate, run).status(); });
    absl::StatusOr<double> p99 = P99(quiet, run);
    flood.join();
    RETURN_IF_ERROR(flooded);
    return p99;
  };
  Row row = NeighbourRow();
  row.durability = house.durability();
  row.note = absl::StrCat("quota ", kQuota, " a second each, one partition; offered ", kNoisyRate,
                          " and ", kQuietRate);
  RETURN_IF_ERROR(
      bench.Compare(row, ours, {{"the same tenant alone", 1.25, [&] { return P99(quiet, run); }}}));
  Say(absl::StrCat("E25: of ", noisy.sent(), " commands of the noisy tenant ", noisy.beyond(),
                   " were beyond its quota"));
  return absl::OkStatus();
}

}  // namespace

absl::Status E25(Bench& bench) {
  return WithBroker(bench, 1, NeighbourRow(),
                    [&](KafkaHouse& house) { return Measured(bench, house); });
}

}  // namespace holdfast::bench
