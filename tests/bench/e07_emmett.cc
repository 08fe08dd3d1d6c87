// E7: single-event appends against Emmett on PostgreSQL 15: an event store as a library above a
// database, over a socket of 127.0.0.1, as ours is called over one.
#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "bench.h"
#include "child.h"
#include "enrolments.h"
#include "scenarios.h"
#include "shed_platform.h"

namespace holdfast::bench {

absl::Status E7(Bench& bench) {
  Row row;
  row.path = "unary gRPC command, 64 in flight, against Emmett";
  row.unit = "commands/s";
  row.target = 8;
  row.durability = "fsync before answer; PostgreSQL: synchronous_commit = on, its default";
  const std::string peers = bench.settings().peers;
  const std::string module = peers + "/emmett/append.mjs";
  if (!std::filesystem::exists(module) ||
      !std::filesystem::exists(peers + "/emmett/node_modules")) {
    bench.Skip(row, "Emmett is not installed (tests/bench/setup.sh E7)");
    return absl::OkStatus();
  }

  const std::string folder = bench.Folder("e7");
  ASSIGN_OR_RETURN(const std::uint16_t port, FreePort());
  ASSIGN_OR_RETURN(
      const std::unique_ptr<Child> database,
      Child::Start({"/bin/bash", peers + "/postgres.sh", folder + "/postgres", absl::StrCat(port)},
                   folder + "/postgres.log"));
  if (const absl::Status up = AwaitPort(port, *database, absl::Seconds(60)); !up.ok()) {
    bench.Skip(row,
               absl::StrCat("PostgreSQL 15: ", up.message(), ", see ", folder, "/postgres.log"));
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<ShedPlatform> platform,
                   ShedPlatform::Start(folder + "/holdfast"));
  Enrolments enrolments(platform->address(), platform->Token());
  const absl::Duration slice = bench.settings().slice;
  const Measure ours = [&]() -> absl::StatusOr<double> {
    ASSIGN_OR_RETURN(const LoopResult result, enrolments.Run(slice));
    return result.PerSecond();
  };
  const Measure emmett = [&] {
    return NumberFrom({"/usr/bin/env", "node", module,
                       absl::StrCat("postgresql://bench@127.0.0.1:", port, "/postgres"),
                       absl::StrCat(kCallers), absl::StrCat(absl::ToDoubleSeconds(slice))},
                      folder + "/emmett.log", "per_second", absl::Minutes(2));
  };
  absl::Status compared = bench.Compare(row, ours, {{"Emmett, single-event appends", 8, emmett}});
  database->Stop(SIGINT);
  return compared;
}

}  // namespace holdfast::bench
