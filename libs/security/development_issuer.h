// Hands a token to whoever asks: the sign-in of a demonstration, on loopback only, beside no real
// tenant.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "security/token_verifier.h"

namespace holdfast {
class Clock;
class Random;
}  // namespace holdfast

namespace holdfast::security {

class SigningKey;

class DevelopmentIssuer {
 public:
  struct Token {
    std::string text;
    absl::Time expires_at;
  };

  // `iss` of its tokens.
  static constexpr std::string_view kName = "holdfast-development";
  static constexpr absl::Duration kLifetime = absl::Minutes(15);

  // An ES256 key is made now and dies with the process. Clock and randomness outlive the issuer.
  DevelopmentIssuer(const Clock& clock, Random& random);
  // With the key that the processes of a deployment share.
  DevelopmentIssuer(const Clock& clock, Random& random, std::unique_ptr<SigningKey> key);
  ~DevelopmentIssuer();

  // A token of `typ: at+jwt` that lives 15 minutes. Thread-safe.
  Token Issue(std::string_view tenant, std::string_view subject) const;

  // How a verifier knows its tokens, for these tenants.
  Issuer Trust(const std::vector<std::string>& tenants) const;

 private:
  const Clock& clock_;
  Random& random_;
  std::unique_ptr<SigningKey> key_;
  std::string key_id_;
};

}  // namespace holdfast::security
