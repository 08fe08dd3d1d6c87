// Days between the words (type.v1.Day) and the calendar (absl::CivilDay).
#pragma once

#include "holdfast/type/v1/type.pb.h"

#include "absl/time/civil_time.h"

namespace holdfast::directory {

inline absl::CivilDay ToDay(const type::v1::Day& day) {
  return absl::CivilDay(day.year(), day.month(), day.day());
}

}  // namespace holdfast::directory
