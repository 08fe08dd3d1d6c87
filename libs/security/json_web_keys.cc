#include "security/json_web_keys.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "security/base64url.h"
#include "security/strict_json.h"

namespace holdfast::security {
namespace {

// RFC 7518 §6.2.2, §6.3.2, §6.4.1.
bool IsPrivate(const JsonObject& key) {
  constexpr std::array<std::string_view, 8> kPrivate = {"d",  "p",  "q",   "dp",
                                                        "dq", "qi", "oth", "k"};
  return std::ranges::any_of(kPrivate, [&key](auto name) { return key.contains(name); });
}

std::optional<std::string> Bytes(const JsonObject& key, std::string_view name) {
  const std::string* text = FindString(key, name);
  return text == nullptr ? std::nullopt : FromBase64Url(*text);
}

std::shared_ptr<const VerifyingKey> Material(const JsonObject& key) {
  const std::string* type = FindString(key, "kty");
  if (type == nullptr) return nullptr;
  if (*type == "RSA") {
    const auto modulus = Bytes(key, "n");
    const auto exponent = Bytes(key, "e");
    return modulus && exponent ? VerifyingKey::FromRsa(*modulus, *exponent) : nullptr;
  }
  const std::string* curve = FindString(key, "crv");
  if (*type != "EC" || curve == nullptr || *curve != "P-256") return nullptr;
  const auto x = Bytes(key, "x");
  const auto y = Bytes(key, "y");
  return x && y ? VerifyingKey::FromPoint(*x, *y) : nullptr;
}

bool MayVerify(const JsonObject& key) {
  if (key.contains("use")) {
    const std::string* use = FindString(key, "use");
    if (use == nullptr || *use != "sig") return false;
  }
  const auto operations = key.find("key_ops");
  if (operations == key.end()) return true;
  const auto* named = std::get_if<std::vector<std::string>>(&operations->second);
  return named != nullptr && std::ranges::find(*named, "verify") != named->end();
}

// Empty where the key verifies no token of ours.
std::optional<IssuerKey> Usable(const JsonObject& key) {
  if (!MayVerify(key)) return std::nullopt;
  IssuerKey usable;
  if (key.contains("alg")) {
    const std::string* name = FindString(key, "alg");
    if (name != nullptr) usable.algorithm = AlgorithmNamed(*name);
    if (!usable.algorithm) return std::nullopt;
  }
  usable.key = Material(key);
  if (usable.key == nullptr) return std::nullopt;
  if (usable.algorithm && !usable.key->Fits(*usable.algorithm)) return std::nullopt;
  return usable;
}

absl::Status Refused(const char* sentence) {
  return absl::InvalidArgumentError(sentence);
}

}  // namespace

absl::StatusOr<KeySet> ParseJsonWebKeys(std::string_view json) {
  if (json.size() > kMaxKeySetBytes) return Refused("the key set is larger than 64 KiB");
  const auto objects = ParseStrictObjects(json, "keys");
  if (!objects)
    return Refused("it is no key set: no JSON, a member twice, or no array of objects `keys`");
  if (objects->size() > kMaxKeys) return Refused("the key set holds more than 32 keys");
  KeySet keys;
  std::set<std::string_view> named;
  for (const JsonObject& object : *objects) {
    if (IsPrivate(object)) return Refused("the key set publishes a private or symmetric key");
    const std::string* id = FindString(object, "kid");
    if (id == nullptr || id->empty()) continue;
    if (!named.insert(*id).second) return Refused("a `kid` stands twice in the key set");
    if (std::optional<IssuerKey> usable = Usable(object)) keys.emplace(*id, *std::move(usable));
  }
  return keys;
}

}  // namespace holdfast::security
