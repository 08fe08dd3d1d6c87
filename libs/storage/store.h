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
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace holdfast::storage {

// Operations of one atomic write, in order.
class Batch {
 public:
  Batch();
  ~Batch();
  Batch(Batch&&) noexcept;
  Batch& operator=(Batch&&) noexcept;

  void Put(std::string_view family, std::string_view key, std::string_view value);
  void Delete(std::string_view family, std::string_view key);
  void Clear();
  std::size_t bytes() const;
  bool empty() const;

  struct Rep;  // the family of each operation by name, and RocksDB's own batch
  Rep& rep() const { return *rep_; }

 private:
  std::unique_ptr<Rep> rep_;
};

enum class Sync { kNo, kYes };

struct StoreOptions {
  std::string folder;
  // Column families that must exist; missing ones are created. Others found in the folder are
  // opened too.
  std::vector<std::string> families;
  // Refuse where the folder holds no store yet.
  bool must_exist = false;
  // Many small stores (a folder per tenant) must not cost memory each: smaller arenas, shared
  // caches.
  bool small = false;
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
  // The greatest key of the family and its value; empty where there is none.
  absl::StatusOr<std::optional<std::string>> LastKey(std::string_view family) const;
  std::unique_ptr<Snapshot> TakeSnapshot() const;

  std::vector<std::string> Families() const;
  absl::Status CreateFamily(std::string_view family);
  // Its files are deleted once nobody reads them.
  absl::Status DropFamily(std::string_view family);

  // Writes sorted entries as SST files and ingests them into `family`, which must be new and empty.
  // `next` gives the entries in strictly ascending key order and answers false at the end.
  absl::Status Ingest(std::string_view family,
                      absl::FunctionRef<bool(std::string& key, std::string& value)> next);

  // A consistent copy in a new folder (hard links where the file system has them).
  absl::Status Checkpoint(const std::string& folder) const;

 private:
  struct Rep;
  explicit Store(std::unique_ptr<Rep> rep);
  std::unique_ptr<Rep> rep_;
};

}  // namespace holdfast::storage
