#include "security/identity_token.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "security/base64url.h"
#include "security/strict_json.h"

namespace holdfast::security {
namespace {

constexpr std::size_t kMaxBytes = 16'384;
constexpr absl::Duration kSkew = absl::Seconds(60);

absl::Status Refused(const char* sentence) {
  return absl::UnauthenticatedError(sentence);
}

std::optional<JsonObject> ClaimsOf(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == token.npos ? token.npos : token.find('.', first + 1);
  if (token.size() > kMaxBytes || second == token.npos) return std::nullopt;
  if (token.find('.', second + 1) != token.npos) return std::nullopt;
  const auto claims = FromBase64Url(token.substr(first + 1, second - first - 1));
  return claims ? ParseStrictObject(*claims) : std::nullopt;
}

bool Is(const JsonObject& claims, std::string_view name, const std::string& value) {
  const std::string* claim = FindString(claims, name);
  return claim != nullptr && *claim == value;
}

// For us, and where for others too, asked for by us.
bool IsFor(const JsonObject& claims, const std::string& client_id) {
  if (claims.contains("azp") && !Is(claims, "azp", client_id)) return false;
  if (Is(claims, "aud", client_id)) return true;
  const auto found = claims.find("aud");
  if (found == claims.end()) return false;
  const auto* several = std::get_if<std::vector<std::string>>(&found->second);
  if (several == nullptr || std::ranges::find(*several, client_id) == several->end()) return false;
  return several->size() == 1 || claims.contains("azp");
}

std::string NameOf(const JsonObject& claims) {
  for (const char* claim : {"name", "preferred_username"}) {
    if (const std::string* name = FindString(claims, claim)) return *name;
  }
  return "";
}

}  // namespace

absl::StatusOr<Identity> ReadIdentityToken(std::string_view token, const IdentityExpected& expected,
                                           absl::Time now) {
  const std::optional<JsonObject> claims = ClaimsOf(token);
  if (!claims) return Refused("the identity token cannot be read");
  if (!Is(*claims, "iss", expected.issuer)) return Refused("it is another issuer's");
  if (!IsFor(*claims, expected.client_id)) return Refused("it is for another client");
  if (!Is(*claims, "nonce", expected.nonce)) return Refused("it answers another sign-in");
  const std::optional<double> expires = FindInteger(*claims, "exp");
  const auto oldest = static_cast<double>(absl::ToUnixSeconds(now - kSkew));
  if (!expires || *expires <= oldest) return Refused("it has expired");
  const std::string* subject = FindString(*claims, "sub");
  if (subject == nullptr || subject->empty()) return Refused("it names nobody");
  return Identity{*subject, NameOf(*claims)};
}

}  // namespace holdfast::security
