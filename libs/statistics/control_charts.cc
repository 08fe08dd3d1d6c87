#include "statistics/control_charts.h"

#include <algorithm>
#include <cmath>

namespace holdfast::statistics {
namespace {

bool AllFinite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(),
                     [](double value) { return std::isfinite(value); });
}

}  // namespace

Result<EwmaChart> Ewma(std::span<const double> values, const EwmaOptions& options) {
  if (!AllFinite(values) || !(options.lambda > 0 && options.lambda <= 1) ||
      !std::isfinite(options.target) || !IsPositive(options.sigma) || !IsPositive(options.width))
    return Because(Undefined::kInputOutOfRange);
  if (values.empty()) return Because(Undefined::kSeriesTooShort);
  EwmaChart chart;
  double memory = options.target;
  const double reach =
      options.width * options.sigma * std::sqrt(options.lambda / (2 - options.lambda));
  double forgotten = 1;  // (1 - lambda)^2t
  for (const double value : values) {
    memory = options.lambda * value + (1 - options.lambda) * memory;
    forgotten *= (1 - options.lambda) * (1 - options.lambda);
    const double half = options.time_varying ? reach * std::sqrt(1 - forgotten) : reach;
    chart.ewma.push_back(memory);
    chart.lower.push_back(options.target - half);
    chart.upper.push_back(options.target + half);
    if (!std::isfinite(memory) || !std::isfinite(half)) return Because(Undefined::kTooLarge);
  }
  return chart;
}

Result<CusumChart> Cusum(std::span<const double> values, const CusumOptions& options) {
  if (!AllFinite(values) || !std::isfinite(options.target) || !std::isfinite(options.k) ||
      options.k < 0 || !IsPositive(options.h))
    return Because(Undefined::kInputOutOfRange);
  if (values.empty()) return Because(Undefined::kSeriesTooShort);
  CusumChart chart;
  double high = 0;
  double low = 0;
  for (const double value : values) {
    high = std::max(0.0, high + (value - options.target - options.k));
    low = std::max(0.0, low + (options.target - value - options.k));
    chart.high.push_back(high);
    chart.low.push_back(low);
    if (!std::isfinite(high) || !std::isfinite(low)) return Because(Undefined::kTooLarge);
    if (!chart.first_signal && std::max(high, low) > options.h)
      chart.first_signal = chart.high.size() - 1;
  }
  return chart;
}

Result<double> CusumReference(double lambda0, double lambda1) {
  if (!IsPositive(lambda0) || !IsPositive(lambda1)) return Because(Undefined::kInputOutOfRange);
  if (lambda0 == lambda1) return Because(Undefined::kNoVariation);
  // ln l1 - ln l0 as log1p keeps its digits where the means are close.
  const double change = (lambda1 - lambda0) / lambda0;
  const double k = (lambda1 - lambda0) / std::log1p(change);
  if (!std::isfinite(k)) return Because(Undefined::kTooLarge);
  return k;
}

}  // namespace holdfast::statistics
