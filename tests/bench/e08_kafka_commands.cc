// E8: commands in process above a real broker, beside the same records through librdkafka alone:
// three brokers and one, 64 and 1,000 in flight.
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

struct Load {
  std::size_t in_flight;
  double target;
};

Row RowOf(int nodes, const Load& load) {
  Row row;
  row.path = absl::StrCat("commands on ", nodes, nodes == 1 ? " broker, " : " brokers, ",
                          load.in_flight, " in flight");
  row.unit = "commands/s";
  return row;
}

absl::Status OnBrokers(Bench& bench, int nodes) {
  constexpr Load kLoads[] = {{64, 0.60}, {1'000, 0.50}};
  return WithBroker(bench, nodes, RowOf(nodes, kLoads[0]), [&](KafkaHouse& house) -> absl::Status {
    const absl::Duration slice = bench.settings().slice;
    ASSIGN_OR_RETURN(const std::string prefix, house.NewPrefix());
    ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine,
                     house.OpenEngine(prefix, bench.Folder(absl::StrCat("e8-", nodes))));
    RETURN_IF_ERROR(engine->Grow(2'000).status());
    ASSIGN_OR_RETURN(std::vector<std::string> records, ReadRecords(engine->journal()));
    ASSIGN_OR_RETURN(const std::string twin, house.NewPrefix());
    ASSIGN_OR_RETURN(std::unique_ptr<RawProducer> producer,
                     RawProducer::Open(house.bootstrap(), KafkaHouse::TopicOf(twin)));
    RawLoad raw(std::move(producer), std::move(records));
    for (const Load& load : kLoads) {
      const Measure ours = [&]() -> absl::StatusOr<double> {
        ASSIGN_OR_RETURN(const LoopResult result, engine->Load(load.in_flight, slice));
        return result.PerSecond();
      };
      const Measure limit = [&]() -> absl::StatusOr<double> {
        ASSIGN_OR_RETURN(const LoopResult result, raw.Load(load.in_flight, slice));
        return result.PerSecond();
      };
      Row row = RowOf(nodes, load);
      row.durability = house.durability();
      row.note = "brokers and clients share the machine";
      RETURN_IF_ERROR(
          bench.Compare(row, ours, {{"the same records by librdkafka alone", load.target, limit}}));
    }
    return absl::OkStatus();
  });
}

}  // namespace

absl::Status E8(Bench& bench) {
  RETURN_IF_ERROR(OnBrokers(bench, 1));
  return OnBrokers(bench, 3);
}

}  // namespace holdfast::bench
