#include "eventsourcing/fold_digests.h"

#include <cstdlib>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "holdfast/journal/v1/journal.pb.h"

#include "eventsourcing/accepted_feed.h"
#include "journal/simulated_journal.h"
#include "observability/metrics.h"
#include "testing/virtual_time.h"

namespace holdfast::eventsourcing {
namespace {

const journal::PartitionId kPartition{"initiative", 3};
constexpr journal::Offset kFirst = 256;

Hash DigestOf(std::string_view what) {
  return Sha256Of(what);
}

int Mismatches() {
  metrics::Process().GetCounter(metrics::kFoldDigestMismatch, {kPartition.context});
  const std::string series = "holdfast_fold_digest_mismatch_total{context=\"initiative\"} ";
  const std::string page = metrics::Process().Text();
  const std::size_t at = page.find(series);
  return at == std::string::npos ? -1 : std::atoi(page.c_str() + at + series.size());
}

// Two processes that hear each other when they are told to.
class FoldDigestsTest : public ::testing::Test {
 protected:
  static void Tell(const FoldDigests& from, char name, FoldDigests& to) {
    journal::v1::Heartbeats beat;
    from.AddTo(beat);
    Uuid process{};
    process[0] = static_cast<std::uint8_t>(name);
    to.Hear(process, beat);
  }
  void ExpectDisputedAt(journal::Offset offset) {
    EXPECT_EQ(here_.DisputedAt(kPartition), offset);
    EXPECT_EQ(Mismatches() - before_, 1);
  }
  void ExpectAgreement() {
    EXPECT_EQ(here_.DisputedAt(kPartition), std::nullopt);
    EXPECT_EQ(Mismatches() - before_, 0);
  }

  const int before_ = Mismatches();
  FoldDigests here_;
  FoldDigests there_;
};

TEST_F(FoldDigestsTest, AgreeWhereTheyAreEqual) {
  here_.Passed(kPartition, FoldReader::kDecides, kFirst, DigestOf("one"));
  there_.Passed(kPartition, FoldReader::kDecides, kFirst, DigestOf("one"));
  Tell(there_, 't', here_);
  ExpectAgreement();
}

TEST_F(FoldDigestsTest, AreDisputedWhereTwoWhoDecideDiffer) {
  here_.Passed(kPartition, FoldReader::kDecides, kFirst, DigestOf("one"));
  there_.Passed(kPartition, FoldReader::kDecides, kFirst, DigestOf("other"));
  Tell(there_, 't', here_);
  ExpectDisputedAt(kFirst);
}

TEST_F(FoldDigestsTest, AreComparedAtEqualOffsetsOnly) {
  here_.Passed(kPartition, FoldReader::kDecides, kFirst, DigestOf("one"));
  there_.Passed(kPartition, FoldReader::kDecides, 2 * kFirst, DigestOf("other"));
  Tell(there_, 't', here_);
  ExpectAgreement();
}

TEST_F(FoldDigestsTest, AreComparedWithOneThatIsBehindOnceItHasCome) {
  there_.Passed(kPartition, FoldReader::kDecides, 2 * kFirst, DigestOf("other"));
  here_.Passed(kPartition, FoldReader::kDecides, kFirst, DigestOf("one"));
  Tell(there_, 't', here_);
  ExpectAgreement();
  here_.Passed(kPartition, FoldReader::kDecides, 2 * kFirst, DigestOf("two"));
  ExpectDisputedAt(2 * kFirst);
}

TEST_F(FoldDigestsTest, AreComparedWithOneThatIsAhead) {
  there_.Passed(kPartition, FoldReader::kDecides, kFirst, DigestOf("other"));
  here_.Passed(kPartition, FoldReader::kDecides, kFirst, DigestOf("one"));
  here_.Passed(kPartition, FoldReader::kDecides, 2 * kFirst, DigestOf("two"));
  Tell(there_, 't', here_);
  ExpectDisputedAt(kFirst);
}

TEST_F(FoldDigestsTest, AreCountedOnceHoweverOftenTheyAreSaid) {
  here_.Passed(kPartition, FoldReader::kDecides, kFirst, DigestOf("one"));
  there_.Passed(kPartition, FoldReader::kDecides, kFirst, DigestOf("other"));
  for (int beat = 0; beat < 5; ++beat) Tell(there_, 't', here_);
  ExpectDisputedAt(kFirst);
}

// Views that are wrong stop no commands: they are counted, and somebody is woken.
TEST_F(FoldDigestsTest, OfViewsAreCountedAndDisputeNothing) {
  here_.Passed(kPartition, FoldReader::kDecides, kFirst, DigestOf("one"));
  there_.Passed(kPartition, FoldReader::kShows, kFirst, DigestOf("other"));
  Tell(there_, 't', here_);
  EXPECT_EQ(Mismatches() - before_, 1);
  EXPECT_EQ(here_.DisputedAt(kPartition), std::nullopt);
}

TEST_F(FoldDigestsTest, OfOneProcessAreComparedWithEachOther) {
  here_.Passed(kPartition, FoldReader::kDecides, kFirst, DigestOf("one"));
  here_.Passed(kPartition, FoldReader::kShows, kFirst, DigestOf("other"));
  EXPECT_EQ(Mismatches() - before_, 1);
}

TEST_F(FoldDigestsTest, OfPartitionsThatAreNotFoldedHereMeanNothing) {
  there_.Passed(kPartition, FoldReader::kDecides, kFirst, DigestOf("other"));
  Tell(there_, 't', here_);
  ExpectAgreement();
}

TEST_F(FoldDigestsTest, AreForgottenWhereTheyAreLongPast) {
  constexpr journal::Offset kMany = 1'000;
  for (journal::Offset i = 1; i <= kMany; ++i)
    here_.Passed(kPartition, FoldReader::kDecides, i * kFirst, DigestOf("one"));
  there_.Passed(kPartition, FoldReader::kDecides, kFirst, DigestOf("other"));
  Tell(there_, 't', here_);
  ExpectAgreement();
}

TEST_F(FoldDigestsTest, OfMalformedWordsMeanNothing) {
  here_.Passed(kPartition, FoldReader::kDecides, kFirst, DigestOf("one"));
  journal::v1::Heartbeats beat;
  journal::v1::FoldDigest& said = *beat.add_digests();
  said.set_context(kPartition.context);
  said.set_partition(kPartition.partition);
  said.set_offset(kFirst);
  said.set_digest("short");
  said.set_decides(true);
  here_.Hear({}, beat);
  ExpectAgreement();
}

// A partition whose records are barriers, each of the next epoch.
class FeedDigestsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(journal_.CreateContext(kPartition.context, 4).ok()); }
  void Write(std::uint64_t records) {
    const auto writer = journal_.OpenWriter(kPartition);
    std::uint64_t written = 0;
    for (std::uint64_t i = 0; i < records; ++i) {
      (*writer)->Append(journal::EncodeBarrier({++epoch_, {}}),
                        [&](const absl::StatusOr<journal::Offset>&) { ++written; });
    }
    ASSERT_TRUE(time_.RunUntil([&] { return written == records; }, absl::Minutes(2)));
  }
  // Folds to the end, from `saved` on; answers how it stands then.
  std::string Fold(FoldDigests* digests, std::string_view saved = "") {
    auto feed = AcceptedFeed::Open(journal_, kPartition, saved, {},
                                   {digests, kPartition, FoldReader::kShows});
    while (*(*feed)->Advance(100, [](const journal::v1::Commit&) { return true; }) > 0) {
    }
    return (*feed)->Save();
  }
  static journal::v1::FoldDigest SaidBy(const FoldDigests& digests) {
    journal::v1::Heartbeats beat;
    digests.AddTo(beat);
    EXPECT_EQ(beat.digests_size(), 1);
    return beat.digests_size() == 1 ? beat.digests(0) : journal::v1::FoldDigest();
  }

  testing::VirtualTime time_{1};
  std::unique_ptr<Executor> executor_ = time_.NewExecutor();
  journal::SimulatedJournal journal_{*executor_};
  std::uint64_t epoch_ = 0;
};

TEST_F(FeedDigestsTest, SayTheLastMultipleThatWasPassed) {
  Write(700);
  FoldDigests digests;
  Fold(&digests);
  EXPECT_EQ(SaidBy(digests).offset(), 512U);
}

TEST_F(FeedDigestsTest, GoOnAfterARestart) {
  Write(700);
  FoldDigests before;
  const std::string saved = Fold(&before);
  FoldDigests reopened;
  Fold(&reopened, saved);
  EXPECT_EQ(SaidBy(reopened).SerializeAsString(), SaidBy(before).SerializeAsString());
  Write(100);
  FoldDigests resumed;
  Fold(&resumed, saved);
  FoldDigests anew;
  Fold(&anew);
  EXPECT_EQ(SaidBy(resumed).offset(), 768U);
  EXPECT_EQ(SaidBy(resumed).digest(), SaidBy(anew).digest());
}

TEST_F(FeedDigestsTest, AreFoldedAnewWhereTheSavedFoldHasNone) {
  Write(300);
  const std::string without = Fold(nullptr);
  FoldDigests digests;
  Fold(&digests, without);
  FoldDigests anew;
  Fold(&anew);
  EXPECT_EQ(SaidBy(digests).SerializeAsString(), SaidBy(anew).SerializeAsString());
}

}  // namespace
}  // namespace holdfast::eventsourcing
