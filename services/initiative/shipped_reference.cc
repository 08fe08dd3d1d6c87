#include "initiative/shipped_reference.h"

#include <string>

#include <google/protobuf/util/json_util.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace holdfast::initiative {
namespace {

template <class Command>
absl::StatusOr<Command> FromJson(std::string_view json, std::string_view what) {
  Command command;
  const auto parsed = google::protobuf::util::JsonStringToMessage(
      google::protobuf::StringPiece(json.data(), json.size()), &command);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(std::string(what), ": ", std::string(parsed.message())));
  }
  return command;
}

}  // namespace

absl::StatusOr<v1::PublishGateCriteria> GateCriteriaFromJson(std::string_view json) {
  return FromJson<v1::PublishGateCriteria>(json, "gate criteria");
}

absl::StatusOr<v1::PublishPoliceTerms> PoliceTermsFromJson(std::string_view json) {
  return FromJson<v1::PublishPoliceTerms>(json, "police terms");
}

}  // namespace holdfast::initiative
