#include "journal/journal_contract_test.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace holdfast::journal {

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(JournalContract);

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Answers of appends, in the order in which they came.
class Answers {
 public:
  Writer::Appended Next() {
    return [this](absl::StatusOr<Offset> answer) {
      const absl::MutexLock lock(&mutex_);
      answers_.push_back(std::move(answer));
    };
  }
  std::size_t size() const {
    const absl::MutexLock lock(&mutex_);
    return answers_.size();
  }
  std::vector<absl::StatusOr<Offset>> all() const {
    const absl::MutexLock lock(&mutex_);
    return answers_;
  }

 private:
  mutable absl::Mutex mutex_;
  std::vector<absl::StatusOr<Offset>> answers_ ABSL_GUARDED_BY(mutex_);
};

std::vector<std::string> Bytes(const std::vector<StoredRecord>& records) {
  std::vector<std::string> bytes;
  for (const StoredRecord& record : records) bytes.push_back(record.bytes);
  return bytes;
}

std::vector<Offset> Offsets(const std::vector<StoredRecord>& records) {
  std::vector<Offset> offsets;
  for (const StoredRecord& record : records) offsets.push_back(record.offset);
  return offsets;
}

}  // namespace

JournalContract::JournalContract() : under_test_(GetParam()()) {
  EXPECT_TRUE(under_test_->CreateContext("initiative", 3).ok());
}
JournalContract::~JournalContract() = default;

std::unique_ptr<Writer> JournalContract::OpenWriter(std::uint32_t partition) {
  auto writer = journal().OpenWriter({"initiative", partition});
  EXPECT_TRUE(writer.ok()) << writer.status();
  return writer.ok() ? *std::move(writer) : nullptr;
}

std::unique_ptr<Reader> JournalContract::OpenReader(Offset from, std::uint32_t partition) {
  auto reader = journal().OpenReader({"initiative", partition}, from);
  EXPECT_TRUE(reader.ok()) << reader.status();
  return reader.ok() ? *std::move(reader) : nullptr;
}

absl::StatusOr<Offset> JournalContract::Append(Writer& writer, std::string record) {
  Answers answers;
  writer.Append(std::move(record), answers.Next());
  if (!under_test().RunUntil([&] { return answers.size() == 1; }))
    return absl::DeadlineExceededError("no answer came");
  return answers.all().front();
}

std::vector<StoredRecord> JournalContract::ReadAll(Reader& reader) {
  std::vector<StoredRecord> all;
  while (true) {
    absl::StatusOr<std::vector<StoredRecord>> some = reader.Read(7);
    EXPECT_TRUE(some.ok()) << some.status();
    if (!some.ok() || some->empty()) return all;
    EXPECT_LE(some->size(), 7U);
    for (StoredRecord& record : *some) all.push_back(std::move(record));
  }
}

TEST_P(JournalContract, GivesBackTheBytesItWasGivenAtTheOffsetsItAnswered) {
  const auto writer = OpenWriter();
  const std::string bytes("\0\xFF record \n", 11);
  const auto first = Append(*writer, bytes);
  const auto second = Append(*writer, "");
  ASSERT_TRUE(first.ok() && second.ok()) << first.status() << second.status();
  EXPECT_LT(*first, *second);
  const auto records = ReadAll(*OpenReader());
  EXPECT_THAT(Bytes(records), ElementsAre(bytes, ""));
  EXPECT_THAT(Offsets(records), ElementsAre(*first, *second));
}

TEST_P(JournalContract, AnswersPipelinedAppendsInOrder) {
  Answers answers;
  const auto writer = OpenWriter();
  std::vector<std::string> given;
  for (int i = 0; i < 500; ++i) {
    given.push_back("record " + std::to_string(i));
    writer->Append(given.back(), answers.Next());
  }
  ASSERT_TRUE(under_test().RunUntil([&] { return answers.size() == given.size(); }));
  std::vector<Offset> offsets;
  for (const auto& answer : answers.all()) {
    ASSERT_TRUE(answer.ok()) << answer.status();
    offsets.push_back(*answer);
  }
  EXPECT_TRUE(std::ranges::adjacent_find(offsets, std::greater_equal<>()) == offsets.end())
      << "offsets rise";
  const auto records = ReadAll(*OpenReader());
  EXPECT_EQ(Bytes(records), given);
  EXPECT_EQ(Offsets(records), offsets);
}

TEST_P(JournalContract, ReadsFromAnyOffset) {
  const auto writer = OpenWriter();
  std::vector<Offset> offsets;
  for (int i = 0; i < 20; ++i) offsets.push_back(*Append(*writer, std::to_string(i)));
  EXPECT_THAT(ReadAll(*OpenReader(offsets[13])), SizeIs(7));
  EXPECT_THAT(Bytes(ReadAll(*OpenReader(offsets[19]))), ElementsAre("19"));
  const auto beyond = OpenReader(offsets[19] + 1);
  EXPECT_THAT(ReadAll(*beyond), IsEmpty());
  ASSERT_TRUE(Append(*writer, "later").ok());
  EXPECT_THAT(Bytes(ReadAll(*beyond)), ElementsAre("later"));
}

TEST_P(JournalContract, KeepsPartitionsAndContextsApart) {
  ASSERT_TRUE(under_test().CreateContext("metrics", 1).ok());
  const auto zero = OpenWriter(0);
  const auto two = OpenWriter(2);
  auto other = journal().OpenWriter({"metrics", 0});
  ASSERT_TRUE(other.ok());
  ASSERT_TRUE(Append(*zero, "zero").ok());
  ASSERT_TRUE(Append(*two, "two").ok());
  ASSERT_TRUE(Append(**other, "metrics").ok());
  EXPECT_THAT(Bytes(ReadAll(*OpenReader(0, 0))), ElementsAre("zero"));
  EXPECT_THAT(Bytes(ReadAll(*OpenReader(0, 1))), IsEmpty());
  EXPECT_THAT(Bytes(ReadAll(*OpenReader(0, 2))), ElementsAre("two"));
  EXPECT_THAT(Bytes(ReadAll(**journal().OpenReader({"metrics", 0}, 0))), ElementsAre("metrics"));
}

TEST_P(JournalContract, RecordsOfSeveralWritersInterleaveAndEachKeepsItsOrder) {
  constexpr int kWriters = 3;
  constexpr int kEach = 100;
  std::vector<std::unique_ptr<Writer>> writers;
  for (int w = 0; w < kWriters; ++w) writers.push_back(OpenWriter());
  Answers answers;
  for (int i = 0; i < kEach; ++i) {
    for (int w = 0; w < kWriters; ++w) {
      writers[static_cast<std::size_t>(w)]->Append(std::to_string(w) + ":" + std::to_string(i),
                                                   answers.Next());
    }
  }
  ASSERT_TRUE(under_test().RunUntil([&] { return answers.size() == kWriters * kEach; }));
  std::vector<int> next(kWriters, 0);
  for (const StoredRecord& record : ReadAll(*OpenReader())) {
    const auto w = static_cast<std::size_t>(record.bytes[0] - '0');
    EXPECT_EQ(record.bytes.substr(2), std::to_string(next[w]++));
  }
  EXPECT_THAT(next, ::testing::Each(kEach));
}

TEST_P(JournalContract, RefusesARecordThatIsTooLargeAndThenTheWriterIsDead) {
  Answers answers;
  const auto writer = OpenWriter();
  writer->Append("before", answers.Next());
  writer->Append(std::string(kMaxRecordBytes + 1, 'x'), answers.Next());
  writer->Append("after", answers.Next());
  ASSERT_TRUE(under_test().RunUntil([&] { return answers.size() == 3; }));
  const auto all = answers.all();
  EXPECT_TRUE(all[0].ok()) << all[0].status();
  EXPECT_EQ(all[1].status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(all[2].status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Append(*writer, "later").status().code(), absl::StatusCode::kAborted);
  EXPECT_THAT(Bytes(ReadAll(*OpenReader())), ElementsAre("before"));
  const auto another = OpenWriter();
  EXPECT_TRUE(Append(*another, std::string(kMaxRecordBytes, 'x')).ok());
}

TEST_P(JournalContract, ADestroyedWriterHasAnsweredEverythingExactlyOnce) {
  Answers answers;
  constexpr std::size_t kAppends = 300;
  {
    const auto writer = OpenWriter();
    for (std::size_t i = 0; i < kAppends; ++i) writer->Append(std::to_string(i), answers.Next());
  }
  const auto all = answers.all();
  ASSERT_THAT(all, SizeIs(kAppends));
  const auto first_cancelled =
      std::ranges::find_if(all, [](const auto& answer) { return !answer.ok(); });
  for (auto answer = first_cancelled; answer != all.end(); ++answer) {
    EXPECT_EQ(answer->status().code(), absl::StatusCode::kCancelled)
        << "an answer came after one that was cancelled";
  }
  // What was in flight may stand, now or later, in its order; what was acknowledged does.
  const auto writer = OpenWriter();
  ASSERT_TRUE(Append(*writer, "last").ok());
  EXPECT_EQ(answers.size(), kAppends);
  std::size_t next = 0;
  for (const std::string& record : Bytes(ReadAll(*OpenReader()))) {
    if (record == "last") continue;
    EXPECT_EQ(record, std::to_string(next++));
  }
  EXPECT_GE(next, static_cast<std::size_t>(first_cancelled - all.begin()));
}

TEST_P(JournalContract, AWriterMayBeDestroyedInItsOwnCallback) {
  auto writer = OpenWriter();
  std::atomic<int> first = 0;
  std::atomic<int> second = 0;
  Writer& raw = *writer;
  absl::Mutex mutex;
  {
    const absl::MutexLock lock(&mutex);
    raw.Append("a", [&](absl::StatusOr<Offset>) {
      const absl::MutexLock locked(&mutex);
      writer.reset();
      ++first;
    });
    raw.Append("b", [&](absl::StatusOr<Offset>) { ++second; });
  }
  ASSERT_TRUE(under_test().RunUntil([&] { return first == 1; }));
  const absl::MutexLock lock(&mutex);  // the callback has let go of it
  EXPECT_EQ(second, 1);
}

TEST_P(JournalContract, TellsAReaderWhenThereIsMore) {
  const auto reader = OpenReader();
  std::atomic<int> told = 0;
  reader->NotifyWhenMore([&told] { ++told; });
  const auto writer = OpenWriter();
  ASSERT_TRUE(Append(*writer, "a").ok());
  ASSERT_TRUE(under_test().RunUntil([&] { return told >= 1; }));
  // Asked once, told once.
  ASSERT_TRUE(Append(*writer, "b").ok());
  EXPECT_EQ(told, 1);
  // There is something already.
  reader->NotifyWhenMore([&told] { ++told; });
  ASSERT_TRUE(under_test().RunUntil([&] { return told == 2; }));
  EXPECT_THAT(Bytes(ReadAll(*reader)), ElementsAre("a", "b"));
}

TEST_P(JournalContract, ALaterRequestReplacesTheEarlierOne) {
  const auto reader = OpenReader();
  std::atomic<int> first = 0;
  std::atomic<int> second = 0;
  reader->NotifyWhenMore([&first] { ++first; });
  reader->NotifyWhenMore([&second] { ++second; });
  const auto writer = OpenWriter();
  ASSERT_TRUE(Append(*writer, "a").ok());
  ASSERT_TRUE(under_test().RunUntil([&] { return second == 1; }));
  EXPECT_EQ(first, 0);
}

TEST_P(JournalContract, ADestroyedReaderIsToldNothing) {
  const auto told = std::make_shared<std::atomic<int>>(0);
  {
    const auto reader = OpenReader();
    reader->NotifyWhenMore([told] { ++*told; });
  }
  const auto writer = OpenWriter();
  ASSERT_TRUE(Append(*writer, "a").ok());
  ASSERT_TRUE(Append(*writer, "b").ok());
  EXPECT_EQ(*told, 0);
}

TEST_P(JournalContract, AReaderIsToldOfWhatItSawComing) {
  Answers answers;
  std::vector<std::string> seen;
  absl::Mutex mutex;
  std::function<void()> follow;
  const auto reader = OpenReader();  // destroyed first: then `follow` runs no more
  follow = [&] {
    {
      const absl::MutexLock lock(&mutex);
      const auto records = reader->Read(100);
      ASSERT_TRUE(records.ok()) << records.status();
      for (const StoredRecord& record : *records) seen.push_back(record.bytes);
    }
    reader->NotifyWhenMore(follow);
  };
  reader->NotifyWhenMore(follow);
  const auto writer = OpenWriter();
  std::vector<std::string> given;
  for (int i = 0; i < 200; ++i) {
    given.push_back(std::to_string(i));
    writer->Append(given.back(), answers.Next());
  }
  EXPECT_TRUE(under_test().RunUntil([&] {
    const absl::MutexLock lock(&mutex);
    return seen == given;
  }));
}

TEST_P(JournalContract, StandsAsBeforeAfterItWasOpenedAgain) {
  std::vector<StoredRecord> before;
  {
    const auto writer = OpenWriter();
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(Append(*writer, std::to_string(i)).ok());
    before = ReadAll(*OpenReader());
  }
  under_test().Reopen();
  const auto after = ReadAll(*OpenReader());
  EXPECT_EQ(Bytes(after), Bytes(before));
  EXPECT_EQ(Offsets(after), Offsets(before));
  const auto writer = OpenWriter();
  EXPECT_GT(*Append(*writer, "more"), before.back().offset);
}

TEST_P(JournalContract, TheNumberOfPartitionsIsFixed) {
  EXPECT_EQ(*journal().Partitions("initiative"), 3U);
  EXPECT_TRUE(under_test().CreateContext("initiative", 3).ok());
  EXPECT_EQ(under_test().CreateContext("initiative", 4).code(),
            absl::StatusCode::kFailedPrecondition);
  under_test().Reopen();
  EXPECT_EQ(*journal().Partitions("initiative"), 3U);
  EXPECT_EQ(under_test().CreateContext("initiative", 2).code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_P(JournalContract, KnowsNothingOfAContextThatWasNotMade) {
  EXPECT_EQ(journal().Partitions("engagement").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(journal().OpenWriter({"engagement", 0}).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(journal().OpenReader({"engagement", 0}, 0).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_FALSE(journal().OpenWriter({"initiative", 3}).ok());
  EXPECT_FALSE(journal().OpenReader({"initiative", 3}, 0).ok());
}

TEST_P(JournalContract, IsWellUntilSomethingHappens) {
  EXPECT_TRUE(journal().Health().ok());
}

}  // namespace holdfast::journal
