#include "ingest/profiles.h"

#include <array>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ingest/nearest_name.h"
#include "ingest/series_reader.h"
#include "ingest/street_reader.h"

namespace holdfast::ingest {
namespace {

constexpr std::array<Profile, 2> kProfiles = {{
    {"police-uk-street", 1, "Street-level crime of the police.uk archive", HeaderMatch::kExact,
     &StreetColumns},
    {"agency-series", 1, "Monthly counts of an agency by area", HeaderMatch::kLoose,
     &SeriesColumns},
}};

}  // namespace

std::string Profile::Id() const {
  return absl::StrCat(absl::string_view(name.data(), name.size()), "@", version);
}

std::span<const Profile> Profiles() {
  return kProfiles;
}

absl::StatusOr<const Profile*> FindProfile(std::string_view id) {
  std::vector<std::string> ids;
  std::vector<std::string_view> names;
  for (const Profile& profile : kProfiles) {
    ids.push_back(profile.Id());
    names.push_back(profile.name);
    if (id == profile.name || id == ids.back()) return &profile;
  }
  std::string sentence = "no profile has this name";
  const std::string_view near = NearestName(id.substr(0, id.find('@')), names);
  if (!near.empty()) sentence.append("; did you mean ").append(near).append("?");
  return absl::InvalidArgumentError(
      absl::StrCat(sentence, " The profiles are ", absl::StrJoin(ids, ", "), "."));
}

}  // namespace holdfast::ingest
