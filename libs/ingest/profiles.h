// The import profiles that this build knows: a name and version, and the columns of their files.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "ingest/columns.h"

namespace holdfast::ingest {

struct Profile {
  std::string_view name;
  std::uint32_t version = 1;
  std::string_view title;
  HeaderMatch match = HeaderMatch::kLoose;
  std::span<const Column> (*columns)() = nullptr;

  // "police-uk-street@1"
  std::string Id() const;
};

std::span<const Profile> Profiles();

// "police-uk-street@1", or without "@1" for the newest. InvalidArgument naming the known ones.
absl::StatusOr<const Profile*> FindProfile(std::string_view id);

}  // namespace holdfast::ingest
