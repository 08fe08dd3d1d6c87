// The Kafka journal against librdkafka's mock cluster: a broker in this process, that can be told
// to fail. What only a real broker shows is in kafka_journal_test.cc.
#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "holdfast/config/v1/kafka.pb.h"

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "journal/journal_contract_test.h"
#include "journal/kafka_client.h"
#include "journal/kafka_journal.h"
#include "journal/kafka_topics.h"
#include "journal/kafka_undertaker.h"

namespace holdfast::journal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// Keys of the protocol's requests.
constexpr std::int16_t kProduce = 0;
constexpr std::int16_t kFetch = 1;
constexpr int kBrokers = 3;

PartitionId FirstPartition() {
  return {"initiative", 0};
}

class MockCluster {
 public:
  MockCluster() {
    std::array<char, 256> why{};
    kafka::Configuration configuration(rd_kafka_conf_new());
    // That it has no broker of its own to connect to.
    rd_kafka_conf_set(configuration.get(), "log_level", "3", why.data(), why.size());
    client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, configuration.release(), why.data(), why.size()));
    cluster_.reset(rd_kafka_mock_cluster_new(client_.get(), kBrokers));
  }
  rd_kafka_mock_cluster_t* get() { return cluster_.get(); }
  std::string bootstrap() const { return rd_kafka_mock_cluster_bootstraps(cluster_.get()); }
  void SetUp(bool up) {
    for (int broker = 1; broker <= kBrokers; ++broker) {
      if (up) {
        rd_kafka_mock_broker_set_up(cluster_.get(), broker);
      } else {
        rd_kafka_mock_broker_set_down(cluster_.get(), broker);
      }
    }
  }

 private:
  kafka::Client client_;
  std::unique_ptr<rd_kafka_mock_cluster_t, kafka::Destroyer<rd_kafka_mock_cluster_destroy>>
      cluster_;
};

KafkaJournalOptions OptionsOn(const MockCluster& cluster) {
  KafkaJournalOptions options;
  options.bootstrap = cluster.bootstrap();
  options.partitions = 0;
  options.replication = 3;
  options.compare_settings = false;
  // The mock holds an empty answer back for all of it, whatever arrives meanwhile.
  options.fetch_wait = absl::Milliseconds(5);
  return options;
}

bool RunUntilTrue(const std::function<bool()>& done) {
  const absl::Time limit = absl::Now() + absl::Seconds(45);
  absl::Notification never;
  while (!done()) {
    if (absl::Now() > limit) return false;
    never.WaitForNotificationWithTimeout(absl::Microseconds(200));
  }
  return true;
}

// One cluster for all tests of the contract, since its end takes a second; topics of their own for
// each.
MockCluster& SharedCluster() {
  static MockCluster cluster;
  return cluster;
}

class MockUnderTest final : public JournalUnderTest {
 public:
  MockUnderTest() : options_(OptionsOn(SharedCluster())) {
    static int number = 0;
    options_.topic_prefix = "contract" + std::to_string(++number) + ".";
    // The mock makes whatever topic it is asked for.
    rd_kafka_mock_topic_set_error(SharedCluster().get(), TopicOf("engagement").c_str(),
                                  RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    Reopen();
  }
  Journal& journal() override { return *journal_; }
  // The mock has no request by which topics are made.
  absl::Status CreateContext(const std::string& context, std::uint32_t partitions) override {
    if (made_.insert(context).second) {
      return kafka::StatusOf(
          rd_kafka_mock_topic_create(SharedCluster().get(), TopicOf(context).c_str(),
                                     static_cast<int>(partitions), kBrokers),
          "make topic");
    }
    return kafka::CompareTopic(TopicOf(context), {*journal_->Partitions(context), kBrokers},
                               {partitions, kBrokers});
  }
  bool RunUntil(const std::function<bool()>& done) override { return RunUntilTrue(done); }
  void Reopen() override {
    journal_.reset();
    auto opened = KafkaJournal::Open(options_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    journal_ = *std::move(opened);
  }

 private:
  std::string TopicOf(const std::string& context) const { return options_.topic_prefix + context; }

  KafkaJournalOptions options_;
  std::set<std::string> made_;
  std::unique_ptr<KafkaJournal> journal_;
};

INSTANTIATE_TEST_SUITE_P(KafkaMock, JournalContract, ::testing::Values(MakeJournal([] {
                           return std::make_unique<MockUnderTest>();
                         })));

// Answers of appends, "ok" or the name of the code.
class Answers {
 public:
  Writer::Appended Next() {
    return [this](const absl::StatusOr<Offset>& answer) {
      const absl::MutexLock lock(&mutex_);
      answers_.push_back(answer.ok() ? "ok" : absl::StatusCodeToString(answer.status().code()));
    };
  }
  std::vector<std::string> all() const {
    const absl::MutexLock lock(&mutex_);
    return answers_;
  }
  std::vector<std::string> Await(std::size_t count) const {
    EXPECT_TRUE(RunUntilTrue([&] { return all().size() >= count; }));
    return all();
  }

 private:
  mutable absl::Mutex mutex_;
  std::vector<std::string> answers_ ABSL_GUARDED_BY(mutex_);
};

class KafkaMock : public ::testing::Test {
 protected:
  KafkaMock() : options_(OptionsOn(cluster_)) {
    EXPECT_EQ(rd_kafka_mock_topic_create(cluster_.get(), "holdfast.journal.initiative", 1, 3),
              RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  KafkaJournal& Open() {
    auto opened = KafkaJournal::Open(options_);
    EXPECT_TRUE(opened.ok()) << opened.status();
    journal_ = *std::move(opened);
    EXPECT_TRUE(journal_->Partitions("initiative").ok());
    return *journal_;
  }
  // How the next requests of a kind are answered, on any broker.
  void Fail(std::int16_t request, rd_kafka_resp_err_t error, int times = 1) {
    for (int i = 0; i < times; ++i)
      rd_kafka_mock_push_request_errors(cluster_.get(), request, 1, error);
  }
  static std::vector<std::string> ReadAll(Reader& reader) {
    std::vector<std::string> all;
    while (true) {
      auto some = reader.Read(100);
      EXPECT_TRUE(some.ok()) << some.status();
      if (!some.ok() || some->empty()) return all;
      for (StoredRecord& record : *some) all.push_back(std::move(record.bytes));
    }
  }

  MockCluster cluster_;
  KafkaJournalOptions options_;
  std::unique_ptr<KafkaJournal> journal_;
};

TEST_F(KafkaMock, ATemporaryErrorIsTriedAgainAndTheAppendSucceeds) {
  KafkaJournal& journal = Open();
  Fail(kProduce, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, 2);
  Answers answers;
  const auto writer = *journal.OpenWriter(FirstPartition());
  for (int i = 0; i < 3; ++i) writer->Append(std::to_string(i), answers.Next());
  EXPECT_THAT(answers.Await(3), ElementsAre("ok", "ok", "ok"));
  EXPECT_THAT(ReadAll(**journal.OpenReader(FirstPartition(), 0)), ElementsAre("0", "1", "2"));
}

TEST_F(KafkaMock, AFatalErrorEndsTheWriterAndTheNextOneGoesOn) {
  KafkaJournal& journal = Open();
  Answers answers;
  auto writer = *journal.OpenWriter(FirstPartition());
  writer->Append("a", answers.Next());
  answers.Await(1);
  Fail(kProduce, RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER);
  writer->Append("b", answers.Next());
  writer->Append("c", answers.Next());
  answers.Await(3);
  writer->Append("d", answers.Next());
  EXPECT_THAT(answers.Await(4), ElementsAre("ok", "ABORTED", "ABORTED", "ABORTED"));
  writer = *journal.OpenWriter(FirstPartition());
  writer->Append("e", answers.Next());
  EXPECT_EQ(answers.Await(5).back(), "ok");
  const auto records = ReadAll(**journal.OpenReader(FirstPartition(), 0));
  ASSERT_FALSE(records.empty());
  EXPECT_EQ(records.front(), "a");
  EXPECT_EQ(records.back(), "e");
}

TEST_F(KafkaMock, AfterARefusedRecordThoseBehindItAreNotAcknowledged) {
  options_.linger = absl::Milliseconds(0);
  KafkaJournal& journal = Open();
  Fail(kProduce, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  Answers answers;
  const auto writer = *journal.OpenWriter(FirstPartition());
  for (int i = 0; i < 50; ++i) writer->Append(std::to_string(i), answers.Next());
  const auto all = answers.Await(50);
  EXPECT_EQ(all.front(), "PERMISSION_DENIED");
  EXPECT_EQ(std::count(all.begin(), all.end(), "ABORTED"), 49);
}

TEST_F(KafkaMock, WithoutABrokerAnAppendFailsInTheEndAndAReadSaysSo) {
  options_.message_timeout = absl::Seconds(1);
  options_.read_timeout = absl::Milliseconds(200);
  KafkaJournal& journal = Open();
  cluster_.SetUp(false);
  Answers answers;
  const auto writer = *journal.OpenWriter(FirstPartition());
  writer->Append("a", answers.Next());
  writer->Append("b", answers.Next());
  EXPECT_THAT(answers.Await(2), ElementsAre("UNAVAILABLE", "ABORTED"));
  const auto reader = *journal.OpenReader(FirstPartition(), 0);
  EXPECT_EQ(reader->Read(1).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(journal.Health().ok());
}

TEST_F(KafkaMock, AWriterWithoutABrokerIsClosedAtOnceAndCancelsWhatItHolds) {
  KafkaJournal& journal = Open();
  cluster_.SetUp(false);
  Answers answers;
  {
    const auto writer = *journal.OpenWriter(FirstPartition());
    for (int i = 0; i < 3; ++i) writer->Append("a", answers.Next());
  }
  EXPECT_THAT(answers.all(), ElementsAre("CANCELLED", "CANCELLED", "CANCELLED"));
}

TEST_F(KafkaMock, AReaderGoesOnWhenTheBrokerIsBack) {
  options_.read_timeout = absl::Milliseconds(200);
  KafkaJournal& journal = Open();
  Answers answers;
  const auto writer = *journal.OpenWriter(FirstPartition());
  writer->Append("a", answers.Next());
  answers.Await(1);
  const auto reader = *journal.OpenReader(FirstPartition(), 0);
  std::vector<std::string> seen;
  const auto read_on = [&] {
    const auto some = reader->Read(10);
    if (some.ok()) {
      for (const StoredRecord& record : *some) seen.push_back(record.bytes);
    }
    return absl::IsDataLoss(some.status()) ? some.status() : absl::OkStatus();
  };
  ASSERT_TRUE(RunUntilTrue([&] { return !read_on().ok() || seen.size() == 1; }));
  cluster_.SetUp(false);
  writer->Append("b", answers.Next());
  cluster_.SetUp(true);
  EXPECT_THAT(answers.Await(2), ElementsAre("ok", "ok"));
  EXPECT_TRUE(RunUntilTrue([&] { return !read_on().ok() || seen.size() == 2; }));
  EXPECT_THAT(seen, ElementsAre("a", "b"));
}

TEST_F(KafkaMock, ASilentReaderIsWoken) {
  options_.watch_interval = absl::Seconds(1);  // the question for an end takes half of it
  KafkaJournal& journal = Open();
  Answers answers;
  const auto writer = *journal.OpenWriter(FirstPartition());
  writer->Append("a", answers.Next());
  answers.Await(1);
  const auto reader = *journal.OpenReader(FirstPartition(), 0);
  ASSERT_THAT(ReadAll(*reader), ElementsAre("a"));
  // Its next answer takes longer than any test.
  for (int broker = 1; broker <= kBrokers; ++broker) {
    rd_kafka_mock_broker_push_request_error_rtts(cluster_.get(), broker, kFetch, 1,
                                                 RD_KAFKA_RESP_ERR_NO_ERROR, 3'600'000);
  }
  absl::Notification told;
  reader->NotifyWhenMore([&told] { told.Notify(); });
  EXPECT_TRUE(RunUntilTrue([&] {
    writer->Append("b", answers.Next());
    return told.WaitForNotificationWithTimeout(absl::Milliseconds(50));
  }));
}

TEST_F(KafkaMock, ReadingBeyondTheEndIsALostHistory) {
  KafkaJournal& journal = Open();
  const auto reader = *journal.OpenReader(FirstPartition(), 100);
  const auto read = reader->Read(10);
  EXPECT_EQ(read.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(read.status().message()),
              HasSubstr("record 99 of holdfast.journal.initiative/0 is lost: "
                        "the log begins at 0 and ends at 0"));
  EXPECT_EQ(reader->Read(10).status().code(), absl::StatusCode::kDataLoss) << "for good";
}

TEST_F(KafkaMock, AnEndThatStaysBeforeARecordThatMustBeThereIsALostHistory) {
  options_.end_settles = absl::Milliseconds(100);
  KafkaJournal& journal = Open();
  const absl::Status status = (*journal.OpenReader(FirstPartition(), 1))->Read(10).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("record 0 of"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("the log ends at 0 without it"));
}

TEST_F(KafkaMock, AnEndThatIsEarlyForAMomentIsNoLoss) {
  KafkaJournal& journal = Open();
  const auto reader = *journal.OpenReader(FirstPartition(), 1);
  absl::Notification told;
  reader->NotifyWhenMore([&told] { told.Notify(); });
  Answers answers;
  const auto writer = *journal.OpenWriter(FirstPartition());
  writer->Append("a", answers.Next());
  writer->Append("b", answers.Next());
  answers.Await(2);
  told.WaitForNotification();
  EXPECT_THAT(ReadAll(*reader), ElementsAre("b"));
}

TEST_F(KafkaMock, NothingIsAppendedBehindALoss) {
  KafkaJournal& journal = Open();
  Answers answers;
  const auto writer = *journal.OpenWriter(FirstPartition());
  writer->Append("a", answers.Next());
  answers.Await(1);
  EXPECT_TRUE(journal.PartitionHealth(FirstPartition()).ok());
  EXPECT_TRUE(absl::IsDataLoss((*journal.OpenReader(FirstPartition(), 100))->Read(10).status()));
  EXPECT_TRUE(absl::IsDataLoss(journal.PartitionHealth(FirstPartition())));
  EXPECT_TRUE(journal.PartitionHealth({"initiative", 7}).ok());
  EXPECT_TRUE(journal.PartitionHealth({"engagement", 0}).ok());
  writer->Append("b", answers.Next());
  writer->Append("c", answers.Next());
  EXPECT_THAT(answers.Await(3), ElementsAre("ok", "DATA_LOSS", "ABORTED"));
  EXPECT_THAT(ReadAll(**journal.OpenReader(FirstPartition(), 0)), ElementsAre("a"));
}

TEST_F(KafkaMock, AFullQueueRefusesTheNextAppendAndKeepsWhatItHolds) {
  options_.queue_records = 2;
  KafkaJournal& journal = Open();
  Answers answers;
  const auto writer = *journal.OpenWriter(FirstPartition());
  for (int broker = 1; broker <= kBrokers; ++broker)
    rd_kafka_mock_broker_set_rtt(cluster_.get(), broker, 300);
  for (const char* const record : {"a", "b", "c", "d"}) writer->Append(record, answers.Next());
  EXPECT_THAT(answers.Await(4), ElementsAre("ok", "ok", "RESOURCE_EXHAUSTED", "ABORTED"));
  EXPECT_THAT(ReadAll(**journal.OpenReader(FirstPartition(), 0)), ElementsAre("a", "b"));
}

TEST_F(KafkaMock, AProducerGoesOnWhenItsConnectionIsLost) {
  KafkaJournal& journal = Open();
  Answers answers;
  const auto writer = *journal.OpenWriter(FirstPartition());
  writer->Append("a", answers.Next());
  answers.Await(1);
  cluster_.SetUp(false);
  writer->Append("b", answers.Next());
  writer->Append("c", answers.Next());
  cluster_.SetUp(true);
  EXPECT_THAT(answers.Await(3), ElementsAre("ok", "ok", "ok"));
  EXPECT_THAT(ReadAll(**journal.OpenReader(FirstPartition(), 0)), ElementsAre("a", "b", "c"));
}

TEST_F(KafkaMock, AnotherNumberOfPartitionsThanConfiguredIsRefused) {
  options_.partitions = 24;
  auto journal = *KafkaJournal::Open(options_);
  const absl::Status status = journal->Partitions("initiative").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(
      std::string(status.message()),
      HasSubstr("topic holdfast.journal.initiative has 1 partitions and 24 are configured"));
}

TEST(KafkaJournal, SaysWhereItSoughtABrokerThatIsNotThere) {
  KafkaJournalOptions options;
  options.bootstrap = "127.0.0.1:1";
  options.admin_timeout = absl::Milliseconds(200);
  auto journal = *KafkaJournal::Open(options);
  for (const absl::Status& status :
       {journal->Partitions("initiative").status(), journal->CreateContext("initiative", 1),
        journal->OpenReader(FirstPartition(), 0).status(),
        journal->OpenWriter(FirstPartition()).status()}) {
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("`bootstrap` (127.0.0.1:1)"));
  }
}

TEST(KafkaJournal, WantsABootstrapAddress) {
  const absl::Status status = KafkaJournal::Open({}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("bootstrap"));
}

TEST(KafkaJournal, IsConfiguredByWhatIsSaid) {
  config::v1::KafkaJournal config;
  config.set_bootstrap("a:9092,b:9092");
  KafkaJournalOptions options = KafkaJournalOptionsOf(config);
  EXPECT_EQ(options.bootstrap, "a:9092,b:9092");
  EXPECT_EQ(options.partitions, 24U);
  EXPECT_EQ(options.replication, 3U);
  EXPECT_EQ(options.topic_prefix, "holdfast.journal.");
  EXPECT_EQ(options.linger, absl::ZeroDuration());
  EXPECT_EQ(options.message_timeout, absl::Minutes(2));
  config.set_partitions(6);
  config.set_replication(1);
  config.set_topic_prefix("try.");
  config.set_linger_ms(5);
  config.set_message_timeout_ms(150'000);
  config.set_read_timeout_ms(900);
  options = KafkaJournalOptionsOf(config);
  EXPECT_EQ(options.partitions, 6U);
  EXPECT_EQ(options.replication, 1U);
  EXPECT_EQ(options.topic_prefix, "try.");
  EXPECT_EQ(options.linger, absl::Milliseconds(5));
  EXPECT_EQ(options.message_timeout, absl::Milliseconds(150'000));
  EXPECT_EQ(options.read_timeout, absl::Milliseconds(900));
}

kafka::Settings With(kafka::Settings settings, const std::string& name, const std::string& value) {
  for (auto& setting : settings) {
    if (setting.first == name) setting.second = value;
  }
  return settings;
}

TEST(KafkaTopics, ASettingThatCouldLoseRecordsIsNamed) {
  const kafka::Settings good = kafka::JournalTopicSettings(3);
  EXPECT_TRUE(kafka::CompareSettings("t", good, 3).ok());
  EXPECT_TRUE(kafka::CompareSettings("t", With(good, "max.message.bytes", "2000000"), 3).ok());
  EXPECT_TRUE(kafka::CompareSettings("t", With(good, "min.insync.replicas", "1"), 1).ok());
  for (const auto& [name, value] :
       std::map<std::string, std::string>{{"cleanup.policy", "compact"},
                                          {"cleanup.policy", "compact,delete"},
                                          {"retention.ms", "604800000"},
                                          {"retention.bytes", "1000"},
                                          {"unclean.leader.election.enable", "true"},
                                          {"max.message.bytes", "1048588"},
                                          {"min.insync.replicas", "1"}}) {
    const absl::Status status = kafka::CompareSettings("t", With(good, name, value), 3);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << name;
    EXPECT_THAT(
        std::string(status.message()),
        HasSubstr(absl::StrCat("topic t has ", name, "=", value, ", and the journal needs ")));
  }
}

TEST(KafkaTopics, TheRegistryMakesTopicsThatTheJournalTakes) {
  std::ifstream file("deploy/kafka/topics.json");
  std::ostringstream text;
  text << file.rdbuf();
  config::v1::TopicRegistry registry;
  const auto parsed = google::protobuf::util::JsonStringToMessage(text.str(), &registry);
  ASSERT_TRUE(parsed.ok()) << std::string(parsed.message());
  std::vector<std::string> journals;
  for (const config::v1::Topic& topic : registry.topics()) {
    EXPECT_EQ(topic.name().find('_'), std::string::npos) << topic.name();
    EXPECT_GT(topic.partitions(), 0U) << topic.name();
    if (topic.name() != "holdfast.journal.<context>") continue;
    journals.push_back(topic.name());
    EXPECT_EQ(topic.partitions(), KafkaJournalOptions().partitions);
    EXPECT_TRUE(topic.partitions_fixed());
    kafka::Settings settings;
    for (const auto& setting : topic.settings())
      settings.emplace_back(setting.name(), setting.value());
    EXPECT_THAT(settings, ::testing::UnorderedElementsAreArray(
                              kafka::JournalTopicSettings(topic.replication())));
  }
  EXPECT_THAT(journals, SizeIs(1));
}

TEST(KafkaUndertaker, EndsInOrderAndWaitsForWhatItHolds) {
  std::vector<int> ended;
  {
    kafka::Undertaker undertaker;
    for (int i = 0; i < 3; ++i) undertaker.Bury([&ended, i] { ended.push_back(i); });
  }
  EXPECT_THAT(ended, ElementsAre(0, 1, 2));
}

TEST(KafkaUndertaker, DoesNotWaitForEverForWhatHangs) {
  const auto hangs = std::make_shared<absl::Notification>();
  const auto over = std::make_shared<absl::Notification>();
  {
    kafka::Undertaker undertaker(absl::Milliseconds(50));
    undertaker.Bury([hangs, over] {
      hangs->WaitForNotification();
      over->Notify();
    });
  }
  hangs->Notify();
  over->WaitForNotification();
}

}  // namespace
}  // namespace holdfast::journal
