#include "security/provider_metadata.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "base/status_macros.h"
#include "security/strict_json.h"

namespace holdfast::security {
namespace {

constexpr std::size_t kMaxBytes = 65'536;

absl::Status Refused(const char* sentence) {
  return absl::InvalidArgumentError(sentence);
}

absl::StatusOr<std::string> Endpoint(const JsonObject& document, std::string_view name,
                                     const std::string& origin) {
  if (!document.contains(name)) return std::string();
  const std::string* address = FindString(document, name);
  if (address == nullptr || OriginOf(*address) != origin) {
    return Refused("the discovery document leads to another host than the issuer's");
  }
  return *address;
}

}  // namespace

std::string DiscoveryAddressOf(std::string_view issuer) {
  while (issuer.ends_with('/')) issuer.remove_suffix(1);
  return std::string(issuer).append("/.well-known/openid-configuration");
}

std::string OriginOf(std::string_view address) {
  const bool plain = std::ranges::all_of(address, [](char c) {
    return c > ' ' && c < '\x7F' &&
           std::string_view("\"<>\\^`{|}#").find(c) == std::string_view::npos;
  });
  const std::size_t scheme = address.find("://");
  if (!plain || scheme == address.npos) return "";
  const std::size_t end = address.find_first_of("/?", scheme + 3);
  const std::string_view authority = address.substr(scheme + 3, end - (scheme + 3));
  std::string origin(address.substr(0, end));
  absl::AsciiStrToLower(&origin);
  const bool known = origin.starts_with("https://") || origin.starts_with("http://");
  if (!known || authority.empty() || authority.find('@') != authority.npos) return "";
  return origin;
}

absl::StatusOr<ProviderMetadata> ParseProviderMetadata(std::string_view json,
                                                       std::string_view issuer) {
  if (json.size() > kMaxBytes) return Refused("the discovery document is larger than 64 KiB");
  const std::optional<JsonObject> document = ParseStrictObject(json);
  if (!document) return Refused("the discovery document is no JSON object, or has a member twice");
  const std::string* named = FindString(*document, "issuer");
  if (named == nullptr || *named != issuer) {
    return Refused(
        "the discovery document is another issuer's: `issuer` must be the same to the letter");
  }
  const std::string origin = OriginOf(issuer);
  ProviderMetadata metadata;
  ASSIGN_OR_RETURN(metadata.jwks_uri, Endpoint(*document, "jwks_uri", origin));
  ASSIGN_OR_RETURN(metadata.authorization_endpoint,
                   Endpoint(*document, "authorization_endpoint", origin));
  ASSIGN_OR_RETURN(metadata.token_endpoint, Endpoint(*document, "token_endpoint", origin));
  metadata.names_itself = IsTrue(*document, "authorization_response_iss_parameter_supported");
  if (metadata.jwks_uri.empty()) return Refused("the discovery document names no jwks_uri");
  return metadata;
}

}  // namespace holdfast::security
