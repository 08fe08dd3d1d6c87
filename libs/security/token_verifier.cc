#include "security/token_verifier.h"

#include <array>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "base/clock.h"
#include "security/base64url.h"
#include "security/strict_json.h"

namespace holdfast::security {
namespace {

constexpr std::size_t kMaxTokenBytes = 8192;
constexpr absl::Duration kSkew = absl::Seconds(60);
// Beyond it a double no longer holds every second, and no calendar has a name for it.
constexpr double kLastSecond = 253402300799.0;  // 9999-12-31T23:59:59Z

using Refusal = tl::unexpected<TokenFault>;

struct Segments {
  std::string_view signed_bytes;  // header.claims, as sent
  JsonObject header;
  JsonObject claims;
  std::string signature;
};

std::optional<Segments> Split(std::string_view token) {
  if (token.size() > kMaxTokenBytes) return std::nullopt;
  const std::size_t first = token.find('.');
  const std::size_t second = first == token.npos ? token.npos : token.find('.', first + 1);
  if (second == token.npos || token.find('.', second + 1) != token.npos) return std::nullopt;
  const std::optional<std::string> header = FromBase64Url(token.substr(0, first));
  const std::optional<std::string> claims =
      FromBase64Url(token.substr(first + 1, second - first - 1));
  std::optional<std::string> signature = FromBase64Url(token.substr(second + 1));
  if (!header || !claims || !signature) return std::nullopt;
  std::optional<JsonObject> header_object = ParseStrictObject(*header);
  std::optional<JsonObject> claims_object = ParseStrictObject(*claims);
  if (!header_object || !claims_object) return std::nullopt;
  return Segments{token.substr(0, second), *std::move(header_object), *std::move(claims_object),
                  *std::move(signature)};
}

// Headers by which a token would choose its own key, or have itself read in another way.
bool Redirects(const JsonObject& header) {
  constexpr std::array<std::string_view, 9> kRefused = {"crit", "jku", "jwk", "x5u", "x5c",
                                                        "b64",  "zip", "enc", "epk"};
  for (const std::string_view name : kRefused) {
    if (header.contains(name)) return true;
  }
  return false;
}

// Why the token is not signed by this issuer; nothing where it is.
std::optional<TokenFault> SignatureFault(const Issuer& by, const Segments& token) {
  const std::string* type = FindString(token.header, "typ");
  if (type == nullptr || absl::AsciiStrToLower({type->data(), type->size()}) != by.type) {
    return TokenFault::kHeader;
  }
  const std::string* algorithm_name = FindString(token.header, "alg");
  const std::optional<Algorithm> algorithm =
      algorithm_name == nullptr ? std::nullopt : AlgorithmNamed(*algorithm_name);
  if (!algorithm || !by.algorithms.contains(*algorithm)) return TokenFault::kAlgorithm;
  const std::string* key_id = FindString(token.header, "kid");
  const auto key = key_id == nullptr ? by.keys.end() : by.keys.find(*key_id);
  if (key == by.keys.end()) return TokenFault::kKey;
  if (!key->second->Verify(*algorithm, token.signed_bytes, token.signature)) {
    return TokenFault::kSignature;
  }
  return std::nullopt;
}

const std::string* TenantOf(const Issuer& issuer, const JsonObject& claims) {
  const auto found = claims.find("aud");
  if (found == claims.end()) return nullptr;
  std::vector<std::string> audiences;
  if (const auto* one = std::get_if<std::string>(&found->second)) audiences = {*one};
  if (const auto* several = std::get_if<std::vector<std::string>>(&found->second)) {
    audiences = *several;
  }
  const std::string* tenant = nullptr;
  for (const std::string& audience : audiences) {
    const auto ours = issuer.tenant_of_audience.find(audience);
    if (ours == issuer.tenant_of_audience.end()) continue;
    if (tenant != nullptr) return nullptr;  // two of ours: it would be for us to choose
    tenant = &ours->second;
  }
  return tenant;
}

std::optional<absl::Time> TimeOf(const JsonObject& claims, std::string_view name) {
  const std::optional<double> seconds = FindInteger(claims, name);
  if (!seconds || *seconds < 0 || *seconds > kLastSecond) return std::nullopt;
  return absl::FromUnixSeconds(static_cast<std::int64_t>(*seconds));
}

// The end of the token's time; empty where it is not now.
std::optional<absl::Time> InItsTime(const Issuer& issuer, const JsonObject& claims,
                                    absl::Time now) {
  const std::optional<absl::Time> expires = TimeOf(claims, "exp");
  const std::optional<absl::Time> issued = TimeOf(claims, "iat");
  if (!expires || !issued) return std::nullopt;
  if (claims.contains("nbf")) {
    const std::optional<absl::Time> from = TimeOf(claims, "nbf");
    if (!from || *from > now + kSkew) return std::nullopt;
  }
  if (*issued > now + kSkew || *expires + kSkew <= now) return std::nullopt;
  if (*expires <= *issued || *expires - *issued > issuer.max_lifetime) return std::nullopt;
  return expires;
}

bool IsIdentityToken(const JsonObject& claims) {
  return claims.contains("nonce") || claims.contains("at_hash");
}

}  // namespace

std::string_view NameOf(TokenFault fault) {
  switch (fault) {
    case TokenFault::kMalformed:
      return "malformed";
    case TokenFault::kHeader:
      return "header";
    case TokenFault::kIssuer:
      return "issuer";
    case TokenFault::kAlgorithm:
      return "algorithm";
    case TokenFault::kKey:
      return "key";
    case TokenFault::kSignature:
      return "signature";
    case TokenFault::kAudience:
      return "audience";
    case TokenFault::kTime:
      return "time";
    case TokenFault::kClaims:
      return "claims";
  }
  return "claims";
}

TokenVerifier::TokenVerifier(std::vector<Issuer> issuers, const Clock& clock) : clock_(clock) {
  for (Issuer& issuer : issuers) {
    std::string name = issuer.name;
    issuers_.emplace(std::move(name), std::move(issuer));
  }
}

tl::expected<VerifiedToken, TokenFault> TokenVerifier::Verify(std::string_view token) const {
  const std::optional<Segments> parts = Split(token);
  if (!parts) return Refusal(TokenFault::kMalformed);
  const JsonObject& claims = parts->claims;
  if (Redirects(parts->header)) return Refusal(TokenFault::kHeader);

  const std::string* issuer_name = FindString(claims, "iss");
  const auto issuer = issuer_name == nullptr ? issuers_.end() : issuers_.find(*issuer_name);
  if (issuer == issuers_.end()) return Refusal(TokenFault::kIssuer);
  const Issuer& by = issuer->second;
  if (const std::optional<TokenFault> fault = SignatureFault(by, *parts)) return Refusal(*fault);

  const std::string* tenant = TenantOf(by, claims);
  if (tenant == nullptr) return Refusal(TokenFault::kAudience);
  const std::optional<absl::Time> expires = InItsTime(by, claims, clock_.Now());
  if (!expires) return Refusal(TokenFault::kTime);

  const std::string* subject = FindString(claims, "sub");
  if (subject == nullptr || subject->empty() || IsIdentityToken(claims)) {
    return Refusal(TokenFault::kClaims);
  }
  if (claims.contains("tenant")) {
    const std::string* claimed = FindString(claims, "tenant");
    if (claimed == nullptr || *claimed != *tenant) return Refusal(TokenFault::kClaims);
  }
  return VerifiedToken{by.name, *subject, *tenant, *expires};
}

}  // namespace holdfast::security
