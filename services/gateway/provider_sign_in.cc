#include "gateway/provider_sign_in.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "app/secret_file.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "security/base64url.h"
#include "security/identity_token.h"
#include "security/strict_json.h"

namespace holdfast::gateway {
namespace {

using config::v1::Issuer;

constexpr std::size_t kMostPending = 10'000;
constexpr std::size_t kIdBytes = 8;
constexpr absl::Duration kTellAgain = absl::Minutes(10);
constexpr int kGood = 200;
constexpr int kBadRequest = 400;
constexpr int kUnauthorized = 401;

std::string IdOf(const std::string& issuer) {
  return ToHex(AsBytes(Sha256Of(issuer)).substr(0, kIdBytes));
}

const Issuer* Find(const config::v1::Issuers& issuers, const std::string& name) {
  for (const Issuer& issuer : issuers.issuers()) {
    if (issuer.has_sign_in() && issuer.issuer() == name) return &issuer;
  }
  return nullptr;
}

// application/x-www-form-urlencoded: what is not unreserved is escaped.
std::string Escaped(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_' ||
        c == '~') {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kHex[byte >> 4U]);
    out.push_back(kHex[byte & 15U]);
  }
  return out;
}

class Form {
 public:
  Form& Add(std::string_view name, std::string_view value) {
    if (value.empty()) return *this;
    absl::StrAppend(&text_, text_.empty() ? "" : "&", Escaped(name), "=", Escaped(value));
    return *this;
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string ScopeOf(const config::v1::SignIn& sign_in) {
  std::string scope = "openid";
  for (const std::string& name : sign_in.scopes()) {
    if (name != "openid") absl::StrAppend(&scope, " ", name);
  }
  return scope;
}

// Equal in a time that does not tell where they differ.
bool Same(std::string_view a, std::string_view b) {
  return Sha256Of(a) == Sha256Of(b);
}

// RFC 6749 §2.3.1; a public client only names itself.
absl::Status Authenticate(const config::v1::SignIn& sign_in, http::Outgoing& outgoing) {
  if (sign_in.client_secret_file().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::string secret, app::ReadSecretFile(sign_in.client_secret_file()));
  absl::StripTrailingAsciiWhitespace(&secret);
  std::string encoded;
  absl::Base64Escape(absl::StrCat(Escaped(sign_in.client_id()), ":", Escaped(secret)), &encoded);
  outgoing.headers.emplace_back("authorization", absl::StrCat("Basic ", encoded));
  return absl::OkStatus();
}

absl::Status DoesNotFit() {
  return absl::UnauthenticatedError("the sign-in does not fit what was begun in this browser");
}

// Whether the browser comes from where it was sent, with what it was sent for.
absl::StatusOr<std::string> CodeOf(std::string_view query, const std::string& state,
                                   const std::string& issuer, bool names_itself) {
  std::string value;
  if (!http::QueryParameter(query, "state", value) || !Same(value, state)) return DoesNotFit();
  const bool named = http::QueryParameter(query, "iss", value);
  if (named ? value != issuer : names_itself) return DoesNotFit();
  if (http::QueryParameter(query, "error", value)) {
    return absl::PermissionDeniedError("the provider refused the sign-in");
  }
  if (!http::QueryParameter(query, "code", value) || value.empty()) return DoesNotFit();
  return value;
}

}  // namespace

std::vector<ProviderSignIn::Provider> ProviderSignIn::Providers() const {
  std::vector<Provider> providers;
  const auto issuers = parts_.issuers ? parts_.issuers() : nullptr;
  if (issuers == nullptr) return providers;
  for (const Issuer& issuer : issuers->issuers()) {
    if (!issuer.has_sign_in()) continue;
    const std::string origin = security::OriginOf(issuer.issuer());
    providers.push_back({IdOf(issuer.issuer()), origin.substr(origin.find("://") + 3)});
  }
  return providers;
}

std::string ProviderSignIn::PublicOrigin() const {
  const auto issuers = parts_.issuers ? parts_.issuers() : nullptr;
  if (issuers == nullptr) return "";
  for (const Issuer& issuer : issuers->issuers()) {
    if (issuer.has_sign_in()) return security::OriginOf(issuer.sign_in().redirect_uri());
  }
  return "";
}

std::string ProviderSignIn::RandomText() const {
  std::array<std::uint8_t, 32> bytes{};
  parts_.random->Fill(bytes);
  return security::ToBase64Url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string ProviderSignIn::Remember(Pending pending) {
  std::string ticket = RandomText();
  const absl::Time now = parts_.clock->Now();
  pending.began = now;
  const absl::MutexLock lock(&mutex_);
  std::erase_if(pending_, [now](const auto& held) { return held.second.began + kPatience <= now; });
  if (pending_.size() >= kMostPending) {
    pending_.erase(
        std::ranges::min_element(pending_, {}, [](const auto& held) { return held.second.began; }));
  }
  pending_.emplace(ticket, std::move(pending));
  return ticket;
}

absl::StatusOr<ProviderSignIn::Pending> ProviderSignIn::Take(std::string_view ticket) {
  const absl::Time now = parts_.clock->Now();
  const absl::MutexLock lock(&mutex_);
  const auto found = pending_.find(ticket);
  if (found == pending_.end()) return DoesNotFit();
  Pending pending = std::move(found->second);
  pending_.erase(found);
  if (pending.began + kPatience <= now) return DoesNotFit();
  return pending;
}

absl::StatusOr<security::ProviderMetadata> ProviderSignIn::MetadataOf(const Issuer& issuer) {
  const absl::Time now = parts_.clock->Now();
  {
    const absl::MutexLock lock(&mutex_);
    const auto found = told_.find(issuer.issuer());
    if (found != told_.end() && now < found->second.at + kTellAgain) return found->second.metadata;
  }
  ASSIGN_OR_RETURN(
      const http::Response answer,
      parts_.ask({"GET", security::DiscoveryAddressOf(issuer.issuer()), {}, ""}, issuer));
  if (answer.status != kGood) return absl::UnavailableError("the provider does not say who it is");
  ASSIGN_OR_RETURN(const security::ProviderMetadata metadata,
                   security::ParseProviderMetadata(answer.body, issuer.issuer()));
  if (metadata.authorization_endpoint.empty() || metadata.token_endpoint.empty()) {
    return absl::FailedPreconditionError("nobody can sign in with that provider");
  }
  const absl::MutexLock lock(&mutex_);
  told_[issuer.issuer()] = {metadata, now};
  return metadata;
}

absl::StatusOr<ProviderSignIn::Begun> ProviderSignIn::Begin(std::string_view provider) {
  const auto issuers = parts_.issuers ? parts_.issuers() : nullptr;
  const Issuer* issuer = nullptr;
  for (int i = 0; issuers != nullptr && i < issuers->issuers_size(); ++i) {
    const Issuer& each = issuers->issuers(i);
    if (each.has_sign_in() && IdOf(each.issuer()) == provider) issuer = &each;
  }
  if (issuer == nullptr) return absl::NotFoundError("there is no such provider");
  ASSIGN_OR_RETURN(const security::ProviderMetadata metadata, MetadataOf(*issuer));
  Pending pending{issuer->issuer(), RandomText(), RandomText(), RandomText(), {}};
  const config::v1::SignIn& sign_in = issuer->sign_in();
  Form form;
  form.Add("response_type", "code")
      .Add("client_id", sign_in.client_id())
      .Add("redirect_uri", sign_in.redirect_uri())
      .Add("scope", ScopeOf(sign_in))
      .Add("state", pending.state)
      .Add("nonce", pending.nonce)
      .Add("code_challenge", security::ToBase64Url(AsBytes(Sha256Of(pending.verifier))))
      .Add("code_challenge_method", "S256")
      .Add("resource", sign_in.resource());
  const std::string& endpoint = metadata.authorization_endpoint;
  const char* joint = endpoint.find('?') == std::string::npos ? "?" : "&";
  std::string location = absl::StrCat(endpoint, joint, form.text());
  return Begun{std::move(location), Remember(std::move(pending))};
}

absl::StatusOr<Tokens> ProviderSignIn::AskForTokens(const Issuer& issuer, std::string form,
                                                    std::string* identity_token) {
  ASSIGN_OR_RETURN(const security::ProviderMetadata metadata, MetadataOf(issuer));
  http::Outgoing outgoing{
      "POST",
      metadata.token_endpoint,
      {{"content-type", "application/x-www-form-urlencoded"}, {"accept", "application/json"}},
      std::move(form)};
  RETURN_IF_ERROR(Authenticate(issuer.sign_in(), outgoing));
  ASSIGN_OR_RETURN(const http::Response answer, parts_.ask(outgoing, issuer));
  if (answer.status == kBadRequest || answer.status == kUnauthorized) {
    return absl::UnauthenticatedError("the provider gives no token for it");
  }
  if (answer.status != kGood) return absl::UnavailableError("the provider gave no answer");
  const auto told = security::ParseStrictObject(answer.body);
  if (!told) return absl::UnavailableError("the provider's answer cannot be read");
  const std::string* access = security::FindString(*told, "access_token");
  const std::string* type = security::FindString(*told, "token_type");
  const std::optional<double> seconds = security::FindInteger(*told, "expires_in");
  if (access == nullptr || type == nullptr || !absl::EqualsIgnoreCase(*type, "Bearer")) {
    return absl::UnavailableError("the provider's answer holds no bearer token");
  }
  Tokens tokens;
  tokens.issuer = issuer.issuer();
  tokens.access_token = *access;
  tokens.expires_at = parts_.clock->Now() + absl::Seconds(seconds.value_or(0));
  if (const std::string* refresh = security::FindString(*told, "refresh_token")) {
    tokens.refresh_token = *refresh;
  }
  if (const std::string* identity = security::FindString(*told, "id_token")) {
    *identity_token = *identity;
  }
  return tokens;
}

absl::StatusOr<Tokens> ProviderSignIn::Finish(std::string_view ticket, std::string_view query) {
  ASSIGN_OR_RETURN(const Pending pending, Take(ticket));
  const auto issuers = parts_.issuers();
  const Issuer* issuer = issuers == nullptr ? nullptr : Find(*issuers, pending.issuer);
  if (issuer == nullptr) return DoesNotFit();
  ASSIGN_OR_RETURN(const security::ProviderMetadata metadata, MetadataOf(*issuer));
  ASSIGN_OR_RETURN(const std::string code,
                   CodeOf(query, pending.state, issuer->issuer(), metadata.names_itself));
  const config::v1::SignIn& sign_in = issuer->sign_in();
  Form form;
  form.Add("grant_type", "authorization_code")
      .Add("code", code)
      .Add("redirect_uri", sign_in.redirect_uri())
      .Add("client_id", sign_in.client_id())
      .Add("code_verifier", pending.verifier)
      .Add("resource", sign_in.resource());
  std::string identity_token;
  ASSIGN_OR_RETURN(Tokens tokens, AskForTokens(*issuer, form.text(), &identity_token));
  ASSIGN_OR_RETURN(const security::Identity identity,
                   security::ReadIdentityToken(
                       identity_token, {issuer->issuer(), sign_in.client_id(), pending.nonce},
                       parts_.clock->Now()));
  tokens.name = identity.name;
  return tokens;
}

absl::StatusOr<Tokens> ProviderSignIn::Renew(const Tokens& tokens) {
  const auto issuers = parts_.issuers();
  const Issuer* issuer = issuers == nullptr ? nullptr : Find(*issuers, tokens.issuer);
  if (issuer == nullptr || tokens.refresh_token.empty()) {
    return absl::UnauthenticatedError("there is nothing to renew it by");
  }
  const config::v1::SignIn& sign_in = issuer->sign_in();
  Form form;
  form.Add("grant_type", "refresh_token")
      .Add("refresh_token", tokens.refresh_token)
      .Add("client_id", sign_in.client_id())
      .Add("resource", sign_in.resource());
  std::string identity_token;
  ASSIGN_OR_RETURN(Tokens renewed, AskForTokens(*issuer, form.text(), &identity_token));
  if (renewed.refresh_token.empty()) renewed.refresh_token = tokens.refresh_token;
  renewed.name = tokens.name;
  return renewed;
}

}  // namespace holdfast::gateway
