#include "statistics/gamma_table.h"

#include <algorithm>
#include <cmath>

#include "statistics/distributions.h"

namespace holdfast::statistics {
namespace {

constexpr double kStep = 0.125;
constexpr double kReach = 8.5;

}  // namespace

GammaTable::GammaTable(double shape, double rate) {
  const double log_rate = std::log(rate);
  const double log_gamma = LogGamma(shape);
  for (int node = 0; node < kNodes; ++node) {
    const double z = kStep * node - kReach;
    const double lower = NormalLower(z);
    // Near 0 the distribution function is x^shape / Γ(shape + 1); there x itself may underflow, its
    // logarithm does not.
    double log_x = (std::log(lower) + std::log(shape) + log_gamma) / shape;
    double slope = NormalDensity(z) / (shape * lower);
    if (log_x > std::log(1e-12)) {
      const double x =
          z < 0 ? GammaQuantile(lower, shape) : GammaUpperQuantile(NormalUpper(z), shape);
      log_x = std::log(x);
      slope = NormalDensity(z) / (x * GammaDensity(x, shape));
    }
    log_value_[static_cast<std::size_t>(node)] = log_x - log_rate;
    slope_[static_cast<std::size_t>(node)] = slope * kStep;
  }
}

double GammaTable::Quantile(double u) const {
  const double position = (NormalQuantile(u) + kReach) / kStep;
  const auto node = static_cast<std::size_t>(std::clamp(position, 0.0, kNodes - 2.0));
  const double t = position - static_cast<double>(node);
  const double s = 1 - t;
  const double log_value = s * s * ((1 + 2 * t) * log_value_[node] + t * slope_[node]) +
                           t * t * ((1 + 2 * s) * log_value_[node + 1] - s * slope_[node + 1]);
  return std::exp(log_value);
}

}  // namespace holdfast::statistics
