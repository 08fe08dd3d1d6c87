// A certified OpenID provider (oidc-provider, by other people) as a process of its own, with keys,
// people and clients of the test; and a browser that signs people in with it.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "http/message.h"
#include "security/token_fixtures.h"
#include "standalone_process.h"

namespace holdfast::flow {

class OpenIdProvider {
 public:
  // Why there is none to be had here; empty where there is.
  static std::string WhyNot();

  // Over HTTPS on loopback, with a certificate of its own. `redirect_uri`: of its client `console`.
  OpenIdProvider(const std::string& folder, const std::string& redirect_uri);

  // "https://127.0.0.1:41234".
  const std::string& issuer() const { return issuer_; }
  const std::string& ca_file() const { return certificate_; }
  // Of `console`; the file holds it.
  const std::string& secret_file() const { return secret_file_; }

  // An access token of the client `integrator`, which proves itself with its key (private_key_jwt).
  // `resource`: "urn:holdfast:westmoor"; with ":60" behind it the token lives 60 s.
  std::string ClientToken(const std::string& resource) const;
  // The next token is signed with a new key.
  void Rotate() const { Tell("rotate"); }
  // All keys but the newest are gone.
  void Withdraw() const { Tell("withdraw"); }

  // What browser.mjs prints: a person who begins at this address signs in.
  std::string Browse(const std::string& start, const std::string& person) const;

 private:
  void Tell(const std::string& word) const;
  http::Response Post(const std::string& path, const std::string& form) const;

  const std::string folder_;
  std::string issuer_;
  std::string certificate_;
  std::string secret_file_;
  const security::TestKey& key_;  // of `integrator`
  std::unique_ptr<StandaloneProcess> process_;
};

// The text of a member of a JSON object that holds it somewhere; empty where there is none.
std::string Member(const std::string& json, const std::string& name);

// A port of 127.0.0.1 that nobody listens on now.
int FreePort();

}  // namespace holdfast::flow
