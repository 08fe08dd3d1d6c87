// E10: conditional appends over gRPC, fsync before the answer, 64 clients: ours, through token,
// role and fields, alone and in batches, against UmaDB, the nearest peer of one machine.
#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "batched_enrolments.h"
#include "bench.h"
#include "child.h"
#include "enrolments.h"
#include "scenarios.h"
#include "shed_platform.h"
#include "umadb_client.h"

namespace holdfast::bench {

namespace {

constexpr double kUnaryTarget = 3;
constexpr double kBatchedTarget = 8;

Row RowOf(std::string_view how, double target) {
  Row row;
  row.path = absl::StrCat("conditional append over gRPC, ", std::string(how), ", against UmaDB");
  row.unit = "commands/s";
  row.target = target;
  row.durability = "fsync before answer on both sides";
  row.note =
      "UmaDB without token or roles, --pipelined-writer, 64 calls in flight; ours through "
      "the door";
  return row;
}

}  // namespace

absl::Status E10(Bench& bench) {
  const Row unary = RowOf("64 clients", kUnaryTarget);
  Row batched = RowOf(absl::StrCat("batches of ", kItems), kBatchedTarget);
  absl::StrAppend(&batched.note, ", ", kMessages, " batches in flight");
  const auto skip = [&](const std::string& why) {
    bench.Skip(unary, why);
    bench.Skip(batched, why);
    return absl::OkStatus();
  };
  const std::string program = bench.settings().peers + "/venv/bin/umadb";
  if (!std::filesystem::exists(program)) {
    return skip("UmaDB is not installed (tests/bench/setup.sh E10)");
  }
  const std::string folder = bench.Folder("e10");
  ASSIGN_OR_RETURN(const std::uint16_t port, FreePort());
  const std::string address = absl::StrCat("127.0.0.1:", port);
  ASSIGN_OR_RETURN(const std::unique_ptr<Child> peer,
                   Child::Start({program, "--listen", address, "--db-path", folder + "/uma.db",
                                 "--pipelined-writer", "true"},
                                folder + "/umadb.log"));
  if (const absl::Status up = AwaitPort(port, *peer, absl::Seconds(30)); !up.ok()) {
    return skip(absl::StrCat("UmaDB: ", up.message(), ", see ", folder, "/umadb.log"));
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<ShedPlatform> platform,
                   ShedPlatform::Start(folder + "/holdfast"));
  Enrolments enrolments(platform->address(), platform->Token());
  BatchedEnrolments batches(platform->address(), platform->Token(), Members::kNew);
  UmadbClient umadb(address);
  const auto rate = [&bench](auto& calls) -> absl::StatusOr<double> {
    ASSIGN_OR_RETURN(const LoopResult result, calls.Run(bench.settings().slice));
    return result.PerSecond();
  };
  const Measure peers = [&] { return rate(umadb); };
  RETURN_IF_ERROR(bench.Compare(unary, [&] { return rate(enrolments); },
                                {{"UmaDB 0.7.8", kUnaryTarget, peers}}));
  return bench.Compare(batched, [&] { return rate(batches); },
                       {{"UmaDB 0.7.8", kBatchedTarget, peers}});
}

}  // namespace holdfast::bench
