// Days between the words (type.v1.Day) and the calendar (absl::CivilDay).
#pragma once

#include <cstdint>

#include "holdfast/type/v1/type.pb.h"

#include "absl/time/civil_time.h"

namespace holdfast {

inline absl::CivilDay ToDay(const type::v1::Day& day) {
  return absl::CivilDay(day.year(), day.month(), day.day());
}

inline type::v1::Day ToMessage(absl::CivilDay day) {
  type::v1::Day message;
  message.set_year(static_cast<std::int32_t>(day.year()));
  message.set_month(day.month());
  message.set_day(day.day());
  return message;
}

inline bool SameDay(const type::v1::Day& a, const type::v1::Day& b) {
  return ToDay(a) == ToDay(b);
}

}  // namespace holdfast
