#include "journal/simulated_journal.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/executor.h"
#include "journal/journal_contract_test.h"

namespace holdfast::journal {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const PartitionId kPartition{"initiative", 0};

// Work in the order of its virtual time, then of its posting.
class VirtualExecutor final : public Executor {
 public:
  void Post(absl::AnyInvocable<void()> work) override { PostAfter({}, std::move(work)); }
  void PostAfter(absl::Duration delay, absl::AnyInvocable<void()> work) override {
    work_.emplace(std::pair(now_ + delay, next_++), std::move(work));
  }
  // False where there is nothing left.
  bool Step() {
    if (work_.empty()) return false;
    auto first = work_.extract(work_.begin());
    now_ = first.key().first;
    std::move(first.mapped())();
    return true;
  }
  void RunAll() {
    while (Step()) {
    }
  }
  absl::Duration now() const { return now_; }

 private:
  absl::Duration now_;
  std::uint64_t next_ = 0;
  std::map<std::pair<absl::Duration, std::uint64_t>, absl::AnyInvocable<void()>> work_;
};

class SimulatedUnderTest final : public JournalUnderTest {
 public:
  SimulatedUnderTest() { Reopen(); }
  Journal& journal() override { return *journal_; }
  absl::Status CreateContext(const std::string& context, std::uint32_t partitions) override {
    return journal_->CreateContext(context, partitions);
  }
  bool RunUntil(const std::function<bool()>& done) override {
    while (!done()) {
      if (!executor_.Step()) return false;
    }
    return true;
  }
  void Reopen() override {
    SimulatedJournalOptions options;
    if (journal_) options.records = journal_->records();
    journal_ = std::make_unique<SimulatedJournal>(executor_, options);
  }

 private:
  VirtualExecutor executor_;
  std::unique_ptr<SimulatedJournal> journal_;
};

INSTANTIATE_TEST_SUITE_P(Simulated, JournalContract, ::testing::Values(MakeJournal([] {
                           return std::make_unique<SimulatedUnderTest>();
                         })));

// One run of one writer with a pipeline of `count` records under one kind of fault.
struct Pipeline {
  std::vector<std::string> answers;  // "ok", or the name of the code
  std::vector<std::string> stored;
  std::vector<Offset> offsets;
  std::vector<Fault> faults;
};

Pipeline PipelineUnder(std::set<Fault> kinds, std::uint64_t seed, double rate = 0.2,
                       std::uint64_t max_faults = 1, bool close = false) {
  VirtualExecutor executor;
  SimulatedJournalOptions options;
  options.seed = seed;
  options.kinds = std::move(kinds);
  options.fault_rate = rate;
  options.max_faults = max_faults;
  SimulatedJournal journal(executor, options);
  EXPECT_TRUE(journal.CreateContext("initiative", 1).ok());
  Pipeline run;
  {
    auto writer = *journal.OpenWriter(kPartition);
    for (int i = 0; i < 20; ++i) {
      writer->Append(std::to_string(i), [&run](absl::StatusOr<Offset> answer) {
        run.answers.push_back(answer.ok() ? "ok"
                                          : absl::StatusCodeToString(answer.status().code()));
      });
    }
    if (!close) executor.RunAll();
  }
  executor.RunAll();
  for (const StoredRecord& record : journal.records()->partitions.at(kPartition)) {
    run.stored.push_back(record.bytes);
    run.offsets.push_back(record.offset);
  }
  for (const auto& happened : journal.faults()) run.faults.push_back(happened.fault);
  return run;
}

std::vector<std::string> Numbers(int from, int to) {
  std::vector<std::string> numbers;
  for (int i = from; i < to; ++i) numbers.push_back(std::to_string(i));
  return numbers;
}

// How many answers are "ok" before the first error; all behind it are errors.
int Acknowledged(const Pipeline& run) {
  EXPECT_THAT(run.answers, SizeIs(20));
  const auto first =
      std::ranges::find_if(run.answers, [](const std::string& answer) { return answer != "ok"; });
  EXPECT_EQ(std::find(first, run.answers.end(), "ok"), run.answers.end());
  return static_cast<int>(first - run.answers.begin());
}

TEST(SimulatedJournal, ALostResponseLeavesTheRecordAndAllBehindIt) {
  const Pipeline run = PipelineUnder({Fault::kResponseLost}, 3);
  ASSERT_THAT(run.faults, ElementsAre(Fault::kResponseLost));
  EXPECT_LT(Acknowledged(run), 20);
  EXPECT_EQ(run.stored, Numbers(0, 20));
}

TEST(SimulatedJournal, AFailedRecordIsMissingAndThoseBehindItStandUnacknowledged) {
  const Pipeline run = PipelineUnder({Fault::kRecordFailed}, 3);
  const int acknowledged = Acknowledged(run);
  ASSERT_LT(acknowledged, 19);
  auto expected = Numbers(0, 20);
  expected.erase(expected.begin() + acknowledged);
  EXPECT_EQ(run.stored, expected);
}

TEST(SimulatedJournal, ALostTailIsMissingAndUnacknowledged) {
  const Pipeline run = PipelineUnder({Fault::kTailLost}, 3);
  const int acknowledged = Acknowledged(run);
  ASSERT_LT(acknowledged, 20);
  EXPECT_EQ(run.stored, Numbers(0, acknowledged));
}

TEST(SimulatedJournal, AReorderedTailKeepsWhatWasAcknowledgedInItsOrder) {
  bool reordered = false;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Pipeline run = PipelineUnder({Fault::kTailReordered}, seed);
    const auto acknowledged = Numbers(0, Acknowledged(run));
    std::vector<std::string> in_order;
    std::ranges::copy_if(run.stored, std::back_inserter(in_order), [&](const std::string& number) {
      return std::ranges::find(acknowledged, number) != acknowledged.end();
    });
    EXPECT_EQ(in_order, acknowledged) << "seed " << seed;
    std::vector<int> stored;
    for (const std::string& number : run.stored) stored.push_back(std::stoi(number));
    reordered = reordered || !std::ranges::is_sorted(stored);
  }
  EXPECT_TRUE(reordered);
}

TEST(SimulatedJournal, StoresTwiceAndSkipsOffsetsAndAnswersAll) {
  const Pipeline twice = PipelineUnder({Fault::kStoredTwice}, 3);
  EXPECT_EQ(Acknowledged(twice), 20);
  EXPECT_THAT(twice.stored, SizeIs(21));
  const Pipeline skipped = PipelineUnder({Fault::kOffsetsSkipped}, 3);
  EXPECT_EQ(Acknowledged(skipped), 20);
  EXPECT_EQ(skipped.stored, Numbers(0, 20));
  EXPECT_GT(skipped.offsets.back(), 19U);
  const Pipeline delayed = PipelineUnder({Fault::kDelayed}, 3);
  EXPECT_EQ(Acknowledged(delayed), 20);
  EXPECT_EQ(delayed.stored, Numbers(0, 20));
}

TEST(SimulatedJournal, WhatAClosedWriterHadInFlightMayComeLateOrNever) {
  const Pipeline late = PipelineUnder({Fault::kLateAfterClose}, 4, 1.0, 1, true);
  EXPECT_EQ(Acknowledged(late), 0);
  EXPECT_EQ(late.stored, Numbers(0, 20));
  const Pipeline lost = PipelineUnder({Fault::kLostAtClose}, 4, 1.0, 1, true);
  EXPECT_EQ(Acknowledged(lost), 0);
  EXPECT_LT(lost.stored.size(), 20U);
  EXPECT_EQ(lost.stored, Numbers(0, static_cast<int>(lost.stored.size())));
}

TEST(SimulatedJournal, TheRecordsOfAnOldWriterMayLandBehindThoseOfTheNext) {
  VirtualExecutor executor;
  SimulatedJournalOptions options;
  options.fault_rate = 1;
  options.kinds = {Fault::kLateAfterClose};
  for (options.seed = 1; options.seed < 50; ++options.seed) {
    SimulatedJournal journal(executor, options);
    ASSERT_TRUE(journal.CreateContext("initiative", 1).ok());
    auto old = *journal.OpenWriter(kPartition);
    old->Append("old", [](const auto&) {});
    old.reset();
    auto next = *journal.OpenWriter(kPartition);
    next->Append("next", [](const auto&) {});
    executor.RunAll();
    const auto& log = journal.records()->partitions.at(kPartition);
    if (log.size() == 2 && log[1].bytes == "old") return;
  }
  FAIL() << "no seed showed it";
}

TEST(SimulatedJournal, AStaleReaderSeesTheEndInTime) {
  VirtualExecutor executor;
  SimulatedJournalOptions options;
  options.fault_rate = 1;
  options.kinds = {Fault::kReaderStale};
  options.max_faults = 1;
  SimulatedJournal journal(executor, options);
  ASSERT_TRUE(journal.CreateContext("initiative", 1).ok());
  auto writer = *journal.OpenWriter(kPartition);
  writer->Append("a", [](const auto&) {});
  executor.RunAll();
  auto reader = *journal.OpenReader(kPartition, 0);
  EXPECT_THAT(*reader->Read(10), IsEmpty());
  EXPECT_THAT(*reader->Read(10), IsEmpty());
  bool told = false;
  reader->NotifyWhenMore([&told] { told = true; });
  EXPECT_FALSE(told);
  executor.RunAll();
  EXPECT_TRUE(told);
  EXPECT_THAT(*reader->Read(10), SizeIs(1));
}

TEST(SimulatedJournal, ASeedRepeatsItsFaults) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const Pipeline once = PipelineUnder({}, seed, 0.3, 100);
    const Pipeline again = PipelineUnder({}, seed, 0.3, 100);
    EXPECT_EQ(once.faults, again.faults);
    EXPECT_EQ(once.answers, again.answers);
    EXPECT_EQ(once.stored, again.stored);
    EXPECT_EQ(once.offsets, again.offsets);
  }
}

TEST(SimulatedJournal, EveryAcknowledgedRecordStandsWhateverHappens) {
  std::set<Fault> seen;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const Pipeline run = PipelineUnder({}, seed, 0.2, 100, seed % 3 == 0);
    for (const std::string& number : Numbers(0, Acknowledged(run)))
      EXPECT_THAT(run.stored, ::testing::Contains(number)) << "seed " << seed;
    seen.insert(run.faults.begin(), run.faults.end());
  }
  EXPECT_EQ(seen.size(), kFaultKinds - 1) << "all but the reader's";
}

TEST(SimulatedJournal, IsWellOnceHealed) {
  VirtualExecutor executor;
  SimulatedJournalOptions options;
  options.fault_rate = 1;
  SimulatedJournal journal(executor, options);
  ASSERT_TRUE(journal.CreateContext("initiative", 1).ok());
  journal.Heal();
  auto writer = *journal.OpenWriter(kPartition);
  int answered = 0;
  for (int i = 0; i < 100; ++i) {
    writer->Append("a", [&answered](const absl::StatusOr<Offset>& answer) {
      EXPECT_TRUE(answer.ok()) << answer.status();
      ++answered;
    });
  }
  executor.RunAll();
  EXPECT_EQ(answered, 100);
  EXPECT_THAT(journal.faults(), IsEmpty());
}

TEST(SimulatedJournal, FreezesAsADiskDoesAndIsDamagedWhereItIsTold) {
  VirtualExecutor executor;
  SimulatedJournal journal(executor);
  ASSERT_TRUE(journal.CreateContext("initiative", 1).ok());
  auto writer = *journal.OpenWriter(kPartition);
  for (int i = 0; i < 3; ++i) writer->Append("a", [](const auto&) {});
  executor.RunAll();
  journal.Freeze();
  absl::Status refused;
  writer->Append("b",
                 [&refused](const absl::StatusOr<Offset>& answer) { refused = answer.status(); });
  executor.RunAll();
  EXPECT_EQ(ReasonOf(refused), "READ_ONLY");
  EXPECT_FALSE(journal.Health().ok());
  journal.Damage(kPartition, 1);
  auto reader = *journal.OpenReader(kPartition, 0);
  EXPECT_THAT(*reader->Read(10), SizeIs(1));
  EXPECT_EQ(reader->Read(10).status().code(), absl::StatusCode::kDataLoss);
  journal.Truncate(kPartition, 1);
  EXPECT_THAT(journal.records()->partitions.at(kPartition), SizeIs(1));
}

}  // namespace
}  // namespace holdfast::journal
