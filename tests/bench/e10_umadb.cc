// E10: conditional appends over gRPC, fsync before the answer, 64 clients: ours, through token,
// role and fields, against UmaDB, the nearest peer of one machine.
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
#include "umadb_client.h"

namespace holdfast::bench {

absl::Status E10(Bench& bench) {
  Row row;
  row.path = "conditional append over gRPC, 64 clients, against UmaDB";
  row.unit = "commands/s";
  row.target = 3;
  row.durability = "fsync before answer on both sides";
  row.note = "UmaDB without token or roles, --pipelined-writer; ours through the door";
  const std::string program = bench.settings().peers + "/venv/bin/umadb";
  if (!std::filesystem::exists(program)) {
    bench.Skip(row, "UmaDB is not installed (tests/bench/setup.sh E10)");
    return absl::OkStatus();
  }
  const std::string folder = bench.Folder("e10");
  ASSIGN_OR_RETURN(const std::uint16_t port, FreePort());
  const std::string address = absl::StrCat("127.0.0.1:", port);
  ASSIGN_OR_RETURN(const std::unique_ptr<Child> peer,
                   Child::Start({program, "--listen", address, "--db-path", folder + "/uma.db",
                                 "--pipelined-writer", "true"},
                                folder + "/umadb.log"));
  if (const absl::Status up = AwaitPort(port, *peer, absl::Seconds(30)); !up.ok()) {
    bench.Skip(row, absl::StrCat("UmaDB: ", up.message(), ", see ", folder, "/umadb.log"));
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<ShedPlatform> platform,
                   ShedPlatform::Start(folder + "/holdfast"));
  Enrolments enrolments(platform->address(), platform->Token());
  UmadbClient umadb(address);
  const auto rate = [&bench](auto& calls) -> absl::StatusOr<double> {
    ASSIGN_OR_RETURN(const LoopResult result, calls.Run(bench.settings().slice));
    return result.PerSecond();
  };
  return bench.Compare(row, [&] { return rate(enrolments); },
                       {{"UmaDB 0.7.8", 3, [&] { return rate(umadb); }}});
}

}  // namespace holdfast::bench
