// What holds for every input: scaling, symmetry, nesting, coverage, and the same bytes however many
// threads.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "statistics/concentration.h"
#include "statistics/disclosure.h"
#include "statistics/displacement.h"
#include "statistics/distributions.h"
#include "statistics/intervals.h"
#include "statistics/knox.h"
#include "statistics/multiple.h"
#include "statistics/neumaier_sum.h"
#include "statistics/philox.h"
#include "statistics/ranks.h"
#include "statistics/rate_ratio.h"
#include "statistics/spc.h"
#include "statistics/survey.h"

namespace holdfast::statistics {
namespace {

// Numbers for random cases: from the library's own generator, so that every run is the same run.
class Numbers {
 public:
  explicit Numbers(std::uint64_t seed) : seed_(seed) {}
  double Next() {
    const PhiloxBlock words = Philox({next_++, 0, 0, 0}, seed_);
    return Uniform(words[0], words[1]);
  }
  std::int64_t Below(std::int64_t n) {
    return static_cast<std::int64_t>(Next() * static_cast<double>(n));
  }

 private:
  std::uint64_t seed_;
  std::uint32_t next_ = 0;
};

constexpr PoissonMethod kPoisson[] = {PoissonMethod::kGarwood, PoissonMethod::kMidP,
                                      PoissonMethod::kByar};

TEST(Property, RatesScaleWithTheirExposure) {
  Numbers numbers(1);
  for (int i = 0; i < 300; ++i) {
    const std::int64_t x = numbers.Below(200);
    const double exposure = 1 + 1e6 * numbers.Next();
    const auto one = RateOf(x, exposure);
    const auto half = RateOf(x, 2 * exposure);
    ASSERT_TRUE(one && half);
    EXPECT_DOUBLE_EQ(half->rate * 2, one->rate);
    EXPECT_DOUBLE_EQ(half->interval.upper * 2, one->interval.upper);
  }
}

TEST(Property, RateRatioSwapsToItsInverse) {
  Numbers numbers(2);
  for (int i = 0; i < 200; ++i) {
    const TwoCounts counts{1 + numbers.Below(80), 0.1 + numbers.Next(), 1 + numbers.Below(80),
                           0.1 + numbers.Next()};
    const TwoCounts swapped{counts.x0, counts.e0, counts.x1, counts.e1};
    const auto there = ConditionalRateRatio({counts});
    const auto back = ConditionalRateRatio({swapped});
    ASSERT_TRUE(there && back);
    EXPECT_NEAR(there->ratio * back->ratio, 1, 1e-12);
    EXPECT_NEAR(there->exact.lower * *back->exact.upper, 1, 1e-9);
    EXPECT_NEAR(there->midp.lower * *back->midp.upper, 1, 1e-9);
    EXPECT_NEAR(there->p, back->p, 1e-11);
    EXPECT_NEAR(*RateRatioETest(counts), *RateRatioETest(swapped), 1e-9);
  }
}

TEST(Property, TheTestAgreesWithTheInterval) {
  for (std::int64_t x1 = 0; x1 <= 40; ++x1) {
    for (std::int64_t x0 = 1; x0 <= 40; ++x0) {
      const auto ratio = ConditionalRateRatio({{x1, 1.3, x0, 1}});
      ASSERT_TRUE(ratio);
      const bool excluded = ratio->exact.lower > 1 || *ratio->exact.upper < 1;
      EXPECT_EQ(excluded, ratio->p < 0.05) << x1 << " " << x0;
    }
  }
}

TEST(Property, LimitsRiseWithTheCountAndNestWithTheLevel) {
  for (const PoissonMethod method : kPoisson) {
    Interval last{-1, -1};
    for (std::int64_t x = 0; x <= 300; ++x) {
      const auto narrow = PoissonInterval(method, x, 0.90);
      const auto usual = PoissonInterval(method, x, 0.95);
      const auto wide = PoissonInterval(method, x, 0.99);
      ASSERT_TRUE(narrow && usual && wide);
      EXPECT_GE(usual->lower, x == 0 ? 0 : last.lower);
      EXPECT_GT(usual->upper, last.upper);
      EXPECT_LE(wide->lower, usual->lower);
      EXPECT_LE(usual->lower, narrow->lower);
      EXPECT_LT(narrow->upper, usual->upper);
      EXPECT_LT(usual->upper, wide->upper);
      last = *usual;
    }
  }
}

TEST(Property, GarwoodHoldsMidPAndClopperPearsonHoldsItsOwn) {
  for (std::int64_t x = 0; x <= 300; ++x) {
    const auto garwood = PoissonInterval(PoissonMethod::kGarwood, x);
    const auto midp = PoissonInterval(PoissonMethod::kMidP, x);
    EXPECT_LE(garwood->lower, midp->lower);
    EXPECT_GE(garwood->upper, midp->upper);
  }
  for (std::int64_t x = 0; x <= 60; ++x) {
    const auto exact = ProportionInterval(ProportionMethod::kClopperPearson, x, 60);
    const auto midp = ProportionInterval(ProportionMethod::kMidP, x, 60);
    EXPECT_LE(exact->lower, midp->lower);
    EXPECT_GE(exact->upper, midp->upper);
  }
}

// How often the interval holds the true mean, by summing over every count that can come.
template <class Of>
double WorstCoverage(Of interval_of) {
  std::vector<Interval> intervals;
  for (std::int64_t x = 0; x <= 400; ++x) intervals.push_back(interval_of(x));
  double worst = 1;
  for (double mean = 0.5; mean <= 200; mean += 0.05) {
    NeumaierSum covered;
    const auto first = static_cast<std::int64_t>(std::max(0.0, mean - 12 * std::sqrt(mean)));
    const auto last = static_cast<std::int64_t>(std::min(400.0, mean + 12 * std::sqrt(mean) + 12));
    for (std::int64_t x = first; x <= last; ++x) {
      const Interval& interval = intervals[static_cast<std::size_t>(x)];
      if (interval.lower <= mean && mean <= interval.upper) covered.Add(PoissonMass(x, mean));
    }
    worst = std::min(worst, covered.Total());
  }
  return worst;
}

TEST(Coverage, OfGarwoodAndOfRatesIsAtLeastItsLevel) {
  EXPECT_GE(
      WorstCoverage([](std::int64_t x) { return *PoissonInterval(PoissonMethod::kGarwood, x); }),
      0.95);
  EXPECT_GE(WorstCoverage([](std::int64_t x) { return RateOf(x, 1, 1)->interval; }), 0.95);
}

TEST(Coverage, OfMidPIsAtLeastNinetyOnePercent) {
  const double worst =
      WorstCoverage([](std::int64_t x) { return *PoissonInterval(PoissonMethod::kMidP, x); });
  EXPECT_GE(worst, 0.91);
  EXPECT_LT(worst, 0.95);
}

TEST(Property, WddIsAdditiveOverPartsOfAnArea) {
  Numbers numbers(3);
  for (int i = 0; i < 200; ++i) {
    const auto pair = [&numbers] {
      return BeforeAfter{1 + numbers.Below(90), 1 + numbers.Below(90)};
    };
    const DisplacementInput a{pair(), pair()};
    const DisplacementInput b{pair(), pair()};
    const DisplacementInput both{
        {a.treated.before + b.treated.before, a.treated.after + b.treated.after},
        {a.control.before + b.control.before, a.control.after + b.control.after}};
    EXPECT_NEAR(Wdd(both)->total.value, Wdd(a)->total.value + Wdd(b)->total.value, 1e-9);
    EXPECT_NEAR(Wdd(both)->variance, Wdd(a)->variance + Wdd(b)->variance, 1e-9);
  }
}

TEST(Property, GiniIsBlindToOrder) {
  Numbers numbers(4);
  std::vector<std::int64_t> counts;
  counts.reserve(50);
  for (int i = 0; i < 50; ++i) counts.push_back(numbers.Below(20));
  const auto before = ConcentrationOf(counts);
  std::reverse(counts.begin(), counts.end());
  EXPECT_EQ(before->gini, ConcentrationOf(counts)->gini);
}

TEST(Property, QRisesWithPAndIsNeverBelowIt) {
  Numbers numbers(5);
  for (int family = 0; family < 50; ++family) {
    std::vector<double> p;
    p.reserve(30);
    for (int i = 0; i < 30; ++i) p.push_back(numbers.Next() * numbers.Next());
    std::sort(p.begin(), p.end());
    const auto adjusted = BenjaminiHochberg(p);
    ASSERT_TRUE(adjusted);
    EXPECT_TRUE(std::is_sorted(adjusted->q.begin(), adjusted->q.end()));
    for (std::size_t i = 0; i < p.size(); ++i) EXPECT_GE(adjusted->q[i], p[i]);
  }
}

TEST(Property, RakingMeetsBothMargins) {
  Numbers numbers(6);
  for (int i = 0; i < 50; ++i) {
    Matrix table(3, 4);
    for (double& cell : table.values) cell = 1 + 50 * numbers.Next();
    std::vector<double> rows = {1 + numbers.Next(), 1 + numbers.Next(), 1 + numbers.Next()};
    std::vector<double> columns(4, SumOf(rows) / 4);
    const auto raked = Rake(table, rows, columns);
    ASSERT_TRUE(raked);
    for (std::size_t row = 0; row < 3; ++row) {
      double sum = 0;
      for (std::size_t column = 0; column < 4; ++column) sum += raked->table.at(row, column);
      EXPECT_NEAR(sum, rows[row], 1e-8);
    }
  }
}

double Apart(Metric metric, const PlacedEvent& left, const PlacedEvent& right) {
  const double dx = std::abs(left.x - right.x);
  const double dy = std::abs(left.y - right.y);
  return metric == Metric::kManhattan ? dx + dy : std::hypot(dx, dy);
}

// The first bin whose upper edge is above the value; the last one has none.
std::size_t BinOf(double value, const std::array<double, 3>& edges) {
  return static_cast<std::size_t>(std::ranges::upper_bound(edges, value) - edges.begin());
}

TEST(Property, KnoxCountsEveryPairOnceWhateverTheGrid) {
  Numbers numbers(7);
  std::vector<PlacedEvent> events;
  events.reserve(200);
  for (int i = 0; i < 200; ++i)
    events.push_back({1000 * numbers.Next() - 500, 1000 * numbers.Next() - 500,
                      static_cast<std::int32_t>(numbers.Below(100))});
  for (const Metric metric : {Metric::kManhattan, Metric::kEuclidean}) {
    const KnoxBins bins{metric, {0, 30, 100, 400}, {0, 1, 7, 30}};
    const auto table = Knox(events, bins);
    ASSERT_TRUE(table);
    EXPECT_EQ(table->total, 200 * 199 / 2);
    std::vector<std::vector<std::int64_t>> plain(4, std::vector<std::int64_t>(4, 0));
    for (std::size_t i = 0; i < events.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const std::int32_t days = std::abs(events[i].day - events[j].day);
        ++plain[BinOf(Apart(metric, events[i], events[j]), {30, 100, 400})]
               [BinOf(days, {1, 7, 30})];
      }
    }
    EXPECT_EQ(table->pairs, plain);
  }
}

// A board of twenty series in which nothing happens: six months against the 36 before, q over the
// page.
TEST(Property, ABoardWithoutEffectsShowsABadgeInAtMostFivePercentOfRuns) {
  Numbers numbers(8);
  int badges = 0;
  constexpr int kRuns = 4'000;
  for (int run = 0; run < kRuns; ++run) {
    std::vector<double> p;
    for (int series = 0; series < 20; ++series) {
      const std::int64_t before = PoissonQuantile(numbers.Next(), 36 * 8);
      const std::int64_t after = PoissonQuantile(numbers.Next(), 6 * 8);
      p.push_back(*ConditionalP({after, 6, before, 36}));
    }
    if (BenjaminiHochberg(p)->rejected > 0) ++badges;
  }
  EXPECT_LE(badges, kRuns / 20);
}

Ranking RankedOnThisThread(std::uint64_t seed) {
  Numbers numbers(9);
  std::vector<std::optional<std::int64_t>> counts(std::size_t{24} * 3);
  const std::vector<double> weights = {3, 40, 700};
  std::vector<double> exposures;
  exposures.reserve(24);
  for (std::size_t area = 0; area < 24; ++area) {
    exposures.push_back(5000 + 8000 * numbers.Next());
    for (std::size_t offence = 0; offence < 3; ++offence) {
      const int most = 60 / (1 + 3 * static_cast<int>(offence));
      counts[area * 3 + offence] = numbers.Below(most);
    }
  }
  return *RankSeverity({24, 3, counts, weights, exposures}, {seed, 2'000});
}

bool SameBytes(const Ranking& left, const Ranking& right) {
  for (std::size_t i = 0; i < left.areas.size(); ++i) {
    const RankSummary& a = left.areas[i];
    const RankSummary& b = right.areas[i];
    if (std::memcmp(&a.top_three, &b.top_three, sizeof a.top_three) != 0 ||
        std::memcmp(&a.value, &b.value, sizeof a.value) != 0 ||
        std::memcmp(&a.expected_next, &b.expected_next, sizeof a.expected_next) != 0 ||
        a.rank != b.rank || a.median != b.median || a.lower != b.lower || a.upper != b.upper)
      return false;
  }
  return left.areas.size() == right.areas.size();
}

TEST(Ranks, AreTheSameBytesOnOneThreadAndOnSixteen) {
  const Ranking alone = RankedOnThisThread(42);
  std::vector<Ranking> together(16);
  {
    std::vector<std::jthread> threads;
    threads.reserve(together.size());
    for (Ranking& ranking : together)
      threads.emplace_back([&ranking] { ranking = RankedOnThisThread(42); });
  }
  for (const Ranking& ranking : together) EXPECT_TRUE(SameBytes(alone, ranking));
  EXPECT_FALSE(SameBytes(alone, RankedOnThisThread(43)));
}

TEST(Ranks, OfOneAreaDoNotDependOnHowManyDrawsFollow) {
  std::vector<AreaCount> areas;
  for (const std::int64_t count : {12, 30, 7, 22, 18}) areas.push_back({count, 1});
  const auto few = RankRates(areas, {5, 256});
  const auto odd = RankRates(areas, {5, 257});
  ASSERT_TRUE(few && odd);
  for (std::size_t i = 0; i < areas.size(); ++i)
    EXPECT_NEAR(few->areas[i].top_three * 256, odd->areas[i].top_three * 257, 1 + 1e-9);
}

}  // namespace
}  // namespace holdfast::statistics
