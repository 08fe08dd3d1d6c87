#include "storage/rocksdb_options.h"

#include <cstdarg>

#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>
#include <rocksdb/write_buffer_manager.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace holdfast::storage {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20U;
constexpr std::size_t kBlockCacheBytes = 64 * kMiB;
// All memtables of the process together: beyond it the largest are flushed.
constexpr std::size_t kMemtableBytes = 96 * kMiB;

Profile ProfileOf(const StoreOptions& options) {
  return options.small ? Profile::kRows : options.profile;
}

const std::shared_ptr<rocksdb::WriteBufferManager>& SharedMemtables() {
  static const auto* const shared = new std::shared_ptr<rocksdb::WriteBufferManager>(
      std::make_shared<rocksdb::WriteBufferManager>(kMemtableBytes));
  return *shared;
}

// RocksDB's own log file fails an assertion, and so the process, where the disk is full. What
// matters of it reaches us as a status.
class NoInfoLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

// Of a log of truth: after a full disk RocksDB would write and sync again by itself, as soon as
// there is room. Only a restart recovers.
class NoRecovery final : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

}  // namespace

const std::shared_ptr<rocksdb::Cache>& SharedBlockCache() {
  static const auto* const shared =
      new std::shared_ptr<rocksdb::Cache>(rocksdb::NewLRUCache(kBlockCacheBytes));
  return *shared;
}

// Not used, because each has a known bug in RocksDB 7.8: manual_wal_flush, wal_compression,
// track_and_verify_wals_in_manifest with SyncWAL, atomic_flush without a write-ahead log,
// ingestion over a live range, secondary instances. The default recovery mode can stop quietly in
// the middle of a log, so a log of truth does not use it.
rocksdb::DBOptions DatabaseOptions(const StoreOptions& options) {
  const Profile profile = ProfileOf(options);
  rocksdb::DBOptions db;
  db.create_if_missing = !options.must_exist;
  db.create_missing_column_families = true;
  db.paranoid_checks = true;
  db.recycle_log_file_num = 0;
  db.wal_recovery_mode = profile == Profile::kLog && !options.salvage
                             ? rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords
                             : rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  db.write_buffer_manager = SharedMemtables();
  db.max_background_jobs = 2;
  db.max_open_files = profile == Profile::kRows ? 64 : 512;
  db.max_total_wal_size = (profile == Profile::kRows ? 16 : 256) * kMiB;
  db.info_log = std::make_shared<NoInfoLog>();
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  db.bytes_per_sync = kMiB;
  // A store has one writer; so keys that come in order are inserted where the last one went.
  db.allow_concurrent_memtable_write = false;
  if (profile == Profile::kLog) {
    db.max_bgerror_resume_count = 0;  // a failed sync is never tried again
    db.listeners.push_back(std::make_shared<NoRecovery>());
    db.enable_write_thread_adaptive_yield = false;
  }
  return db;
}

rocksdb::ColumnFamilyOptions FamilyOptions(const StoreOptions& options) {
  const Profile profile = ProfileOf(options);
  rocksdb::ColumnFamilyOptions family;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = SharedBlockCache();
  table.cache_index_and_filter_blocks = true;
  table.format_version = 5;
  table.checksum = rocksdb::kXXH3;
  if (profile == Profile::kLog) {
    table.block_size = 32 << 10U;  // read in order
    family.write_buffer_size = 32 * kMiB;
    family.level0_file_num_compaction_trigger = 8;
    family.max_bytes_for_level_base = 512 * kMiB;
    family.optimize_filters_for_hits = true;
  } else {
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    family.write_buffer_size = (profile == Profile::kRows ? 4 : 16) * kMiB;
    family.max_bytes_for_level_base = 64 * kMiB;
  }
  if (profile == Profile::kRows) family.arena_block_size = 32 << 10U;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  family.compression = rocksdb::kLZ4Compression;
  family.bottommost_compression = rocksdb::kZSTD;
  family.level_compaction_dynamic_level_bytes = true;
  return family;
}

absl::Status FromRocksdb(const rocksdb::Status& status, const std::string& folder) {
  if (status.ok()) return absl::OkStatus();
  const std::string said = status.ToString();
  // The folder is there, so a path that is not found is a file of the store that is lost.
  if (status.IsCorruption() || status.IsPathNotFound()) {
    return absl::DataLossError(absl::StrCat("folder ", folder, " is damaged: ", said));
  }
  if (status.IsIOError() &&
      (absl::StrContains(said, "/LOCK") || absl::StrContains(said, "lock "))) {
    return absl::FailedPreconditionError(absl::StrCat("another process uses folder ", folder,
                                                      ": stop it, or choose another data folder"));
  }
  if (status.IsNoSpace() || status.subcode() == rocksdb::Status::kSpaceLimit) {
    return absl::UnavailableError(
        absl::StrCat("the disk that holds folder ", folder, " is full: make room and start again"));
  }
  if (status.IsIOError()) {
    return absl::UnavailableError(absl::StrCat("folder ", folder, " cannot be used: ", said));
  }
  if (status.IsInvalidArgument() || status.IsNotFound()) {
    return absl::FailedPreconditionError(absl::StrCat("folder ", folder, ": ", said));
  }
  return absl::UnavailableError(absl::StrCat("folder ", folder, ": ", said));
}

}  // namespace holdfast::storage
