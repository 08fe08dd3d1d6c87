#include "security/principal_issuer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "security/directory.h"

namespace holdfast::security {
namespace {

constexpr absl::Duration kRemember = absl::Seconds(60);
constexpr std::string_view kScheme = "Bearer ";
constexpr absl::Duration kAskAgain = absl::Seconds(1);

}  // namespace

std::size_t PrincipalIssuer::HashOf::operator()(const Hash& hash) const {
  std::size_t head = 0;
  std::memcpy(&head, hash.data(), sizeof(head));
  return head;
}

PrincipalIssuer::PrincipalIssuer(const TokenVerifier& verifier, const Directory& directory,
                                 const Clock& clock,
                                 std::function<void(std::string_view cause)> rejected)
    : verifier_(verifier), directory_(directory), clock_(clock), rejected_(std::move(rejected)) {}

absl::Status PrincipalIssuer::Reject(std::string_view cause) const {
  if (rejected_) rejected_(cause);
  return ErrorWithReason(absl::StatusCode::kUnauthenticated, "TOKEN_INVALID",
                         "The token does not open this. Sign in again.");
}

absl::Status PrincipalIssuer::RejectFault(TokenFault fault) const {
  if (fault != TokenFault::kKeyNotYet) return Reject(NameOf(fault));
  if (rejected_) rejected_(NameOf(fault));
  return WithRetry(
      ErrorWithReason(absl::StatusCode::kUnavailable, "PROTECTION_DOWN",
                      "The keys of your sign-in provider are being asked for. Ask again in a "
                      "moment; if it stays so, the provider cannot be reached from here."),
      kAskAgain);
}

absl::Status PrincipalIssuer::RejectStranger(const VerifiedToken& token) const {
  const std::string code = directory_.EnrolmentCode(token.tenant, token.issuer, token.subject);
  if (code.empty()) return Reject("unknown");
  if (rejected_) rejected_("not_enrolled");
  return ErrorWithReason(
      absl::StatusCode::kPermissionDenied, "NOT_ENROLLED",
      absl::StrCat("You are signed in, but not enrolled here yet. Give an administrator of your "
                   "partnership this enrolment code: ",
                   code),
      {{"enrolment_code", code}});
}

absl::StatusOr<std::shared_ptr<const Member>> PrincipalIssuer::MemberOf(
    const VerifiedToken& token) const {
  std::shared_ptr<const Member> member = directory_.Find(token.tenant, token.issuer, token.subject);
  if (member == nullptr) return RejectStranger(token);
  const std::vector<std::string>& agencies = token.agencies;
  if (!agencies.empty() && std::ranges::find(agencies, member->agency) == agencies.end()) {
    return Reject("agency");
  }
  return member;
}

Principal PrincipalIssuer::Make(const VerifiedToken& token,
                                std::shared_ptr<const Member> member) const {
  std::shared_ptr<VerifiedPrincipal> made(new VerifiedPrincipal());
  made->tenant_ = token.tenant;
  made->issuer_ = token.issuer;
  made->subject_ = token.subject;
  made->kind_ = token.kind;
  made->signed_in_at_ = token.signed_in_at;
  made->member_ = std::move(member);
  made->epoch_ = directory_.EpochOf(token.tenant);
  return made;
}

absl::StatusOr<Principal> PrincipalIssuer::Remembered(Shard& shard, const Hash& hash,
                                                      absl::Time now) const {
  const absl::MutexLock lock(&shard.mutex);
  const auto found = shard.entries.find(hash);
  if (found == shard.entries.end()) return nullptr;
  Entry& entry = found->second;
  if (now >= entry.until || entry.trust != verifier_.trust()) return nullptr;
  absl::StatusOr<std::shared_ptr<const Member>> member = MemberOf(entry.token);
  if (!member.ok()) {
    shard.entries.erase(found);
    return member.status();
  }
  if (*member != entry.member ||
      directory_.EpochOf(entry.token.tenant) != entry.principal->policy_epoch()) {
    entry.principal = Make(entry.token, *member);
    entry.member = *std::move(member);
  }
  return entry.principal;
}

void PrincipalIssuer::Remember(Shard& shard, const Hash& hash, Entry entry, absl::Time now) {
  const absl::MutexLock lock(&shard.mutex);
  if (shard.entries.size() >= kMaxPerShard) {
    std::erase_if(shard.entries, [now](const auto& held) { return held.second.until <= now; });
    if (shard.entries.size() >= kMaxPerShard) shard.entries.clear();
  }
  shard.entries.insert_or_assign(hash, std::move(entry));
}

absl::StatusOr<Principal> PrincipalIssuer::AdmitPublic(std::string_view slug) const {
  RETURN_IF_ERROR(directory_.Current());
  const std::optional<PublicSite> site = directory_.FindPublic(slug);
  if (!site) {
    return ErrorWithReason(absl::StatusCode::kNotFound, "NOT_FOUND",
                           "There is no such page. Check the address.");
  }
  auto nobody = std::make_shared<Member>();
  nobody->kind = PrincipalKind::kPublic;
  nobody->actor_ref = "public";
  VerifiedToken of_none;
  of_none.tenant = site->tenant;
  of_none.kind = PrincipalKind::kPublic;
  return Make(of_none, std::move(nobody));
}

absl::StatusOr<Principal> PrincipalIssuer::Admit(std::string_view authorization) {
  if (!absl::StartsWithIgnoreCase({authorization.data(), authorization.size()},
                                  {kScheme.data(), kScheme.size()})) {
    return Reject("scheme");
  }
  const std::string_view token = authorization.substr(kScheme.size());
  RETURN_IF_ERROR(directory_.Current());
  const absl::Time now = clock_.Now();
  const Hash hash = Sha256Of(token);
  Shard& shard = shards_[hash[31] % kShards];
  ASSIGN_OR_RETURN(Principal remembered, Remembered(shard, hash, now));
  if (remembered != nullptr) return remembered;

  // Read before: a key that is withdrawn meanwhile makes what is remembered below worthless.
  const std::uint64_t trust = verifier_.trust();
  tl::expected<VerifiedToken, TokenFault> verified = verifier_.Verify(token);
  if (!verified) return RejectFault(verified.error());
  ASSIGN_OR_RETURN(std::shared_ptr<const Member> member, MemberOf(*verified));
  Principal principal = Make(*verified, member);
  const absl::Time until = std::min(now + kRemember, verified->expires_at);
  Remember(shard, hash, {*std::move(verified), until, trust, std::move(member), principal}, now);
  return principal;
}

}  // namespace holdfast::security
