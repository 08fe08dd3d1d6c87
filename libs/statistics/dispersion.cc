#include "statistics/dispersion.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "statistics/distributions.h"
#include "statistics/glm.h"
#include "statistics/neumaier_sum.h"

namespace holdfast::statistics {

Result<CountDispersion> DispersionOfCounts(std::span<const std::int64_t> frequency) {
  NeumaierSum units;
  NeumaierSum events;
  std::size_t largest = 0;
  for (std::size_t k = 0; k < frequency.size(); ++k) {
    if (!IsCount(frequency[k])) return Because(Undefined::kInputOutOfRange);
    if (frequency[k] > 0) largest = k;
    units.Add(static_cast<double>(frequency[k]));
    events.Add(static_cast<double>(frequency[k]) * static_cast<double>(k));
  }
  const double n = units.Total();
  if (n < 2) return Because(Undefined::kSeriesTooShort);
  if (events.Total() == 0) return Because(Undefined::kNoEvents);

  CountDispersion answer;
  answer.mean = events.Total() / n;
  NeumaierSum squares;
  for (std::size_t k = 0; k <= largest; ++k) {
    const double apart = static_cast<double>(k) - answer.mean;
    squares.Add(static_cast<double>(frequency[k]) * apart * apart);
  }
  answer.df = n - 1;
  answer.variance = squares.Total() / answer.df;
  answer.vmr = answer.variance / answer.mean;
  answer.chi_squared = squares.Total() / answer.mean;
  answer.p = ChiSquaredUpper(answer.chi_squared, answer.df);
  for (std::size_t k = 0; k <= largest + 1; ++k)
    answer.expected.push_back(n * PoissonMass(static_cast<std::int64_t>(k), answer.mean));
  return answer;
}

Result<double> DispersionOfMonths(std::span<const double> counts, int first_month) {
  if (first_month < 1 || first_month > 12) return Because(Undefined::kInputOutOfRange);
  std::vector<double> observed;
  std::vector<std::size_t> when;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (std::isnan(counts[i])) continue;
    observed.push_back(counts[i]);
    when.push_back(i);
  }
  if (observed.size() < 12) return Because(Undefined::kSeriesTooShort);
  const std::size_t pairs = observed.size() >= 24 ? 2 : 1;
  Matrix design(observed.size(), 2 + 2 * pairs);
  for (std::size_t row = 0; row < when.size(); ++row) {
    const auto month = static_cast<double>(when[row]) + static_cast<double>(first_month);
    design.at(row, 0) = 1;
    design.at(row, 1) = static_cast<double>(when[row]) / static_cast<double>(counts.size());
    for (std::size_t pair = 1; pair <= pairs; ++pair) {
      const double angle = 2 * std::numbers::pi * static_cast<double>(pair) * month / 12;
      design.at(row, 2 * pair) = std::sin(angle);
      design.at(row, 2 * pair + 1) = std::cos(angle);
    }
  }
  const Result<GlmFit> fit = FitLogLinear(observed, {}, design);
  if (!fit) return Because(fit.error());
  return std::max(1.0, fit->pearson / fit->df);
}

}  // namespace holdfast::statistics
