#include "statistics/outcome.h"

#include "base/check.h"

namespace holdfast::statistics {

std::string_view Name(Undefined reason) {
  static constexpr std::array<std::string_view, 15> kNames = {
      "NO_EVENTS",
      "ZERO_EXPOSURE",
      "ZERO_BASELINE",
      "BASELINE_TOO_SMALL",
      "MISSING_PERIOD",
      "SERIES_TOO_SHORT",
      "NO_VARIATION",
      "NOT_ESTIMABLE",
      "DID_NOT_CONVERGE",
      "DENOMINATOR_COVERS_ZERO",
      "INCOMPLETE_POPULATION",
      "MISSING_WEIGHTS",
      "INPUT_OUT_OF_RANGE",
      "TOO_LARGE",
      "TOO_FEW",
  };
  const auto number = static_cast<std::size_t>(reason);
  HOLDFAST_CHECK(number >= 1 && number <= kNames.size());
  return kNames[number - 1];
}

}  // namespace holdfast::statistics
