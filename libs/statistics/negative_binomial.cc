#include "statistics/negative_binomial.h"

#include <algorithm>
#include <cmath>

#include "statistics/distributions.h"
#include "statistics/neumaier_sum.h"

namespace holdfast::statistics {
namespace {

constexpr double kLeastTheta = 1e-4;
constexpr double kMostTheta = 1e6;

double LogMass(double y, double mu, double theta) {
  return LogGamma(theta + y) - LogGamma(theta) - LogGamma(y + 1) - theta * std::log1p(mu / theta) +
         (y > 0 ? y * (std::log(mu) - std::log(theta + mu)) : 0);
}

double PoissonLogMass(double y, double mu) {
  return (y > 0 ? y * std::log(mu) : 0) - mu - LogGamma(y + 1);
}

// Derivative of the log-likelihood of one count with respect to theta.
double Score(double y, double mu, double theta) {
  return Digamma(theta + y) - Digamma(theta) - std::log1p(mu / theta) + (mu - y) / (mu + theta);
}

// Minus the second derivative.
double Information(double y, double mu, double theta) {
  const double sum = mu + theta;
  return Trigamma(theta) - Trigamma(theta + y) - 1 / theta + 2 / sum - (y + theta) / (sum * sum);
}

// Counts with how often each occurs; a regression has every count once, with a mean of its own.
struct Weighted {
  double y;
  double mu;
  double weight;
};

template <class Term>
double Total(std::span<const Weighted> rows, Term term) {
  NeumaierSum sum;
  for (const Weighted& row : rows) {
    if (row.weight > 0) sum.Add(row.weight * term(row.y, row.mu));
  }
  return sum.Total();
}

}  // namespace

Result<NegativeBinomial> FitNegativeBinomial(std::span<const std::int64_t> frequency) {
  NeumaierSum units;
  NeumaierSum events;
  for (std::size_t y = 0; y < frequency.size(); ++y) {
    if (!IsCount(frequency[y])) return Because(Undefined::kInputOutOfRange);
    units.Add(static_cast<double>(frequency[y]));
    events.Add(static_cast<double>(frequency[y]) * static_cast<double>(y));
  }
  const double n = units.Total();
  if (n < 2) return Because(Undefined::kSeriesTooShort);
  if (events.Total() == 0) return Because(Undefined::kNoEvents);
  NegativeBinomial answer;
  answer.mean = events.Total() / n;
  std::vector<Weighted> rows;
  for (std::size_t y = 0; y < frequency.size(); ++y)
    rows.push_back({static_cast<double>(y), answer.mean, static_cast<double>(frequency[y])});
  answer.variance = Total(rows, [](double y, double mu) { return (y - mu) * (y - mu); }) / (n - 1);
  answer.poisson_log_likelihood = Total(rows, PoissonLogMass);
  answer.log_likelihood = answer.poisson_log_likelihood;
  if (answer.variance <= answer.mean) return answer;

  const auto score = [&rows](double log_theta) {
    const double theta = std::exp(log_theta);
    return Total(rows, [theta](double y, double mu) { return Score(y, mu, theta); });
  };
  const double log_theta = FindRoot(score, std::log(kLeastTheta), std::log(kMostTheta));
  if (std::isnan(log_theta)) return answer;  // variance above the mean only by n - 1
  const double theta = std::exp(log_theta);
  answer.k = theta;
  answer.k_se = 1 / std::sqrt(Total(
                        rows, [theta](double y, double mu) { return Information(y, mu, theta); }));
  answer.log_likelihood =
      Total(rows, [theta](double y, double mu) { return LogMass(y, mu, theta); });
  if (!std::isfinite(*answer.k_se)) return Because(Undefined::kNotEstimable);
  return answer;
}

Result<NegativeBinomialFit> RegressNegativeBinomial(std::span<const double> counts,
                                                    const Matrix& design) {
  const Result<GlmFit> poisson = FitLogLinear(counts, {}, design);
  if (!poisson) return Because(poisson.error());
  NegativeBinomialFit answer;
  std::optional<Undefined> failed;
  std::vector<Weighted> rows(counts.size());
  const auto fit = [&](double theta) {
    Result<GlmFit> glm = FitLogLinear(counts, {}, design, 1 / theta);
    if (!glm) {
      failed = glm.error();
      return;
    }
    answer.glm = *std::move(glm);
    for (std::size_t i = 0; i < counts.size(); ++i) rows[i] = {counts[i], answer.glm.fitted[i], 1};
  };
  // At the best coefficients for a theta, the slope of the profile is the partial derivative.
  const auto score = [&](double log_theta) {
    const double theta = std::exp(log_theta);
    fit(theta);
    return failed ? 0.0 : Total(rows, [theta](double y, double mu) { return Score(y, mu, theta); });
  };
  const double log_theta = FindRoot(score, std::log(kLeastTheta), std::log(kMostTheta));
  if (failed) return Because(*failed);
  if (std::isnan(log_theta)) return Because(Undefined::kNoVariation);
  const double theta = std::exp(log_theta);
  fit(theta);
  if (failed) return Because(*failed);
  answer.theta = theta;
  answer.theta_se =
      1 /
      std::sqrt(Total(rows, [theta](double y, double mu) { return Information(y, mu, theta); }));
  answer.two_log_likelihood =
      2 * Total(rows, [theta](double y, double mu) { return LogMass(y, mu, theta); });
  if (!std::isfinite(answer.theta_se)) return Because(Undefined::kNotEstimable);
  return answer;
}

}  // namespace holdfast::statistics
