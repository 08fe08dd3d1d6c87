#include "samples.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>

namespace holdfast::bench {

double Samples::Min() const {
  return values_.empty() ? 0 : *std::min_element(values_.begin(), values_.end());
}

double Samples::Max() const {
  return values_.empty() ? 0 : *std::max_element(values_.begin(), values_.end());
}

double Samples::Median() const {
  if (values_.empty()) return 0;
  std::vector<double> sorted = values_;
  std::sort(sorted.begin(), sorted.end());
  const std::size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

std::string Figure(double value) {
  if (value == 0) return "0";
  const int whole = static_cast<int>(std::floor(std::log10(std::abs(value)))) + 1;
  if (whole < 3) {
    char text[32];
    std::snprintf(text, sizeof text, "%.*f", std::min(3 - whole, 6), value);
    return text;
  }
  const double unit = std::pow(10, whole - 3);
  const auto rounded = static_cast<std::int64_t>(std::llround(value / unit) * std::llround(unit));
  std::string digits = std::to_string(rounded);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

}  // namespace holdfast::bench
