#include "testing/memory_key_vault.h"

#include <algorithm>
#include <memory>

#include "security/principal.h"

namespace holdfast::testing {

using security::LeasedKey;
using security::Opening;
using security::SecretKey;
using type::v1::Personal;

const MemoryKeyVault::Kept& MemoryKeyVault::KeyOf(const Name& name) {
  Kept& kept = keys_[name];
  if (kept.key_id.empty()) {
    kept.key = SecretKey::Generate(random_);
    kept.key_id = std::string(SecretKey::Generate(random_).view().substr(0, security::kKeyIdBytes));
  }
  return kept;
}

const SecretKey* MemoryKeyVault::Find(std::string_view key_id) const {
  for (const auto& [name, kept] : keys_) {
    if (kept.key_id == key_id) return &kept.key;
  }
  return nullptr;
}

absl::StatusOr<std::vector<LeasedKey>> MemoryKeyVault::LeaseForSealing(
    const security::LeaseRequest& request) {
  if (broken_.load()) return absl::UnavailableError("the keyvault is away");
  leases_.fetch_add(1);
  const absl::MutexLock lock(&mutex_);
  std::vector<LeasedKey> all;
  for (const security::KeyOwner& owner : request.owners) {
    std::vector<const Kept*> kept;
    std::map<const Kept*, std::string> refs;
    for (const std::string& ref : owner.refs) {
      kept.push_back(&KeyOf({request.tenant, static_cast<int>(owner.data_class), ref}));
      refs[kept.back()] = ref;
    }
    std::ranges::sort(kept, {}, &Kept::key_id);
    LeasedKey leased;
    leased.owner = owner;
    leased.lease_id = std::string(security::kLeaseIdBytes, 'l');
    leased.expires_at = clock_.Now() + absl::Seconds(60);
    std::vector<const SecretKey*> secrets;
    for (const Kept* one : kept) {
      auto& key = leased.keys.emplace_back();
      key.set_key_id(one->key_id);
      key.set_generation(1);
      key.set_ref(refs[one]);
      secrets.push_back(&one->key);
    }
    leased.lease_key = security::LeaseKeyOf(secrets, owner.kind == options::v1::KeyKind::LINK,
                                            leased.lease_id, request.tenant, request.context);
    all.push_back(std::move(leased));
  }
  return all;
}

absl::StatusOr<std::vector<Opening>> MemoryKeyVault::Open(
    const security::VerifiedPrincipal& principal, const security::AuditReceipt&,
    std::span<const journal::v1::SealedField> headers) {
  if (broken_.load()) return absl::UnavailableError("the keyvault is away");
  const absl::MutexLock lock(&mutex_);
  std::vector<Opening> openings;
  for (const journal::v1::SealedField& header : headers) {
    Opening& opening = openings.emplace_back();
    std::vector<const SecretKey*> secrets;
    for (const auto& key : header.keys()) {
      secrets.push_back(Find(key.key_id()));
      if (secrets.back() == nullptr) opening.withheld = Personal::Withheld::ERASED;
      if (restricted_.contains(key.ref())) opening.withheld = Personal::Withheld::RESTRICTED;
    }
    if (header.origin().tenant() != principal.tenant())
      opening.withheld = Personal::Withheld::NOT_PERMITTED;
    if (opening.withheld != Personal::Withheld::REASON_UNSPECIFIED) continue;
    const SecretKey lease_key = security::LeaseKeyOf(
        secrets, header.kind() == options::v1::KeyKind::LINK, header.lease_id(),
        header.origin().tenant(), header.origin().context());
    opening.keys =
        security::ValueKeysOf(lease_key.view(), header.salt(), security::AssociatedData(header));
  }
  return openings;
}

absl::StatusOr<security::MacKey> MemoryKeyVault::LeaseMacKey(std::string_view tenant,
                                                             std::string_view use) {
  if (broken_.load()) return absl::UnavailableError("the keyvault is away");
  const absl::MutexLock lock(&mutex_);
  return security::MacKey{7, security::SubkeyOf(KeyOf({std::string(tenant), 0, ""}).key, use)};
}

absl::Status MemoryKeyVault::Restrict(const security::KeyOrder& order) {
  const absl::MutexLock lock(&mutex_);
  restricted_.insert(order.ref);
  return absl::OkStatus();
}

absl::Status MemoryKeyVault::Lift(const security::KeyOrder& order) {
  const absl::MutexLock lock(&mutex_);
  restricted_.erase(order.ref);
  return absl::OkStatus();
}

absl::StatusOr<std::size_t> MemoryKeyVault::Destroy(const security::KeyOrder& order) {
  const absl::MutexLock lock(&mutex_);
  destructions_.fetch_add(1);
  return std::erase_if(keys_, [&order](const auto& entry) {
    return std::get<0>(entry.first) == order.tenant && std::get<2>(entry.first) == order.ref;
  });
}

}  // namespace holdfast::testing
