// E2: the slowest hundredth of commands with 16 in flight, beside the slowest hundredth of 4 KiB
// written and synced by a lone writer.
#include <memory>

#include "append_file.h"
#include "base/status_macros.h"
#include "bench.h"
#include "engine.h"
#include "scenarios.h"

namespace holdfast::bench {

absl::Status E2(Bench& bench) {
  constexpr std::size_t kInFlight = 16;
  constexpr std::size_t kBlock = 4'096;
  const absl::Duration slice = bench.settings().slice;
  ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, Engine::Open(bench.Folder("e2")));
  const std::string file = bench.Folder("e2-file") + "/blocks";
  const Measure ours = [&]() -> absl::StatusOr<double> {
    ASSIGN_OR_RETURN(const LoopResult result, engine->Load(kInFlight, slice));
    return absl::ToDoubleMilliseconds(result.latency.Percentile(0.99));
  };
  const Measure append = [&]() -> absl::StatusOr<double> {
    ASSIGN_OR_RETURN(const Histogram latency, AppendAndSync(file, kBlock, slice));
    return absl::ToDoubleMilliseconds(latency.Percentile(0.99));
  };
  Row row;
  row.path = "p99 of a command, 16 in flight";
  row.unit = "ms";
  row.durability = "fsync before answer";
  row.sense = Sense::kAtMost;
  return bench.Compare(row, ours, {{"p99 of append 4 KiB + fdatasync", 5, append}});
}

}  // namespace holdfast::bench
