// What a statistical function answers: a value, or the reason why there is none. Never NaN, never
// infinity.
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "tl/expected.hpp"

namespace holdfast::statistics {

// Why a figure has no value. The numbers are those of metrics.v1.Undefined.Reason: on disk for
// ever.
enum class Undefined : std::uint8_t {
  kNoEvents = 1,
  kZeroExposure = 2,
  kZeroBaseline = 3,
  kBaselineTooSmall = 4,
  kMissingPeriod = 5,
  kSeriesTooShort = 6,
  kNoVariation = 7,
  kNotEstimable = 8,
  kDidNotConverge = 9,
  kDenominatorCoversZero = 10,
  kIncompletePopulation = 11,
  kMissingWeights = 12,
  kInputOutOfRange = 13,
  kTooLarge = 14,
  kTooFew = 15,
};

inline constexpr std::array<Undefined, 15> kAllUndefined = {
    Undefined::kNoEvents,
    Undefined::kZeroExposure,
    Undefined::kZeroBaseline,
    Undefined::kBaselineTooSmall,
    Undefined::kMissingPeriod,
    Undefined::kSeriesTooShort,
    Undefined::kNoVariation,
    Undefined::kNotEstimable,
    Undefined::kDidNotConverge,
    Undefined::kDenominatorCoversZero,
    Undefined::kIncompletePopulation,
    Undefined::kMissingWeights,
    Undefined::kInputOutOfRange,
    Undefined::kTooLarge,
    Undefined::kTooFew,
};

// "NO_EVENTS", "ZERO_EXPOSURE" …: the word that is printed and sent.
std::string_view Name(Undefined reason);

template <class T>
using Result = tl::expected<T, Undefined>;

inline tl::unexpected<Undefined> Because(Undefined reason) {
  return tl::unexpected<Undefined>(reason);
}

// Both limits, where neither can be unbounded.
struct Interval {
  double lower = 0;
  double upper = 0;
};

// The door of every function. A count is a whole number in [0, 2^53], the range in which a double
// holds each of them.
inline constexpr std::int64_t kMaxCount = std::int64_t{1} << 53;
inline bool IsCount(std::int64_t count) {
  return count >= 0 && count <= kMaxCount;
}
inline bool IsPositive(double value) {
  return std::isfinite(value) && value > 0;
}
inline bool IsLevel(double level) {
  return level > 0 && level < 1;
}

// Exposures, populations, sample sizes: 0 is a reason of its own, all else that is not finite and >
// 0 is out of range.
inline Undefined ExposureFault(double exposure) {
  return exposure == 0 ? Undefined::kZeroExposure : Undefined::kInputOutOfRange;
}

}  // namespace holdfast::statistics
