// The keyvault itself: keys of tenants, people and records in a store of their own, each under the
// one above it.
//
//   L0 root (root_key.h) > L1 of (tenant, class, epoch) > L2 of a person, a record, a tenant's MACs
//
// No key of L2 leaves it: writers get what is derived of it for a lease, readers for a value.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "keyvault/consultation_limit.h"
#include "keyvault/key_store.h"
#include "keyvault/root_key.h"
#include "keyvault/shred_ledger.h"
#include "security/key_vault.h"

namespace holdfast {
class Clock;
class Random;
}  // namespace holdfast

namespace holdfast::keyvault {

// May this principal see what the header labels? Asked for its own tenant's values alone.
using MayOpen =
    std::function<bool(const security::VerifiedPrincipal&, const journal::v1::SealedField&)>;

struct LocalKeyVaultOptions {
  std::string key_folder;
  // Best on another volume, and never restored from an older copy.
  std::string ledger_folder;
  std::unique_ptr<RootKey> root;
  Clock* clock = nullptr;    // borrowed
  Random* random = nullptr;  // borrowed; of the operating system
  MayOpen may_open;
  // What the ledger must have reached, as others know it.
  ShredLedger::Mark minimum_checkpoint;
};

class LocalKeyVault final : public security::KeyVault {
 public:
  // Replays the shred ledger, destroys what it lists, and only then serves. kFailedPrecondition
  // where the ledger is shorter than the store or the checkpoint know it to be.
  static absl::StatusOr<std::unique_ptr<LocalKeyVault>> Open(LocalKeyVaultOptions options);

  absl::StatusOr<std::vector<security::LeasedKey>> LeaseForSealing(
      const security::LeaseRequest& request) override;
  absl::StatusOr<std::vector<security::Opening>> Open(
      const security::VerifiedPrincipal& principal, const security::AuditReceipt& receipt,
      std::span<const journal::v1::SealedField> headers) override;
  absl::StatusOr<security::MacKey> LeaseMacKey(std::string_view tenant,
                                               std::string_view use) override;
  absl::Status Restrict(const security::KeyOrder& order) override;
  absl::Status Lift(const security::KeyOrder& order) override;
  absl::StatusOr<std::size_t> Destroy(const security::KeyOrder& order) override;
  std::uint64_t destructions() const override { return destructions_.load(); }

  // For who keeps checkpoints.
  ShredLedger::Mark ledger_mark() const;

 private:
  using UpperName = std::pair<std::string, std::uint32_t>;  // tenant, class

  LocalKeyVault(LocalKeyVaultOptions options, std::unique_ptr<KeyStore> store, ShredLedger ledger)
      : options_(std::move(options)), store_(std::move(store)), ledger_(std::move(ledger)) {}

  absl::Status Replay() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status CheckLedger() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Shred(const std::vector<key::v1::KeyRow>& rows)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::StatusOr<const security::SecretKey*> UpperKeyOf(const std::string& tenant,
                                                        std::uint32_t data_class)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<security::SecretKey> Unwrapped(const key::v1::KeyRow& row)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // The rows of one request, with those that it makes.
  class Provision;
  absl::StatusOr<security::LeasedKey> LeaseOf(const security::LeaseRequest& request,
                                              const security::KeyOwner& owner,
                                              const std::string& lease_id, Provision& provision)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<security::Opening> OpeningOf(const security::VerifiedPrincipal& principal,
                                              const journal::v1::SealedField& header)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status SetRestricted(const security::KeyOrder& order, bool restricted);

  const LocalKeyVaultOptions options_;
  const std::unique_ptr<KeyStore> store_;
  std::atomic<std::uint64_t> destructions_{0};
  mutable absl::Mutex mutex_;
  ShredLedger ledger_ ABSL_GUARDED_BY(mutex_);
  ConsultationLimit limit_ ABSL_GUARDED_BY(mutex_);
  std::map<UpperName, security::SecretKey> upper_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace holdfast::keyvault
