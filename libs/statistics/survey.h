// Surveys: how far an answer reaches when not everyone was asked and some answers count for more.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "statistics/glm.h"
#include "statistics/outcome.h"

namespace holdfast::statistics {

inline constexpr std::int64_t kIndicativeBelow =
    100;  // answers; below it the caveat INDICATIVE_ONLY

struct MarginInput {
  double p = 0;                      // in [0, 1]
  std::int64_t n = 0;                // answers, > 0
  double deff = 1;                   // design effect, > 0
  std::optional<double> population;  // N, for the finite population factor (N - n) / (N - 1)
  double level = 0.95;
};
// z sqrt(p (1 - p) deff / n (N - n) / (N - 1)). n = 0: ZERO_EXPOSURE; n > N: INPUT_OUT_OF_RANGE.
Result<double> MarginOfError(const MarginInput& input);

struct WeightedShare {
  double n_eff = 0;  // (sum w)^2 / sum w^2
  double deff = 0;   // n / n_eff
  double p = 0;      // weighted share of yes
};
// weights > 0, one for each response. No response: ZERO_EXPOSURE.
//   source   Kish (1965), Survey Sampling
Result<WeightedShare> Kish(std::span<const double> weights, std::span<const bool> responses);

struct SurveyInterval {
  double n_eff = 0;  // n / deff, not rounded
  Interval interval;
};
Result<SurveyInterval> SurveyWilson(double p, double n, double deff, double level = 0.95);

struct Raked {
  Matrix table{0, 0};
  std::int32_t rounds = 0;
};
// Iterative proportional fitting: the table that meets both margins and keeps the odds ratios of
// the sample.
//   margins  >= 0, of equal sum, else INPUT_OUT_OF_RANGE. A margin above 0 over a row or column of
//   zeros: NOT_ESTIMABLE. Farther than 1e-8 of the total from a margin after 100 rounds:
//   DID_NOT_CONVERGE. source   Deming & Stephan (1940)
Result<Raked> Rake(const Matrix& table, std::span<const double> row_margins,
                   std::span<const double> column_margins);

// Weights of answers held between 0.2 and 5 times their mean, then scaled back to the same sum. One
// pass.
Result<std::vector<double>> TrimWeights(std::span<const double> weights, double least = 0.2,
                                        double most = 5);

}  // namespace holdfast::statistics
