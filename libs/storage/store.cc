#include "storage/store.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <system_error>
#include <utility>

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "observability/log.h"
#include "storage/batch.h"
#include "storage/hooked_env.h"
#include "storage/rocksdb_options.h"
#include "storage/store_metrics.h"

namespace holdfast::storage {
namespace {

// Bytes of one ingested file.
constexpr std::uint64_t kIngestFileBytes = std::uint64_t{64} << 20U;
// Of each operation of a batch, from its making to the memtable.
constexpr std::size_t kProtectionBytesPerKey = 8;

rocksdb::Slice Slice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}
std::string_view View(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

// A family's handle is closed when nobody reads it any more. Shared, because a snapshot may still
// read a family that was dropped.
using FamilyHandle = std::shared_ptr<rocksdb::ColumnFamilyHandle>;
using FamilyMap = std::map<std::string, FamilyHandle, std::less<>>;

// The least key that is greater than every key with this prefix; empty where there is none.
std::string AfterPrefix(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xFF') end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

// Stands in the folder of a derived store once a read has met damage.
constexpr char kDamagedMark[] = "/DAMAGED";

bool ReadsOnly(const StoreOptions& options) {
  return options.read_only || options.salvage;
}

// Files of a store whose file CURRENT is lost: RocksDB would take the folder for an empty one, and
// delete them.
bool HoldsOrphans(const std::string& folder) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::filesystem::path extension = entry.path().extension();
    if (extension == ".sst" || extension == ".log") return true;
  }
  return false;
}

// What a Store and its Snapshots read through.
struct Source {
  rocksdb::DB& db;
  const StoreOptions& options;
  const rocksdb::Snapshot* snapshot = nullptr;

  absl::StatusOr<std::optional<std::string>> Get(const FamilyHandle& family,
                                                 std::string_view key) const {
    if (!family) return std::nullopt;
    rocksdb::ReadOptions read;
    read.snapshot = snapshot;
    std::string value;
    const rocksdb::Status status = db.Get(read, family.get(), Slice(key), &value);
    if (status.IsNotFound()) return std::nullopt;
    RETURN_IF_ERROR(Told(status));
    return value;
  }

  absl::Status Scan(const FamilyHandle& family, std::string_view prefix,
                    std::optional<std::string_view> after,
                    absl::FunctionRef<bool(std::string_view, std::string_view)> each) const {
    if (!family) return absl::OkStatus();
    rocksdb::ReadOptions read;
    read.snapshot = snapshot;
    const std::string end = AfterPrefix(prefix);
    const rocksdb::Slice upper(end);
    if (!end.empty()) read.iterate_upper_bound = &upper;
    const std::unique_ptr<rocksdb::Iterator> at(db.NewIterator(read, family.get()));
    if (after && *after >= prefix) {
      at->Seek(Slice(*after));
      if (at->Valid() && View(at->key()) == *after) at->Next();
    } else {
      at->Seek(Slice(prefix));
    }
    for (; at->Valid() && at->key().starts_with(Slice(prefix)); at->Next()) {
      if (!each(View(at->key()), View(at->value()))) break;
    }
    return Told(at->status());
  }

  absl::Status ScanBackwards(
      const FamilyHandle& family, std::string_view prefix,
      absl::FunctionRef<bool(std::string_view, std::string_view)> each) const {
    if (!family) return absl::OkStatus();
    rocksdb::ReadOptions read;
    read.snapshot = snapshot;
    read.fill_cache = false;  // read once, to find the end or to verify
    const std::unique_ptr<rocksdb::Iterator> at(db.NewIterator(read, family.get()));
    const std::string end = AfterPrefix(prefix);
    if (end.empty()) {
      at->SeekToLast();
    } else {
      at->SeekForPrev(Slice(end));
      if (at->Valid() && View(at->key()) == end) at->Prev();
    }
    for (; at->Valid() && at->key().starts_with(Slice(prefix)); at->Prev()) {
      if (!each(View(at->key()), View(at->value()))) break;
    }
    return Told(at->status());
  }

 private:
  // What a read came to. Damage of a derived store is noted, so that the next start makes it anew.
  absl::Status Told(const rocksdb::Status& status) const {
    if (status.IsCorruption() && options.derived) {
      const std::ofstream mark(options.folder + kDamagedMark);
    }
    return FromRocksdb(status, options.folder);
  }
};

}  // namespace

struct Store::Rep {
  StoreOptions options;
  rocksdb::ColumnFamilyOptions family_options;
  std::unique_ptr<rocksdb::Env> env;  // empty: RocksDB's own
  std::unique_ptr<rocksdb::DB> db;
  std::unique_ptr<Measured> measured;
  mutable absl::Mutex mutex;
  FamilyMap families ABSL_GUARDED_BY(mutex);

  ~Rep() {
    measured.reset();
    {
      const absl::MutexLock lock(&mutex);
      families.clear();
    }
    if (db) db->Close().PermitUncheckedError();
  }

  FamilyHandle Family(std::string_view name) const {
    const absl::ReaderMutexLock lock(&mutex);
    const auto found = families.find(name);
    return found == families.end() ? nullptr : found->second;
  }

  FamilyHandle Own(rocksdb::ColumnFamilyHandle* handle) const {
    return {handle, [raw = db.get()](rocksdb::ColumnFamilyHandle* closing) {
              raw->DestroyColumnFamilyHandle(closing).PermitUncheckedError();
            }};
  }

  Source Read() const { return {*db, options, nullptr}; }
  std::string IngestFolder() const { return options.folder + "/ingest"; }

  absl::Status OpenDatabase();
  // Whether a store stands there already.
  absl::StatusOr<bool> PrepareFolder() const;
  absl::StatusOr<std::vector<std::string>> NamesOfFamilies(const rocksdb::DBOptions& db_options,
                                                           bool exists) const;
  absl::Status FillSstFiles(absl::FunctionRef<bool(std::string&, std::string&)> next,
                            std::vector<std::string>& files) const;
};

absl::StatusOr<bool> Store::Rep::PrepareFolder() const {
  std::error_code error;
  const bool exists = std::filesystem::exists(options.folder + "/CURRENT", error);
  if (!exists && HoldsOrphans(options.folder)) {
    return absl::DataLossError(
        absl::StrCat("folder ", options.folder, " is damaged: its file CURRENT is missing"));
  }
  if (!exists && (options.must_exist || ReadsOnly(options)))
    return absl::NotFoundError(absl::StrCat("folder ", options.folder, " holds no store"));
  if (ReadsOnly(options)) return exists;
  if (!exists) {
    std::filesystem::create_directories(options.folder, error);
    if (error) {
      return absl::UnavailableError(absl::StrCat("folder ", options.folder,
                                                 " cannot be made: ", error.message(),
                                                 ": choose another data folder, or let it be "
                                                 "written"));
    }
  }
  std::filesystem::remove_all(IngestFolder(), error);  // of an ingest that a crash cut short
  return exists;
}

absl::StatusOr<std::vector<std::string>> Store::Rep::NamesOfFamilies(
    const rocksdb::DBOptions& db_options, bool exists) const {
  std::vector<std::string> names;
  if (exists) {
    RETURN_IF_ERROR(FromRocksdb(rocksdb::DB::ListColumnFamilies(db_options, options.folder, &names),
                                options.folder));
  }
  for (const std::string& name : options.families) {
    if (std::ranges::find(names, name) == names.end() && !ReadsOnly(options)) names.push_back(name);
  }
  if (std::ranges::find(names, rocksdb::kDefaultColumnFamilyName) == names.end())
    names.insert(names.begin(), rocksdb::kDefaultColumnFamilyName);
  return names;
}

absl::Status Store::Rep::OpenDatabase() {
  rocksdb::DBOptions db_options = DatabaseOptions(options);
  family_options = FamilyOptions(options);
  if (options.disk_hook != nullptr) {
    env = HookedEnv(*options.disk_hook);
    db_options.env = env.get();
  }
  if (!options.metrics_name.empty())
    db_options.listeners.push_back(StallListener(options.metrics_name));

  ASSIGN_OR_RETURN(const bool exists, PrepareFolder());
  ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesOfFamilies(db_options, exists));
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  descriptors.reserve(names.size());
  for (const std::string& name : names) descriptors.emplace_back(name, family_options);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status =
      ReadsOnly(options)
          ? rocksdb::DB::OpenForReadOnly(db_options, options.folder, descriptors, &handles, &opened)
          : rocksdb::DB::Open(db_options, options.folder, descriptors, &handles, &opened);
  RETURN_IF_ERROR(FromRocksdb(status, options.folder));
  db.reset(opened);
  const absl::MutexLock lock(&mutex);
  for (std::size_t i = 0; i < handles.size(); ++i) families.emplace(names[i], Own(handles[i]));
  measured = Measure(options.metrics_name, *db);
  return absl::OkStatus();
}

struct Snapshot::Rep {
  rocksdb::DB& db;
  const StoreOptions& options;
  const rocksdb::Snapshot* snapshot;
  FamilyMap families;  // as they were

  ~Rep() { db.ReleaseSnapshot(snapshot); }
  Source Read() const { return {db, options, snapshot}; }
  FamilyHandle Family(std::string_view name) const {
    const auto found = families.find(name);
    return found == families.end() ? nullptr : found->second;
  }
};

Snapshot::Snapshot(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}
Snapshot::~Snapshot() = default;

absl::StatusOr<std::optional<std::string>> Snapshot::Get(std::string_view family,
                                                         std::string_view key) const {
  return rep_->Read().Get(rep_->Family(family), key);
}

absl::Status Snapshot::Scan(
    std::string_view family, std::string_view prefix, std::optional<std::string_view> after,
    absl::FunctionRef<bool(std::string_view key, std::string_view value)> each) const {
  return rep_->Read().Scan(rep_->Family(family), prefix, after, each);
}

Store::Store(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}
Store::~Store() = default;

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const StoreOptions& options) {
  const auto open = [&options]() -> absl::StatusOr<std::unique_ptr<Store>> {
    auto rep = std::make_unique<Rep>();
    rep->options = options;
    RETURN_IF_ERROR(rep->OpenDatabase());
    return std::unique_ptr<Store>(new Store(std::move(rep)));
  };
  if (!options.derived) return open();
  std::error_code error;
  if (!std::filesystem::exists(options.folder + kDamagedMark, error)) {
    absl::StatusOr<std::unique_ptr<Store>> store = open();
    if (!absl::IsDataLoss(store.status())) return store;
  }
  log::Warn("store_made_anew", log::Reason("damaged"));
  std::filesystem::remove_all(options.folder, error);
  return open();
}

absl::Status Store::Write(Batch& batch, Sync sync) {
  const Batch::Rep& from = batch.rep();
  std::vector<FamilyHandle> families;
  families.reserve(from.families.size());
  for (const std::string& name : from.families) {
    FamilyHandle family = rep_->Family(name);
    if (!family) {
      return absl::FailedPreconditionError(
          absl::StrCat("folder ", rep_->options.folder, " has no column family ", name));
    }
    families.push_back(std::move(family));
  }
  rocksdb::WriteBatch to(from.operations.size() + 64, 0, kProtectionBytesPerKey, 0);
  const char* at = from.operations.data();
  for (std::size_t i = 0; i < from.count; ++i) {
    Batch::Rep::Header header;
    std::memcpy(&header, at, sizeof header);
    at += sizeof header;
    const rocksdb::Slice key(at, header.key_size);
    at += header.key_size;
    const rocksdb::Slice value(at, header.value_size);
    at += header.value_size;
    rocksdb::ColumnFamilyHandle* const family = families[header.family].get();
    RETURN_IF_ERROR(FromRocksdb(
        header.kind == Batch::Rep::Kind::kPut ? to.Put(family, key, value) : to.Delete(family, key),
        rep_->options.folder));
  }
  rocksdb::WriteOptions options;
  options.sync = sync == Sync::kYes;
  return FromRocksdb(rep_->db->Write(options, &to), rep_->options.folder);
}

absl::StatusOr<std::optional<std::string>> Store::Get(std::string_view family,
                                                      std::string_view key) const {
  return rep_->Read().Get(rep_->Family(family), key);
}

absl::Status Store::Scan(
    std::string_view family, std::string_view prefix, std::optional<std::string_view> after,
    absl::FunctionRef<bool(std::string_view key, std::string_view value)> each) const {
  return rep_->Read().Scan(rep_->Family(family), prefix, after, each);
}

absl::Status Store::ScanBackwards(
    std::string_view family, std::string_view prefix,
    absl::FunctionRef<bool(std::string_view key, std::string_view value)> each) const {
  return rep_->Read().ScanBackwards(rep_->Family(family), prefix, each);
}

absl::StatusOr<std::optional<std::string>> Store::LastKey(std::string_view family) const {
  std::optional<std::string> last;
  RETURN_IF_ERROR(ScanBackwards(family, "", [&last](std::string_view key, std::string_view) {
    last = std::string(key);
    return false;
  }));
  return last;
}

std::unique_ptr<Snapshot> Store::TakeSnapshot() const {
  const absl::ReaderMutexLock lock(&rep_->mutex);
  return std::unique_ptr<Snapshot>(new Snapshot(std::unique_ptr<Snapshot::Rep>(
      new Snapshot::Rep{*rep_->db, rep_->options, rep_->db->GetSnapshot(), rep_->families})));
}

void Store::ForgetCache() const {
  SharedBlockCache()->EraseUnRefEntries();
}

std::vector<std::string> Store::Families() const {
  const absl::ReaderMutexLock lock(&rep_->mutex);
  std::vector<std::string> names;
  for (const auto& [name, handle] : rep_->families) {
    if (name != rocksdb::kDefaultColumnFamilyName) names.push_back(name);
  }
  return names;
}

absl::Status Store::CreateFamily(std::string_view family) {
  const std::string name(family);
  rocksdb::ColumnFamilyHandle* handle = nullptr;
  RETURN_IF_ERROR(FromRocksdb(rep_->db->CreateColumnFamily(rep_->family_options, name, &handle),
                              rep_->options.folder));
  const absl::MutexLock lock(&rep_->mutex);
  rep_->families.emplace(name, rep_->Own(handle));
  return absl::OkStatus();
}

absl::Status Store::DropFamily(std::string_view family) {
  FamilyHandle dropped;
  {
    const absl::MutexLock lock(&rep_->mutex);
    const auto found = rep_->families.find(family);
    if (found == rep_->families.end()) return absl::OkStatus();
    dropped = std::move(found->second);
    rep_->families.erase(found);
  }
  return FromRocksdb(rep_->db->DropColumnFamily(dropped.get()), rep_->options.folder);
}

absl::Status Store::Rep::FillSstFiles(absl::FunctionRef<bool(std::string&, std::string&)> next,
                                      std::vector<std::string>& files) const {
  rocksdb::Options sst_options(DatabaseOptions(options), family_options);
  sst_options.env = db->GetEnv();
  rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), sst_options);
  std::string key;
  std::string value;
  bool open = false;
  while (next(key, value)) {
    if (!open) {
      files.push_back(absl::StrCat(IngestFolder(), "/", files.size(), ".sst"));
      RETURN_IF_ERROR(FromRocksdb(writer.Open(files.back()), options.folder));
      open = true;
    }
    RETURN_IF_ERROR(FromRocksdb(writer.Put(key, value), options.folder));
    if (writer.FileSize() >= kIngestFileBytes) {
      RETURN_IF_ERROR(FromRocksdb(writer.Finish(), options.folder));
      open = false;
    }
  }
  return open ? FromRocksdb(writer.Finish(), options.folder) : absl::OkStatus();
}

absl::Status Store::Ingest(std::string_view family,
                           absl::FunctionRef<bool(std::string& key, std::string& value)> next) {
  const FamilyHandle handle = rep_->Family(family);
  if (!handle) {
    return absl::FailedPreconditionError(absl::StrCat(
        "folder ", rep_->options.folder, " has no column family ", std::string(family)));
  }
  ASSIGN_OR_RETURN(const std::optional<std::string> last, LastKey(family));
  if (last) {
    return absl::FailedPreconditionError(absl::StrCat("column family ", std::string(family),
                                                      " is not empty: ingest into a new one"));
  }
  std::error_code error;
  std::filesystem::create_directories(rep_->IngestFolder(), error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("folder ", rep_->IngestFolder(), " cannot be made: ", error.message()));
  }
  std::vector<std::string> files;
  absl::Status status = rep_->FillSstFiles(next, files);
  if (status.ok() && !files.empty()) {
    rocksdb::IngestExternalFileOptions ingest;
    ingest.move_files = true;
    ingest.failed_move_fall_back_to_copy = true;
    status = FromRocksdb(rep_->db->IngestExternalFile(handle.get(), files, ingest),
                         rep_->options.folder);
  }
  std::filesystem::remove_all(rep_->IngestFolder(), error);
  return status;
}

absl::Status Store::Expunge() {
  std::vector<FamilyHandle> families;
  {
    const absl::ReaderMutexLock lock(&rep_->mutex);
    for (const auto& [name, handle] : rep_->families) families.push_back(handle);
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  handles.reserve(families.size());
  for (const FamilyHandle& family : families) handles.push_back(family.get());
  // All families at once: a log is given up when no family needs it.
  RETURN_IF_ERROR(
      FromRocksdb(rep_->db->Flush(rocksdb::FlushOptions(), handles), rep_->options.folder));
  rocksdb::CompactRangeOptions whole;
  whole.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    RETURN_IF_ERROR(
        FromRocksdb(rep_->db->CompactRange(whole, handle, nullptr, nullptr), rep_->options.folder));
  }
  // Files that nobody needs are deleted by whoever ends that need, and at the latest here.
  RETURN_IF_ERROR(FromRocksdb(rep_->db->DisableFileDeletions(), rep_->options.folder));
  RETURN_IF_ERROR(FromRocksdb(rep_->db->EnableFileDeletions(/*force=*/true), rep_->options.folder));
  ForgetCache();
  return absl::OkStatus();
}

absl::Status Store::Checkpoint(const std::string& folder) const {
  rocksdb::Checkpoint* made = nullptr;
  RETURN_IF_ERROR(
      FromRocksdb(rocksdb::Checkpoint::Create(rep_->db.get(), &made), rep_->options.folder));
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  return FromRocksdb(checkpoint->CreateCheckpoint(folder), folder);
}

}  // namespace holdfast::storage
