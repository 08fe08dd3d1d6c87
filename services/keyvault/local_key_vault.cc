#include "keyvault/local_key_vault.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "base/timestamps.h"
#include "observability/log.h"
#include "security/audit_receipt.h"
#include "security/principal.h"

namespace holdfast::keyvault {
namespace {

using journal::v1::SealedField;
using key::v1::KeyRow;
using options::v1::KeyKind;
using security::KeyOwner;
using security::LabelWriter;
using security::LeasedKey;
using security::Opening;
using security::SecretKey;
using type::v1::Personal;

constexpr absl::Duration kLease = absl::Seconds(60);
constexpr std::size_t kMaxRef = 1024;
// Neither a class nor a kind: the key of a tenant's MACs.
constexpr std::uint32_t kOfTenant = 0;
constexpr std::uint32_t kVaultsMacKeys = 0x8000'0000U;

std::string LabelsOf(const KeyRow& row) {
  return LabelWriter()
      .Add("holdfast/wrap/1")
      .Add(row.tenant())
      .Add(std::uint64_t{row.class_()})
      .Add(std::uint64_t{row.kind()})
      .Add(row.key_id())
      .Add(std::uint64_t{row.generation()})
      .Add(row.epoch())
      .Take();
}

std::string RandomBytes(Random& random, std::size_t size) {
  std::string bytes(size, '\0');
  random.Fill({reinterpret_cast<std::uint8_t*>(bytes.data()), size});
  return bytes;
}

bool IsRef(std::string_view ref) {
  return !ref.empty() && ref.size() <= kMaxRef && ref.find('\0') == std::string_view::npos;
}

absl::Status CheckOwner(const KeyOwner& owner) {
  const bool link = owner.kind == KeyKind::LINK;
  const std::size_t most = link ? security::kMaxKeysOfLink : 1;
  const bool known = owner.kind != KeyKind::CODE_UNSPECIFIED &&
                     owner.data_class != options::v1::DataClass::CODE_UNSPECIFIED;
  if (!known) return absl::InvalidArgumentError("a key has a class and a kind");
  if (owner.refs.empty() || owner.refs.size() > most)
    return absl::InvalidArgumentError("a key has one owner, a link two to eight");
  if (!std::ranges::all_of(owner.refs, IsRef))
    return absl::InvalidArgumentError("the owner of a key is named in 1 to 1,024 bytes");
  return absl::OkStatus();
}

absl::Status CheckOrder(const security::KeyOrder& order) {
  const bool one_owner = order.kind == KeyKind::SUBJECT || order.kind == KeyKind::RECORD;
  if (order.tenant.empty() || order.case_id.empty() || !one_owner || !IsRef(order.ref)) {
    return absl::InvalidArgumentError(
        "an order names its tenant and case, and a person or a record");
  }
  if (order.requested_by.empty() || order.approved_by.empty() ||
      order.requested_by == order.approved_by) {
    return ErrorWithReason(absl::StatusCode::kFailedPrecondition, "SAME_PERSON",
                           "Keys are restricted and destroyed by two different people. Ask a "
                           "second one to approve.");
  }
  return absl::OkStatus();
}

Opening Shut(Personal::Withheld::Reason reason) {
  return {std::nullopt, reason};
}

}  // namespace

// --- Starting.

absl::StatusOr<std::unique_ptr<LocalKeyVault>> LocalKeyVault::Open(LocalKeyVaultOptions options) {
  HOLDFAST_CHECK(options.root != nullptr && options.may_open != nullptr);
  ASSIGN_OR_RETURN(std::unique_ptr<KeyStore> store, KeyStore::Open(options.key_folder));
  ASSIGN_OR_RETURN(ShredLedger ledger, ShredLedger::Open(options.ledger_folder));
  std::unique_ptr<LocalKeyVault> vault(
      new LocalKeyVault(std::move(options), std::move(store), std::move(ledger)));
  const absl::MutexLock lock(&vault->mutex_);
  RETURN_IF_ERROR(vault->CheckLedger());
  RETURN_IF_ERROR(vault->Replay());
  return vault;
}

absl::Status LocalKeyVault::CheckLedger() {
  ASSIGN_OR_RETURN(const key::v1::LedgerMark stored, store_->Ledger());
  ShredLedger::Mark known{stored.entries(), {}};
  if (stored.head().size() == known.head.size())
    std::copy(stored.head().begin(), stored.head().end(), known.head.begin());
  if (ledger_.Continues(known) && ledger_.Continues(options_.minimum_checkpoint))
    return absl::OkStatus();
  const std::uint64_t wanted = std::max(known.entries, options_.minimum_checkpoint.entries);
  return absl::FailedPreconditionError(absl::StrCat(
      "the keyvault stays down: its shred ledger in ", options_.ledger_folder, " has ",
      ledger_.mark().entries, " entries, and must have the ", wanted,
      " that are known of. Restore the ledger whole: without it keys that were destroyed could "
      "come back"));
}

// An old copy of the store may hold keys that were destroyed since.
absl::Status LocalKeyVault::Replay() {
  std::vector<KeyRow> rows;
  for (const std::string& key_id : ledger_.key_ids()) {
    ASSIGN_OR_RETURN(std::optional<KeyRow> row, store_->Find(key_id));
    if (row) rows.push_back(*std::move(row));
  }
  if (!rows.empty()) log::Warn("keys_destroyed_again", log::Count(rows.size()));
  return Shred(rows);
}

absl::Status LocalKeyVault::Shred(const std::vector<KeyRow>& rows) {
  KeyStore::Change change;
  for (const KeyRow& row : rows) change.Delete(row);
  key::v1::LedgerMark mark;
  mark.set_entries(ledger_.mark().entries);
  mark.set_head(std::string(AsBytes(ledger_.mark().head)));
  ASSIGN_OR_RETURN(const key::v1::LedgerMark before, store_->Ledger());
  if (before.entries() != mark.entries()) change.Set(mark);
  if (change.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(store_->Apply(change));
  return rows.empty() ? absl::OkStatus() : store_->Expunge();
}

ShredLedger::Mark LocalKeyVault::ledger_mark() const {
  const absl::MutexLock lock(&mutex_);
  return ledger_.mark();
}

// --- Keys.

absl::StatusOr<const SecretKey*> LocalKeyVault::UpperKeyOf(const std::string& tenant,
                                                           std::uint32_t data_class) {
  const auto found = upper_.find({tenant, data_class});
  if (found != upper_.end()) return &found->second;
  const std::uint64_t epoch = options_.root->epoch();
  ASSIGN_OR_RETURN(std::optional<KeyRow> row, store_->Upper(tenant, data_class, epoch));
  std::optional<SecretKey> key;
  if (row) {
    ASSIGN_OR_RETURN(key, options_.root->Unwrap(row->wrapped(), LabelsOf(*row)));
  } else {
    key = SecretKey::Generate(*options_.random);
    KeyRow made;
    made.set_key_id(RandomBytes(*options_.random, security::kKeyIdBytes));
    made.set_tenant(tenant);
    made.set_class_(data_class);
    made.set_generation(1);
    made.set_epoch(epoch);
    ASSIGN_OR_RETURN(*made.mutable_wrapped(), options_.root->Wrap(*key, LabelsOf(made)));
    KeyStore::Change change;
    change.PutUpper(made);
    RETURN_IF_ERROR(store_->Apply(change));
  }
  return &upper_.emplace(UpperName{tenant, data_class}, *std::move(key)).first->second;
}

absl::StatusOr<SecretKey> LocalKeyVault::Unwrapped(const KeyRow& row) {
  ASSIGN_OR_RETURN(const SecretKey* upper, UpperKeyOf(row.tenant(), row.class_()));
  std::optional<SecretKey> key = security::UnwrapKey(upper->view(), row.wrapped(), LabelsOf(row));
  if (key) return *std::move(key);
  return absl::DataLossError(
      "a key of the key store does not open under the one above it: restore the keyvault from its "
      "backup");
}

// What one request needs: the keys that are there, and those that are made for it in one write.
class LocalKeyVault::Provision {
 public:
  explicit Provision(LocalKeyVault& vault) : vault_(vault) {}

  struct Key {
    KeyRow row;
    SecretKey key;
  };
  absl::StatusOr<const Key*> Of(const KeyName& name) ABSL_EXCLUSIVE_LOCKS_REQUIRED(vault_.mutex_) {
    const auto id = std::tuple(name.tenant, name.kind, name.ref, name.data_class);
    const auto known = keys_.find(id);
    if (known != keys_.end()) return &known->second;
    ASSIGN_OR_RETURN(std::optional<KeyRow> row, vault_.store_->Newest(name));
    Key key;
    if (row) {
      ASSIGN_OR_RETURN(key.key, vault_.Unwrapped(*row));
      key.row = *std::move(row);
    } else {
      ASSIGN_OR_RETURN(key, Made(name));
    }
    return &keys_.emplace(id, std::move(key)).first->second;
  }
  // Before any of them is used.
  absl::Status Keep() ABSL_EXCLUSIVE_LOCKS_REQUIRED(vault_.mutex_) {
    return made_.empty() ? absl::OkStatus() : vault_.store_->Apply(made_);
  }

 private:
  absl::StatusOr<Key> Made(const KeyName& name) ABSL_EXCLUSIVE_LOCKS_REQUIRED(vault_.mutex_) {
    Random& random = *vault_.options_.random;
    Key key;
    key.key = SecretKey::Generate(random);
    key.row.set_key_id(RandomBytes(random, security::kKeyIdBytes));
    key.row.set_tenant(name.tenant);
    key.row.set_class_(name.data_class);
    key.row.set_kind(name.kind);
    key.row.set_ref(name.ref);
    key.row.set_generation(1);
    key.row.set_epoch(vault_.options_.root->epoch());
    ASSIGN_OR_RETURN(const SecretKey* upper, vault_.UpperKeyOf(name.tenant, name.data_class));
    key.row.set_wrapped(security::WrapKey(upper->view(), key.key, LabelsOf(key.row), random));
    made_.Put(key.row);
    return key;
  }

  LocalKeyVault& vault_;
  std::map<std::tuple<std::string, std::uint32_t, std::string, std::uint32_t>, Key> keys_;
  KeyStore::Change made_;
};

absl::StatusOr<LeasedKey> LocalKeyVault::LeaseOf(const security::LeaseRequest& request,
                                                 const KeyOwner& owner, const std::string& lease_id,
                                                 Provision& provision) {
  const bool link = owner.kind == KeyKind::LINK;
  std::vector<const Provision::Key*> keys;
  for (const std::string& ref : owner.refs) {
    // A link hangs on the persons' own keys.
    const auto kind = static_cast<std::uint32_t>(link ? KeyKind::SUBJECT : owner.kind);
    ASSIGN_OR_RETURN(
        const Provision::Key* key,
        provision.Of({request.tenant, kind, ref, static_cast<std::uint32_t>(owner.data_class)}));
    keys.push_back(key);
  }
  std::ranges::sort(keys, {}, [](const Provision::Key* key) { return key->row.key_id(); });

  LeasedKey leased;
  leased.owner = owner;
  leased.lease_id = lease_id;
  std::vector<const SecretKey*> secrets;
  for (const Provision::Key* key : keys) {
    SealedField::Key& named = leased.keys.emplace_back();
    named.set_key_id(key->row.key_id());
    named.set_generation(key->row.generation());
    named.set_ref(key->row.ref());
    secrets.push_back(&key->key);
  }
  leased.lease_key = security::LeaseKeyOf(secrets, link, lease_id, request.tenant, request.context);
  return leased;
}

absl::StatusOr<std::vector<LeasedKey>> LocalKeyVault::LeaseForSealing(
    const security::LeaseRequest& request) {
  if (request.tenant.empty() || request.context.empty() || request.owners.empty() ||
      request.owners.size() > security::kMaxOwnersOfLease) {
    return absl::InvalidArgumentError(
        "a lease names its tenant and context, and 1 to 256 owners of keys");
  }
  for (const KeyOwner& owner : request.owners) RETURN_IF_ERROR(CheckOwner(owner));
  const std::string lease_id = RandomBytes(*options_.random, security::kLeaseIdBytes);
  const absl::Time expires_at = options_.clock->Now() + kLease;
  std::vector<LeasedKey> leased;
  const absl::MutexLock lock(&mutex_);
  Provision provision(*this);
  for (const KeyOwner& owner : request.owners) {
    ASSIGN_OR_RETURN(LeasedKey key, LeaseOf(request, owner, lease_id, provision));
    key.expires_at = expires_at;
    leased.push_back(std::move(key));
  }
  RETURN_IF_ERROR(provision.Keep());
  return leased;
}

absl::StatusOr<security::MacKey> LocalKeyVault::LeaseMacKey(std::string_view tenant,
                                                            std::string_view use) {
  if (tenant.empty() || use.empty())
    return absl::InvalidArgumentError("a MAC key has a tenant and a use");
  const absl::MutexLock lock(&mutex_);
  Provision provision(*this);
  ASSIGN_OR_RETURN(const Provision::Key* key,
                   provision.Of({std::string(tenant), kOfTenant, "", kOfTenant}));
  RETURN_IF_ERROR(provision.Keep());
  // Another keyvault's key has another number, and so has that of the file of old (1).
  return security::MacKey{
      ReadBigEndian32(key->row.key_id()) | kVaultsMacKeys,
      security::SubkeyOf(key->key, absl::StrCat("holdfast/mac/1/", std::string(use)))};
}

// --- Opening.

absl::StatusOr<Opening> LocalKeyVault::OpeningOf(const security::VerifiedPrincipal& principal,
                                                 const SealedField& header) {
  if (!security::IsWholeHeader(header)) return Shut(Personal::Withheld::DAMAGED);
  const std::string& tenant = header.origin().tenant();
  if (tenant != principal.tenant() || !options_.may_open(principal, header))
    return Shut(Personal::Withheld::NOT_PERMITTED);
  std::vector<SecretKey> keys;
  bool restricted = false;
  for (const SealedField::Key& named : header.keys()) {
    if (ledger_.Lists(named.key_id())) return Shut(Personal::Withheld::ERASED);
    ASSIGN_OR_RETURN(const std::optional<KeyRow> row, store_->Find(named.key_id()));
    // Not of this store: it was restored without its keys, or is another's.
    if (!row) return Shut(Personal::Withheld::UNAVAILABLE);
    if (row->tenant() != tenant) return Shut(Personal::Withheld::NOT_PERMITTED);
    restricted |= row->restricted();
    ASSIGN_OR_RETURN(SecretKey key, Unwrapped(*row));
    keys.push_back(std::move(key));
  }
  if (restricted) return Shut(Personal::Withheld::RESTRICTED);
  std::vector<const SecretKey*> borrowed;
  borrowed.reserve(keys.size());
  for (const SecretKey& key : keys) borrowed.push_back(&key);
  const SecretKey lease_key =
      security::LeaseKeyOf(borrowed, header.kind() == KeyKind::LINK, header.lease_id(), tenant,
                           header.origin().context());
  return Opening{
      security::ValueKeysOf(lease_key.view(), header.salt(), security::AssociatedData(header)),
      Personal::Withheld::REASON_UNSPECIFIED};
}

absl::StatusOr<std::vector<Opening>> LocalKeyVault::Open(
    const security::VerifiedPrincipal& principal, const security::AuditReceipt& receipt,
    std::span<const SealedField> headers) {
  if (receipt.tenant() != principal.tenant() || receipt.expires_at() <= options_.clock->Now() ||
      receipt.rows() < headers.size() || headers.size() > security::kMaxHeadersOfOpening) {
    return absl::PermissionDeniedError("the audit receipt does not cover what is to be opened");
  }
  std::vector<Opening> openings;
  openings.reserve(headers.size());
  const absl::MutexLock lock(&mutex_);
  if (!limit_.Allows(principal.tenant(), principal.actor_ref(), headers, options_.clock->Now())) {
    return absl::PermissionDeniedError(
        "this reader was shown more people in a minute than anybody may be");
  }
  for (const SealedField& header : headers) {
    ASSIGN_OR_RETURN(Opening opening, OpeningOf(principal, header));
    openings.push_back(std::move(opening));
  }
  return openings;
}

// --- Orders.

absl::Status LocalKeyVault::SetRestricted(const security::KeyOrder& order, bool restricted) {
  RETURN_IF_ERROR(CheckOrder(order));
  const absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(std::vector<KeyRow> rows,
                   store_->AllOf(order.tenant, static_cast<std::uint32_t>(order.kind), order.ref));
  KeyStore::Change change;
  for (KeyRow& row : rows) {
    row.set_restricted(restricted);
    change.Put(row);
  }
  return change.empty() ? absl::OkStatus() : store_->Apply(change);
}

absl::Status LocalKeyVault::Restrict(const security::KeyOrder& order) {
  return SetRestricted(order, true);
}
absl::Status LocalKeyVault::Lift(const security::KeyOrder& order) {
  return SetRestricted(order, false);
}

absl::StatusOr<std::size_t> LocalKeyVault::Destroy(const security::KeyOrder& order) {
  RETURN_IF_ERROR(CheckOrder(order));
  const absl::MutexLock lock(&mutex_);
  ASSIGN_OR_RETURN(const std::vector<KeyRow> rows,
                   store_->AllOf(order.tenant, static_cast<std::uint32_t>(order.kind), order.ref));
  if (rows.empty()) return 0;
  // The ledger first: whatever happens then, the next start goes on from here.
  key::v1::ShredEntry entry;
  entry.set_tenant(order.tenant);
  entry.set_case_id(order.case_id);
  *entry.mutable_at() = ToTimestamp(options_.clock->Now());
  for (const KeyRow& row : rows) entry.add_key_id(row.key_id());
  RETURN_IF_ERROR(ledger_.Append(std::move(entry)));
  destructions_.fetch_add(1);
  RETURN_IF_ERROR(Shred(rows));
  log::Info("keys_destroyed", log::Tenant(order.tenant), log::Count(rows.size()));
  return rows.size();
}

}  // namespace holdfast::keyvault
