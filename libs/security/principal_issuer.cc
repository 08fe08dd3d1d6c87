#include "security/principal_issuer.h"

#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "base/clock.h"
#include "base/error.h"
#include "security/directory.h"

namespace holdfast::security {
namespace {

constexpr absl::Duration kRemember = absl::Seconds(60);
constexpr std::string_view kScheme = "Bearer ";

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

absl::StatusOr<Principal> PrincipalIssuer::Reject(std::string_view cause) const {
  if (rejected_) rejected_(cause);
  return ErrorWithReason(absl::StatusCode::kUnauthenticated, "TOKEN_INVALID",
                         "The token does not open this. Sign in again.");
}

Principal PrincipalIssuer::Make(const VerifiedToken& token, const Member& member) {
  std::shared_ptr<VerifiedPrincipal> made(new VerifiedPrincipal());
  made->tenant_ = token.tenant;
  made->agency_ = member.agency;
  made->actor_ref_ = member.actor_ref;
  made->issuer_ = token.issuer;
  made->subject_ = token.subject;
  made->roles_ = member.roles;
  return made;
}

absl::StatusOr<Principal> PrincipalIssuer::Admit(std::string_view authorization) {
  if (!absl::StartsWithIgnoreCase({authorization.data(), authorization.size()},
                                  {kScheme.data(), kScheme.size()})) {
    return Reject("scheme");
  }
  const std::string_view token = authorization.substr(kScheme.size());
  const absl::Time now = clock_.Now();
  const Hash hash = Sha256Of(token);
  Shard& shard = shards_[hash[31] % kShards];

  {
    const absl::MutexLock lock(&shard.mutex);
    const auto found = shard.entries.find(hash);
    if (found != shard.entries.end() && now < found->second.until) {
      Entry& entry = found->second;
      std::shared_ptr<const Member> member =
          directory_.Find(entry.token.tenant, entry.token.issuer, entry.token.subject);
      if (member == nullptr) {
        shard.entries.erase(found);
        return Reject("unknown");
      }
      if (member != entry.member) {
        entry.principal = Make(entry.token, *member);
        entry.member = std::move(member);
      }
      return entry.principal;
    }
  }

  tl::expected<VerifiedToken, TokenFault> verified = verifier_.Verify(token);
  if (!verified) return Reject(NameOf(verified.error()));
  std::shared_ptr<const Member> member =
      directory_.Find(verified->tenant, verified->issuer, verified->subject);
  if (member == nullptr) return Reject("unknown");
  Principal principal = Make(*verified, *member);
  const absl::Time until = std::min(now + kRemember, verified->expires_at);

  const absl::MutexLock lock(&shard.mutex);
  if (shard.entries.size() >= kMaxPerShard) {
    std::erase_if(shard.entries, [now](const auto& entry) { return entry.second.until <= now; });
    if (shard.entries.size() >= kMaxPerShard) shard.entries.clear();
  }
  shard.entries.insert_or_assign(hash,
                                 Entry{*std::move(verified), until, std::move(member), principal});
  return principal;
}

}  // namespace holdfast::security
