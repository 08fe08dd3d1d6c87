// A keyvault in memory, for tests and measurements of what uses one.
#pragma once

#include <atomic>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "base/random.h"
#include "security/key_vault.h"

namespace holdfast::testing {

// Opens to anybody of the tenant, for any receipt. Thread-safe where `random` is.
class MemoryKeyVault final : public security::KeyVault {
 public:
  MemoryKeyVault(const Clock& clock, Random& random) : clock_(clock), random_(random) {}

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

  // From now on it cannot be reached, or can again.
  void Break(bool broken) { broken_.store(broken); }
  // How often it was asked for leases.
  std::size_t leases() const { return leases_.load(); }

 private:
  // Tenant, class, ref; a link's persons have their own.
  using Name = std::tuple<std::string, int, std::string>;
  struct Kept {
    std::string key_id;
    security::SecretKey key;
  };
  const Kept& KeyOf(const Name& name) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  const security::SecretKey* Find(std::string_view key_id) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;
  Random& random_;
  std::atomic<bool> broken_{false};
  std::atomic<std::size_t> leases_{0};
  std::atomic<std::uint64_t> destructions_{0};
  absl::Mutex mutex_;
  std::map<Name, Kept> keys_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> restricted_ ABSL_GUARDED_BY(mutex_);  // refs
};

}  // namespace holdfast::testing
