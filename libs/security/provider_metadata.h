// What an OpenID provider says of itself (OpenID Connect Discovery 1.0, RFC 8414).
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace holdfast::security {

struct ProviderMetadata {
  std::string jwks_uri;
  std::string authorization_endpoint;  // empty where it has none
  std::string token_endpoint;          // empty where it has none
  // Its answers to a browser name the issuer (RFC 9207).
  bool names_itself = false;
};

// Where an issuer's document stands.
std::string DiscoveryAddressOf(std::string_view issuer);

// kInvalidArgument with a sentence where it is no strict JSON, is another issuer's, or names an
// address of another host than the issuer's: who can change the document must not be able to lead
// us elsewhere. No text of it is repeated.
absl::StatusOr<ProviderMetadata> ParseProviderMetadata(std::string_view json,
                                                       std::string_view issuer);

// "https://host:8443" of an absolute address, in lower case; empty where it is none of http or
// https, or has a user, a fragment, or a character that needs an escape.
std::string OriginOf(std::string_view address);

}  // namespace holdfast::security
