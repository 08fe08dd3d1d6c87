// Whether a bearer token is one of ours: signed by a configured issuer, meant for us, in its time.
//
// What a token proves is person and tenant; what they may do are facts of the directory, and role
// claims are ignored.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
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
  kSignature,
  kAudience,
  kTime,    // expired, from the future, too long-lived
  kClaims,  // no subject, another tenant, an identity token
};

// "signature": the value of the metric's label.
std::string_view NameOf(TokenFault fault);

struct Issuer {
  std::string name;  // claim `iss`
  // Header `typ`, in lower case: "at+jwt".
  std::string type = "at+jwt";
  std::set<Algorithm> algorithms;
  std::map<std::string, std::shared_ptr<const VerifyingKey>, std::less<>> keys;  // by `kid`
  // Which tenant an audience speaks to.
  std::map<std::string, std::string, std::less<>> tenant_of_audience;
  absl::Duration max_lifetime = absl::Minutes(15);
};

struct VerifiedToken {
  std::string issuer;
  std::string subject;
  std::string tenant;
  absl::Time expires_at;
};

class TokenVerifier {
 public:
  // The clock outlives the verifier.
  TokenVerifier(std::vector<Issuer> issuers, const Clock& clock);

  // Thread-safe. About 40 µs for an ES256 signature: see PrincipalIssuer, which remembers.
  tl::expected<VerifiedToken, TokenFault> Verify(std::string_view token) const;

 private:
  std::map<std::string, Issuer, std::less<>> issuers_;
  const Clock& clock_;
};

}  // namespace holdfast::security
