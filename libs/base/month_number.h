// Months as whole numbers, one more for each month: to order them and to count between them.
#pragma once

#include <cstdint>

namespace holdfast {

// 0 for January of the year 0. On disk for ever: digests of rows hold it.
constexpr std::int32_t MonthNumber(std::int32_t year, std::int32_t month) {
  return year * 12 + month - 1;
}

// Of anything with a year and a month, read by `year()` and `month()`.
template <class Month>
constexpr std::int32_t MonthNumber(const Month& month) {
  return MonthNumber(static_cast<std::int32_t>(month.year()),
                     static_cast<std::int32_t>(month.month()));
}

}  // namespace holdfast
