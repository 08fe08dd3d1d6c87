// E5: commands over gRPC, a hundred in a message, each through the door and a commit of its own;
// beside the same engine without a network, a door or a message (E1).
#include <memory>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "batched_enrolments.h"
#include "bench.h"
#include "engine.h"
#include "scenarios.h"
#include "shed_platform.h"

namespace holdfast::bench {
namespace {

constexpr std::size_t kInFlight = 256;  // as in E1

template <class Load>
absl::Status CompareWithEngine(Bench& bench, std::string_view how, Load& load, Engine& engine) {
  double cores = 0;
  const Measure ours = [&]() -> absl::StatusOr<double> {
    ASSIGN_OR_RETURN(const LoopResult result, load.Run(bench.settings().slice));
    cores = result.cores;
    return result.PerSecond();
  };
  // Read once for the note: how busy the process was.
  RETURN_IF_ERROR(ours().status());
  Row row;
  row.path = absl::StrCat("gRPC commands, ", std::string(how));
  row.unit = "commands/s";
  row.durability = "fsync before answer";
  row.note = absl::StrCat(kMessages, " messages of ", kItems,
                          " in flight; client and server in one process: ", Figure(cores),
                          " cores busy; a view is kept beside");
  return bench.Compare(
      row, ours,
      {{"commands in process, 256 in flight (E1)", 0.50, [&]() -> absl::StatusOr<double> {
          ASSIGN_OR_RETURN(const LoopResult result, engine.Load(kInFlight, bench.settings().slice));
          return result.PerSecond();
        }}});
}

}  // namespace

absl::Status E5(Bench& bench) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, Engine::Open(bench.Folder("e5-engine")));
  ASSIGN_OR_RETURN(const std::unique_ptr<ShedPlatform> platform,
                   ShedPlatform::Start(bench.Folder("e5")));
  BatchedEnrolments batches(platform->address(), platform->Token(), Members::kByZipf);
  RETURN_IF_ERROR(CompareWithEngine(bench, "in batches", batches, *engine));
  StreamedEnrolments streams(platform->address(), platform->Token(), Members::kByZipf);
  return CompareWithEngine(bench, "in streams of batches", streams, *engine);
}

}  // namespace holdfast::bench
