// E9: how long a command takes above three brokers at half of what ours can do, beside what
// librdkafka alone takes from produce to delivery report at the same rate.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "bench.h"
#include "engine.h"
#include "kafka_house.h"
#include "ledger_log.h"
#include "scenarios.h"

namespace holdfast::bench {
namespace {

constexpr int kBrokers = 3;
constexpr std::size_t kInFlight = 64;

struct Percentile {
  std::string_view name;
  double share;
  double target;
};
constexpr Percentile kPercentiles[] = {{"p50", 0.5, 1.3}, {"p99", 0.99, 1.5}};

Row RowOf(const Percentile& percentile) {
  Row row;
  row.path = absl::StrCat(std::string(percentile.name), " of a command on ", kBrokers,
                          " brokers, at half load");
  row.unit = "ms";
  row.sense = Sense::kAtMost;
  return row;
}

// Both percentiles of the same runs.
struct Runs {
  Row rows[2] = {RowOf(kPercentiles[0]), RowOf(kPercentiles[1])};

  void Add(const Histogram& ours, const Histogram& raw) {
    for (std::size_t i = 0; i < 2; ++i) {
      const double own = absl::ToDoubleMilliseconds(ours.Percentile(kPercentiles[i].share));
      const double limit = absl::ToDoubleMilliseconds(raw.Percentile(kPercentiles[i].share));
      rows[i].ours.Add(own);
      rows[i].limit.Add(limit);
      rows[i].ratio.Add(own / limit);
    }
  }
};

absl::Status Measured(Bench& bench, KafkaHouse& house) {
  const Settings& settings = bench.settings();
  ASSIGN_OR_RETURN(const std::string prefix, house.NewPrefix());
  ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine,
                   house.OpenEngine(prefix, bench.Folder("e9")));
  RETURN_IF_ERROR(engine->Load(kInFlight, settings.slice).status());  // warm-up
  ASSIGN_OR_RETURN(const LoopResult most, engine->Load(kInFlight, settings.slice));
  const double half = most.PerSecond() / 2;
  ASSIGN_OR_RETURN(std::vector<std::string> records, ReadRecords(engine->journal()));
  ASSIGN_OR_RETURN(const std::string twin, house.NewPrefix());
  ASSIGN_OR_RETURN(std::unique_ptr<RawProducer> producer,
                   RawProducer::Open(house.bootstrap(), KafkaHouse::TopicOf(twin)));
  RawLoad raw(std::move(producer), std::move(records));
  Runs runs;
  for (int run = -1; run < settings.runs; ++run) {
    ASSIGN_OR_RETURN(const Histogram ours, engine->Steadily(half, settings.slice));
    ASSIGN_OR_RETURN(const Histogram limit, raw.Steadily(half, settings.slice));
    if (run >= 0) runs.Add(ours, limit);
  }
  for (std::size_t i = 0; i < 2; ++i) {
    Row& row = runs.rows[i];
    row.against = "librdkafka alone, produce to delivery report";
    row.target = kPercentiles[i].target;
    row.durability = house.durability();
    row.note = absl::StrCat("open loop, ", Figure(half), " a second each");
    bench.Add(std::move(row));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status E9(Bench& bench) {
  return WithBroker(bench, kBrokers, RowOf(kPercentiles[1]),
                    [&](KafkaHouse& house) { return Measured(bench, house); });
}

}  // namespace holdfast::bench
