// Signing in with an OpenID provider: the authorisation code flow with PKCE (OpenID Connect Core
// §3.1, RFC 7636), for a browser that never sees a token.
//
//   Begin ──303──▶ the provider ──code, state, iss──▶ Finish ──token endpoint──▶ Tokens
//
// `state` and a ticket in the browser's cookie bind both ends to one browser, the nonce binds the
// identity token to one sign-in, PKCE the code to whoever asked, `iss` (RFC 9207) the answer to the
// provider that was asked.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/config/v1/config.pb.h"

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "http/fetch.h"
#include "security/provider_metadata.h"

namespace holdfast {
class Clock;
class Random;
}  // namespace holdfast

namespace holdfast::gateway {

// What the provider gave for one person. It stays here.
struct Tokens {
  std::string issuer;
  std::string access_token;
  absl::Time expires_at;
  std::string refresh_token;  // empty: none
  std::string name;           // as the person is called there; for their own eyes
};

class ProviderSignIn {
 public:
  using CurrentIssuers = std::function<std::shared_ptr<const config::v1::Issuers>()>;
  using Ask = std::function<absl::StatusOr<http::Response>(const http::Outgoing&,
                                                           const config::v1::Issuer&)>;
  struct Parts {
    CurrentIssuers issuers;
    Ask ask;
    const Clock* clock = nullptr;
    Random* random = nullptr;
  };
  explicit ProviderSignIn(Parts parts) : parts_(std::move(parts)) {}

  struct Provider {
    std::string id;
    std::string name;  // its host
  };
  std::vector<Provider> Providers() const;

  // The origin of the gateway as browsers reach it, from the configured redirect_uri; empty where
  // nobody signs in with a provider.
  std::string PublicOrigin() const;

  static constexpr absl::Duration kPatience = absl::Minutes(10);

  struct Begun {
    std::string location;  // where the browser goes
    std::string ticket;    // what it brings back in its cookie: 256 random bits
  };
  // Thread-safe, as all below; these three ask the provider and block for seconds at most.
  // kNotFound for an unknown provider, kUnavailable where it does not answer.
  absl::StatusOr<Begun> Begin(std::string_view provider);
  // `query`: what the provider sent the browser back with. Once for a ticket. kUnauthenticated
  // where anything does not fit, kPermissionDenied where the provider refused.
  absl::StatusOr<Tokens> Finish(std::string_view ticket, std::string_view query);
  // kUnauthenticated where the provider gives no more; kUnavailable where it does not answer.
  absl::StatusOr<Tokens> Renew(const Tokens& tokens);

 private:
  struct Pending {
    std::string issuer;
    std::string state;
    std::string nonce;
    std::string verifier;
    absl::Time began;
  };
  struct Told {
    security::ProviderMetadata metadata;
    absl::Time at;
  };
  absl::StatusOr<security::ProviderMetadata> MetadataOf(const config::v1::Issuer& issuer);
  absl::StatusOr<Tokens> AskForTokens(const config::v1::Issuer& issuer, std::string form,
                                      std::string* identity_token);
  std::string RandomText() const;
  std::string Remember(Pending pending);
  absl::StatusOr<Pending> Take(std::string_view ticket);

  const Parts parts_;
  absl::Mutex mutex_;
  std::map<std::string, Pending, std::less<>> pending_ ABSL_GUARDED_BY(mutex_);  // by ticket
  std::map<std::string, Told> told_ ABSL_GUARDED_BY(mutex_);                     // by issuer
};

}  // namespace holdfast::gateway
