// An identity token as the gateway's callback takes it, and nothing else does: who has just signed
// in, told by the provider's token endpoint itself.
//
// Its signature is not looked at: it came over TLS from the provider's pinned host, in the answer
// to our own request (OpenID Connect Core §3.1.3.7, rule 6). What a session may do is decided by
// the access token beside it, at the services' door, by its signature.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace holdfast::security {

struct IdentityExpected {
  std::string issuer;
  std::string client_id;
  std::string nonce;
};

struct Identity {
  std::string subject;
  // For the person's own eyes: `name`, else `preferred_username`, else empty.
  std::string name;
};

// kUnauthenticated with a sentence that repeats nothing of the token.
absl::StatusOr<Identity> ReadIdentityToken(std::string_view token, const IdentityExpected& expected,
                                           absl::Time now);

}  // namespace holdfast::security
