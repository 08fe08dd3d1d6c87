#include "security/claim_rule.h"

#include <algorithm>
#include <array>
#include <utility>

namespace holdfast::security {
namespace {

constexpr std::array<std::string_view, 45> kOfIdentityTokens = {"iss",
                                                                "sub",
                                                                "aud",
                                                                "exp",
                                                                "iat",
                                                                "nbf",
                                                                "jti",
                                                                "auth_time",
                                                                "nonce",
                                                                "acr",
                                                                "amr",
                                                                "azp",
                                                                "at_hash",
                                                                "c_hash",
                                                                "s_hash",
                                                                "sid",
                                                                "name",
                                                                "given_name",
                                                                "family_name",
                                                                "email",
                                                                "email_verified",
                                                                "middle_name",
                                                                "nickname",
                                                                "preferred_username",
                                                                "profile",
                                                                "picture",
                                                                "website",
                                                                "gender",
                                                                "birthdate",
                                                                "zoneinfo",
                                                                "locale",
                                                                "address",
                                                                "phone_number",
                                                                "phone_number_verified",
                                                                "updated_at",
                                                                "groups",
                                                                "roles",
                                                                "oid",
                                                                "tid",
                                                                "ver",
                                                                "upn",
                                                                "unique_name",
                                                                "realm_access",
                                                                "resource_access",
                                                                "uti"};

bool Holds(const JsonValue& claim, const std::string& value) {
  if (const auto* text = std::get_if<std::string>(&claim)) return *text == value;
  const auto* texts = std::get_if<std::vector<std::string>>(&claim);
  return texts != nullptr && std::ranges::find(*texts, value) != texts->end();
}

bool IsEmpty(const JsonValue& claim) {
  if (const auto* text = std::get_if<std::string>(&claim)) return text->empty();
  if (const auto* texts = std::get_if<std::vector<std::string>>(&claim)) return texts->empty();
  return true;  // nothing that a rule looks into
}

}  // namespace

std::optional<ClaimRule> ClaimRule::Parse(std::string_view text) {
  ClaimRule rule;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    const std::size_t equals = part.find('=');
    Part made{std::string(part.substr(0, equals)), std::nullopt};
    if (equals != part.npos) made.value = std::string(part.substr(equals + 1));
    const bool spaced = part.find_first_of(" \t\r\n") != part.npos;
    if (made.name.empty() || spaced || (made.value && made.value->empty())) return std::nullopt;
    rule.parts_.push_back(std::move(made));
    if (comma == text.npos) break;
    text.remove_prefix(comma + 1);
    if (text.empty()) return std::nullopt;
  }
  return rule;
}

bool ClaimRule::Passes(const JsonObject& claims) const {
  return !parts_.empty() && std::ranges::all_of(parts_, [&claims](const Part& part) {
    const auto claim = claims.find(part.name);
    if (claim == claims.end()) return false;
    return part.value ? Holds(claim->second, *part.value) : !IsEmpty(claim->second);
  });
}

bool ClaimRule::IdentityTokensMayPass() const {
  return std::ranges::all_of(parts_, [](const Part& part) {
    // Keycloak's identity tokens carry `typ` too, and say ID there.
    if (part.name == "typ") return !part.value || *part.value == "ID";
    return std::ranges::find(kOfIdentityTokens, part.name) != kOfIdentityTokens.end();
  });
}

}  // namespace holdfast::security
