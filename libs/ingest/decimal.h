// Decimal numbers as whole ones: "0.081555" degrees are 81555 millionths.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::ingest {

// Sign, digits, at most one point; no exponent, space, or digit group. Rounded half away from zero.
// Empty where it is anything else, or has over 12 digits before the point or 30 behind it.
std::optional<std::int64_t> ParseMillionths(std::string_view text);

// Digits only, at most 15 of them.
std::optional<std::int64_t> ParseCount(std::string_view text);

}  // namespace holdfast::ingest
