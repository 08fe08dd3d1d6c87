// RocksDB, once: one folder of column families with safe options. No RocksDB header leaves this
// room.
//
// Errors: kUnavailable where the disk refuses (full, read-only, EIO): the message says which
// folder; kDataLoss where stored bytes are damaged; kFailedPrecondition where another process holds
// the folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace holdfast::storage {

class DiskHook;

// Operations of one atomic write, in order.
class Batch {
 public:
  Batch();
  ~Batch();
  Batch(Batch&&) noexcept;
  Batch& operator=(Batch&&) noexcept;

  void Put(std::string_view family, std::string_view key, std::string_view value);
  // The same with a value in parts, which are joined.
  void PutParts(std::string_view family, std::string_view key,
                std::span<const std::string_view> value);
  void Delete(std::string_view family, std::string_view key);
  void Clear();
  std::size_t bytes() const;
  bool empty() const;

  struct Rep;  // the operations, with the family of each by name
  Rep& rep() const { return *rep_; }

 private:
  std::unique_ptr<Rep> rep_;
};

enum class Sync { kNo, kYes };

// What the store is for, and so how it is tuned.
enum class Profile : std::uint8_t {
  kState,  // derived state: after a crash it stands at an earlier moment, of all families alike
  kRows,   // the same, of which there are many: a folder per tenant must not cost memory each
  kLog,    // ascending keys, written with Sync::kYes, the only truth: a damaged write-ahead log
           // refuses to open (a torn tail does not), a failed write or sync ends all writing
};

struct StoreOptions {
  std::string folder;
  // Column families that must exist; missing ones are created. Others found in the folder are
  // opened too.
  std::vector<std::string> families;
  // Refuse where the folder holds no store yet.
  bool must_exist = false;
  // Short for Profile::kRows.
  bool small = false;
  Profile profile = Profile::kState;
  // Under which name metrics sum this store with its like: "journal", "state", "views".
  std::string metrics_name;
  // Sees every write and sync before it happens, and may refuse it: for tests and measurements.
  // Must outlive the store.
  DiskHook* disk_hook = nullptr;
  // What it holds can be made again from elsewhere. A damaged folder is then emptied when it is
  // opened, and one in which a read has met damage is emptied the next time.
  bool derived = false;
  // Opens what is there for reading, without taking the lock; nothing in the folder is changed.
  bool read_only = false;
  // The same, and stops at the first damage of the write-ahead log instead of refusing: for saying
  // what is damaged.
  bool salvage = false;
};

class Store;

// A moment of the store: reads through it see nothing written later. Must not outlive the store.
class Snapshot {
 public:
  ~Snapshot();

  // Empty where the key is absent, or the family is.
  absl::StatusOr<std::optional<std::string>> Get(std::string_view family,
                                                 std::string_view key) const;
  // Entries whose key starts with `prefix` and is > `after` (where given), in key order, until
  // `each` answers false. The views are valid during the call only.
  absl::Status Scan(
      std::string_view family, std::string_view prefix, std::optional<std::string_view> after,
      absl::FunctionRef<bool(std::string_view key, std::string_view value)> each) const;

 private:
  friend class Store;
  struct Rep;
  explicit Snapshot(std::unique_ptr<Rep> rep);
  std::unique_ptr<Rep> rep_;
};

// Thread-safe, but families are created and dropped by one thread.
class Store {
 public:
  static absl::StatusOr<std::unique_ptr<Store>> Open(const StoreOptions& options);
  ~Store();

  absl::Status Write(Batch& batch, Sync sync);
  absl::StatusOr<std::optional<std::string>> Get(std::string_view family,
                                                 std::string_view key) const;
  absl::Status Scan(
      std::string_view family, std::string_view prefix, std::optional<std::string_view> after,
      absl::FunctionRef<bool(std::string_view key, std::string_view value)> each) const;
  // The same from the greatest key that starts with `prefix` down.
  absl::Status ScanBackwards(
      std::string_view family, std::string_view prefix,
      absl::FunctionRef<bool(std::string_view key, std::string_view value)> each) const;
  // The greatest key of the family; empty where there is none.
  absl::StatusOr<std::optional<std::string>> LastKey(std::string_view family) const;
  std::unique_ptr<Snapshot> TakeSnapshot() const;

  // Empties the cache that all stores of the process share, so that blocks are read from the disk.
  void ForgetCache() const;

  std::vector<std::string> Families() const;
  absl::Status CreateFamily(std::string_view family);
  // Its files are deleted once nobody reads them.
  absl::Status DropFamily(std::string_view family);

  // Writes sorted entries as SST files and ingests them into `family`, which must be new and empty.
  // `next` gives the entries in strictly ascending key order and answers false at the end.
  absl::Status Ingest(std::string_view family,
                      absl::FunctionRef<bool(std::string& key, std::string& value)> next);

  // What was deleted or overwritten stands in no file of the store any more when it returns:
  // neither in its write-ahead logs nor in its tables. Rewrites all of it, so for small stores.
  absl::Status Expunge();

  // A consistent copy in a new folder (hard links where the file system has them).
  absl::Status Checkpoint(const std::string& folder) const;

 private:
  struct Rep;
  explicit Store(std::unique_ptr<Rep> rep);
  std::unique_ptr<Rep> rep_;
};

}  // namespace holdfast::storage
