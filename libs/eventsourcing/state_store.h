// Where a partition keeps what it has folded, so that it need not fold it again: states, heads,
// first receipts, tags, due times and the offset up to which they hold. Derived data: losing it
// costs a fold of the log, never a fact. One per partition, used by one thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace holdfast::eventsourcing {

class StateStore {
 public:
  virtual ~StateStore() = default;

  // What was committed; puts that were not are not seen.
  virtual absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const = 0;
  // In key order, until `each` answers false. The views hold during the call.
  virtual absl::Status Scan(
      std::string_view prefix,
      absl::FunctionRef<bool(std::string_view key, std::string_view value)> each) const = 0;

  virtual void Put(std::string_view key, std::string_view value) = 0;
  virtual void Delete(std::string_view key) = 0;
  // All puts and deletes since the last Commit, at once or not at all; they are forgotten either
  // way. Not synced: a crash of the machine may lose the latest commits, whole ones, in order.
  virtual absl::Status Commit() = 0;
  // Empties the store.
  virtual absl::Status Clear() = 0;
};

// In memory, for tests and simulations.
class MemoryStateStore : public StateStore {
 public:
  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override;
  absl::Status Scan(
      std::string_view prefix,
      absl::FunctionRef<bool(std::string_view key, std::string_view value)> each) const override;
  void Put(std::string_view key, std::string_view value) override;
  void Delete(std::string_view key) override;
  absl::Status Commit() override;
  absl::Status Clear() override;

  const std::map<std::string, std::string, std::less<>>& entries() const { return entries_; }

 private:
  std::map<std::string, std::string, std::less<>> entries_;
  std::vector<std::pair<std::string, std::optional<std::string>>> pending_;
};

// In RocksDB: one folder, made where it is absent.
absl::StatusOr<std::unique_ptr<StateStore>> OpenStateStore(const std::string& folder);

}  // namespace holdfast::eventsourcing
