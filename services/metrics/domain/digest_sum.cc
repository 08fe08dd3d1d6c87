#include "metrics/domain/digest_sum.h"

#include <cstddef>
#include <cstdint>

#include "base/check.h"

namespace holdfast::metrics {
namespace {

constexpr std::size_t kBytes = 32;

int ByteAt(std::string_view number, std::size_t i) {
  return number.empty() ? 0 : static_cast<std::uint8_t>(number[i]);
}

std::string Combine(std::string_view a, std::string_view b, int sign) {
  HOLDFAST_CHECK(a.empty() || a.size() == kBytes);
  HOLDFAST_CHECK(b.empty() || b.size() == kBytes);
  std::string sum(kBytes, '\0');
  int carry = 0;
  for (std::size_t i = kBytes; i-- > 0;) {
    const int value = ByteAt(a, i) + sign * ByteAt(b, i) + carry;
    sum[i] = static_cast<char>(value & 0xFF);
    carry = value > 0xFF ? 1 : value < 0 ? -1 : 0;
  }
  return sum;
}

}  // namespace

std::string AddDigests(std::string_view a, std::string_view b) {
  return Combine(a, b, 1);
}
std::string SubtractDigests(std::string_view a, std::string_view b) {
  return Combine(a, b, -1);
}

}  // namespace holdfast::metrics
