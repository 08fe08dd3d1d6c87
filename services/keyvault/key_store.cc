#include "keyvault/key_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/hash.h"
#include "base/status_macros.h"

namespace holdfast::keyvault {
namespace {

using key::v1::KeyRow;

constexpr std::string_view kKeys = "keys";
constexpr std::string_view kNames = "names";
constexpr std::string_view kUpper = "upper";
constexpr std::string_view kMeta = "meta";
constexpr std::string_view kLedger = "ledger";

// Of every class and generation.
std::string NamePrefix(std::string_view tenant, std::uint32_t kind, std::string_view ref) {
  std::string key(tenant);
  key.push_back('\0');
  AppendBigEndian32(key, kind);
  key.append(ref).push_back('\0');
  return key;
}
std::string NamePrefix(const KeyName& name) {
  std::string key = NamePrefix(name.tenant, name.kind, name.ref);
  AppendBigEndian32(key, name.data_class);
  return key;
}
std::string NameKey(const KeyRow& row) {
  std::string key = NamePrefix({row.tenant(), row.kind(), row.ref(), row.class_()});
  AppendBigEndian32(key, row.generation());
  return key;
}
std::string UpperKey(std::string_view tenant, std::uint32_t data_class, std::uint64_t epoch) {
  std::string key(tenant);
  key.push_back('\0');
  AppendBigEndian32(key, data_class);
  AppendBigEndian64(key, epoch);
  return key;
}

}  // namespace

absl::StatusOr<std::unique_ptr<KeyStore>> KeyStore::Open(const std::string& folder) {
  storage::StoreOptions options;
  options.folder = folder;
  options.families = {std::string(kKeys), std::string(kNames), std::string(kUpper),
                      std::string(kMeta)};
  options.profile = storage::Profile::kLog;
  options.metrics_name = "keys";
  ASSIGN_OR_RETURN(std::unique_ptr<storage::Store> store, storage::Store::Open(options));
  return std::unique_ptr<KeyStore>(new KeyStore(std::move(store)));
}

template <class Row>
absl::StatusOr<std::optional<Row>> KeyStore::Get(std::string_view family,
                                                 std::string_view key) const {
  ASSIGN_OR_RETURN(const std::optional<std::string> bytes, store_->Get(family, key));
  if (!bytes) return std::nullopt;
  Row row;
  if (!row.ParseFromString(*bytes)) {
    return absl::DataLossError(
        "a row of the key store cannot be read: restore the keyvault from its backup");
  }
  return row;
}

absl::StatusOr<std::optional<KeyRow>> KeyStore::Find(std::string_view key_id) const {
  return Get<KeyRow>(kKeys, key_id);
}

absl::StatusOr<std::optional<KeyRow>> KeyStore::Newest(const KeyName& name) const {
  std::optional<std::string> key_id;
  RETURN_IF_ERROR(store_->ScanBackwards(kNames, NamePrefix(name),
                                        [&key_id](std::string_view, std::string_view value) {
                                          key_id = std::string(value);
                                          return false;
                                        }));
  if (!key_id) return std::nullopt;
  return Find(*key_id);
}

absl::StatusOr<std::vector<KeyRow>> KeyStore::AllOf(std::string_view tenant, std::uint32_t kind,
                                                    std::string_view ref) const {
  std::vector<std::string> key_ids;
  RETURN_IF_ERROR(store_->Scan(kNames, NamePrefix(tenant, kind, ref), std::nullopt,
                               [&key_ids](std::string_view, std::string_view value) {
                                 key_ids.emplace_back(value);
                                 return true;
                               }));
  std::vector<KeyRow> rows;
  for (const std::string& key_id : key_ids) {
    ASSIGN_OR_RETURN(std::optional<KeyRow> row, Find(key_id));
    if (row) rows.push_back(*std::move(row));
  }
  return rows;
}

absl::StatusOr<std::optional<KeyRow>> KeyStore::Upper(std::string_view tenant,
                                                      std::uint32_t data_class,
                                                      std::uint64_t epoch) const {
  return Get<KeyRow>(kUpper, UpperKey(tenant, data_class, epoch));
}

absl::StatusOr<key::v1::LedgerMark> KeyStore::Ledger() const {
  ASSIGN_OR_RETURN(std::optional<key::v1::LedgerMark> mark,
                   Get<key::v1::LedgerMark>(kMeta, kLedger));
  return mark.value_or(key::v1::LedgerMark());
}

void KeyStore::Change::Put(const KeyRow& row) {
  batch_.Put(kKeys, row.key_id(), row.SerializeAsString());
  batch_.Put(kNames, NameKey(row), row.key_id());
}
void KeyStore::Change::PutUpper(const KeyRow& row) {
  batch_.Put(kUpper, UpperKey(row.tenant(), row.class_(), row.epoch()), row.SerializeAsString());
}
void KeyStore::Change::Delete(const KeyRow& row) {
  batch_.Delete(kKeys, row.key_id());
  batch_.Delete(kNames, NameKey(row));
}
void KeyStore::Change::Set(const key::v1::LedgerMark& mark) {
  batch_.Put(kMeta, kLedger, mark.SerializeAsString());
}

absl::Status KeyStore::Apply(Change& change) {
  return store_->Write(change.batch_, storage::Sync::kYes);
}

}  // namespace holdfast::keyvault
