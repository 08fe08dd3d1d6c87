// Counts that vary more than chance: the negative binomial, variance mu + mu^2 / k, by maximum
// likelihood.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "statistics/glm.h"
#include "statistics/outcome.h"

namespace holdfast::statistics {

struct NegativeBinomial {
  double mean = 0;
  double variance = 0;      // n - 1 below
  std::optional<double> k;  // absent: variance <= mean, the Poisson fits, and k would be infinite
  std::optional<double> k_se;  // observed information
  double log_likelihood = 0;   // the Poisson's where k is absent
  double poisson_log_likelihood = 0;
};
// frequency[y] is how many units had y events. Fewer than two units: SERIES_TOO_SHORT; no event:
// NO_EVENTS.
//   source   Bliss & Fisher (1953), Biometrics 9
Result<NegativeBinomial> FitNegativeBinomial(std::span<const std::int64_t> frequency);

struct NegativeBinomialFit {
  double theta = 0;  // k of the row above
  double theta_se = 0;
  double two_log_likelihood = 0;
  GlmFit glm;
};
// Log-linear regression with theta estimated by its profile. Counts that vary no more than the
// Poisson: NO_VARIATION.
//   source   Venables & Ripley (2002), section 7.4
Result<NegativeBinomialFit> RegressNegativeBinomial(std::span<const double> counts,
                                                    const Matrix& design);

}  // namespace holdfast::statistics
