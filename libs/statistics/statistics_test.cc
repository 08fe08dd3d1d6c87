// Sentences about the methods: published values, edges, and what has no answer.
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <set>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "statistics/before_after.h"
#include "statistics/concentration.h"
#include "statistics/control_charts.h"
#include "statistics/disclosure.h"
#include "statistics/dispersion.h"
#include "statistics/displacement.h"
#include "statistics/distributions.h"
#include "statistics/gamma_table.h"
#include "statistics/glm.h"
#include "statistics/interrupted_series.h"
#include "statistics/intervals.h"
#include "statistics/knox.h"
#include "statistics/multiple.h"
#include "statistics/negative_binomial.h"
#include "statistics/neumaier_sum.h"
#include "statistics/philox.h"
#include "statistics/power.h"
#include "statistics/ranks.h"
#include "statistics/rate_ratio.h"
#include "statistics/scan.h"
#include "statistics/severity.h"
#include "statistics/spc.h"
#include "statistics/survey.h"

namespace holdfast::statistics {
namespace {

using ::testing::ElementsAre;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <class T>
void ExpectUndefined(const Result<T>& result, Undefined reason) {
  ASSERT_FALSE(result.has_value());
  EXPECT_EQ(Name(result.error()), Name(reason));
}

TEST(Outcome, NamesEveryReasonOnce) {
  std::set<std::string_view> names;
  for (const Undefined reason : kAllUndefined) names.insert(Name(reason));
  EXPECT_EQ(names.size(), kAllUndefined.size());
  EXPECT_EQ(Name(Undefined::kTooFew), "TOO_FEW");
}

TEST(NeumaierSum, KeepsWhatPlainAdditionDrops) {
  EXPECT_EQ(SumOf(std::vector<double>{1, 1e100, 1, -1e100}), 2);
}

TEST(Philox, GivesThePublishedAnswers) {
  constexpr std::uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(Philox({0, 0, 0, 0}, 0), (PhiloxBlock{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(Philox({kOnes, kOnes, kOnes, kOnes}, ~std::uint64_t{0}),
            (PhiloxBlock{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  // Random123's third vector: digits of pi.
  EXPECT_EQ(Philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0x299f31d0a4093822),
            (PhiloxBlock{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, UniformsLieStrictlyBetweenZeroAndOne) {
  EXPECT_GT(Uniform(0, 0), 0);
  EXPECT_LT(Uniform(0xffffffff, 0xffffffff), 1);
  EXPECT_NEAR(Uniform(0x80000000, 0), 0.5, 1e-15);
}

TEST(Philox, SeedIsTheFirstEightBytesLowestFirst) {
  EXPECT_EQ(SeedOf(std::vector<std::uint8_t>{1, 2, 0, 0, 0, 0, 0, 0x80, 9}), 0x8000000000000201U);
}

TEST(Distributions, NormalQuantileInvertsTheNormalTail) {
  for (const double p : {1e-300, 1e-16, 1e-9, 0.025, 0.2, 0.5, 0.8, 0.975, 0.999999})
    EXPECT_NEAR(NormalLower(NormalQuantile(p)) / p, 1, 1e-12) << p;
  EXPECT_NEAR(TwoSidedZ(0.95), 1.959963984540054, 1e-14);
}

TEST(Distributions, TakeTheirEdgesWithoutBoost) {
  EXPECT_EQ(PoissonMass(0, 0), 1);
  EXPECT_EQ(PoissonUpper(1, 0), 0);
  EXPECT_EQ(PoissonQuantile(0.99865, 0), 0);
  EXPECT_EQ(BinomialLower(0, 5, 1), 0);
  EXPECT_EQ(BinomialUpper(5, 5, 1), 1);
  EXPECT_NEAR(BinomialMass(0, 0, 0.3), 1, 1e-15);
}

TEST(Distributions, PoissonQuantileIsTheSmallestThatReaches) {
  for (const double mean : {0.01, 0.5, 3.0, 9.7, 150.0, 1e6}) {
    for (const double p : {0.00135, 0.5, 0.99865}) {
      const std::int64_t x = PoissonQuantile(p, mean);
      EXPECT_GE(PoissonLower(x, mean), p);
      EXPECT_LT(PoissonLower(x - 1, mean), p);
    }
  }
}

TEST(Distributions, LargeShapesJoinTheSmallOnesWithoutAStep) {
  for (const double tail : {1e-6, 0.025, 0.4}) {
    const double below = GammaQuantile(tail, 9'999'999.999);
    const double above = GammaQuantile(tail, 1e7);
    EXPECT_NEAR((above - below) / 0.001, 1, 1e-3) << tail;
    // x / (n + 1) of Beta(a, n + 1 - a): one step of a moves the quantile by about 1 / n.
    const double small = BetaQuantile(tail, 99'999'999, 2e8);
    const double large = BetaQuantile(tail, 100'000'000, 2e8);
    EXPECT_NEAR((large - small) * 3e8 / (2.0 / 3), 1, 1e-3) << tail;
  }
}

TEST(GammaTable, FollowsTheExactQuantile) {
  for (const double shape : {0.05, 0.3, 0.5, 1.0, 1.5, 7.5, 40.0, 1000.5, 3e6, 5e9}) {
    const GammaTable table(shape, 2.5);
    double last = 0;
    for (double u = 1e-12; u < 1; u = u < 0.01 ? u * 3 : u + 0.0137) {
      const double exact = GammaQuantile(u, shape) / 2.5;
      const double tabulated = table.Quantile(u);
      if (exact > 1e-290) {
        EXPECT_NEAR(tabulated / exact, 1, shape < 0.3 ? 1e-5 : 1e-6) << shape << " " << u;
      }
      EXPECT_GE(tabulated, last);
      last = tabulated;
    }
  }
}

TEST(PoissonInterval, OfNoEventsBeginsAtZero) {
  for (const PoissonMethod method :
       {PoissonMethod::kGarwood, PoissonMethod::kMidP, PoissonMethod::kByar}) {
    const auto interval = PoissonInterval(method, 0);
    ASSERT_TRUE(interval);
    EXPECT_EQ(interval->lower, 0);
    EXPECT_GT(interval->upper, 2.9);
  }
}

TEST(PoissonInterval, RefusesWhatIsNoCountOrLevel) {
  ExpectUndefined(PoissonInterval(PoissonMethod::kByar, -1), Undefined::kInputOutOfRange);
  ExpectUndefined(PoissonInterval(PoissonMethod::kByar, kMaxCount + 1),
                  Undefined::kInputOutOfRange);
  for (const double level : {0.0, 1.0, -1.0, kNaN})
    ExpectUndefined(PoissonInterval(PoissonMethod::kByar, 1, level), Undefined::kInputOutOfRange);
}

TEST(PoissonInterval, KeepsItsDigitsForHugeCounts) {
  for (const std::int64_t x :
       {std::int64_t{1'000'000}, std::int64_t{1'000'000'000'000}, kMaxCount}) {
    const double sd = std::sqrt(static_cast<double>(x));
    for (const PoissonMethod method :
         {PoissonMethod::kGarwood, PoissonMethod::kMidP, PoissonMethod::kByar}) {
      const auto interval = PoissonInterval(method, x);
      ASSERT_TRUE(interval);
      EXPECT_NEAR((static_cast<double>(x) - interval->lower) / sd, 1.959964, 0.002);
      EXPECT_NEAR((interval->upper - static_cast<double>(x)) / sd, 1.959964, 0.003);
    }
  }
}

TEST(PoissonInterval, WidensWithPhi) {
  const auto plain = PoissonInterval(PoissonMethod::kByar, 50);
  const auto wide = ScaledPoissonInterval(PoissonMethod::kByar, 50, 2);
  ASSERT_TRUE(plain && wide);
  EXPECT_LT(wide->lower, plain->lower);
  EXPECT_GT(wide->upper, plain->upper);
  EXPECT_NEAR(ScaledPoissonInterval(PoissonMethod::kByar, 50, 1)->upper, plain->upper, 1e-12);
}

TEST(Rate, NamesWhyItHasNoValue) {
  ExpectUndefined(RateOf(1, 0), Undefined::kZeroExposure);
  for (const double exposure : {-1.0, kNaN, kInfinity})
    ExpectUndefined(RateOf(1, exposure), Undefined::kInputOutOfRange);
  ExpectUndefined(RateOf(kMaxCount, 1e-300), Undefined::kTooLarge);
}

TEST(Proportion, IsExactAtBothEnds) {
  for (const auto method :
       {ProportionMethod::kWilson, ProportionMethod::kClopperPearson, ProportionMethod::kMidP}) {
    EXPECT_EQ(ProportionInterval(method, 0, 20)->lower, 0);
    EXPECT_EQ(ProportionInterval(method, 20, 20)->upper, 1);
    EXPECT_NEAR(ProportionInterval(method, 0, 20)->upper,
                1 - ProportionInterval(method, 20, 20)->lower, 1e-12);
  }
  ExpectUndefined(ProportionInterval(ProportionMethod::kWilson, 0, 0), Undefined::kZeroExposure);
  ExpectUndefined(ProportionInterval(ProportionMethod::kWilson, 3, 2), Undefined::kInputOutOfRange);
}

TEST(CompletionShare, IsTooFewBelowTenActions) {
  ExpectUndefined(CompletionShare(9, 9), Undefined::kTooFew);
  EXPECT_TRUE(CompletionShare(9, 10));
}

TEST(RateRatio, NamesWhyItHasNoValue) {
  ExpectUndefined(ConditionalRateRatio({{0, 1, 0, 1}}), Undefined::kNoEvents);
  ExpectUndefined(ConditionalRateRatio({{5, 1, 0, 1}}), Undefined::kZeroBaseline);
  ExpectUndefined(ConditionalRateRatio({{5, 0, 5, 1}}), Undefined::kZeroExposure);
  ExpectUndefined(ConditionalRateRatio({{5, kNaN, 5, 1}}), Undefined::kInputOutOfRange);
  ExpectUndefined(ConditionalRateRatio({{-5, 1, 5, 1}}), Undefined::kInputOutOfRange);
  ExpectUndefined(RateRatioETest({0, 1, 0, 1}), Undefined::kNoEvents);
  ExpectUndefined(LogWaldRateRatio({0, 1, 7, 1}, {}), Undefined::kNotEstimable);
}

TEST(RateRatio, OfNoEventsNowIsZeroWithABoundAbove) {
  const auto ratio = ConditionalRateRatio({{0, 1, 5, 1}});
  ASSERT_TRUE(ratio);
  EXPECT_EQ(ratio->ratio, 0);
  EXPECT_EQ(ratio->exact.lower, 0);
  EXPECT_NEAR(*ratio->exact.upper, 1.0912791, 1e-6);
  EXPECT_NEAR(ratio->p, 0.0625, 1e-12);
}

TEST(RateRatio, IsUnboundedOnTheSideThatAOneSidedTestLeavesOpen) {
  RatioInput input{{12, 1, 5, 1}};
  input.alternative = Alternative::kGreater;
  const auto greater = ConditionalRateRatio(input);
  ASSERT_TRUE(greater);
  EXPECT_FALSE(greater->exact.upper.has_value());
  input.alternative = Alternative::kTwoSided;
  input.level = 0.9;
  EXPECT_NEAR(greater->exact.lower, ConditionalRateRatio(input)->exact.lower, 1e-12);
}

TEST(RateRatio, ETestAgreesWithTheScoreTestWhereItHandsOver) {
  const auto exact = RateRatioETest({540, 1, 460, 1});
  const auto score = RateRatioETest({541, 1, 460, 1});
  ASSERT_TRUE(exact && score);
  EXPECT_NEAR(*exact, *score, 0.002);
}

TEST(PercentChange, StepsBackFromASmallBaselineOnABoard) {
  ExpectUndefined(PercentChange(9, 4, kBoardBaseline), Undefined::kBaselineTooSmall);
  EXPECT_EQ(*PercentChange(9, 4), 125);
  EXPECT_EQ(*PoissonZ(9, 4), 2);
  ExpectUndefined(PercentChange(9, 0), Undefined::kZeroBaseline);
  ExpectUndefined(PercentChange(0, 0), Undefined::kNoEvents);
}

TEST(Severity, ShowsThatOneHomicideMadeTheScore) {
  const std::vector<WeightedCount> offences = {{7979, 1}, {3, 200}};
  const auto score = Severity({offences, 15000});
  ASSERT_TRUE(score);
  EXPECT_EQ(score->method, SeverityMethod::kFayFeuer);
  EXPECT_NEAR(score->n_eff, 1.156, 0.001);
  const auto lines = Sensitivity({offences, 15000});
  ASSERT_TRUE(lines && lines->capped && lines->without_heaviest);
  EXPECT_NEAR(lines->capped->score, 0.24, 1e-12);
  EXPECT_NEAR(lines->without_heaviest->score, 0.04, 1e-12);
}

TEST(Severity, AsksOfARatioWhetherItsHeaviestOffencesMakeIt) {
  const std::vector<WeightedCount> before = {{10, 100}, {8000, 1}};
  const std::vector<WeightedCount> after = {{10, 50}, {8000, 3}};
  const auto lines = SensitivityOfRatio({before, 1}, {after, 1});
  ASSERT_TRUE(lines.has_value());
  EXPECT_DOUBLE_EQ(lines->capped->ratio, 9500.0 / 4000.0);
  EXPECT_DOUBLE_EQ(lines->without_heaviest->ratio, 0.5);
  const std::vector<WeightedCount> heavy = {{8000, 1}};
  EXPECT_FALSE(SensitivityOfRatio({heavy, 1}, {heavy, 1})->without_heaviest.has_value());
}

TEST(Severity, TakesDobsonFromTenEffectiveOffences) {
  const std::vector<WeightedCount> offences = {{10, 5}, {10, 5}};
  const auto score = Severity({offences, 100});
  ASSERT_TRUE(score);
  EXPECT_NEAR(score->n_eff, 10, 1e-12);
  EXPECT_EQ(score->method, SeverityMethod::kDobson);
  // Equal weights: a plain Poisson count times 10 / 100, so Dobson is Byar.
  EXPECT_NEAR(score->interval().lower, 0.1 * PoissonInterval(PoissonMethod::kByar, 10)->lower,
              1e-12);
}

TEST(Severity, WithoutOffencesIsZeroWithTheBoundOfOneHeaviest) {
  const std::vector<WeightedCount> offences = {{7979, 0}, {3, 0}};
  const auto score = Severity({offences, 15000});
  ASSERT_TRUE(score);
  EXPECT_EQ(score->score, 0);
  EXPECT_EQ(score->fay_feuer.lower, 0);
  EXPECT_NEAR(score->fay_feuer.upper, 7979.0 / 15000 * 3.688879454, 1e-8);
  EXPECT_FALSE(score->dobson.has_value());
}

TEST(Severity, NamesWhyItHasNoValue) {
  const std::vector<WeightedCount> without = {{std::nullopt, 0}};
  const std::vector<WeightedCount> zero = {{0, 1}};
  const std::vector<WeightedCount> good = {{1, 1}};
  ExpectUndefined(Severity({without, 1}), Undefined::kMissingWeights);
  ExpectUndefined(Severity({zero, 1}), Undefined::kInputOutOfRange);
  ExpectUndefined(Severity({good, 0}), Undefined::kZeroExposure);
  const std::vector<WeightedCount> none = {{1, 0}};
  ExpectUndefined(SeverityRatio({none, 1}, {none, 1}), Undefined::kNoEvents);
  ExpectUndefined(SeverityRatio({none, 1}, {good, 1}), Undefined::kZeroBaseline);
  ExpectUndefined(SeverityRatio({good, 1}, {none, 1}), Undefined::kNotEstimable);
  ExpectUndefined(SeverityRatio({good, 1}, {zero, 1}), Undefined::kInputOutOfRange);
}

TEST(Xmr, LeavesOutWildRangesOnceWhereAsked) {
  std::vector<double> values = {50, 52, 49, 51, 50, 120, 50, 52, 49, 51, 50, 52};
  XmrOptions screened;
  screened.screen_ranges = true;
  const auto plain = XmrLimitsOf(values);
  const auto tight = XmrLimitsOf(values, screened);
  ASSERT_TRUE(plain && tight);
  EXPECT_NEAR(plain->mean_moving_range, 158.0 / 11, 1e-9);
  EXPECT_NEAR(tight->mean_moving_range, 18.0 / 9, 1e-9);
  EXPECT_TRUE(Xmr(values, screened)->marks[5].outside_limits);
}

TEST(Xmr, TakesPoissonLimitsForFewEvents) {
  const auto limits = XmrLimitsOf(std::vector<double>{3, 5, 4, 6, 2, 3, 4, 5, 3, 6, 2, 4});
  ASSERT_TRUE(limits);
  EXPECT_TRUE(limits->poisson);
  EXPECT_EQ(limits->lower, 0);
  EXPECT_EQ(limits->upper, 11);
  EXPECT_TRUE(limits->may_freeze());
  EXPECT_FALSE(XmrLimitsOf(std::vector<double>{3.5, 5, 4})->poisson);
}

TEST(Xmr, JudgesLaterPointsByFrozenLimits) {
  const std::vector<double> values = {20, 22, 19, 21, 20, 22, 40, 41, 42};
  XmrOptions frozen;
  frozen.limits_from = 6;
  const auto chart = Xmr(values, frozen);
  ASSERT_TRUE(chart);
  EXPECT_EQ(chart->limits.points, 6U);
  EXPECT_NEAR(chart->limits.mean, 124.0 / 6, 1e-12);
  EXPECT_TRUE(chart->marks[6].outside_limits && chart->marks[8].outside_limits);
  EXPECT_FALSE(chart->marks[5].any());
}

TEST(Xmr, DoesNotMeasureAcrossAMissingMonth) {
  const auto limits = XmrLimitsOf(std::vector<double>{20, 22, kNaN, 90, 92});
  ASSERT_TRUE(limits);
  EXPECT_EQ(limits->mean_moving_range, 2);
  EXPECT_EQ(limits->points, 4U);
  ExpectUndefined(XmrLimitsOf(std::vector<double>{20, kNaN, 20}), Undefined::kSeriesTooShort);
  ExpectUndefined(XmrLimitsOf(std::vector<double>{20, 20, 20}), Undefined::kNoVariation);
  ExpectUndefined(XmrLimitsOf(std::vector<double>{20, kInfinity}), Undefined::kInputOutOfRange);
}

std::vector<int> Bits(const Result<std::vector<bool>>& flags) {
  if (!flags) return {};
  return {flags->begin(), flags->end()};
}

TEST(SpcRule, SevenOnOneSideIsBrokenByThePointOnTheMeanAndByAGap) {
  const SpcLines lines{0, -9, 9};
  EXPECT_THAT(
      Bits(SpcFlags(SpcRule::kSevenOneSide, std::vector<double>{1, 1, 1, 0, 1, 1, 1, 1}, lines)),
      ::testing::Each(0));
  EXPECT_THAT(
      Bits(SpcFlags(SpcRule::kSevenOneSide, std::vector<double>{1, 1, 1, kNaN, 1, 1, 1, 1}, lines)),
      ::testing::Each(0));
  EXPECT_THAT(
      Bits(SpcMembers(SpcRule::kSevenOneSide, std::vector<double>{-1, 1, 1, 1, 1, 1, 1, 1}, lines)),
      ElementsAre(0, 1, 1, 1, 1, 1, 1, 1));
}

TEST(SpcRule, OutsideNeedsOneLimitAtLeast) {
  const std::vector<double> values = {9, 10, -20};
  EXPECT_THAT(Bits(SpcFlags(SpcRule::kOutsideLimits, values, {0, std::nullopt, 9})),
              ElementsAre(0, 1, 0));
  EXPECT_THAT(Bits(SpcFlags(SpcRule::kOutsideLimits, values, {0, -9, 9})), ElementsAre(0, 1, 1));
}

TEST(SpcRule, TrendNeedsSixStrictSteps) {
  const SpcLines lines{0, std::nullopt, std::nullopt};
  EXPECT_THAT(Bits(SpcFlags(SpcRule::kSevenTrend, std::vector<double>{1, 2, 3, 4, 5, 6, 7}, lines)),
              ElementsAre(0, 0, 0, 0, 0, 0, 1));
  EXPECT_THAT(Bits(SpcFlags(SpcRule::kSevenTrend, std::vector<double>{1, 2, 3, 3, 4, 5, 6}, lines)),
              ::testing::Each(0));
  EXPECT_THAT(
      Bits(SpcFlags(SpcRule::kSevenTrend, std::vector<double>{7, 6, 5, 4, 3, 2, 1, 0}, lines)),
      ElementsAre(0, 0, 0, 0, 0, 0, 1, 1));
}

TEST(SpcRule, TwoOfThreeFlagsThePointsNearTheLimitOnly) {
  const SpcLines lines{0, -9, 9};
  EXPECT_THAT(Bits(SpcFlags(SpcRule::kTwoOfThree, std::vector<double>{7, 1, 8, 0}, lines)),
              ElementsAre(1, 0, 1, 0));
  EXPECT_THAT(Bits(SpcMembers(SpcRule::kTwoOfThree, std::vector<double>{7, 1, 8, 0}, lines)),
              ElementsAre(1, 1, 1, 0));
  // On two sides, outside the limit, exactly at two thirds.
  EXPECT_THAT(Bits(SpcFlags(SpcRule::kTwoOfThree, std::vector<double>{7, -1, 8}, lines)),
              ::testing::Each(0));
  EXPECT_THAT(Bits(SpcFlags(SpcRule::kTwoOfThree, std::vector<double>{7, 1, 10}, lines)),
              ::testing::Each(0));
  EXPECT_THAT(Bits(SpcFlags(SpcRule::kTwoOfThree, std::vector<double>{6, 1, 8}, lines)),
              ::testing::Each(0));
  ExpectUndefined(
      SpcFlags(SpcRule::kTwoOfThree, std::vector<double>{1}, {0, std::nullopt, std::nullopt}),
      Undefined::kInputOutOfRange);
}

TEST(VacuumWatch, RaisesAboveThePoissonQuantileOnly) {
  EXPECT_FALSE(*AboveVacuumLimit(11, 4));
  EXPECT_TRUE(*AboveVacuumLimit(12, 4));
  EXPECT_TRUE(*AboveVacuumLimit(1, 0));
  EXPECT_FALSE(*AboveVacuumLimit(0, 0));
}

TEST(Ranks, ShareTheBetterPlaceWhereValuesAreEqual) {
  EXPECT_THAT(CompetitionRanks(std::vector<double>{5, 9, 5, 1}), ElementsAre(2, 1, 2, 4));
  EXPECT_THAT(CompetitionRanks(std::vector<double>{}), ElementsAre());
}

std::vector<AreaCount> Areas(const std::vector<std::int64_t>& counts) {
  std::vector<AreaCount> areas;
  areas.reserve(counts.size());
  for (const std::int64_t count : counts) areas.push_back({count, 1});
  return areas;
}

TEST(Ranks, NeedEveryAreaOfThePopulation) {
  std::vector<AreaCount> areas = Areas({4, 5, 6});
  areas[1].count.reset();
  ExpectUndefined(RankRates(areas, {}), Undefined::kIncompletePopulation);
  ExpectUndefined(RankRates(Areas({0, 0}), {}), Undefined::kNoEvents);
  ExpectUndefined(RankRates({}, {}), Undefined::kNoEvents);
}

TEST(Ranks, OfLikeAreasAreMostlyLuckAndSaySo) {
  const auto ranking = RankRates(Areas({10, 11, 9, 10, 12, 8, 10, 10}), {});
  ASSERT_TRUE(ranking);
  EXPECT_EQ(ranking->offences_without_spread, 1);
  EXPECT_EQ(ranking->areas[4].rank, 1);
  EXPECT_GE(ranking->areas[4].upper, 6);
  EXPECT_LT(ranking->areas[4].top_three, 0.7);
}

TEST(Ranks, OfFarApartAreasAreCertain) {
  const auto ranking = RankRates(Areas({1000, 100, 10}), {});
  ASSERT_TRUE(ranking);
  for (std::int32_t i = 0; i < 3; ++i) {
    const RankSummary& area = ranking->areas[static_cast<std::size_t>(i)];
    EXPECT_EQ(area.rank, i + 1);
    EXPECT_EQ(area.lower, i + 1);
    EXPECT_EQ(area.upper, i + 1);
    EXPECT_EQ(area.areas, 3);
  }
}

TEST(Ranks, ExpectTheHighestToFallAndTheLowestToRise) {
  const auto ranking = RankRates(Areas({40, 20, 22, 18, 20, 5}), {});
  ASSERT_TRUE(ranking);
  EXPECT_GT(*ranking->areas[0].expected_fall_percent, 0);
  EXPECT_LT(*ranking->areas[5].expected_fall_percent, 0);
}

TEST(Ranks, OfAreasThatDifferByChanceAloneAllRegressToTheirMean) {
  const auto ranking = RankRates(Areas({12, 8, 10}), {});
  ASSERT_TRUE(ranking);
  for (const RankSummary& area : ranking->areas) EXPECT_DOUBLE_EQ(area.expected_next, 10);
  EXPECT_NEAR(*ranking->areas[0].expected_fall_percent, 100.0 / 6, 1e-9);
}

TEST(Ranks, AgreeWithTheClosedFormForPairsOfAreas) {
  const auto prior = EstimatePrior(Areas({12, 8}));
  ASSERT_TRUE(prior && prior->no_spread);
  int above = 0;
  constexpr std::uint32_t kDraws = 100'000;
  const GammaTable first(12.5, 1);
  const GammaTable second(8.5, 1);
  for (std::uint32_t draw = 0; draw < kDraws; ++draw) {
    const PhiloxBlock a = Philox({draw, 0, 0, 0}, 11);
    const PhiloxBlock b = Philox({draw, 1, 0, 0}, 11);
    if (first.Quantile(Uniform(a[0], a[1])) > second.Quantile(Uniform(b[0], b[1]))) ++above;
  }
  EXPECT_NEAR(static_cast<double>(above) / kDraws, *RankProbability(12, 8), 0.004);
}

TEST(Ranks, BySeverityFollowTheWeights) {
  const std::vector<std::optional<std::int64_t>> counts = {50, 1, 10, 30, 20, 2};
  const std::vector<double> weights = {1, 100};
  const std::vector<double> exposures = {1, 1, 1};
  const auto ranking = RankSeverity({3, 2, counts, weights, exposures}, {});
  ASSERT_TRUE(ranking) << Name(ranking.error());
  EXPECT_EQ(ranking->areas[0].rank, 3);
  EXPECT_EQ(ranking->areas[1].rank, 1);
  EXPECT_EQ(ranking->areas[2].rank, 2);
  EXPECT_NEAR(ranking->areas[1].value, 3010, 1e-9);
  EXPECT_EQ(ranking->offences_drawn, 2);
}

TEST(Ranks, BySeverityLeaveOutAnOffenceThatNobodyHas) {
  const std::vector<std::optional<std::int64_t>> with = {50, 0, 10, 0, 20, 0};
  const std::vector<std::optional<std::int64_t>> without = {50, 10, 20};
  const std::vector<double> weights = {1, 100};
  const std::vector<double> exposures = {1, 1, 1};
  const auto two = RankSeverity({3, 2, with, weights, exposures}, {});
  const auto one = RankSeverity({3, 1, without, std::span(weights).first(1), exposures}, {});
  ASSERT_TRUE(two && one);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(two->areas[i].top_three, one->areas[i].top_three);
}

TEST(RegressionToTheMean, OfNothingHasNoPercentage) {
  const auto none = RegressionToTheMean(10, 3, 0);
  ASSERT_TRUE(none);
  EXPECT_GT(none->expected_next, 0);
  EXPECT_FALSE(none->expected_fall_percent.has_value());
  ExpectUndefined(RegressionToTheMean(10, 0, 5), Undefined::kInputOutOfRange);
}

TEST(Power, SaysHowLargeABaselineMustBe) {
  EXPECT_EQ(*MinimumBaseline(37), 53);
  EXPECT_EQ(*MinimumBaseline(20), 183);
  EXPECT_EQ(*MinimumBaseline(100), 6);
  ExpectUndefined(MinimumBaseline(1), Undefined::kTooLarge);
  ExpectUndefined(MinimumBaseline(0), Undefined::kInputOutOfRange);
}

// The same sum without the shortcut of moving thresholds.
double PlainPower(double before, double after) {
  NeumaierSum power;
  for (std::int64_t x0 = 0; x0 < 120; ++x0) {
    for (std::int64_t x1 = 0; x1 < 120; ++x1) {
      const auto p = ConditionalP({x1, 1, x0, 1});
      if (p && *p < 0.05) power.Add(PoissonMass(x0, before) * PoissonMass(x1, after));
    }
  }
  return power.Total();
}

TEST(Power, IsTheSumOverAllPairsOfCounts) {
  EXPECT_NEAR(*Power({30, 50}), PlainPower(30, 15), 1e-9);
  EXPECT_NEAR(*Power({3, 0}), PlainPower(3, 3), 1e-9);
  EXPECT_NEAR(*Power({50, 20}), PlainPower(50, 40), 1e-9);
}

TEST(Power, JoinsItsNormalFormWithoutAStep) {
  EXPECT_NEAR(*Power({10'416, 4}), *Power({10'417, 4}), 0.005);
}

TEST(Power, FindsTheSmallestFallThatIsSeen) {
  const auto fall = DetectableFall({100});
  ASSERT_TRUE(fall);
  EXPECT_GE(*Power({100, *fall}), 0.8);
  EXPECT_LT(*Power({100, *fall - 0.2}), 0.8);
  ExpectUndefined(DetectableFall({2}), Undefined::kNotEstimable);
  PowerInput over{100};
  over.phi = 3;
  EXPECT_GT(*DetectableFall(over), *fall);
}

TEST(Dispersion, OfCountsThatFollowTheSeasonIsOne) {
  std::vector<double> counts;
  counts.reserve(36);
  for (int month = 0; month < 36; ++month)
    counts.push_back(std::round(100 + 30 * std::sin(month * 0.5236)));
  EXPECT_EQ(*DispersionOfMonths(counts, 1), 1);
  for (std::size_t i = 0; i < counts.size(); i += 3) counts[i] += 60;
  EXPECT_GT(*DispersionOfMonths(counts, 1), 2);
  ExpectUndefined(DispersionOfMonths(std::span(counts).first(11), 1), Undefined::kSeriesTooShort);
  ExpectUndefined(DispersionOfMonths(counts, 13), Undefined::kInputOutOfRange);
  counts[4] = kNaN;
  EXPECT_TRUE(DispersionOfMonths(counts, 1));
}

TEST(BenjaminiHochberg, TakesAnEmptyFamily) {
  const auto family = BenjaminiHochberg({});
  ASSERT_TRUE(family);
  EXPECT_EQ(family->rejected, 0);
  ExpectUndefined(BenjaminiHochberg(std::vector<double>{0.5, kNaN}), Undefined::kInputOutOfRange);
}

TEST(Wdd, WarnsOfSmallCountsAndWantsEvents) {
  DisplacementInput input{{20, 4}, {30, 31}};
  EXPECT_TRUE(Wdd(input)->small_counts);
  input.treated.after = 5;
  EXPECT_FALSE(Wdd(input)->small_counts);
  ExpectUndefined(Wdd({{0, 0}, {0, 0}}), Undefined::kNoEvents);
  input.weights.after = 0;
  ExpectUndefined(Wdd(input), Undefined::kInputOutOfRange);
}

TEST(Wdd, OfHarmIsTheWeightedSum) {
  const DisplacementInput burglary{{207, 110}, {308, 318}};
  const DisplacementInput robbery{{40, 30}, {50, 52}};
  const auto harm = WddHarm(std::vector<HarmWeighted>{{burglary, 3}, {robbery, 10}});
  ASSERT_TRUE(harm);
  EXPECT_NEAR(harm->total.value, 3 * Wdd(burglary)->total.value + 10 * Wdd(robbery)->total.value,
              1e-9);
  EXPECT_NEAR(harm->variance, 9 * Wdd(burglary)->variance + 100 * Wdd(robbery)->variance, 1e-9);
}

TEST(Wdq, HasNoValueWhereThereIsNoSuccessToDisplace) {
  ExpectUndefined(Wdq({100, 98}, {100, 100}, {50, 50}), Undefined::kDenominatorCoversZero);
  ExpectUndefined(Wdq({100, 50}, {100, 0}, {50, 50}), Undefined::kNotEstimable);
  ExpectUndefined(Wdq({0, 0}, {0, 0}, {0, 0}), Undefined::kNoEvents);
}

TEST(RelativeEffectSize, IsTheInverseOfTheInteractionOfAPoissonModel) {
  const auto res = RelativeEffectSize({207, 110}, {308, 318});
  ASSERT_TRUE(res);
  // Rows T0, T1, C0, C1; columns intercept, after, treated, both.
  Matrix design(4, 4);
  design.values = {1, 0, 1, 0, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 0, 0};
  // A saturated model has no degree of freedom left: one row is given twice, and one column, to
  // keep it honest.
  Matrix doubled(8, 4);
  std::copy(design.values.begin(), design.values.end(), doubled.values.begin());
  std::copy(design.values.begin(), design.values.end(), doubled.values.begin() + 16);
  const std::vector<double> counts = {207, 110, 308, 318, 207, 110, 308, 318};
  const auto glm = FitLogLinear(counts, {}, doubled);
  ASSERT_TRUE(glm);
  EXPECT_NEAR(std::exp(glm->coefficients[3]), res->rate_ratio, 1e-9);
  EXPECT_NEAR(std::sqrt(2 * glm->covariance.at(3, 3)), res->se_log, 1e-9);
}

TEST(BeforeAfter, NamesWhyItHasNoValue) {
  ExpectUndefined(RelativeEffectSize({0, 1}, {1, 1}), Undefined::kNotEstimable);
  ExpectUndefined(Controlled({0, 1}, {1, 1}), Undefined::kZeroBaseline);
  ExpectUndefined(Controlled({1, 1}, {1, 0}), Undefined::kNotEstimable);
  ExpectUndefined(AgainstRemainder({5, 5}, {4, 9}), Undefined::kInputOutOfRange);
  EXPECT_NEAR(AgainstRemainder({120, 85}, {238, 193})->relative, 0.773919753086, 1e-9);
}

TEST(Survey, TrimsWeightsAndKeepsTheirSum) {
  const std::vector<double> weights = {1, 1, 1, 1, 1, 1, 1, 1, 1, 100};
  const auto trimmed = TrimWeights(weights);
  ASSERT_TRUE(trimmed);
  EXPECT_NEAR(SumOf(*trimmed), 109, 1e-9);
  EXPECT_LT(trimmed->back(), 100);
  EXPECT_GT(trimmed->front(), 1);
}

TEST(Survey, RakingRefusesMarginsThatCannotBeMet) {
  Matrix table(2, 2);
  table.values = {0, 0, 1, 1};
  const std::vector<double> one = {1, 1};
  const std::vector<double> two = {1, 2};
  ExpectUndefined(Rake(table, one, one), Undefined::kNotEstimable);
  ExpectUndefined(Rake(table, one, two), Undefined::kInputOutOfRange);
  // A diagonal of zeros: the margins pull the cells to where the table has none.
  table.values = {1, 0, 0, 1};
  ExpectUndefined(Rake(table, two, std::vector<double>{2, 1}), Undefined::kDidNotConverge);
}

TEST(Survey, MarginShrinksToNothingWhereEverybodyWasAsked) {
  MarginInput input{0.5, 400, 1, 400.0};
  EXPECT_EQ(*MarginOfError(input), 0);
  input.population = 399;
  ExpectUndefined(MarginOfError(input), Undefined::kInputOutOfRange);
  input.n = 0;
  ExpectUndefined(MarginOfError(input), Undefined::kZeroExposure);
}

TEST(TenFive, WithholdsZeroTooAndRoundsOnce) {
  EXPECT_FALSE(TenFive(std::int64_t{0}).has_value());
  EXPECT_FALSE(TenFive(std::int64_t{9}).has_value());
  for (std::int64_t count = 10; count < 200; ++count)
    EXPECT_EQ(TenFive(*TenFive(count)), TenFive(count));
}

TEST(Concentration, OfOnePlaceHasNoUnbiasedForm) {
  const auto one = ConcentrationOf(std::vector<std::int64_t>{7});
  ASSERT_TRUE(one);
  EXPECT_EQ(one->gini, 0);
  EXPECT_FALSE(one->unbiased.has_value());
  ExpectUndefined(ConcentrationOf(std::vector<std::int64_t>{0, 0}), Undefined::kNoEvents);
  EXPECT_EQ(*PredictionAccuracy(25, 100, 1, 20), 5);
}

TEST(Cusum, SignalsWhereItFirstPassesItsLimit) {
  const auto chart = Cusum(std::vector<double>{0, 2, 2, 2, -9}, {0, 1, 2.5});
  ASSERT_TRUE(chart);
  EXPECT_THAT(chart->high, ElementsAre(0, 1, 2, 3, 0));
  EXPECT_THAT(chart->low, ElementsAre(0, 0, 0, 0, 8));
  EXPECT_EQ(*chart->first_signal, 3U);
}

TEST(Ewma, OpensItsLimitsWithTime) {
  const auto chart = Ewma(std::vector<double>(40, 1.0), {0.3, 0, 1, 3, true});
  ASSERT_TRUE(chart);
  EXPECT_NEAR(chart->upper[0], 0.9, 1e-12);
  EXPECT_NEAR(chart->upper[39], 3 * std::sqrt(0.3 / 1.7), 1e-5);
}

TEST(Scan, WithoutEventsIsCertain) {
  EXPECT_EQ(*ScanProbability(10, 1, 0), 1);
  double last = 1;
  for (std::int64_t count = 4; count < 20; ++count) {
    const auto p = ScanProbability(52, 2, count);
    ASSERT_TRUE(p);
    EXPECT_LE(*p, last);
    last = *p;
  }
}

TEST(Knox, LabelsTheFirstDayAsTheSameDay) {
  EXPECT_THAT(*KnoxTimeLabels(std::vector<std::int32_t>{0, 1, 2, 7}),
              ElementsAre("same day", "1 day later", "2 to 6 days later", "7 or more days later"));
  ExpectUndefined(KnoxTimeLabels(std::vector<std::int32_t>{0, 0}), Undefined::kInputOutOfRange);
}

TEST(Knox, FindsPlantedPairsAndIsSureOfThem) {
  std::vector<PlacedEvent> events;
  for (std::int32_t i = 0; i < 30; ++i) {
    events.push_back({1000.0 * i, 0, 37 * i % 365});
    events.push_back({1000.0 * i + 5, 0, 37 * i % 365 + 1});
  }
  const KnoxBins bins{Metric::kEuclidean, {0, 10}, {0, 1, 2}};
  const auto table = Knox(events, bins);
  ASSERT_TRUE(table);
  EXPECT_EQ(table->pairs[0][1], 30);
  EXPECT_EQ(table->total, 60 * 59 / 2);
  const auto cell = KnoxPermutation(events, bins, 0, 1, 199, 7);
  ASSERT_TRUE(cell);
  EXPECT_NEAR(cell->p, 1.0 / 200, 1e-12);
  EXPECT_GT(*cell->ratio, 10);
}

TEST(InterruptedSeries, WantsMonthsBeforeAndAfter) {
  std::vector<double> counts(20, 30);
  std::vector<double> ones(20, 1);
  std::vector<double> times(20);
  std::iota(times.begin(), times.end(), 0);
  std::vector<double> post(20, 0);
  std::fill(post.begin() + 15, post.end(), 1);
  SeriesInput input{counts, ones, times, post, {}};
  input.harmonics = 0;
  ExpectUndefined(InterruptedSeries(input), Undefined::kSeriesTooShort);
}

TEST(NegativeBinomial, SaysWhereThePoissonFits) {
  const auto fit = FitNegativeBinomial(std::vector<std::int64_t>{10, 20, 10});
  ASSERT_TRUE(fit);
  EXPECT_FALSE(fit->k.has_value());
  EXPECT_EQ(fit->log_likelihood, fit->poisson_log_likelihood);
}

TEST(NegativeBinomial, RegressionOnAnInterceptIsTheFitOfTheCounts) {
  const std::vector<std::int64_t> frequency = {70, 38, 17, 10, 9, 3, 2, 1};
  std::vector<double> counts;
  for (std::size_t y = 0; y < frequency.size(); ++y)
    counts.insert(counts.end(), static_cast<std::size_t>(frequency[y]), static_cast<double>(y));
  Matrix design(counts.size(), 1);
  std::fill(design.values.begin(), design.values.end(), 1);
  const auto regression = RegressNegativeBinomial(counts, design);
  const auto fit = FitNegativeBinomial(frequency);
  ASSERT_TRUE(regression && fit);
  EXPECT_NEAR(regression->theta, *fit->k, 1e-9);
  EXPECT_NEAR(regression->two_log_likelihood, 2 * fit->log_likelihood, 1e-9);
}

TEST(LogLinear, RefusesColumnsThatAreSumsOfOthers) {
  Matrix design(5, 2);
  design.values = {1, 2, 1, 2, 1, 2, 1, 2, 1, 2};
  const std::vector<double> counts = {3, 4, 5, 4, 3};
  ExpectUndefined(FitLogLinear(counts, {}, design), Undefined::kNotEstimable);
}

}  // namespace
}  // namespace holdfast::statistics
