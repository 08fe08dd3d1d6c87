#include "ingest/decimal.h"

#include <cstddef>

namespace holdfast::ingest {
namespace {

constexpr std::size_t kDecimals = 6;
constexpr std::size_t kMaxWhole = 12;
constexpr std::size_t kMaxFraction = 30;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Digits at the front, as many as there are.
std::size_t DigitsOf(std::string_view text) {
  std::size_t n = 0;
  while (n < text.size() && IsDigit(text[n])) ++n;
  return n;
}

// Both of digits alone.
std::int64_t Millionths(std::string_view whole, std::string_view fraction) {
  std::int64_t value = 0;
  for (const char c : whole) value = value * 10 + (c - '0');
  for (std::size_t i = 0; i < kDecimals; ++i) {
    value = value * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
  }
  return fraction.size() > kDecimals && fraction[kDecimals] >= '5' ? value + 1 : value;
}

}  // namespace

std::optional<std::int64_t> ParseMillionths(std::string_view text) {
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  const std::string_view whole = text.substr(0, DigitsOf(text));
  std::string_view fraction = text.substr(whole.size());
  if (!fraction.empty()) {
    if (fraction[0] != '.') return std::nullopt;
    fraction.remove_prefix(1);
  }
  if (DigitsOf(fraction) != fraction.size() || whole.size() + fraction.size() == 0 ||
      whole.size() > kMaxWhole || fraction.size() > kMaxFraction) {
    return std::nullopt;
  }
  const std::int64_t value = Millionths(whole, fraction);
  return negative ? -value : value;
}

std::optional<std::int64_t> ParseCount(std::string_view text) {
  if (text.empty() || text.size() > 15 || DigitsOf(text) != text.size()) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) value = value * 10 + (c - '0');
  return value;
}

}  // namespace holdfast::ingest
