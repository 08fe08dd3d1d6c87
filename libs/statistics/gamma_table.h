// The inverse distribution function of one Gamma variable, tabulated: ranks draw from it ten
// thousand times.
//
// ln of the quantile is smooth in the normal score, so cubic Hermite pieces between exact nodes
// (1/8 apart, to 8.5 either side) give it within a relative 1e-6 from shape 0.3 up (1e-5 from
// 0.05), at a fortieth of the cost. Deterministic and monotone.
#pragma once

#include <array>

namespace holdfast::statistics {

class GammaTable {
 public:
  // shape > 0, rate > 0.
  GammaTable(double shape, double rate);

  // The value whose distribution function is u; u in (0, 1).
  double Quantile(double u) const;

 private:
  static constexpr int kNodes = 137;
  std::array<double, kNodes> log_value_{};
  std::array<double, kNodes> slope_{};  // of log_value_, per step
};

}  // namespace holdfast::statistics
