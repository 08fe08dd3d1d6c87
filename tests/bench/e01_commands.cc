// E1: how many commands a second one partition accepts, 256 in flight, each answered after fsync;
// beside what RocksDB and a plain file can do on this disk.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "append_file.h"
#include "base/status_macros.h"
#include "bench.h"
#include "engine.h"
#include "rocksdb_fill.h"
#include "scenarios.h"

namespace holdfast::bench {
namespace {

constexpr std::size_t kInFlight = 256;
constexpr std::size_t kBatch = 100;

}  // namespace

absl::Status E1(Bench& bench) {
  const absl::Duration slice = bench.settings().slice;
  ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, Engine::Open(bench.Folder("e1")));
  ASSIGN_OR_RETURN(const std::unique_ptr<RocksdbFill> rocksdb,
                   RocksdbFill::Open(bench.Folder("e1-rocksdb")));
  ASSIGN_OR_RETURN(const std::unique_ptr<AppendFile> file,
                   AppendFile::Open(bench.Folder("e1-file") + "/log"));
  RETURN_IF_ERROR(engine->Load(kInFlight, slice).status());
  ASSIGN_OR_RETURN(const double record_bytes, engine->BytesOfARecord());
  const auto bytes = static_cast<std::size_t>(record_bytes);
  const std::string record(bytes, 'x');
  double cores = 0;

  const Measure ours = [&]() -> absl::StatusOr<double> {
    ASSIGN_OR_RETURN(const LoopResult result, engine->Load(kInFlight, slice));
    cores = result.cores;
    return result.PerSecond();
  };
  const Measure fill = [&] { return rocksdb->Run(bytes, kBatch, slice); };
  const Measure append = [&]() -> absl::StatusOr<double> {
    ASSIGN_OR_RETURN(const LoopResult result,
                     ClosedLoop::Run(kInFlight, slice, [&](std::size_t, ClosedLoop::Done done) {
                       file->Append(record, std::move(done));
                     }));
    return result.PerSecond();
  };
  // Read once more for the note: how busy the process was.
  RETURN_IF_ERROR(ours().status());
  Row row;
  row.path = "commands in process, 256 in flight";
  row.unit = "commands/s";
  row.durability = "fsync before answer, group commit";
  row.note = absl::StrCat(bytes, " bytes a record; the load is made on the actor's thread; ",
                          Figure(cores), " cores busy");
  return bench.Compare(row, ours,
                       {{"RocksDB fillrandom, synced batches of 100", 0.80, fill},
                        {"plain file, the same group commit", 0.30, append}});
}

}  // namespace holdfast::bench
