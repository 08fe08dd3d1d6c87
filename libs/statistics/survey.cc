#include "statistics/survey.h"

#include <algorithm>
#include <cmath>

#include "statistics/distributions.h"
#include "statistics/intervals.h"
#include "statistics/neumaier_sum.h"

namespace holdfast::statistics {
namespace {

constexpr std::int32_t kMostRounds = 100;
constexpr double kMet = 1e-8;
constexpr double kExact = 1e-15;

bool AllAtLeastZero(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(),
                     [](double value) { return std::isfinite(value) && value >= 0; });
}

double RowSum(const Matrix& table, std::size_t row) {
  return SumOf(std::span(table.values).subspan(row * table.columns, table.columns));
}

double ColumnSum(const Matrix& table, std::size_t column) {
  NeumaierSum sum;
  for (std::size_t row = 0; row < table.rows; ++row) sum.Add(table.at(row, column));
  return sum.Total();
}

bool Reachable(const Matrix& table, std::span<const double> rows, std::span<const double> columns) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] > 0 && RowSum(table, i) == 0) return false;
  }
  for (std::size_t j = 0; j < columns.size(); ++j) {
    if (columns[j] > 0 && ColumnSum(table, j) == 0) return false;
  }
  return true;
}

void ScaleRows(Matrix& table, std::span<const double> margins) {
  for (std::size_t i = 0; i < table.rows; ++i) {
    const double sum = RowSum(table, i);
    const double factor = sum > 0 ? margins[i] / sum : 0;
    for (std::size_t j = 0; j < table.columns; ++j) table.at(i, j) *= factor;
  }
}

void ScaleColumns(Matrix& table, std::span<const double> margins) {
  for (std::size_t j = 0; j < table.columns; ++j) {
    const double sum = ColumnSum(table, j);
    const double factor = sum > 0 ? margins[j] / sum : 0;
    for (std::size_t i = 0; i < table.rows; ++i) table.at(i, j) *= factor;
  }
}

// Columns have just been met, so rows show how far the table still is.
double FarthestRow(const Matrix& table, std::span<const double> margins) {
  double farthest = 0;
  for (std::size_t i = 0; i < table.rows; ++i)
    farthest = std::max(farthest, std::abs(RowSum(table, i) - margins[i]));
  return farthest;
}

}  // namespace

Result<double> MarginOfError(const MarginInput& input) {
  if (input.n == 0) return Because(Undefined::kZeroExposure);
  if (!(input.p >= 0 && input.p <= 1) || !IsCount(input.n) || !IsPositive(input.deff) ||
      !IsLevel(input.level))
    return Because(Undefined::kInputOutOfRange);
  const auto n = static_cast<double>(input.n);
  double variance = input.p * (1 - input.p) * input.deff / n;
  if (input.population) {
    const double population = *input.population;
    if (!IsPositive(population) || population < n) return Because(Undefined::kInputOutOfRange);
    variance *= population == n ? 0 : (population - n) / (population - 1);
  }
  const double margin = TwoSidedZ(input.level) * std::sqrt(variance);
  if (!std::isfinite(margin)) return Because(Undefined::kTooLarge);
  return margin;
}

Result<WeightedShare> Kish(std::span<const double> weights, std::span<const bool> responses) {
  if (weights.size() != responses.size() ||
      !std::all_of(weights.begin(), weights.end(), IsPositive))
    return Because(Undefined::kInputOutOfRange);
  if (weights.empty()) return Because(Undefined::kZeroExposure);
  NeumaierSum sum;
  NeumaierSum squares;
  NeumaierSum yes;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    sum.Add(weights[i]);
    squares.Add(weights[i] * weights[i]);
    if (responses[i]) yes.Add(weights[i]);
  }
  WeightedShare share;
  share.n_eff = sum.Total() / squares.Total() * sum.Total();
  share.deff = static_cast<double>(weights.size()) / share.n_eff;
  share.p = yes.Total() / sum.Total();
  if (!std::isfinite(share.n_eff) || !std::isfinite(share.deff) || !std::isfinite(share.p))
    return Because(Undefined::kTooLarge);
  return share;
}

Result<SurveyInterval> SurveyWilson(double p, double n, double deff, double level) {
  if (!IsPositive(n)) return Because(ExposureFault(n));
  if (!IsPositive(deff)) return Because(Undefined::kInputOutOfRange);
  const Result<Interval> interval = WilsonInterval(p, n / deff, level);
  if (!interval) return Because(interval.error());
  return SurveyInterval{n / deff, *interval};
}

Result<Raked> Rake(const Matrix& table, std::span<const double> row_margins,
                   std::span<const double> column_margins) {
  if (table.rows == 0 || table.columns == 0 || row_margins.size() != table.rows ||
      column_margins.size() != table.columns || !AllAtLeastZero(table.values) ||
      !AllAtLeastZero(row_margins) || !AllAtLeastZero(column_margins))
    return Because(Undefined::kInputOutOfRange);
  const double total = SumOf(row_margins);
  if (total == 0) return Because(Undefined::kNoEvents);
  if (!(std::abs(total - SumOf(column_margins)) <= 1e-9 * total))
    return Because(Undefined::kInputOutOfRange);
  if (!Reachable(table, row_margins, column_margins)) return Because(Undefined::kNotEstimable);

  Raked raked;
  raked.table = table;
  double farthest = total;
  // On beyond what is asked: the rounds are cheap, and cells settle later than margins.
  while (raked.rounds < kMostRounds && farthest > kExact * total) {
    ScaleRows(raked.table, row_margins);
    ScaleColumns(raked.table, column_margins);
    farthest = FarthestRow(raked.table, row_margins);
    ++raked.rounds;
  }
  if (!(farthest <= kMet * total)) return Because(Undefined::kDidNotConverge);
  return raked;
}

Result<std::vector<double>> TrimWeights(std::span<const double> weights, double least,
                                        double most) {
  if (!std::all_of(weights.begin(), weights.end(), IsPositive) || !(least > 0) || !(most >= least))
    return Because(Undefined::kInputOutOfRange);
  if (weights.empty()) return Because(Undefined::kZeroExposure);
  const double sum = SumOf(weights);
  const double mean = sum / static_cast<double>(weights.size());
  std::vector<double> trimmed;
  trimmed.reserve(weights.size());
  for (const double weight : weights)
    trimmed.push_back(std::clamp(weight, least * mean, most * mean));
  const double scale = sum / SumOf(trimmed);
  for (double& weight : trimmed) weight *= scale;
  return trimmed;
}

}  // namespace holdfast::statistics
