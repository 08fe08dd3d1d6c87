#include "security/development_issuer.h"

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/random.h"
#include "base/uuid.h"
#include "security/base64url.h"
#include "security/signing_key.h"
#include "security/strict_json.h"

namespace holdfast::security {
namespace {

constexpr std::size_t kKeyIdBytes = 16;

std::string AudienceOf(std::string_view tenant) {
  return absl::StrCat("holdfast:", absl::string_view(tenant.data(), tenant.size()));
}

}  // namespace

DevelopmentIssuer::DevelopmentIssuer(const Clock& clock, Random& random)
    : DevelopmentIssuer(clock, random, SigningKey::GenerateP256()) {}

DevelopmentIssuer::DevelopmentIssuer(const Clock& clock, Random& random,
                                     std::unique_ptr<SigningKey> key)
    : clock_(clock),
      random_(random),
      key_(std::move(key)),
      key_id_(ToHex(AsBytes(Sha256Of(key_->PublicDer())).substr(0, kKeyIdBytes))) {}

DevelopmentIssuer::~DevelopmentIssuer() = default;

DevelopmentIssuer::Token DevelopmentIssuer::Issue(std::string_view tenant,
                                                  std::string_view subject) const {
  const std::int64_t now = absl::ToUnixSeconds(clock_.Now());
  const std::int64_t expires = now + absl::ToInt64Seconds(kLifetime);
  const std::string header =
      absl::StrCat(R"({"alg":"ES256","typ":"at+jwt","kid":)", JsonQuote(key_id_), "}");
  const std::string claims = absl::StrCat(
      R"({"iss":)", JsonQuote(kName), R"(,"aud":)", JsonQuote(AudienceOf(tenant)), R"(,"sub":)",
      JsonQuote(subject), R"(,"tenant":)", JsonQuote(tenant), R"(,"auth_time":)", now, R"(,"iat":)",
      now, R"(,"exp":)", expires, R"(,"jti":)", JsonQuote(ToString(NewUuidV4(random_))), "}");
  std::string text = absl::StrCat(ToBase64Url(header), ".", ToBase64Url(claims));
  const std::string signature = ToBase64Url(key_->Sign(text));
  absl::StrAppend(&text, ".", signature);
  return {std::move(text), absl::FromUnixSeconds(expires)};
}

Issuer DevelopmentIssuer::Trust(const std::vector<std::string>& tenants) const {
  Issuer issuer;
  issuer.name = std::string(kName);
  issuer.algorithms = {Algorithm::kEs256};
  const std::shared_ptr<const VerifyingKey> key = VerifyingKey::FromDer(key_->PublicDer());
  HOLDFAST_CHECK(key != nullptr);
  issuer.keys = std::make_shared<FixedKeys>(KeySet{{key_id_, {key, Algorithm::kEs256}}});
  for (const std::string& tenant : tenants) {
    issuer.audiences.emplace(AudienceOf(tenant), Audience{tenant, {}});
  }
  issuer.max_lifetime = kLifetime;
  return issuer;
}

}  // namespace holdfast::security
