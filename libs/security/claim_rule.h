// What only a certain kind of token carries, as the issuers' file says it.
//
//   "scp"               the claim is there, and not empty
//   "idtyp=app"         it is this text, or a list that holds it
//   "typ=Bearer,sid"    all of these
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "security/strict_json.h"

namespace holdfast::security {

class ClaimRule {
 public:
  // Empty where a part of it names no claim. The empty text is a rule that nothing passes.
  static std::optional<ClaimRule> Parse(std::string_view text);

  bool operator==(const ClaimRule&) const = default;
  bool empty() const { return parts_.empty(); }
  bool Passes(const JsonObject& claims) const;

  // True where an identity token may pass it too, since all that it asks for stands in those as
  // well (OpenID Connect Core §2, §5.1; `roles` and `groups` as Entra ID and Keycloak send them).
  bool IdentityTokensMayPass() const;

 private:
  struct Part {
    std::string name;
    std::optional<std::string> value;
    bool operator==(const Part&) const = default;
  };
  std::vector<Part> parts_;
};

}  // namespace holdfast::security
