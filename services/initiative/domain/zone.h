// Zones: parts of a site that people name freely. Names differ by more than the case of their Latin
// letters.
#pragma once

#include <string>
#include <string_view>

namespace holdfast::initiative {

inline constexpr std::string_view kWholeSite = "site";

// The zone that a command means: "site" where it names none.
inline std::string ZoneOf(const std::string& named) {
  return named.empty() ? std::string(kWholeSite) : named;
}

bool SameZone(std::string_view a, std::string_view b);

}  // namespace holdfast::initiative
