// Whether a bearer token is one of ours: signed by a configured issuer, meant for us, in its time.
//
// What a token proves is person and tenant; what they may do are facts of the directory, and role
// claims are ignored.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "security/claim_rule.h"
#include "security/key_source.h"
#include "security/principal.h"
#include "security/signing_key.h"
#include "tl/expected.hpp"

namespace holdfast {
class Clock;
}

namespace holdfast::security {

// Why a token was refused. A metric's label; the caller hears only TOKEN_INVALID.
enum class TokenFault {
  kMalformed,  // length, segments, base64url, JSON
  kHeader,     // a header that could redirect the verification, or of another type
  kIssuer,     // not configured
  kAlgorithm,  // not among those that the issuer is pinned to
  kKey,        // unknown to the issuer, or unfit for the algorithm
  kKeyNotYet,  // perhaps a new one: the issuer is being asked for its keys
  kSignature,
  kAudience,
  kTime,    // expired, from the future, too long-lived
  kClaims,  // no subject, another tenant, an identity token
  kKind,    // neither a person's nor a client's
};

// "signature": the value of the metric's label.
std::string_view NameOf(TokenFault fault);

struct Audience {
  std::string tenant;
  // Those that it may speak for; empty: every one of the tenant.
  std::vector<std::string> agencies;
};

struct Issuer {
  std::string name;  // claim `iss`
  // Header `typ`, in lower case: "at+jwt"; or "jwt", and then `person` and `client` tell an access
  // token from an identity token.
  std::string type = "at+jwt";
  std::set<Algorithm> algorithms;
  // Shared with whoever keeps them fresh.
  std::shared_ptr<KeySource> keys;
  std::map<std::string, Audience, std::less<>> audiences;
  // The claim that names the person: `sub`, or `oid`.
  std::string subject_claim = "sub";
  absl::Duration max_lifetime = absl::Minutes(15);
  // What a token of a person carries, and one of a client. Both empty: a client's names itself,
  // `sub` = `client_id` (RFC 9068 §2.2), and any other is a person's.
  ClaimRule person;
  ClaimRule client;
};

struct VerifiedToken {
  std::string issuer;
  std::string subject;
  std::string tenant;
  std::vector<std::string> agencies;  // empty: every one
  PrincipalKind kind = PrincipalKind::kPerson;
  std::optional<absl::Time> signed_in_at;
  absl::Time expires_at;
};

class TokenVerifier {
 public:
  // The clock outlives the verifier.
  TokenVerifier(std::vector<Issuer> issuers, const Clock& clock);

  // Thread-safe, and never waits. About 40 µs for an ES256 signature: see PrincipalIssuer, which
  // remembers.
  tl::expected<VerifiedToken, TokenFault> Verify(std::string_view token) const;

  // From now on these are believed, and no others.
  void Replace(std::vector<Issuer> issuers);

  // Changes whenever something that was believed may be believed no more: what is remembered of
  // tokens holds for the number that was read before they were verified.
  std::uint64_t trust() const { return trust_.load(); }
  // A key was withdrawn.
  void Distrust() { trust_.fetch_add(1); }

 private:
  using Issuers = std::map<std::string, Issuer, std::less<>>;

  const Clock& clock_;
  mutable absl::Mutex mutex_;
  // Shared with the calls that verify by it while it is replaced.
  std::shared_ptr<const Issuers> issuers_ ABSL_GUARDED_BY(mutex_);
  std::atomic<std::uint64_t> trust_{0};
};

}  // namespace holdfast::security
