#include "statistics/concentration.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "statistics/neumaier_sum.h"

namespace holdfast::statistics {
namespace {

double ShareHolding(std::span<const double> busiest_first, double crimes, double share) {
  NeumaierSum held;
  std::size_t places = 0;
  while (places < busiest_first.size() && held.Total() < share * crimes)
    held.Add(busiest_first[places++]);
  return static_cast<double>(places) / static_cast<double>(busiest_first.size());
}

std::optional<double> Unbiased(double gini, double k) {
  if (k <= 1) return std::nullopt;
  return gini * k / (k - 1);
}

}  // namespace

Result<Concentration> ConcentrationOf(std::span<const std::int64_t> counts) {
  if (!std::all_of(counts.begin(), counts.end(), IsCount))
    return Because(Undefined::kInputOutOfRange);
  std::vector<double> places(counts.begin(), counts.end());
  std::sort(places.begin(), places.end());
  const auto n = static_cast<double>(places.size());
  const double crimes = SumOf(places);
  if (crimes == 0) return Because(Undefined::kNoEvents);
  NeumaierSum ranked;
  for (std::size_t i = 0; i < places.size(); ++i)
    ranked.Add(static_cast<double>(i + 1) * places[i]);

  Concentration answer;
  answer.gini = 2 * ranked.Total() / (n * crimes) - (n + 1) / n;
  answer.generalised = std::max(1.0, n / crimes) * (answer.gini - 1) + 1;
  answer.unbiased = Unbiased(answer.gini, n);
  answer.generalised_unbiased = Unbiased(answer.generalised, std::min(n, crimes));
  std::reverse(places.begin(), places.end());
  answer.share_of_places_25 = ShareHolding(places, crimes, 0.25);
  answer.share_of_places_50 = ShareHolding(places, crimes, 0.5);
  return answer;
}

Result<double> PredictionAccuracy(std::int64_t crimes_in_area, std::int64_t crimes_total,
                                  double area, double area_total) {
  if (!IsPositive(area)) return Because(ExposureFault(area));
  if (!IsPositive(area_total)) return Because(ExposureFault(area_total));
  if (!IsCount(crimes_in_area) || !IsCount(crimes_total) || crimes_in_area > crimes_total ||
      area > area_total)
    return Because(Undefined::kInputOutOfRange);
  if (crimes_total == 0) return Because(Undefined::kNoEvents);
  const double share = static_cast<double>(crimes_in_area) / static_cast<double>(crimes_total);
  const double index = share / (area / area_total);
  if (!std::isfinite(index)) return Because(Undefined::kTooLarge);
  return index;
}

}  // namespace holdfast::statistics
