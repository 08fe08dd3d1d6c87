#include "testing/people.h"

#include <memory>
#include <utility>

#include "base/check.h"
#include "base/random.h"
#include "security/development_issuer.h"
#include "security/directory.h"
#include "security/token_verifier.h"

namespace holdfast::testing {
namespace {

class OfOneMember final : public security::Directory {
 public:
  explicit OfOneMember(std::vector<options::v1::Role::Code> roles) {
    security::Member member;
    member.agency = "police";
    member.actor_ref = "someone";
    member.roles = std::move(roles);
    member_ = std::make_shared<const security::Member>(std::move(member));
  }
  std::shared_ptr<const security::Member> Find(std::string_view, std::string_view,
                                               std::string_view) const override {
    return member_;
  }
  bool HasTenant(std::string_view) const override { return true; }
  std::string TenantName(std::string_view tenant) const override { return std::string(tenant); }

 private:
  std::shared_ptr<const security::Member> member_;
};

}  // namespace

security::Principal PersonWith(std::string_view tenant,
                               std::vector<options::v1::Role::Code> roles) {
  static const auto& development = *new security::DevelopmentIssuer(SystemClock(), SystemRandom());
  const security::TokenVerifier verifier({development.Trust({std::string(tenant)})}, SystemClock());
  const OfOneMember directory(std::move(roles));
  security::PrincipalIssuer issuer(verifier, directory, SystemClock());
  auto principal = issuer.Admit("Bearer " + development.Issue(tenant, "someone").text);
  HOLDFAST_CHECK(principal.ok());
  return *std::move(principal);
}

std::vector<security::AuditRecord> NotedAudit::records() const {
  const absl::MutexLock lock(&mutex_);
  return records_;
}

void NotedAudit::Break(bool broken) {
  const absl::MutexLock lock(&mutex_);
  broken_ = broken;
}

absl::StatusOr<NotedAudit::Leaf> NotedAudit::Append(const security::AuditRecord& record) {
  const absl::MutexLock lock(&mutex_);
  if (broken_) return absl::UnavailableError("the audit log takes nothing");
  records_.push_back(record);
  Leaf leaf;
  leaf.seq = records_.size();
  leaf.expires_at = clock_.Now() + absl::Seconds(60);
  return leaf;
}

}  // namespace holdfast::testing
