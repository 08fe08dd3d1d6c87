#include "app/trusted_issuers.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "http/fetch.h"

namespace holdfast::app {
namespace {

constexpr int kGood = 200;

security::FetchDocument OverHttps(http::FetchRules rules) {
  return [rules = std::move(rules)](const std::string& address) -> absl::StatusOr<std::string> {
    absl::StatusOr<http::Response> answer = http::Fetch(
        {"GET", address, {{"accept", "application/json, application/jwk-set+json"}}, ""}, rules);
    if (!answer.ok()) return answer.status();
    if (answer->status != kGood) {
      return absl::UnavailableError(absl::StrCat("it answered ", answer->status));
    }
    return std::move(answer->body);
  };
}

// As the verifier knows it; all texts were checked with the file.
security::Issuer IssuerOf(const config::v1::Issuer& configured) {
  security::Issuer issuer;
  issuer.name = configured.issuer();
  issuer.type = absl::AsciiStrToLower(configured.type());
  for (const std::string& name : configured.algorithms()) {
    issuer.algorithms.insert(*security::AlgorithmNamed(name));
  }
  for (const config::v1::Audience& audience : configured.audiences()) {
    issuer.audiences.emplace(audience.audience(), security::Audience{audience.tenant(),
                                                                     {audience.agencies().begin(),
                                                                      audience.agencies().end()}});
  }
  issuer.subject_claim = configured.subject_claim();
  issuer.max_lifetime = absl::Seconds(configured.max_lifetime_s());
  issuer.person = *security::ClaimRule::Parse(configured.person_claim());
  issuer.client = *security::ClaimRule::Parse(configured.client_claim());
  return issuer;
}

}  // namespace

std::shared_ptr<security::RemoteKeys> TrustedIssuers::KeysOf(
    const config::v1::Issuer& issuer) const {
  security::RemoteKeys::Parts parts;
  parts.issuer = issuer.issuer();
  parts.jwks_uri = issuer.jwks_uri();
  parts.fetch = parts_.fetch;
  if (parts.fetch == nullptr) {
    http::FetchRules rules;
    rules.ca_file = issuer.ca_file();
    rules.plain_loopback = parts_.development;
    parts.fetch = OverHttps(std::move(rules));
  }
  parts.executor = parts_.executor;
  parts.clock = parts_.clock;
  parts.withdrawn = [verifier = parts_.verifier] { verifier->Distrust(); };
  return security::RemoteKeys::Start(std::move(parts));
}

void TrustedIssuers::Take(const config::v1::Issuers& issuers) {
  std::map<Place, std::shared_ptr<security::RemoteKeys>> kept;
  std::vector<security::Issuer> trusted = parts_.own;
  for (const config::v1::Issuer& configured : issuers.issuers()) {
    const Place place{configured.issuer(), configured.jwks_uri(), configured.ca_file()};
    const auto before = keys_.find(place);
    auto keys = before == keys_.end() ? KeysOf(configured) : before->second;
    security::Issuer issuer = IssuerOf(configured);
    issuer.keys = keys;
    trusted.push_back(std::move(issuer));
    kept.emplace(place, std::move(keys));
  }
  keys_ = std::move(kept);
  parts_.verifier->Replace(std::move(trusted));
}

}  // namespace holdfast::app
