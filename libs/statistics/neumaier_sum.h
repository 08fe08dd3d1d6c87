// A sum of doubles that carries what rounding drops, so that long sums keep nearly all of their
// digits.
//
//   source   Neumaier (1974), ZAMM 54. Needs strict IEEE arithmetic: never built with fast-math.
#pragma once

#include <cmath>
#include <span>

namespace holdfast::statistics {

class NeumaierSum {
 public:
  void Add(double value) {
    const double next = sum_ + value;
    if (std::abs(sum_) >= std::abs(value)) {
      lost_ += (sum_ - next) + value;
    } else {
      lost_ += (value - next) + sum_;
    }
    sum_ = next;
  }
  double Total() const { return std::isfinite(sum_) ? sum_ + lost_ : sum_; }

 private:
  double sum_ = 0;
  double lost_ = 0;
};

inline double SumOf(std::span<const double> values) {
  NeumaierSum sum;
  for (const double value : values) sum.Add(value);
  return sum.Total();
}

}  // namespace holdfast::statistics
