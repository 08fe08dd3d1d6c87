// The rows of the keys, each wrapped by the one above it, in a store of their own.
//
//   keys   key id -> KeyRow
//   names  tenant 00 u32be kind, ref 00 u32be class, u32be generation -> key id
//   upper  tenant 00 u32be class, u64be epoch -> KeyRow
//   meta   "ledger" -> LedgerMark
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/key/v1/rows.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/store.h"

namespace holdfast::keyvault {

// One name of a key: whose it is, in one class.
struct KeyName {
  std::string tenant;
  std::uint32_t kind = 0;
  std::string ref;
  std::uint32_t data_class = 0;
};

// Thread-safe, but one thread writes.
class KeyStore {
 public:
  static absl::StatusOr<std::unique_ptr<KeyStore>> Open(const std::string& folder);

  absl::StatusOr<std::optional<key::v1::KeyRow>> Find(std::string_view key_id) const;
  // Of the newest generation.
  absl::StatusOr<std::optional<key::v1::KeyRow>> Newest(const KeyName& name) const;
  // Of every class and generation.
  absl::StatusOr<std::vector<key::v1::KeyRow>> AllOf(std::string_view tenant, std::uint32_t kind,
                                                     std::string_view ref) const;
  absl::StatusOr<std::optional<key::v1::KeyRow>> Upper(std::string_view tenant,
                                                       std::uint32_t data_class,
                                                       std::uint64_t epoch) const;
  absl::StatusOr<key::v1::LedgerMark> Ledger() const;

  // Whole or not at all, and on the disk when it returns.
  class Change {
   public:
    void Put(const key::v1::KeyRow& row);
    void PutUpper(const key::v1::KeyRow& row);
    void Delete(const key::v1::KeyRow& row);
    void Set(const key::v1::LedgerMark& mark);
    bool empty() const { return batch_.empty(); }

   private:
    friend class KeyStore;
    storage::Batch batch_;
  };
  absl::Status Apply(Change& change);

  // No file holds what was deleted when it returns.
  absl::Status Expunge() { return store_->Expunge(); }

 private:
  explicit KeyStore(std::unique_ptr<storage::Store> store) : store_(std::move(store)) {}
  template <class Row>
  absl::StatusOr<std::optional<Row>> Get(std::string_view family, std::string_view key) const;

  const std::unique_ptr<storage::Store> store_;
};

}  // namespace holdfast::keyvault
