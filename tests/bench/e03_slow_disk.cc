// E3: on a disk that takes 2 ms for each sync, one commit at a time gives 500 a second; group
// commit must not care.
#include <memory>

#include "base/status_macros.h"
#include "bench.h"
#include "engine.h"
#include "scenarios.h"
#include "slow_disk.h"

namespace holdfast::bench {
namespace {

constexpr std::size_t kInFlight = 256;
constexpr absl::Duration kSync = absl::Milliseconds(2);

}  // namespace

absl::Status E3(Bench& bench) {
  SlowDisk disk(kSync);
  ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, Engine::Open(bench.Folder("e3"), &disk));
  const Measure ours = [&]() -> absl::StatusOr<double> {
    ASSIGN_OR_RETURN(const LoopResult result, engine->Load(kInFlight, bench.settings().slice));
    return result.PerSecond();
  };
  const Measure one_by_one = []() -> absl::StatusOr<double> { return absl::Seconds(1) / kSync; };
  Row row;
  row.path = "commands, 256 in flight, each sync 2 ms longer";
  row.unit = "commands/s";
  row.durability = "fsync before answer; 2 ms added to each sync by storage::DiskHook";
  row.note = "the limit is 1 / 2 ms; the disk's own sync comes on top of ours";
  return bench.Compare(row, ours, {{"one commit a sync (1 / 2 ms)", 100, one_by_one}});
}

}  // namespace holdfast::bench
