#include "bench.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/thread_executor.h"
#include "closed_loop.h"
#include "histogram.h"
#include "open_loop.h"
#include "report.h"
#include "samples.h"
#include "zipf.h"

namespace holdfast::bench {
namespace {

TEST(Histogram, IsAtMostASixtyFourthTooHigh) {
  for (std::int64_t nanoseconds = 1; nanoseconds < 100'000'000'000;
       nanoseconds = nanoseconds * 3 + 1) {
    Histogram histogram;
    histogram.Add(absl::Nanoseconds(nanoseconds));
    const std::int64_t said = absl::ToInt64Nanoseconds(histogram.Percentile(0.99));
    EXPECT_GT(said, nanoseconds);
    EXPECT_LE(static_cast<double>(said), static_cast<double>(nanoseconds) * (1 + 1.0 / 64) + 1);
  }
}

TEST(Histogram, FindsTheSlowestHundredth) {
  Histogram histogram;
  for (int i = 0; i < 990; ++i) histogram.Add(absl::Microseconds(10));
  for (int i = 0; i < 10; ++i) histogram.Add(absl::Milliseconds(10));
  EXPECT_LT(histogram.Percentile(0.99), absl::Microseconds(11));
  EXPECT_GT(histogram.Percentile(0.999), absl::Milliseconds(9));
  EXPECT_EQ(Histogram().Percentile(0.5), absl::ZeroDuration());
}

TEST(Histogram, MergesAsIfItHadSeenAll) {
  Histogram one;
  Histogram other;
  one.Add(absl::Microseconds(1));
  other.Add(absl::Milliseconds(1));
  one.Merge(other);
  EXPECT_EQ(one.count(), 2U);
  EXPECT_GT(one.Percentile(1), absl::Microseconds(990));
}

TEST(Samples, SayMinimumMedianAndMaximum) {
  Samples samples;
  EXPECT_EQ(samples.Median(), 0);
  for (const double value : {5.0, 1.0, 9.0, 3.0}) samples.Add(value);
  EXPECT_EQ(samples.Min(), 1);
  EXPECT_EQ(samples.Median(), 4);
  EXPECT_EQ(samples.Max(), 9);
}

TEST(Figure, HasThreeDigitsThatCount) {
  EXPECT_EQ(Figure(0.41234), "0.412");
  EXPECT_EQ(Figure(81.27), "81.3");
  EXPECT_EQ(Figure(214'499), "214,000");
  EXPECT_EQ(Figure(1'234'567), "1,230,000");
  EXPECT_EQ(Figure(300), "300");
  EXPECT_EQ(Figure(0), "0");
}

TEST(Zipf, AsksForTheFirstMostAndForNoneBeyondTheLast) {
  SeededRandom random(1);
  const Zipf zipf(100);
  std::vector<int> asked(100);
  for (int i = 0; i < 100'000; ++i) ++asked.at(zipf.Next(random));
  EXPECT_GT(asked[0], asked[1]);
  // 1 / (1 + 2^-0.99 + … + 100^-0.99)
  EXPECT_NEAR(asked[0] / 100'000.0, 0.19, 0.01);
  EXPECT_GT(asked[99], 0);
}

TEST(Bench, TakesTheRatioRunByRunAndDiscardsTheWarmUp) {
  Report report;
  Settings settings;
  settings.runs = 3;
  Bench bench(settings, report);
  bench.set_scenario("E0");
  double own = 1'000;
  Row asked;
  asked.path = "anything";
  ASSERT_TRUE(bench
                  .Compare(asked, [&]() -> absl::StatusOr<double> { return own /= 10; },
                           {{"ten", 0.5, []() -> absl::StatusOr<double> { return 10; }}})
                  .ok());
  ASSERT_EQ(report.rows().size(), 1U);
  const Row& row = report.rows()[0];
  EXPECT_EQ(row.ours.values(), (std::vector<double>{10, 1, 0.1}));
  EXPECT_DOUBLE_EQ(row.ratio.Median(), 0.1);
  EXPECT_FALSE(row.Reached());
  EXPECT_NE(report.Json().find("\"reached\":false"), std::string::npos);
}

TEST(ClosedLoop, KeepsSoManyInFlightUntilEachHasItsAnswers) {
  ThreadExecutor server("server");
  int in_flight = 0;  // of the server's thread
  int most = 0;
  const auto start = [&](std::size_t, ClosedLoop::Done done) {
    server.Post([&, done = std::move(done)]() mutable {
      most = std::max(most, ++in_flight);
      server.Post([&, done = std::move(done)]() mutable {
        --in_flight;
        done(absl::OkStatus());
      });
    });
  };
  const absl::StatusOr<LoopResult> result = ClosedLoop::Run(4, absl::Hours(1), start, 25);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->answered, 100U);
  EXPECT_EQ(result->latency.count(), 100U);
  EXPECT_LE(most, 4);
}

TEST(ClosedLoop, EndsWithTheFirstError) {
  ThreadExecutor server("server");
  const auto start = [&](std::size_t slot, ClosedLoop::Done done) {
    server.Post([slot, done = std::move(done)]() mutable {
      done(slot == 2 ? absl::UnavailableError("away") : absl::OkStatus());
    });
  };
  EXPECT_TRUE(absl::IsUnavailable(ClosedLoop::Run(4, absl::Hours(1), start, 3).status()));
}

TEST(OpenLoop, SendsAsManyAsWereDueWhateverTheAnswersTake) {
  ThreadExecutor server("server");
  std::vector<OpenLoop::Done> unanswered;
  const auto start = [&](std::uint64_t number, OpenLoop::Done done) {
    unanswered.push_back(std::move(done));
    if (number != 49) return;
    for (OpenLoop::Done& one : unanswered)
      server.Post([one = std::move(one)]() mutable { one(absl::OkStatus()); });
  };
  const absl::StatusOr<Histogram> latency = OpenLoop::Run(5'000, absl::Milliseconds(10), start);
  ASSERT_TRUE(latency.ok());
  EXPECT_EQ(latency->count(), 50U);
}

TEST(Report, NeverShowsAFigureForWhatWasSkipped) {
  Row row;
  row.path = "against a peer";
  row.skipped = "it is not installed";
  row.ours.Add(17);
  EXPECT_EQ(JsonLine(row).find("17"), std::string::npos);
  EXPECT_NE(JsonLine(row).find("it is not installed"), std::string::npos);
  EXPECT_FALSE(row.Reached());
}

}  // namespace
}  // namespace holdfast::bench
