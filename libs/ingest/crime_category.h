// The fourteen categories of police.uk, by number, slug and the archive's text.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::ingest {

// On disk for ever.
enum class CrimeCategory : std::uint8_t {
  kUnspecified = 0,
  kAntiSocialBehaviour = 1,
  kBicycleTheft = 2,
  kBurglary = 3,
  kCriminalDamageArson = 4,
  kDrugs = 5,
  kOtherTheft = 6,
  kPossessionOfWeapons = 7,
  kPublicOrder = 8,
  kRobbery = 9,
  kShoplifting = 10,
  kTheftFromThePerson = 11,
  kVehicleCrime = 12,
  kViolentCrime = 13,
  kOtherCrime = 14,
};

inline constexpr std::array<std::string_view, 15> kCategorySlugs = {"",
                                                                    "anti-social-behaviour",
                                                                    "bicycle-theft",
                                                                    "burglary",
                                                                    "criminal-damage-arson",
                                                                    "drugs",
                                                                    "other-theft",
                                                                    "possession-of-weapons",
                                                                    "public-order",
                                                                    "robbery",
                                                                    "shoplifting",
                                                                    "theft-from-the-person",
                                                                    "vehicle-crime",
                                                                    "violent-crime",
                                                                    "other-crime"};

// The API's word for it: "violent-crime".
constexpr std::string_view SlugOf(CrimeCategory category) {
  return kCategorySlugs[static_cast<std::size_t>(category)];
}
std::optional<CrimeCategory> CategoryOfSlug(std::string_view slug);

// From the archive's text in the column "Crime type", today's or one in use until April 2013:
// "Violent crime" was renamed "Violence and sexual offences"; "Public disorder and weapons" was
// divided, and counts as public order here, so the months before May 2013 are a break in that
// series and in possession of weapons. Empty where the text is none of these.
std::optional<CrimeCategory> CategoryOfText(std::string_view text);

// The text that a person most likely meant, empty where none is near.
std::string_view NearestCategoryText(std::string_view text);

// Whether the column "Last outcome category" is known to hold this text.
bool IsKnownOutcome(std::string_view text);

}  // namespace holdfast::ingest
