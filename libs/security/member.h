// What the directory says of who calls: facts of rights, never claims of a token.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "holdfast/directory/v1/words.pb.h"
#include "holdfast/options/v1/options.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "absl/time/civil_time.h"
#include "security/policy_epoch.h"

namespace holdfast::security {

enum class PrincipalKind : std::uint8_t {
  kPerson,   // signed in by a provider
  kClient,   // a program of an agency, registered in the directory
  kService,  // a process of this deployment, by its certificate
  kJob,      // a service under a listed purpose
  kPublic,   // nobody in particular, who came by a site's public slug
};

struct Training {
  std::string course;
  absl::CivilDay valid_to;  // the last day
  friend bool operator==(const Training&, const Training&) = default;
};

// The area that stands for every area of the tenant.
inline constexpr char kEveryArea[] = "*";

struct Member {
  std::string agency;
  std::string actor_ref;
  std::vector<options::v1::Role::Code> roles;
  PrincipalKind kind = PrincipalKind::kPerson;
  type::v1::Agency::Type agency_type = type::v1::Agency::TYPE_UNSPECIFIED;
  type::v1::Agency::Regime regime = type::v1::Agency::REGIME_UNSPECIFIED;
  std::vector<std::string> areas = {};  // none: no area; kEveryArea
  directory::v1::Clearance::Code clearance = directory::v1::Clearance::CODE_UNSPECIFIED;
  std::vector<Training> training = {};
  std::vector<std::string> compartments = {};
  // May do the work of the reserved tenant `operator`.
  bool operates = false;
};

}  // namespace holdfast::security
