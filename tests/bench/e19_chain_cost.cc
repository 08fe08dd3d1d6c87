// E19: what hash chain and checksum cost. There is no switch to run the engine without them, and
// there shall be none; so their parts are measured on a record of the same size and taken off the
// time that a command takes. Ours is E1, the limit is E1 without those parts: the most that could
// be gained, since it supposes that nothing else would wait.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/hash.h"
#include "base/status_macros.h"
#include "bench.h"
#include "engine.h"
#include "journal/acceptance.h"
#include "scenarios.h"
#include "sealing_cost.h"

namespace holdfast::bench {
namespace {

// Seconds for one link of the chain and one checksum.
double PartsOf(std::size_t bytes) {
  constexpr int kRounds = 200'000;
  const std::string record(bytes, 'x');
  Hash head{};
  std::uint32_t checksums = 0;
  const absl::Time began = absl::Now();
  for (int i = 0; i < kRounds; ++i) {
    head = journal::ChainHash(head, record);
    checksums ^= Crc32c(record);
  }
  const double took = absl::ToDoubleSeconds(absl::Now() - began);
  // Used, so that it cannot be left out.
  return took / kRounds + static_cast<double>((checksums ^ head[0]) & 1U) * 1e-18;
}

}  // namespace

absl::Status E19(Bench& bench) {
  constexpr std::size_t kInFlight = 256;
  ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, Engine::Open(bench.Folder("e19")));
  RETURN_IF_ERROR(engine->Load(kInFlight, bench.settings().slice).status());
  ASSIGN_OR_RETURN(const double bytes, engine->BytesOfARecord());
  double with = 0;
  double parts = 0;
  const Measure ours = [&]() -> absl::StatusOr<double> {
    ASSIGN_OR_RETURN(const LoopResult result, engine->Load(kInFlight, bench.settings().slice));
    return with = result.PerSecond();
  };
  const Measure without = [&]() -> absl::StatusOr<double> {
    parts = PartsOf(static_cast<std::size_t>(bytes));
    return 1 / (1 / with - parts);
  };
  RETURN_IF_ERROR(ours().status());
  RETURN_IF_ERROR(without().status());
  Row row;
  row.path = "commands with hash chain and CRC-32C";
  row.unit = "commands/s";
  row.durability = "fsync before answer";
  row.note = absl::StrCat("both parts: ", Figure(parts * 1e9), " ns of ", Figure(1e9 / with),
                          " ns a command; computed from measured parts");
  RETURN_IF_ERROR(bench.Compare(row, ours, {{"the same without them (computed)", 0.85, without}}));
  return SealingCost(bench);
}

}  // namespace holdfast::bench
