#include "statistics/interrupted_series.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "statistics/distributions.h"
#include "statistics/glm.h"
#include "statistics/neumaier_sum.h"

namespace holdfast::statistics {
namespace {

constexpr std::size_t kTrend = 1;
constexpr std::size_t kChange = 2;
constexpr std::size_t kNeweyWestLag = 3;

bool AllFinite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(),
                     [](double value) { return std::isfinite(value); });
}

std::optional<Undefined> Fault(const SeriesInput& input) {
  const std::size_t n = input.counts.size();
  if (input.exposures.size() != n || input.times.size() != n || input.post.size() != n ||
      input.harmonics < 0 || input.harmonics > 5 ||
      (input.harmonics > 0 && input.months.size() != n) || !IsLevel(input.level) ||
      !std::isfinite(input.change_time) || !AllFinite(input.times) || !AllFinite(input.months))
    return Undefined::kInputOutOfRange;
  for (const double exposure : input.exposures) {
    if (!IsPositive(exposure)) return ExposureFault(exposure);
  }
  if (!std::all_of(input.post.begin(), input.post.end(), [](double x) { return x >= 0 && x <= 1; }))
    return Undefined::kInputOutOfRange;
  const auto before =
      static_cast<std::size_t>(std::count(input.post.begin(), input.post.end(), 0.0));
  if (before < kFewestBefore || n - before < kFewestAfter) return Undefined::kSeriesTooShort;
  return std::nullopt;
}

// Intercept, trend, change, harmonic pairs, and last the change of slope.
Matrix Design(const SeriesInput& input, bool slope_change) {
  const auto pairs = static_cast<std::size_t>(input.harmonics);
  Matrix design(input.counts.size(), 3 + 2 * pairs + (slope_change ? 1 : 0));
  for (std::size_t row = 0; row < design.rows; ++row) {
    design.at(row, 0) = 1;
    design.at(row, kTrend) = input.times[row];
    design.at(row, kChange) = input.post[row];
    for (std::size_t pair = 1; pair <= pairs; ++pair) {
      const double angle =
          2 * std::numbers::pi * static_cast<double>(pair) * input.months[row] / 12;
      design.at(row, 1 + 2 * pair) = std::sin(angle);
      design.at(row, 2 + 2 * pair) = std::cos(angle);
    }
    if (slope_change)
      design.at(row, design.columns - 1) = (input.times[row] - input.change_time) * input.post[row];
  }
  return design;
}

Interval RatioLimits(double coefficient, double variance, double level) {
  const double reach = TwoSidedZ(level) * std::sqrt(variance);
  return {std::exp(coefficient - reach), std::exp(coefficient + reach)};
}

// Bread is the inverse of X'WX; the meat sums the products of the score rows, neighbours weighted
// down with their lag.
double NeweyWestVariance(const GlmFit& fit, const SeriesInput& input, const Matrix& design) {
  std::vector<double> influence(design.rows);  // of each row on the coefficient of the change
  for (std::size_t row = 0; row < design.rows; ++row) {
    NeumaierSum sum;
    for (std::size_t j = 0; j < design.columns; ++j)
      sum.Add(fit.covariance.at(kChange, j) * design.at(row, j));
    influence[row] = sum.Total() * (input.counts[row] - fit.fitted[row]);
  }
  NeumaierSum variance;
  for (std::size_t lag = 0; lag <= kNeweyWestLag; ++lag) {
    const double weight = 1 - static_cast<double>(lag) / (kNeweyWestLag + 1.0);
    for (std::size_t row = lag; row < design.rows; ++row)
      variance.Add((lag == 0 ? 1 : 2 * weight) * influence[row] * influence[row - lag]);
  }
  return std::max(0.0, variance.Total());
}

}  // namespace

Result<SeriesFit> InterruptedSeries(const SeriesInput& input) {
  if (const auto fault = Fault(input)) return Because(*fault);
  std::vector<double> offset;
  for (const double exposure : input.exposures) offset.push_back(std::log(exposure));
  const Matrix design = Design(input, input.slope_change);
  const Result<GlmFit> fit = FitLogLinear(input.counts, offset, design);
  if (!fit) return Because(fit.error());

  SeriesFit answer;
  answer.deviance = fit->deviance;
  answer.df = fit->df;
  answer.dispersion = fit->pearson / fit->df;
  const double scale = input.quasi ? answer.dispersion : 1;
  answer.ratio = std::exp(fit->coefficients[kChange]);
  answer.interval = RatioLimits(fit->coefficients[kChange],
                                scale * fit->covariance.at(kChange, kChange), input.level);
  answer.trend_per_period = std::exp(fit->coefficients[kTrend]);
  answer.trend_per_year = std::exp(12 * fit->coefficients[kTrend]);
  answer.deviance_residuals = fit->deviance_residuals;
  if (input.slope_change) {
    const Result<GlmFit> without = FitLogLinear(input.counts, offset, Design(input, false));
    if (!without) return Because(without.error());
    const std::size_t last = design.columns - 1;
    SlopeChange slope;
    slope.ratio = std::exp(fit->coefficients[last]);
    slope.interval =
        RatioLimits(fit->coefficients[last], scale * fit->covariance.at(last, last), input.level);
    slope.f = std::max(0.0, without->deviance - fit->deviance) / answer.dispersion;
    slope.f_p = FUpper(slope.f, 1, fit->df);
    answer.slope = slope;
  }
  const Result<std::vector<double>> acf = Autocorrelation(fit->deviance_residuals, 2);
  const double beyond = 2 / std::sqrt(static_cast<double>(design.rows));
  answer.autocorrelated =
      acf && std::any_of(acf->begin(), acf->end(), [&](double r) { return std::abs(r) > beyond; });
  answer.newey_west =
      RatioLimits(fit->coefficients[kChange], NeweyWestVariance(*fit, input, design), input.level);
  answer.short_baseline = std::count(input.post.begin(), input.post.end(), 0.0) < 24;
  if (!std::isfinite(answer.ratio) || !std::isfinite(answer.interval.upper) ||
      !std::isfinite(answer.trend_per_year) || !std::isfinite(answer.newey_west.upper) ||
      !(answer.dispersion > 0))
    return Because(Undefined::kNotEstimable);
  return answer;
}

Result<std::vector<double>> Autocorrelation(std::span<const double> values, std::size_t lags) {
  if (!AllFinite(values)) return Because(Undefined::kInputOutOfRange);
  if (values.size() <= lags) return Because(Undefined::kSeriesTooShort);
  const double mean = SumOf(values) / static_cast<double>(values.size());
  const auto product = [&](std::size_t lag) {
    NeumaierSum sum;
    for (std::size_t i = lag; i < values.size(); ++i)
      sum.Add((values[i] - mean) * (values[i - lag] - mean));
    return sum.Total();
  };
  const double variance = product(0);
  if (!(variance > 0)) return Because(Undefined::kNoVariation);
  std::vector<double> acf;
  for (std::size_t lag = 1; lag <= lags; ++lag) acf.push_back(product(lag) / variance);
  return acf;
}

}  // namespace holdfast::statistics
