// A number as a part of a key: six digits or more, so that keys sort as the numbers do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace holdfast::metrics {

inline std::string Ordinal(std::uint32_t number) {
  std::string digits = std::to_string(number);
  if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
  return digits;
}

}  // namespace holdfast::metrics
