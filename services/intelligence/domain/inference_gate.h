// Whether a text would let somebody work out who told us.
//
// A text that names an area, a day or a method is held while too few people could have been the
// one who told (k-anonymity, Sweeney 2002), or while what it names came in only days ago: whoever
// was told on then knows where to look. Both give the same answer, and nothing but that: a count,
// or a date, would itself say how many have told, and when.
// Pure: no clock, no I/O, no randomness.
#pragma once

#include <google/protobuf/repeated_field.h>

#include "holdfast/intelligence/v1/exposure.pb.h"

#include "absl/time/civil_time.h"

namespace holdfast::intelligence {

//   contacts   everybody's, in any order
//   today      the day on which the text would go out
// A contact matches where it shares an area and a method with the text, as far as that names any,
// and lies in the days that it names. Plausible is whoever has told anything of one of these areas
// (of anything, where the text names none) in the last `look_back_days`. A rule with a zero holds
// everything: it was not filled in.
v1::Exposure::Verdict Assess(
    const v1::ExposureClaim& claim,
    const google::protobuf::RepeatedPtrField<v1::ExposureContact>& contacts,
    const v1::ExposureRule& rule, absl::CivilDay today);

}  // namespace holdfast::intelligence
