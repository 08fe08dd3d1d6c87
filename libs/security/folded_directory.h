// Who may do what, folded from the accepted commits of the directory: what every door asks.
//
//   commits --Apply--> facts by tenant --Find--> an immutable Member, the same one until it changes
//
// A tenant of which no fact tells is the configuration's, where there is one; from its registration
// on its facts alone count.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/directory/v1/events.pb.h"

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "security/directory.h"
#include "security/subject_mac.h"

namespace holdfast {
class Clock;
}

namespace holdfast::journal::v1 {
class Commit;
}

namespace holdfast::security {

// Whom a registered tenant waits for: the directory enters both into the tenant's own history.
struct AwaitedAdministrator {
  std::string tenant;
  directory::v1::FirstAdministrator first;
};

// Thread-safe.
class FoldedDirectory final : public Directory {
 public:
  struct Parts {
    const SubjectMacs* macs = nullptr;
    const Clock* clock = nullptr;
    const Directory* configured = nullptr;  // may be null
    bool administrators_operate = false;    // in a demonstration
    std::function<absl::Status()> current;  // may be empty: always
  };
  explicit FoldedDirectory(Parts parts);  // all borrowed
  ~FoldedDirectory() override;

  // The next accepted commit of its tenant in the context `directory`. An event that this build
  // does not know closes the tenant: what it took away must not be honoured.
  void Apply(const journal::v1::Commit& commit);

  std::shared_ptr<const Member> Find(std::string_view tenant, std::string_view issuer,
                                     std::string_view subject) const override;
  bool HasTenant(std::string_view tenant) const override;
  std::string TenantName(std::string_view tenant) const override;
  PolicyEpoch EpochOf(std::string_view tenant) const override;
  absl::Status Current() const override;
  std::string EnrolmentCode(std::string_view tenant, std::string_view issuer,
                            std::string_view subject) const override;
  std::optional<PublicSite> FindPublic(std::string_view slug) const override;

  // Ever registered; the operator always.
  bool HasRegistered(std::string_view tenant) const;
  // A member of the tenant who was given a role and areas, or has left.
  bool HasEntered(std::string_view tenant, std::string_view member) const;
  // Registered with a first administrator who is no member yet.
  std::vector<AwaitedAdministrator> Awaited() const;
  std::optional<directory::v1::QuotaFigures> QuotaOf(std::string_view tenant) const;

  // Calls `done` once the tenant's facts are folded as far as `seq`; at once where they are. On the
  // thread that folds.
  void WhenFolded(std::string_view tenant, std::uint64_t seq, absl::AnyInvocable<void()> done);
  // From now on nobody waits: nothing more is folded, or the process ends.
  void GiveUpWaiting();

 private:
  struct Person;
  struct Tenant;
  struct Waiting;
  class Fold;
  using Tenants = std::map<std::string, std::unique_ptr<Tenant>, std::less<>>;

  const Tenant* FindTenant(std::string_view slug) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  Tenant& TenantAt(const std::string& slug) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::shared_ptr<const Member> Renew(std::string_view tenant, const std::string& mac) const;
  std::shared_ptr<const Member> MemberOf(const Tenant& tenant, Person& person,
                                         std::string_view slug) const;

  const Parts parts_;
  mutable absl::Mutex mutex_;
  mutable Tenants tenants_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, PublicSite, std::less<>> public_sites_ ABSL_GUARDED_BY(mutex_);
  bool given_up_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace holdfast::security
