#include "intelligence/domain/inference_gate.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "base/day.h"

namespace holdfast::intelligence {
namespace {

using Names = google::protobuf::RepeatedPtrField<std::string>;

// True where the text names none.
bool Share(const Names& named, const Names& of_contact) {
  return named.empty() || std::ranges::any_of(named, [&](const std::string& name) {
           return std::ranges::find(of_contact, name) != of_contact.end();
         });
}

bool NamesNothing(const v1::ExposureClaim& claim) {
  return claim.areas().empty() && claim.methods().empty() && !claim.has_from() && !claim.has_to();
}

bool InDaysNamed(const v1::ExposureClaim& claim, absl::CivilDay told) {
  return (!claim.has_from() || told >= ToDay(claim.from())) &&
         (!claim.has_to() || told <= ToDay(claim.to()));
}

bool Matches(const v1::ExposureClaim& claim, const v1::ExposureContact& contact) {
  return Share(claim.areas(), contact.areas()) && Share(claim.methods(), contact.methods()) &&
         InDaysNamed(claim, ToDay(contact.told_on()));
}

}  // namespace

v1::Exposure::Verdict Assess(
    const v1::ExposureClaim& claim,
    const google::protobuf::RepeatedPtrField<v1::ExposureContact>& contacts,
    const v1::ExposureRule& rule, absl::CivilDay today) {
  if (rule.min_reporters() == 0 || rule.quiet_days() == 0 || rule.look_back_days() == 0) {
    return v1::Exposure::HOLD;
  }
  if (NamesNothing(claim)) return v1::Exposure::CLEAR;
  std::set<std::string_view> plausible;
  bool matched = false;
  bool fresh = false;
  for (const v1::ExposureContact& contact : contacts) {
    const absl::CivilDay told = ToDay(contact.told_on());
    if (told > today || today - told > static_cast<absl::civil_diff_t>(rule.look_back_days()))
      continue;
    if (Share(claim.areas(), contact.areas())) plausible.insert(contact.reporter_token());
    if (!Matches(claim, contact)) continue;
    matched = true;
    if (today - told < static_cast<absl::civil_diff_t>(rule.quiet_days())) fresh = true;
  }
  // Nobody told us what it says: there is nobody to find.
  if (!matched) return v1::Exposure::CLEAR;
  return fresh || plausible.size() < rule.min_reporters() ? v1::Exposure::HOLD
                                                          : v1::Exposure::CLEAR;
}

}  // namespace holdfast::intelligence
