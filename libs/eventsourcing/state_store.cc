#include "eventsourcing/state_store.h"

#include <algorithm>

#include "base/status_macros.h"
#include "storage/store.h"

namespace holdfast::eventsourcing {
namespace {

constexpr std::string_view kFamily = "state";

class StoredStateStore final : public StateStore {
 public:
  explicit StoredStateStore(std::unique_ptr<storage::Store> store) : store_(std::move(store)) {}

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override {
    return store_->Get(kFamily, key);
  }
  absl::Status Scan(
      std::string_view prefix,
      absl::FunctionRef<bool(std::string_view, std::string_view)> each) const override {
    return store_->Scan(kFamily, prefix, std::nullopt, each);
  }
  void Put(std::string_view key, std::string_view value) override {
    batch_.Put(kFamily, key, value);
  }
  void Delete(std::string_view key) override { batch_.Delete(kFamily, key); }
  absl::Status Commit() override {
    absl::Status written = store_->Write(batch_, storage::Sync::kNo);
    batch_.Clear();
    return written;
  }
  absl::Status Clear() override {
    batch_.Clear();
    RETURN_IF_ERROR(store_->DropFamily(kFamily));
    return store_->CreateFamily(kFamily);
  }

 private:
  std::unique_ptr<storage::Store> store_;
  storage::Batch batch_;
};

}  // namespace

absl::StatusOr<std::optional<std::string>> MemoryStateStore::Get(std::string_view key) const {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  return found->second;
}

absl::Status MemoryStateStore::Scan(
    std::string_view prefix,
    absl::FunctionRef<bool(std::string_view, std::string_view)> each) const {
  for (auto it = entries_.lower_bound(prefix);
       it != entries_.end() && std::string_view(it->first).starts_with(prefix); ++it) {
    if (!each(it->first, it->second)) break;
  }
  return absl::OkStatus();
}

void MemoryStateStore::Put(std::string_view key, std::string_view value) {
  pending_.emplace_back(std::string(key), std::string(value));
}

void MemoryStateStore::Delete(std::string_view key) {
  pending_.emplace_back(std::string(key), std::nullopt);
}

absl::Status MemoryStateStore::Commit() {
  for (auto& [key, value] : pending_) {
    if (value) {
      entries_.insert_or_assign(std::move(key), *std::move(value));
    } else {
      entries_.erase(key);
    }
  }
  pending_.clear();
  return absl::OkStatus();
}

absl::Status MemoryStateStore::Clear() {
  pending_.clear();
  entries_.clear();
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<StateStore>> OpenStateStore(const std::string& folder) {
  storage::StoreOptions options;
  options.folder = folder;
  options.families = {std::string(kFamily)};
  options.profile = storage::Profile::kState;
  options.metrics_name = "state";
  options.derived = true;
  absl::StatusOr<std::unique_ptr<storage::Store>> store = storage::Store::Open(options);
  if (!store.ok()) return store.status();
  return std::make_unique<StoredStateStore>(*std::move(store));
}

}  // namespace holdfast::eventsourcing
