#include "security/token_verifier.h"

#include <algorithm>
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

// "at+jwt" of "at+JWT" and of "application/at+jwt" (RFC 9068 §2.1).
std::string TypeOf(const JsonObject& header) {
  const std::string* type = FindString(header, "typ");
  if (type == nullptr) return "";
  constexpr std::string_view kMedia = "application/";
  std::string lower = absl::AsciiStrToLower(*type);
  return lower.starts_with(kMedia) ? lower.substr(kMedia.size()) : lower;
}

// Why the token is not signed by this issuer; nothing where it is.
std::optional<TokenFault> SignatureFault(const Issuer& by, const Segments& token) {
  if (TypeOf(token.header) != by.type) return TokenFault::kHeader;
  const std::string* algorithm_name = FindString(token.header, "alg");
  const std::optional<Algorithm> algorithm =
      algorithm_name == nullptr ? std::nullopt : AlgorithmNamed(*algorithm_name);
  if (!algorithm || !by.algorithms.contains(*algorithm)) return TokenFault::kAlgorithm;
  const std::string* key_id = FindString(token.header, "kid");
  if (key_id == nullptr || by.keys == nullptr) return TokenFault::kKey;
  const KeySource::Found found = by.keys->Find(*key_id);
  if (found.known == KeySource::Known::kNotYet) return TokenFault::kKeyNotYet;
  if (found.known == KeySource::Known::kNo) return TokenFault::kKey;
  const IssuerKey& key = found.key;
  if (key.algorithm.value_or(*algorithm) != *algorithm || !key.key->Fits(*algorithm)) {
    return TokenFault::kKey;
  }
  if (!key.key->Verify(*algorithm, token.signed_bytes, token.signature)) {
    return TokenFault::kSignature;
  }
  return std::nullopt;
}

const Audience* AudienceOf(const Issuer& issuer, const JsonObject& claims) {
  const auto found = claims.find("aud");
  if (found == claims.end()) return nullptr;
  std::vector<std::string> named;
  if (const auto* one = std::get_if<std::string>(&found->second)) named = {*one};
  if (const auto* several = std::get_if<std::vector<std::string>>(&found->second)) named = *several;
  const Audience* audience = nullptr;
  for (const std::string& name : named) {
    const auto ours = issuer.audiences.find(name);
    if (ours == issuer.audiences.end()) continue;
    if (audience != nullptr) return nullptr;  // two of ours: it would be for us to choose
    audience = &ours->second;
  }
  return audience;
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

// Empty where the token does not say, or names a moment that has not come.
std::optional<absl::Time> SignedInAt(const JsonObject& claims, absl::Time now) {
  const std::optional<absl::Time> at = TimeOf(claims, "auth_time");
  return at && *at <= now + kSkew ? at : std::nullopt;
}

bool IsIdentityToken(const JsonObject& claims) {
  constexpr std::array<std::string_view, 4> kTheirs = {"nonce", "at_hash", "c_hash", "s_hash"};
  return std::ranges::any_of(kTheirs, [&claims](auto name) { return claims.contains(name); });
}

// Whose name counts; null where there is none, or what says so is no access token.
const std::string* SubjectOf(const Issuer& issuer, const JsonObject& claims) {
  const std::string* own = FindString(claims, "sub");
  const std::string* named = FindString(claims, issuer.subject_claim);
  if (own == nullptr || own->empty() || named == nullptr || named->empty()) return nullptr;
  return IsIdentityToken(claims) ? nullptr : named;
}

bool TenantAgrees(const JsonObject& claims, const std::string& tenant) {
  if (!claims.contains("tenant")) return true;
  const std::string* claimed = FindString(claims, "tenant");
  return claimed != nullptr && *claimed == tenant;
}

// A person's token may carry what a client's does (Entra ID puts `roles` into both), never the
// other way round: so the person is asked for first.
std::optional<PrincipalKind> KindOf(const Issuer& issuer, const JsonObject& claims) {
  if (issuer.person.empty() && issuer.client.empty()) {
    const std::string* client = FindString(claims, "client_id");
    const std::string* subject = FindString(claims, "sub");
    const bool itself = client != nullptr && subject != nullptr && *client == *subject;
    return itself ? PrincipalKind::kClient : PrincipalKind::kPerson;
  }
  if (issuer.person.Passes(claims)) return PrincipalKind::kPerson;
  if (issuer.client.Passes(claims)) return PrincipalKind::kClient;
  return std::nullopt;
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
    case TokenFault::kKeyNotYet:
      return "key_not_yet";
    case TokenFault::kSignature:
      return "signature";
    case TokenFault::kAudience:
      return "audience";
    case TokenFault::kTime:
      return "time";
    case TokenFault::kClaims:
      return "claims";
    case TokenFault::kKind:
      return "kind";
  }
  return "claims";
}

TokenVerifier::TokenVerifier(std::vector<Issuer> issuers, const Clock& clock) : clock_(clock) {
  Replace(std::move(issuers));
}

void TokenVerifier::Replace(std::vector<Issuer> issuers) {
  auto named = std::make_shared<Issuers>();
  for (Issuer& issuer : issuers) {
    std::string name = issuer.name;
    named->emplace(std::move(name), std::move(issuer));
  }
  {
    const absl::MutexLock lock(&mutex_);
    issuers_ = std::move(named);
  }
  Distrust();
}

tl::expected<VerifiedToken, TokenFault> TokenVerifier::Verify(std::string_view token) const {
  const std::optional<Segments> parts = Split(token);
  if (!parts) return Refusal(TokenFault::kMalformed);
  const JsonObject& claims = parts->claims;
  if (Redirects(parts->header)) return Refusal(TokenFault::kHeader);

  const std::shared_ptr<const Issuers> issuers = [this] {
    const absl::ReaderMutexLock lock(&mutex_);
    return issuers_;
  }();
  const std::string* issuer_name = FindString(claims, "iss");
  const auto issuer = issuer_name == nullptr ? issuers->end() : issuers->find(*issuer_name);
  if (issuer == issuers->end()) return Refusal(TokenFault::kIssuer);
  const Issuer& by = issuer->second;
  if (const std::optional<TokenFault> fault = SignatureFault(by, *parts)) return Refusal(*fault);

  const Audience* audience = AudienceOf(by, claims);
  if (audience == nullptr) return Refusal(TokenFault::kAudience);
  const absl::Time now = clock_.Now();
  const std::optional<absl::Time> expires = InItsTime(by, claims, now);
  if (!expires) return Refusal(TokenFault::kTime);

  const std::string* subject = SubjectOf(by, claims);
  if (subject == nullptr || !TenantAgrees(claims, audience->tenant)) {
    return Refusal(TokenFault::kClaims);
  }
  const std::optional<PrincipalKind> kind = KindOf(by, claims);
  if (!kind) return Refusal(TokenFault::kKind);
  return VerifiedToken{
      by.name, *subject, audience->tenant, audience->agencies, *kind, SignedInAt(claims, now),
      *expires};
}

}  // namespace holdfast::security
