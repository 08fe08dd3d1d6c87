#include <string>

#include "base/check.h"
#include "security/json_web_keys.h"
#include "security/provider_metadata.h"
#include "targets.h"

namespace holdfast::fuzz {

void KeySet(std::string_view bytes) {
  const auto keys = security::ParseJsonWebKeys(bytes);
  if (keys.ok()) {
    HOLDFAST_CHECK(bytes.size() <= security::kMaxKeySetBytes);
    HOLDFAST_CHECK(keys->size() <= security::kMaxKeys);
    for (const auto& [id, key] : *keys) {
      HOLDFAST_CHECK(!id.empty() && key.key != nullptr);
      HOLDFAST_CHECK(!key.algorithm || key.key->Fits(*key.algorithm));
    }
  }
  constexpr std::string_view kIssuer = "https://sign-in.example";
  const auto provider = security::ParseProviderMetadata(bytes, kIssuer);
  if (!provider.ok()) return;
  HOLDFAST_CHECK(provider->jwks_uri.starts_with(kIssuer));
  for (const std::string& address :
       {provider->jwks_uri, provider->authorization_endpoint, provider->token_endpoint}) {
    HOLDFAST_CHECK(address.empty() || security::OriginOf(address) == kIssuer);
  }
}

}  // namespace holdfast::fuzz
