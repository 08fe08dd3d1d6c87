// The issuers that a verifier believes: the house's own, and those of the issuers' file with their
// keys kept fresh.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "holdfast/config/v1/config.pb.h"

#include "security/remote_keys.h"
#include "security/token_verifier.h"

namespace holdfast {
class Clock;
class Executor;
}  // namespace holdfast

namespace holdfast::app {

class TrustedIssuers {
 public:
  struct Parts {
    security::TokenVerifier* verifier = nullptr;
    std::vector<security::Issuer> own;  // believed whatever the file says
    const Clock* clock = nullptr;
    Executor* executor = nullptr;  // fetches keys; ended before the rest
    bool development = false;      // plain HTTP on loopback is taken
    // Of a test: instead of HTTPS.
    security::FetchDocument fetch;
  };
  explicit TrustedIssuers(Parts parts) : parts_(std::move(parts)) {}

  // From now on these and the own ones. Keys of an issuer that stays where it was are kept.
  void Take(const config::v1::Issuers& issuers);

 private:
  // What decides where keys come from.
  using Place = std::tuple<std::string, std::string, std::string>;  // issuer, jwks_uri, ca_file
  std::shared_ptr<security::RemoteKeys> KeysOf(const config::v1::Issuer& issuer) const;

  const Parts parts_;
  std::map<Place, std::shared_ptr<security::RemoteKeys>> keys_;
};

}  // namespace holdfast::app
