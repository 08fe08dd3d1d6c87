// Where the rows of one tenant stand, and how far they have come: families of entries. Derived
// data: losing it costs a fold of the journal, never a fact.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace holdfast::readmodel {

// A moment of the store: reads through it see nothing committed later. Must not outlive the store.
class RowSnapshot {
 public:
  virtual ~RowSnapshot() = default;

  // Empty where the key is absent, or the family is.
  virtual absl::StatusOr<std::optional<std::string>> Get(std::string_view family,
                                                         std::string_view key) const = 0;
  // Entries whose key starts with `prefix` and is > `after` (where given), in key order, until
  // `each` answers false. The views are valid during the call only.
  virtual absl::Status Scan(
      std::string_view family, std::string_view prefix, std::optional<std::string_view> after,
      absl::FunctionRef<bool(std::string_view key, std::string_view value)> each) const = 0;
};

// Errors: kUnavailable where the disk refuses, kDataLoss where stored bytes are damaged. Written by
// one thread, read by any; families are made and dropped by one thread.
class RowStore {
 public:
  virtual ~RowStore() = default;

  // What was committed; puts that were not are not seen.
  virtual absl::StatusOr<std::optional<std::string>> Get(std::string_view family,
                                                         std::string_view key) const = 0;
  virtual std::unique_ptr<RowSnapshot> TakeSnapshot() const = 0;

  virtual void Put(std::string_view family, std::string_view key, std::string_view value) = 0;
  virtual void Delete(std::string_view family, std::string_view key) = 0;
  // All puts and deletes since the last Commit, at once or not at all; they are forgotten either
  // way. Not synced: a crash of the machine may lose the latest commits, whole ones, in order.
  virtual absl::Status Commit() = 0;

  virtual std::vector<std::string> Families() const = 0;
  virtual absl::Status CreateFamily(std::string_view family) = 0;
  virtual absl::Status DropFamily(std::string_view family) = 0;
  // Fills `family`, which must be new and empty. `next` gives the entries in strictly ascending key
  // order and answers false at the end.
  virtual absl::Status Ingest(
      std::string_view family,
      absl::FunctionRef<bool(std::string& key, std::string& value)> next) = 0;
};

// Opens the store of a folder, with `family` in it; makes what is absent.
using OpenRowStore = std::function<absl::StatusOr<std::unique_ptr<RowStore>>(
    const std::string& folder, std::string_view family)>;

// In RocksDB.
absl::StatusOr<std::unique_ptr<RowStore>> OpenRowStoreOnDisk(const std::string& folder,
                                                             std::string_view family);

}  // namespace holdfast::readmodel
