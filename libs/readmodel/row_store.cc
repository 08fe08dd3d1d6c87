#include "readmodel/row_store.h"

#include <utility>

#include "base/status_macros.h"
#include "storage/store.h"

namespace holdfast::readmodel {
namespace {

class StoredSnapshot final : public RowSnapshot {
 public:
  explicit StoredSnapshot(std::unique_ptr<storage::Snapshot> snapshot)
      : snapshot_(std::move(snapshot)) {}

  absl::StatusOr<std::optional<std::string>> Get(std::string_view family,
                                                 std::string_view key) const override {
    return snapshot_->Get(family, key);
  }
  absl::Status Scan(
      std::string_view family, std::string_view prefix, std::optional<std::string_view> after,
      absl::FunctionRef<bool(std::string_view, std::string_view)> each) const override {
    return snapshot_->Scan(family, prefix, after, each);
  }

 private:
  const std::unique_ptr<storage::Snapshot> snapshot_;
};

class StoredRows final : public RowStore {
 public:
  explicit StoredRows(std::unique_ptr<storage::Store> store) : store_(std::move(store)) {}

  absl::StatusOr<std::optional<std::string>> Get(std::string_view family,
                                                 std::string_view key) const override {
    return store_->Get(family, key);
  }
  std::unique_ptr<RowSnapshot> TakeSnapshot() const override {
    return std::make_unique<StoredSnapshot>(store_->TakeSnapshot());
  }
  void Put(std::string_view family, std::string_view key, std::string_view value) override {
    batch_.Put(family, key, value);
  }
  void Delete(std::string_view family, std::string_view key) override {
    batch_.Delete(family, key);
  }
  absl::Status Commit() override {
    absl::Status written = store_->Write(batch_, storage::Sync::kNo);
    batch_.Clear();
    return written;
  }
  std::vector<std::string> Families() const override { return store_->Families(); }
  absl::Status CreateFamily(std::string_view family) override {
    return store_->CreateFamily(family);
  }
  absl::Status DropFamily(std::string_view family) override { return store_->DropFamily(family); }
  absl::Status Ingest(std::string_view family,
                      absl::FunctionRef<bool(std::string&, std::string&)> next) override {
    return store_->Ingest(family, next);
  }

 private:
  const std::unique_ptr<storage::Store> store_;
  storage::Batch batch_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RowStore>> OpenRowStoreOnDisk(const std::string& folder,
                                                             std::string_view family) {
  storage::StoreOptions options;
  options.folder = folder;
  options.families = {std::string(family)};
  options.small = true;
  options.derived = true;
  ASSIGN_OR_RETURN(std::unique_ptr<storage::Store> store, storage::Store::Open(options));
  return std::make_unique<StoredRows>(std::move(store));
}

}  // namespace holdfast::readmodel
