// The Kafka journal against a real broker. Where there is none, one test says so and is skipped.
#include "journal/kafka_journal.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <ios>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "journal/acceptance.h"
#include "journal/journal_contract_test.h"
#include "journal/kafka_client.h"
#include "journal/kafka_topics.h"
#include "journal/verification.h"
#include "testing/kafka_broker.h"

namespace holdfast::journal {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

PartitionId FirstPartition() {
  return {"initiative", 0};
}

testing::KafkaBroker& Broker() {
  return *testing::KafkaBroker::Get();
}

// Options of a journal of its own on the broker.
KafkaJournalOptions FreshOptions() {
  static int number = 0;
  KafkaJournalOptions options;
  if (testing::KafkaBroker::Get() != nullptr) options.bootstrap = Broker().bootstrap();
  options.partitions = 0;
  options.replication = 1;
  options.topic_prefix = "t" + std::to_string(++number) + ".";
  return options;
}

bool RunUntilTrue(const std::function<bool()>& done) {
  const absl::Time limit = absl::Now() + absl::Seconds(60);
  absl::Notification never;
  while (!done()) {
    if (absl::Now() > limit) return false;
    never.WaitForNotificationWithTimeout(absl::Microseconds(200));
  }
  return true;
}

class BrokerUnderTest final : public JournalUnderTest {
 public:
  BrokerUnderTest() : options_(FreshOptions()) { Reopen(); }
  Journal& journal() override { return *journal_; }
  absl::Status CreateContext(const std::string& context, std::uint32_t partitions) override {
    return journal_->CreateContext(context, partitions);
  }
  bool RunUntil(const std::function<bool()>& done) override { return RunUntilTrue(done); }
  void Reopen() override {
    journal_.reset();
    auto opened = KafkaJournal::Open(options_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    journal_ = *std::move(opened);
  }

 private:
  const KafkaJournalOptions options_;
  std::unique_ptr<KafkaJournal> journal_;
};

INSTANTIATE_TEST_SUITE_P(Kafka, JournalContract, ::testing::Values(MakeJournal([] {
                           return std::make_unique<BrokerUnderTest>();
                         })));

class KafkaBroker : public ::testing::Test {
 protected:
  void Open() {
    auto opened = KafkaJournal::Open(options_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    journal_ = *std::move(opened);
    const absl::Status made = journal_->CreateContext("initiative", 1);
    ASSERT_TRUE(made.ok()) << made;
    writer_ = *journal_->OpenWriter(FirstPartition());
  }
  // Appends all and waits for the answers: "ok", or the name of the code.
  std::vector<std::string> Append(const std::vector<std::string>& records) {
    absl::Mutex mutex;
    std::vector<std::string> answers;
    for (const std::string& record : records) {
      writer_->Append(record, [&](const absl::StatusOr<Offset>& answer) {
        const absl::MutexLock lock(&mutex);
        answers.push_back(answer.ok() ? "ok" : absl::StatusCodeToString(answer.status().code()));
      });
    }
    RunUntilTrue([&] {
      const absl::MutexLock lock(&mutex);
      return answers.size() == records.size();
    });
    const absl::MutexLock lock(&mutex);
    return answers;
  }
  // Reads until there are so many, or reading fails for good.
  absl::Status ReadUntil(Reader& reader, std::size_t count) {
    absl::Status status;
    RunUntilTrue([&] {
      auto some = reader.Read(100);
      if (some.ok()) {
        for (StoredRecord& record : *some) seen_.push_back(std::move(record.bytes));
      } else if (!absl::IsUnavailable(some.status())) {
        status = some.status();
      }
      return !status.ok() || seen_.size() >= count;
    });
    return status;
  }
  std::string Topic() const { return options_.topic_prefix + "initiative"; }
  kafka::Client Admin() const {
    return *kafka::Open(RD_KAFKA_PRODUCER, *kafka::Configure(Broker().bootstrap(), {}));
  }
  // As somebody else would, with these settings only.
  void CreateTopic(const kafka::Settings& settings) const {
    const kafka::Client admin = Admin();
    std::array<char, 256> why{};
    rd_kafka_NewTopic_t* topic =
        rd_kafka_NewTopic_new(Topic().c_str(), 1, 1, why.data(), why.size());
    for (const auto& [name, value] : settings)
      rd_kafka_NewTopic_set_config(topic, name.c_str(), value.c_str());
    const kafka::Queue queue(rd_kafka_queue_new(admin.get()));
    rd_kafka_CreateTopics(admin.get(), &topic, 1, nullptr, queue.get());
    const kafka::Event event(rd_kafka_queue_poll(queue.get(), 30'000));
    EXPECT_NE(event, nullptr);
    rd_kafka_NewTopic_destroy(topic);
  }
  // Once the broker has heard of it.
  absl::Status RefusalOfTheTopic() const {
    const auto journal = *KafkaJournal::Open(options_);
    absl::Status status;
    RunUntilTrue([&] {
      status = journal->Partitions("initiative").status();
      return !absl::IsNotFound(status);
    });
    return status;
  }
  // What retention would do.
  void DeleteRecordsBefore(std::int64_t offset) const {
    const kafka::Client admin = Admin();
    rd_kafka_topic_partition_list_t* const before = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(before, Topic().c_str(), 0)->offset = offset;
    rd_kafka_DeleteRecords_t* records = rd_kafka_DeleteRecords_new(before);
    const kafka::Queue queue(rd_kafka_queue_new(admin.get()));
    rd_kafka_DeleteRecords(admin.get(), &records, 1, nullptr, queue.get());
    const kafka::Event event(rd_kafka_queue_poll(queue.get(), 30'000));
    EXPECT_NE(event, nullptr);
    rd_kafka_DeleteRecords_destroy(records);
    rd_kafka_topic_partition_list_destroy(before);
  }
  void DeleteTopic() const {
    const kafka::Client admin = Admin();
    const kafka::Queue queue(rd_kafka_queue_new(admin.get()));
    rd_kafka_DeleteTopic_t* topic = rd_kafka_DeleteTopic_new(Topic().c_str());
    rd_kafka_DeleteTopics(admin.get(), &topic, 1, nullptr, queue.get());
    const kafka::Event event(rd_kafka_queue_poll(queue.get(), 30'000));
    EXPECT_NE(event, nullptr);
    rd_kafka_DeleteTopic_destroy(topic);
  }

  KafkaJournalOptions options_ = FreshOptions();
  std::unique_ptr<KafkaJournal> journal_;
  std::unique_ptr<Writer> writer_;
  std::vector<std::string> seen_;
};

TEST_F(KafkaBroker, StandsOnThisMachine) {
  if (testing::KafkaBroker::Get() == nullptr)
    GTEST_SKIP() << "skipped: there is no broker here; ./dev test kafka fetches one";
  EXPECT_THAT(Broker().bootstrap(), HasSubstr("127.0.0.1:"));
}

TEST_F(KafkaBroker, AContextWhoseTopicIsMissingIsNamedWithWhatToDo) {
  auto journal = *KafkaJournal::Open(options_);
  const absl::Status status = journal->Partitions("initiative").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("topic " + Topic() +
                        " is not on the broker: make it as deploy/kafka/topics.json says"));
}

TEST_F(KafkaBroker, ATopicThatIsCompactedIsRefused) {
  CreateTopic({{"cleanup.policy", "compact"}});
  const absl::Status status = RefusalOfTheTopic();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("topic " + Topic() +
                        " has cleanup.policy=compact, and the journal needs delete: set it"));
}

TEST_F(KafkaBroker, ATopicWhoseRecordsEndIsRefused) {
  CreateTopic({{"max.message.bytes", "1114112"}});  // a week, as the broker has it for all
  const absl::Status status = RefusalOfTheTopic();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("has retention.ms=604800000, and the journal needs -1: set it"));
}

TEST_F(KafkaBroker, AnotherNumberOfPartitionsThanConfiguredIsRefused) {
  Open();
  options_.partitions = 24;
  auto journal = *KafkaJournal::Open(options_);
  const absl::Status status = journal->OpenWriter(FirstPartition()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("has 1 partitions and 24 are configured"));
}

TEST_F(KafkaBroker, MoreCopiesThanBrokersAreRefusedInWords) {
  options_.replication = 3;
  auto journal = *KafkaJournal::Open(options_);
  const absl::Status status = journal->CreateContext("initiative", 1);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("3 copies are wanted"));
}

TEST_F(KafkaBroker, ContextsAreFoundByTheirTopics) {
  Open();
  ASSERT_TRUE(journal_->CreateContext("metrics", 1).ok());
  ASSERT_TRUE(journal_->BeginFilling().ok());
  EXPECT_THAT(*journal_->Contexts(), ElementsAre("initiative", "metrics"));
}

TEST_F(KafkaBroker, TopicsThatAreBeingFilledServeNobodyElseUntilTheyAreWhole) {
  KafkaJournalOptions filling = options_;
  filling.fills = true;
  auto filler = *KafkaJournal::Open(filling);
  ASSERT_TRUE(filler->CreateContext("initiative", 1).ok());
  ASSERT_TRUE(filler->BeginFilling().ok());
  ASSERT_TRUE(filler->BeginFilling().ok());
  EXPECT_TRUE(filler->Partitions("initiative").ok());
  filler.reset();  // killed, say
  absl::Status refused;
  EXPECT_TRUE(RunUntilTrue([&] {
    refused = (*KafkaJournal::Open(options_))->Partitions("initiative").status();
    return absl::IsFailedPrecondition(refused);
  }));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("FILLING"));
  filler = *KafkaJournal::Open(filling);
  ASSERT_TRUE(filler->EndFilling().ok());
  ASSERT_TRUE(filler->EndFilling().ok());
  EXPECT_TRUE((*KafkaJournal::Open(options_))->Partitions("initiative").ok());
}

TEST_F(KafkaBroker, TheLargestRecordsFitAndStandCompressed) {
  Open();
  std::string random(kMaxRecordBytes, '\0');
  std::uint64_t state = 88172645463325252U;
  for (char& byte : random) {  // xorshift: nothing that compresses
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    byte = static_cast<char>(state);
  }
  EXPECT_THAT(Append({random, std::string(kMaxRecordBytes, 'x')}), Each("ok"));
  ASSERT_TRUE(ReadUntil(**journal_->OpenReader(FirstPartition(), 0), 2).ok());
  EXPECT_THAT(seen_, SizeIs(2));
  EXPECT_TRUE(seen_[0] == random);
  const std::string dump = testing::KafkaBroker::RunTool(
      "kafka.tools.DumpLogSegments", "--files '" + Broker().SegmentOf(Topic(), 0) + "'");
  EXPECT_THAT(dump, HasSubstr("compresscodec: zstd"));
}

TEST_F(KafkaBroker, ARestartOfTheBrokerLosesNothingThatWasAcknowledged) {
  options_.read_timeout = absl::Milliseconds(500);
  Open();
  EXPECT_THAT(Append({"a", "b"}), Each("ok"));
  const auto reader = *journal_->OpenReader(FirstPartition(), 0);
  ASSERT_TRUE(ReadUntil(*reader, 2).ok());
  absl::Notification told;
  reader->NotifyWhenMore([&told] { told.Notify(); });
  Broker().Stop();
  Broker().StartAgain();
  if (Append({"c"}) != std::vector<std::string>{"ok"}) {
    // The producer gave up, as it may: the next one goes on.
    writer_ = *journal_->OpenWriter(FirstPartition());
    EXPECT_THAT(Append({"c"}), ElementsAre("ok"));
  }
  EXPECT_TRUE(told.WaitForNotificationWithTimeout(absl::Seconds(60)));
  ASSERT_TRUE(ReadUntil(*reader, 3).ok());
  EXPECT_EQ(seen_.front(), "a");
  EXPECT_EQ(seen_.back(), "c");
}

TEST_F(KafkaBroker, AnotherHistoryBehindALostConnectionIsNamedAndEndsTheReading) {
  options_.read_timeout = absl::Milliseconds(500);
  Open();
  EXPECT_THAT(Append({"a", "b", "c"}), Each("ok"));
  const auto reader = *journal_->OpenReader(FirstPartition(), 0);
  ASSERT_TRUE(ReadUntil(*reader, 3).ok());
  writer_.reset();
  DeleteTopic();
  auto another = *KafkaJournal::Open(options_);
  ASSERT_TRUE(another->CreateContext("initiative", 1).ok());
  writer_ = *another->OpenWriter(FirstPartition());
  EXPECT_THAT(Append({"a", "b", "C", "D"}), Each("ok"));
  writer_.reset();
  Broker().Stop();
  Broker().StartAgain();
  const absl::Status status = ReadUntil(*reader, 4);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << ::testing::PrintToString(seen_);
  EXPECT_THAT(std::string(status.message()), HasSubstr("record 2 of " + Topic() + "/0 is lost"));
  EXPECT_EQ(reader->Read(1).status().code(), absl::StatusCode::kDataLoss) << "for good";
}

TEST_F(KafkaBroker, RecordsThatWereDeletedAreALostHistoryWithBothOffsets) {
  Open();
  EXPECT_THAT(Append({"a", "b", "c", "d"}), Each("ok"));
  DeleteRecordsBefore(3);
  const absl::Status status = ReadUntil(**journal_->OpenReader(FirstPartition(), 0), 1);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << ::testing::PrintToString(seen_);
  EXPECT_THAT(
      std::string(status.message()),
      HasSubstr("record 0 of " + Topic() + "/0 is lost: the log begins at 3 and ends at 4"));
  EXPECT_EQ(journal_->PartitionHealth(FirstPartition()), status);
  EXPECT_THAT(Append({"e"}), ElementsAre("DATA_LOSS"));
}

TEST_F(KafkaBroker, ALogThatEndsTooEarlyIsALostHistoryWithBothOffsets) {
  options_.end_settles = absl::Milliseconds(500);
  Open();
  EXPECT_THAT(Append({"a", "b"}), Each("ok"));
  const absl::Status behind = ReadUntil(**journal_->OpenReader(FirstPartition(), 3), 1);
  EXPECT_EQ(behind.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(behind.message()),
              HasSubstr("record 2 of " + Topic() + "/0 is lost: the log ends at 2 without it"));
  const absl::Status far_behind = ReadUntil(**journal_->OpenReader(FirstPartition(), 50), 1);
  EXPECT_THAT(
      std::string(far_behind.message()),
      HasSubstr("record 49 of " + Topic() + "/0 is lost: the log begins at 0 and ends at 2"));
}

TEST_F(KafkaBroker, AFlippedBitOnTheBrokersDiskIsNamedAndNothingBehindItIsRead) {
  options_.read_timeout = absl::Milliseconds(500);
  Open();
  EXPECT_THAT(Append({"a"}), Each("ok"));
  EXPECT_THAT(Append({"b"}), Each("ok"));
  EXPECT_THAT(Append({"c"}), Each("ok"));
  Broker().Stop();
  {
    std::fstream segment(Broker().SegmentOf(Topic(), 0),
                         std::ios::in | std::ios::out | std::ios::binary);
    // The batch's length stands behind its offset (8 bytes), and counts what follows it.
    std::array<unsigned char, 12> header{};
    segment.read(reinterpret_cast<char*>(header.data()), header.size());
    const std::streamoff second = 12 + header[10] * 256 + header[11];
    const std::streamoff last_of_second = 2 * second - 1;
    segment.seekg(last_of_second);
    const int byte = segment.get();
    segment.seekp(last_of_second);
    segment.put(static_cast<char>(byte ^ 1));
    ASSERT_TRUE(segment.good());
  }
  Broker().StartAgain();
  const absl::Status status = ReadUntil(**journal_->OpenReader(FirstPartition(), 0), 3);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << ::testing::PrintToString(seen_);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("record 1 of " + Topic() + "/0 is lost: its checksum is another"));
  EXPECT_THAT(seen_, ElementsAre("a"));
}

std::size_t Threads() {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator("/proc/self/task"), {}));
}

TEST_F(KafkaBroker, WhatIsClosedLeavesNoThreadBehind) {
  const std::size_t before = Threads();
  Open();
  for (int i = 0; i < 30; ++i) {
    writer_ = *journal_->OpenWriter(FirstPartition());
    EXPECT_THAT(Append({"a"}), Each("ok"));
    ASSERT_TRUE((*journal_->OpenReader(FirstPartition(), 0))->Read(100).ok());
  }
  EXPECT_GT(Threads(), before);
  writer_.reset();
  journal_.reset();
  EXPECT_EQ(Threads(), before);
}

TEST_F(KafkaBroker, ARecordThatIsNoCommitIsNamedAndNotSkipped) {
  Open();
  EXPECT_THAT(Append({EncodeBarrier({1, {}}), "no commit", EncodeBarrier({2, {}})}), Each("ok"));
  const auto verified = VerifyPartition(*journal_, FirstPartition());
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_EQ(verified->damage.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(verified->damage.message()),
              HasSubstr("record 1 of partition initiative/0"));
  EXPECT_EQ(verified->records(), 1U);
}

}  // namespace
}  // namespace holdfast::journal

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  return holdfast::testing::KafkaBroker::RunAllTests("KafkaBroker.StandsOnThisMachine");
}
