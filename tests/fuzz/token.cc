#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/check.h"
#include "base/clock.h"
#include "security/base64url.h"
#include "security/signing_key.h"
#include "security/token_verifier.h"
#include "targets.h"

namespace holdfast::fuzz {
namespace {

constexpr absl::Duration kSkew = absl::Minutes(5);  // more than any that is allowed

class StoppedClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::FromUnixSeconds(1'800'000'000); }
  absl::Duration SinceBoot() const override { return absl::Hours(1); }
};

// An issuer whose key we hold: what it signs differs from run to run, what is refused does not.
struct World {
  StoppedClock clock;
  std::unique_ptr<security::SigningKey> key = security::SigningKey::GenerateP256();
  security::TokenVerifier verifier{{Trusted()}, clock};

  security::Issuer Trusted() const {
    security::Issuer issuer;
    issuer.name = "https://sign-in.example";
    issuer.algorithms = {security::Algorithm::kEs256};
    issuer.keys = std::make_shared<security::FixedKeys>(security::KeySet{
        {"k1", {security::VerifyingKey::FromDer(key->PublicDer()), std::nullopt}}});
    issuer.audiences = {{"holdfast:westmoor", {"westmoor", {}}}};
    return issuer;
  }
};

void CheckAccepted(const World& world, const security::VerifiedToken& token) {
  HOLDFAST_CHECK(token.issuer == "https://sign-in.example");
  HOLDFAST_CHECK(token.tenant == "westmoor");
  HOLDFAST_CHECK(!token.subject.empty());
  HOLDFAST_CHECK(token.expires_at + kSkew > world.clock.Now());
  HOLDFAST_CHECK(token.expires_at < world.clock.Now() + absl::Minutes(15) + kSkew);
}

}  // namespace

void Token(std::string_view bytes) {
  static const World& world = *new World;
  // Nobody outside can sign.
  HOLDFAST_CHECK(!world.verifier.Verify(bytes).has_value());

  const std::size_t line = bytes.find('\n');
  if (line == std::string_view::npos || bytes.size() > 4'096) return;
  const std::string head = security::ToBase64Url(bytes.substr(0, line)) + "." +
                           security::ToBase64Url(bytes.substr(line + 1));
  const auto verified =
      world.verifier.Verify(head + "." + security::ToBase64Url(world.key->Sign(head)));
  if (verified) CheckAccepted(world, *verified);
}

}  // namespace holdfast::fuzz
