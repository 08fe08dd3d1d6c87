#include "statistics/multiple.h"

#include <algorithm>
#include <numeric>

namespace holdfast::statistics {

Result<Family> BenjaminiHochberg(std::span<const double> p, double level) {
  const bool in_range =
      std::all_of(p.begin(), p.end(), [](double value) { return value >= 0 && value <= 1; });
  if (!in_range || !IsLevel(level)) return Because(Undefined::kInputOutOfRange);
  const auto tests = static_cast<double>(p.size());
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&p](std::size_t left, std::size_t right) {
    return p[left] != p[right] ? p[left] < p[right] : left < right;
  });
  Family family;
  family.q.resize(p.size());
  double smallest = 1;
  for (std::size_t i = p.size(); i-- > 0;) {
    const double value = p[order[i]];
    // Rounding must not put q below its p.
    const double adjusted = std::max(value, value * tests / static_cast<double>(i + 1));
    smallest = std::min(smallest, adjusted);
    family.q[order[i]] = smallest;
    if (smallest <= level) ++family.rejected;
    if (value * tests <= level) ++family.bonferroni_rejected;
  }
  return family;
}

}  // namespace holdfast::statistics
