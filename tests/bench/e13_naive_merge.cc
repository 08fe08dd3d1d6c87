// E13: folding decoded, accepted events into rows: ours in memory and then as one sorted file, the
// naive way as one RocksDB Merge for each counter of each event.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <rocksdb/db.h>
#include <rocksdb/merge_operator.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/hash.h"
#include "base/status_macros.h"
#include "bench.h"
#include "engine.h"
#include "journal/embedded_journal.h"
#include "ledger_log.h"
#include "loan_tally.h"
#include "readmodel/row_fold.h"
#include "scenarios.h"
#include "storage/store.h"

namespace holdfast::bench {
namespace {

constexpr std::uint64_t kEvents = 300'000;

class Add final : public rocksdb::AssociativeMergeOperator {
 public:
  bool Merge(const rocksdb::Slice&, const rocksdb::Slice* existing, const rocksdb::Slice& value,
             std::string* merged, rocksdb::Logger*) const override {
    const std::uint64_t before =
        existing == nullptr ? 0 : ReadBigEndian64({existing->data(), existing->size()});
    merged->clear();
    AppendBigEndian64(*merged, before + ReadBigEndian64({value.data(), value.size()}));
    return true;
  }
  const char* Name() const override { return "add"; }
};

double PerSecond(std::size_t count, absl::Time began) {
  return static_cast<double>(count) / absl::ToDoubleSeconds(absl::Now() - began);
}

absl::StatusOr<double> FoldAndIngest(const std::string& folder, const std::vector<Loan>& loans) {
  storage::StoreOptions options;
  options.folder = folder;
  options.families = {"rows"};
  ASSIGN_OR_RETURN(const std::unique_ptr<storage::Store> store, storage::Store::Open(options));
  const readmodel::ViewType view = readmodel::ViewTypeOf<LoanTally>();
  const absl::Time began = absl::Now();
  readmodel::RowFold fold(view);
  EventMeta meta;
  for (const Loan& loan : loans) {
    meta.stream_id = loan.member;
    meta.seq = loan.seq;
    fold.Apply(loan.event, meta);
  }
  auto row = fold.rows().begin();
  RETURN_IF_ERROR(store->Ingest("rows", [&](std::string& key, std::string& value) {
    if (row == fold.rows().end()) return false;
    key = row->first;
    value = readmodel::RowBytes(*row->second);
    ++row;
    return true;
  }));
  return PerSecond(loans.size(), began);
}

absl::StatusOr<double> MergeEach(const std::string& folder, const std::vector<Loan>& loans) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.merge_operator = std::make_shared<Add>();
  rocksdb::DB* opened = nullptr;
  rocksdb::Status status = rocksdb::DB::Open(options, folder, &opened);
  const std::unique_ptr<rocksdb::DB> db(opened);
  rocksdb::WriteOptions write;
  write.disableWAL = true;  // derived, so it need not
  std::string one;
  AppendBigEndian64(one, 1);
  const absl::Time began = absl::Now();
  for (std::size_t i = 0; i < loans.size() && status.ok(); ++i)
    status = db->Merge(write, loans[i].member, one);
  if (status.ok()) status = db->Flush({});
  if (!status.ok()) return absl::UnavailableError(status.ToString());
  return PerSecond(loans.size(), began);
}

}  // namespace

absl::Status E13(Bench& bench) {
  std::vector<Loan> loans;
  {
    ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, Engine::Open(bench.Folder("e13")));
    Say(absl::StrCat("E13: writing ", kEvents, " events"));
    RETURN_IF_ERROR(engine->Grow(kEvents).status());
    ASSIGN_OR_RETURN(loans, ReadLoans(engine->journal()));
  }
  Row row;
  row.path = "decoded events into rows: fold, then one sorted file";
  row.unit = "events/s";
  row.note = absl::StrCat(
      loans.size(), " events by Zipf's law, one counter each; no write-ahead log on either side");
  return bench.Compare(row, [&] { return FoldAndIngest(bench.Folder("e13-rows"), loans); },
                       {{"RocksDB Merge for each counter", 8,
                         [&] { return MergeEach(bench.Folder("e13-merge"), loans); }}});
}

}  // namespace holdfast::bench
