#include "statistics/ranks.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "statistics/distributions.h"
#include "statistics/gamma_table.h"
#include "statistics/neumaier_sum.h"
#include "statistics/philox.h"

namespace holdfast::statistics {
namespace {

// Draws are made and ranked in blocks, so that memory does not grow with draws times areas times
// eight bytes.
constexpr std::int32_t kBlock = 256;

std::size_t Size(std::int32_t n) {
  return static_cast<std::size_t>(n);
}

// What is known of one offence in one area: its posterior, and what one event of it adds to the
// value.
struct Cell {
  GammaTable posterior;
  double weight = 1;
  std::uint32_t offence = 0;
};

struct AreaDraws {
  std::uint32_t area = 0;
  std::vector<Cell> cells;

  double Draw(std::int32_t draw, std::uint64_t seed) const {
    NeumaierSum value;
    for (const Cell& cell : cells) {
      const PhiloxBlock words =
          Philox({static_cast<std::uint32_t>(draw), area, cell.offence, 0}, seed);
      value.Add(cell.weight * cell.posterior.Quantile(Uniform(words[0], words[1])));
    }
    return value.Total();
  }
};

// Competition ranks without allocating: `order` is scratch.
void RankInto(std::span<const double> values, std::vector<std::uint32_t>& order,
              std::span<std::uint16_t> ranks) {
  order.resize(values.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t left, std::uint32_t right) {
    return values[left] != values[right] ? values[left] > values[right] : left < right;
  });
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool ties = i > 0 && values[order[i]] == values[order[i - 1]];
    ranks[order[i]] = ties ? ranks[order[i - 1]] : static_cast<std::uint16_t>(i + 1);
  }
}

// Ranks of all draws: [areas x draws].
std::vector<std::uint16_t> DrawRanks(std::span<const AreaDraws> areas, const RankOptions& options) {
  const std::size_t count = areas.size();
  const std::size_t draws = Size(options.draws);
  std::vector<std::uint16_t> ranks(count * draws);
  std::vector<double> values(count * Size(kBlock));  // [block x areas]
  std::vector<std::uint16_t> row(count);
  std::vector<std::uint32_t> order;
  for (std::int32_t first = 0; first < options.draws; first += kBlock) {
    const std::int32_t size = std::min(kBlock, options.draws - first);
    for (std::size_t area = 0; area < count; ++area) {
      for (std::int32_t i = 0; i < size; ++i)
        values[Size(i) * count + area] = areas[area].Draw(first + i, options.seed);
    }
    for (std::int32_t i = 0; i < size; ++i) {
      RankInto(std::span(values).subspan(Size(i) * count, count), order, row);
      for (std::size_t area = 0; area < count; ++area)
        ranks[area * draws + Size(first + i)] = row[area];
    }
  }
  return ranks;
}

std::int32_t NearestRank(std::span<const std::uint16_t> sorted, double share) {
  const auto nth = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::max<std::size_t>(nth, 1) - 1];
}

void Summarise(std::span<std::uint16_t> ranks, RankSummary& summary) {
  std::sort(ranks.begin(), ranks.end());
  summary.lower = NearestRank(ranks, 0.05);
  summary.median = NearestRank(ranks, 0.5);
  summary.upper = NearestRank(ranks, 0.95);
  const auto top = std::upper_bound(ranks.begin(), ranks.end(), std::uint16_t{3}) - ranks.begin();
  summary.top_three = static_cast<double>(top) / static_cast<double>(ranks.size());
}

// values and expected are the observed value of each area and its expectation.
Ranking Rank(std::span<const AreaDraws> draws, std::span<const double> values,
             std::span<const double> expected, const RankOptions& options) {
  Ranking ranking;
  ranking.areas.resize(values.size());
  const std::vector<std::int32_t> observed = CompetitionRanks(values);
  std::vector<std::uint16_t> drawn = DrawRanks(draws, options);
  for (std::size_t area = 0; area < values.size(); ++area) {
    RankSummary& summary = ranking.areas[area];
    summary.rank = observed[area];
    summary.areas = static_cast<std::int32_t>(values.size());
    summary.value = values[area];
    summary.expected_next = expected[area];
    if (values[area] > 0) summary.expected_fall_percent = 100 * (1 - expected[area] / values[area]);
    Summarise(std::span(drawn).subspan(area * Size(options.draws), Size(options.draws)), summary);
  }
  return ranking;
}

// The rate to come. Where the areas differ by chance alone, all of them regress to the same mean;
// Jeffreys' prior is for the draws only.
double ExpectedRate(const GammaPrior& prior, double shape, double rate) {
  return prior.no_spread ? prior.mean : shape / rate;
}

bool InRange(const RankOptions& options) {
  return options.draws >= 1 && options.draws <= 1'000'000;
}

bool IsTable(const SeverityTable& table) {
  return table.counts.size() == table.areas * table.offences &&
         table.weights.size() == table.offences && table.exposures.size() == table.areas &&
         std::all_of(table.weights.begin(), table.weights.end(), IsPositive);
}

bool AllFinite(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(),
                     [](double value) { return std::isfinite(value); });
}

std::vector<double> Totals(std::span<const NeumaierSum> sums) {
  std::vector<double> totals(sums.size());
  std::transform(sums.begin(), sums.end(), totals.begin(),
                 [](const NeumaierSum& sum) { return sum.Total(); });
  return totals;
}

// Gathers, offence by offence, what each area is drawn from, its observed score and its expected
// one.
struct SeverityDraws {
  explicit SeverityDraws(const SeverityTable& counted)
      : table(counted), areas(counted.areas), values(counted.areas), expected(counted.areas) {}

  std::optional<Undefined> Add(std::size_t offence) {
    std::vector<AreaCount> column;
    column.reserve(table.areas);
    for (std::size_t area = 0; area < table.areas; ++area)
      column.push_back({table.counts[area * table.offences + offence], table.exposures[area]});
    const Result<GammaPrior> prior = EstimatePrior(column);
    if (!prior && prior.error() == Undefined::kNoEvents) return std::nullopt;
    if (!prior) return prior.error();
    ++drawn;
    without_spread += prior->no_spread ? 1 : 0;
    const double weight = table.weights[offence];
    for (std::size_t area = 0; area < table.areas; ++area) {
      const auto count = static_cast<double>(*column[area].count);
      const double shape = prior->a + count;
      const double rate = prior->b + column[area].exposure;
      areas[area].area = static_cast<std::uint32_t>(area);
      areas[area].cells.push_back(
          {GammaTable(shape, rate), weight, static_cast<std::uint32_t>(offence)});
      values[area].Add(weight * count / column[area].exposure);
      expected[area].Add(weight * ExpectedRate(*prior, shape, rate));
    }
    return std::nullopt;
  }

  const SeverityTable& table;
  std::vector<AreaDraws> areas;
  std::vector<NeumaierSum> values;
  std::vector<NeumaierSum> expected;
  std::int32_t drawn = 0;
  std::int32_t without_spread = 0;
};

}  // namespace

std::vector<std::int32_t> CompetitionRanks(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  std::vector<std::int32_t> ranks;
  ranks.reserve(values.size());
  for (const double value : values) {
    const auto better = std::lower_bound(sorted.begin(), sorted.end(), value, std::greater<>());
    ranks.push_back(static_cast<std::int32_t>(better - sorted.begin()) + 1);
  }
  return ranks;
}

Result<GammaPrior> EstimatePrior(std::span<const AreaCount> areas) {
  NeumaierSum events;
  NeumaierSum exposure;
  NeumaierSum exposure_squares;
  for (const AreaCount& area : areas) {
    if (!area.count) return Because(Undefined::kIncompletePopulation);
    if (!IsCount(*area.count)) return Because(Undefined::kInputOutOfRange);
    if (!IsPositive(area.exposure)) return Because(ExposureFault(area.exposure));
    events.Add(static_cast<double>(*area.count));
    exposure.Add(area.exposure);
    exposure_squares.Add(area.exposure * area.exposure);
  }
  if (events.Total() == 0) return Because(Undefined::kNoEvents);
  if (!std::isfinite(exposure_squares.Total())) return Because(Undefined::kTooLarge);

  const double mean = events.Total() / exposure.Total();
  NeumaierSum squares;
  for (const AreaCount& area : areas) {
    const double apart = static_cast<double>(*area.count) / area.exposure - mean;
    squares.Add(area.exposure * apart * apart);
  }
  const double by_chance = (static_cast<double>(areas.size()) - 1) * mean;
  const double excess = squares.Total() - by_chance;
  const double divisor = exposure.Total() - exposure_squares.Total() / exposure.Total();
  GammaPrior prior;
  prior.mean = mean;
  // An excess of a few roundings is none: one event among equal areas gives exactly 0 on paper.
  if (!(divisor > 0) || excess <= 1e-9 * by_chance) return prior;
  const double variance = excess / divisor;
  prior.a = mean / variance * mean;
  prior.b = mean / variance;
  prior.no_spread = false;
  if (!std::isfinite(prior.a) || !std::isfinite(prior.b) || !(prior.a > 0))
    return Because(Undefined::kTooLarge);
  return prior;
}

Result<Ranking> RankRates(std::span<const AreaCount> areas, const RankOptions& options) {
  if (!InRange(options)) return Because(Undefined::kInputOutOfRange);
  if (areas.size() > kMostRankedAreas) return Because(Undefined::kTooLarge);
  const Result<GammaPrior> prior = EstimatePrior(areas);
  if (!prior) return Because(prior.error());
  std::vector<AreaDraws> draws;
  std::vector<double> values;
  std::vector<double> expected;
  for (std::size_t i = 0; i < areas.size(); ++i) {
    const auto count = static_cast<double>(*areas[i].count);
    const double shape = prior->a + count;
    const double rate = prior->b + areas[i].exposure;
    draws.push_back({static_cast<std::uint32_t>(i), {Cell{GammaTable(shape, rate)}}});
    values.push_back(count / areas[i].exposure);
    expected.push_back(ExpectedRate(*prior, shape, rate));
    if (!std::isfinite(values.back())) return Because(Undefined::kTooLarge);
  }
  Ranking ranking = Rank(draws, values, expected, options);
  ranking.offences_drawn = 1;
  ranking.offences_without_spread = prior->no_spread ? 1 : 0;
  return ranking;
}

Result<Ranking> RankSeverity(const SeverityTable& table, const RankOptions& options) {
  if (!InRange(options) || !IsTable(table)) return Because(Undefined::kInputOutOfRange);
  if (table.areas > kMostRankedAreas || table.counts.size() > kMostRankedCells)
    return Because(Undefined::kTooLarge);
  SeverityDraws draws(table);
  for (std::size_t offence = 0; offence < table.offences; ++offence) {
    if (const auto fault = draws.Add(offence)) return Because(*fault);
  }
  if (draws.drawn == 0) return Because(Undefined::kNoEvents);
  const std::vector<double> values = Totals(draws.values);
  const std::vector<double> expected = Totals(draws.expected);
  if (!AllFinite(values) || !AllFinite(expected)) return Because(Undefined::kTooLarge);
  Ranking ranking = Rank(draws.areas, values, expected, options);
  ranking.offences_drawn = draws.drawn;
  ranking.offences_without_spread = draws.without_spread;
  return ranking;
}

Result<double> RankProbability(std::int64_t x1, std::int64_t x2) {
  if (!IsCount(x1) || !IsCount(x2)) return Because(Undefined::kInputOutOfRange);
  return BetaLower(0.5, static_cast<double>(x2) + 0.5, static_cast<double>(x1) + 0.5);
}

Result<Regression> RegressionToTheMean(double prior_mean, double prior_sd, std::int64_t observed) {
  if (!IsPositive(prior_mean) || !IsPositive(prior_sd) || !IsCount(observed))
    return Because(Undefined::kInputOutOfRange);
  Regression answer;
  answer.b = prior_mean / prior_sd / prior_sd;
  answer.a = prior_mean * answer.b;
  const auto x = static_cast<double>(observed);
  answer.expected_next = (answer.a + x) / (answer.b + 1);
  if (observed > 0) answer.expected_fall_percent = 100 * (1 - answer.expected_next / x);
  if (!std::isfinite(answer.expected_next)) return Because(Undefined::kTooLarge);
  return answer;
}

}  // namespace holdfast::statistics
