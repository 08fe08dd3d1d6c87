// The reference sets that are shipped with this context (deploy/reference/), as the commands that
// publish them into a tenant when it is registered.
#pragma once

#include <string_view>

#include "holdfast/initiative/v1/reference.pb.h"

#include "absl/status/statusor.h"

namespace holdfast::initiative {

// The text of deploy/reference/gate-criteria.json and police-terms.json, as it was when this was
// built.
std::string_view ShippedGateCriteriaJson();
std::string_view ShippedPoliceTermsJson();

// Commands to submit; kInvalidArgument names what is wrong with the text (a test holds the shipped
// ones to it).
absl::StatusOr<v1::PublishGateCriteria> GateCriteriaFromJson(std::string_view json);
absl::StatusOr<v1::PublishPoliceTerms> PoliceTermsFromJson(std::string_view json);

}  // namespace holdfast::initiative
