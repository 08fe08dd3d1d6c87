#include "ingest/crime_category.h"

#include <algorithm>
#include <span>

#include "ingest/nearest_name.h"

namespace holdfast::ingest {
namespace {

struct CategoryText {
  std::string_view text;
  CrimeCategory category;
};

// Lengths are compared first, so a text meets few of its own length.
constexpr std::array<CategoryText, 16> kTexts = {{
    {"Drugs", CrimeCategory::kDrugs},
    {"Robbery", CrimeCategory::kRobbery},
    {"Burglary", CrimeCategory::kBurglary},
    {"Other crime", CrimeCategory::kOtherCrime},
    {"Other theft", CrimeCategory::kOtherTheft},
    {"Shoplifting", CrimeCategory::kShoplifting},
    {"Public order", CrimeCategory::kPublicOrder},
    {"Bicycle theft", CrimeCategory::kBicycleTheft},
    {"Vehicle crime", CrimeCategory::kVehicleCrime},
    {"Violent crime", CrimeCategory::kViolentCrime},
    {"Theft from the person", CrimeCategory::kTheftFromThePerson},
    {"Anti-social behaviour", CrimeCategory::kAntiSocialBehaviour},
    {"Possession of weapons", CrimeCategory::kPossessionOfWeapons},
    {"Criminal damage and arson", CrimeCategory::kCriminalDamageArson},
    {"Public disorder and weapons", CrimeCategory::kPublicOrder},
    {"Violence and sexual offences", CrimeCategory::kViolentCrime},
}};

// police.uk, "About the data", outcomes of the street-level file.
constexpr std::array<std::string_view, 28> kOutcomes = {
    "Offender fined",
    "Suspect charged",
    "Local resolution",
    "Under investigation",
    "Awaiting court outcome",
    "Offender sent to prison",
    "Court result unavailable",
    "Offender given a caution",
    "Status update unavailable",
    "Defendant found not guilty",
    "Offender deprived of property",
    "Unable to prosecute suspect",
    "Offender given penalty notice",
    "Defendant sent to Crown Court",
    "Court case unable to proceed",
    "Offender otherwise dealt with",
    "Offender given absolute discharge",
    "Offender given community sentence",
    "Offender ordered to pay compensation",
    "Offender given conditional discharge",
    "Offender given a drugs possession warning",
    "Suspect charged as part of another case",
    "Offender given suspended prison sentence",
    "Formal action is not in the public interest",
    "Further action is not in the public interest",
    "Action to be taken by another organisation",
    "Investigation complete; no suspect identified",
    "Further investigation is not in the public interest",
};

}  // namespace

std::optional<CrimeCategory> CategoryOfSlug(std::string_view slug) {
  for (std::size_t i = 1; i < kCategorySlugs.size(); ++i) {
    if (kCategorySlugs[i] == slug) return static_cast<CrimeCategory>(i);
  }
  return std::nullopt;
}

std::optional<CrimeCategory> CategoryOfText(std::string_view text) {
  for (const CategoryText& known : kTexts) {
    if (known.text.size() == text.size() && known.text == text) return known.category;
  }
  return std::nullopt;
}

std::string_view NearestCategoryText(std::string_view text) {
  std::array<std::string_view, kTexts.size()> names{};
  std::ranges::transform(kTexts, names.begin(), &CategoryText::text);
  return NearestName(text, names);
}

bool IsKnownOutcome(std::string_view text) {
  return std::ranges::any_of(kOutcomes, [text](std::string_view known) {
    return known.size() == text.size() && known == text;
  });
}

}  // namespace holdfast::ingest
