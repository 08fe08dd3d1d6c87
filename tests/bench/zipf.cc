#include "zipf.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"

namespace holdfast::bench {

Zipf::Zipf(std::size_t n) {
  constexpr double kExponent = 0.99;
  double sum = 0;
  upto_.reserve(n);
  for (std::size_t k = 1; k <= n; ++k)
    upto_.push_back(sum += std::pow(static_cast<double>(k), -kExponent));
  for (double& share : upto_) share /= sum;
}

std::size_t Zipf::Next(Random& random) const {
  const double at = static_cast<double>(random.Next64() >> 11U) * 0x1.0p-53;
  const auto found = std::upper_bound(upto_.begin(), upto_.end(), at);
  return std::min(static_cast<std::size_t>(found - upto_.begin()), upto_.size() - 1);
}

}  // namespace holdfast::bench
