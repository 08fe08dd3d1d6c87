// The relay on a journal in memory and topics that fail when they are told to.
#include "delivery/context_relay.h"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "holdfast/initiative/v1/events.pb.h"
#include "holdfast/journal/v1/journal.pb.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/timestamps.h"
#include "base/uuid.h"
#include "delivery/cloud_event.h"
#include "journal/acceptance.h"

namespace holdfast::delivery {
namespace {

using journal::Offset;
using journal::PartitionId;
using journal::StoredRecord;
using journal::TopicRecord;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kContext[] = "initiative";

class MemoryJournal final : public journal::Journal {
 public:
  using Log = std::vector<StoredRecord>;

  absl::StatusOr<std::uint32_t> Partitions(const std::string&) override { return 2; }
  absl::StatusOr<std::unique_ptr<journal::Writer>> OpenWriter(const PartitionId&) override {
    return absl::UnimplementedError("it is filled by Put");
  }
  absl::StatusOr<std::unique_ptr<journal::Reader>> OpenReader(const PartitionId& partition,
                                                              Offset from) override {
    opened_from_.push_back(from);
    return std::make_unique<LogReader>(logs_[partition.partition], from);
  }
  absl::Status Health() const override { return absl::OkStatus(); }

  void Put(std::uint32_t partition, std::string record) {
    Log& log = logs_[partition];
    log.push_back({log.size(), std::move(record)});
  }
  // Where readers were opened since this was asked before.
  std::vector<Offset> TakeOpened() { return std::exchange(opened_from_, {}); }

 private:
  class LogReader final : public journal::Reader {
   public:
    LogReader(const Log& log, Offset from) : log_(log), at_(from) {}
    absl::StatusOr<std::vector<StoredRecord>> Read(std::size_t max) override {
      std::vector<StoredRecord> read;
      while (at_ < log_.size() && read.size() < max) read.push_back(log_[at_++]);
      return read;
    }
    void NotifyWhenMore(absl::AnyInvocable<void()>) override {}

   private:
    const Log& log_;
    Offset at_;
  };

  std::map<std::uint32_t, Log> logs_;
  std::vector<Offset> opened_from_;
};

// What stands in the topics, and what fails next.
struct Topics {
  std::map<std::string, std::vector<TopicRecord>> records;
  int confirmations_until_failure = -1;  // -1: none fails
};

class TopicsSender final : public journal::TopicSender {
 public:
  explicit TopicsSender(Topics& topics) : topics_(topics) {}
  // What was sent may stand although its confirmation is lost.
  absl::Status Send(const std::string& topic, const TopicRecord& record) override {
    topics_.records[topic].push_back(record);
    return absl::OkStatus();
  }
  absl::Status AwaitConfirmed(absl::Duration) override {
    if (topics_.confirmations_until_failure == 0) {
      topics_.confirmations_until_failure = -1;
      return absl::UnavailableError("the broker went away");
    }
    if (topics_.confirmations_until_failure > 0) --topics_.confirmations_until_failure;
    return absl::OkStatus();
  }

 private:
  Topics& topics_;
};

class StoppedClock final : public Clock {
 public:
  absl::Time Now() const override { return now; }
  absl::Duration SinceBoot() const override { return absl::ZeroDuration(); }
  absl::Time now = absl::FromUnixSeconds(1'772'445'600);
};

class ContextRelayTest : public ::testing::Test {
 protected:
  ContextRelayTest()
      : folder_(absl::StrCat(::testing::TempDir(), "/relay_", getpid(), "_",
                             ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    Own(0);
    Own(1);
  }
  ~ContextRelayTest() override { std::filesystem::remove_all(folder_); }

  void Own(std::uint32_t partition) {
    writers_[partition] = {1, Uuid{}};
    writers_[partition].instance.back() = static_cast<std::uint8_t>(partition + 1);
    Put(partition, journal::EncodeBarrier(writers_[partition]));
  }
  void Put(std::uint32_t partition, const std::string& record) {
    const auto folded = folds_[partition].Apply(offsets_[partition]++, record);
    EXPECT_TRUE(folded.ok() && folded->accepted());
    journal_.Put(partition, record);
  }
  // One more commit of the tenant: answers its bytes.
  std::string Commit(std::uint32_t partition, const std::string& tenant,
                     const std::string& type = "holdfast.initiative.v1.SiteCreated") {
    const journal::TenantHead head = folds_[partition].HeadOf(tenant);
    journal::v1::Commit commit;
    commit.set_format(journal::kCommitFormat);
    commit.set_tenant(tenant);
    commit.set_seq(head.seq + 1);
    commit.set_prev_hash(std::string(AsBytes(head.hash)));
    commit.set_stream("site/s");
    *commit.mutable_recorded_at() = ToTimestamp(clock_.now);
    journal::v1::EventRecord& event = *commit.add_events();
    Uuid id{};
    id.back() = static_cast<std::uint8_t>(commit.seq());
    event.set_event_id(std::string(AsBytes(id)));
    event.set_type(type);
    const journal::EncodedCommit encoded = journal::EncodeCommitRecord(writers_[partition], commit);
    Put(partition, encoded.record);
    return std::string(encoded.commit());
  }
  // The tenant leaves partition 0 for 1.
  void Move(const std::string& tenant, const std::vector<std::string>& commits) {
    Put(0, journal::EncodeTenantClosed(writers_[0], tenant));
    for (const std::string& commit : commits) Put(1, journal::EncodeCopy(writers_[1], commit));
    Put(1, journal::EncodeTenantOpened(writers_[1], tenant, folds_[1].HeadOf(tenant)));
  }

  std::unique_ptr<ContextRelay> Relay(std::set<std::string, std::less<>> tenants = {"westmoor",
                                                                                    "eastvale"},
                                      std::vector<std::uint32_t> partitions = {0, 1}) {
    RelayOptions options;
    options.context = kContext;
    options.partitions = std::move(partitions);
    options.tenants = std::move(tenants);
    options.positions_topic = "holdfast.relayed";
    options.cursors = folder_;
    options.journal = &journal_;
    options.clock = &clock_;
    options.read_positions = [this] {
      std::map<std::string, std::string> newest;
      for (const TopicRecord& record : topics_.records["holdfast.relayed"])
        newest[*record.key] = *record.value;
      return newest;
    };
    options.open_sender = [this] { return std::make_unique<TopicsSender>(topics_); };
    return std::make_unique<ContextRelay>(std::move(options));
  }
  static void RunToEnd(ContextRelay& relay) {
    for (int step = 0; step < 100; ++step) {
      const auto more = relay.Step();
      ASSERT_TRUE(more.ok()) << more.status();
      if (!*more) return;
    }
    FAIL() << "it comes to no end";
  }
  // Sequences of what was published of the tenant, in order.
  std::vector<std::string> Published(const std::string& tenant) {
    std::vector<std::string> sequences;
    for (const TopicRecord& record : topics_.records[PublicTopic(tenant, kContext)]) {
      sequences.emplace_back(ReadCloudEvent(record)->Get("sequence"));
    }
    return sequences;
  }

  const std::string folder_;
  StoppedClock clock_;
  MemoryJournal journal_;
  Topics topics_;
  std::map<std::uint32_t, journal::WriterId> writers_;
  std::map<std::uint32_t, journal::AcceptanceFold> folds_;
  std::map<std::uint32_t, Offset> offsets_;
};

TEST_F(ContextRelayTest, PublishesEachTenantToItsOwnTopicInOrder) {
  Commit(0, "westmoor");
  Commit(1, "eastvale");
  Commit(0, "westmoor");
  RunToEnd(*Relay());
  EXPECT_THAT(Published("westmoor"), ElementsAre("1", "2"));
  EXPECT_THAT(Published("eastvale"), ElementsAre("1"));
}

TEST_F(ContextRelayTest, PublishesWhatTheFoldAcceptsOnly) {
  Commit(0, "westmoor");
  journal::WriterId zombie{7, Uuid{}};
  journal::v1::Commit fenced;
  fenced.set_format(journal::kCommitFormat);
  fenced.set_tenant("westmoor");
  fenced.set_seq(2);
  fenced.set_prev_hash(std::string(32, '\0'));
  journal_.Put(0, journal::EncodeCommitRecord(zombie, fenced).record);
  ++offsets_[0];
  Commit(0, "westmoor");
  RunToEnd(*Relay());
  EXPECT_THAT(Published("westmoor"), ElementsAre("1", "2"));
}

TEST_F(ContextRelayTest, GoesOnWhereItWasAfterARestart) {
  Commit(0, "westmoor");
  RunToEnd(*Relay());
  journal_.TakeOpened();
  Commit(0, "westmoor");
  RunToEnd(*Relay());
  EXPECT_THAT(Published("westmoor"), ElementsAre("1", "2"));
  EXPECT_THAT(journal_.TakeOpened(), ElementsAre(2, 1)) << "and reads the tail only";
}

TEST_F(ContextRelayTest, RepeatsWithEqualIdsWhatWasNotConfirmedAndLeavesNothingOut) {
  Commit(0, "westmoor");
  Commit(0, "westmoor");
  auto relay = Relay();
  topics_.confirmations_until_failure = 0;  // of the events
  EXPECT_FALSE(relay->Step().ok());
  Commit(0, "westmoor");
  topics_.confirmations_until_failure = 1;  // of the position
  EXPECT_FALSE(relay->Step().ok());
  relay.reset();  // killed
  RunToEnd(*Relay());
  EXPECT_THAT(Published("westmoor"), ElementsAre("1", "2", "1", "2", "3"));
  const auto& records = topics_.records[PublicTopic("westmoor", kContext)];
  EXPECT_EQ(records[0], records[2]);
}

TEST_F(ContextRelayTest, LosesNothingWithItsDisk) {
  Commit(0, "westmoor");
  RunToEnd(*Relay());
  std::filesystem::remove_all(folder_);
  std::filesystem::create_directories(folder_);
  Commit(0, "westmoor");
  RunToEnd(*Relay());
  EXPECT_THAT(Published("westmoor"), ElementsAre("1", "2")) << "the position is in a topic";
}

TEST_F(ContextRelayTest, FoldsAnewWhereItsCursorIsDamaged) {
  Commit(0, "westmoor");
  RunToEnd(*Relay());
  std::filesystem::resize_file(folder_ + "/initiative-0.cursor", 20);
  Commit(0, "westmoor");
  RunToEnd(*Relay());
  EXPECT_THAT(Published("westmoor"), ElementsAre("1", "2"));
}

TEST_F(ContextRelayTest, PublishesTheWholeHistoryOfATenantThatJoins) {
  Commit(0, "westmoor");
  Commit(0, "eastvale");
  RunToEnd(*Relay({"westmoor"}));
  EXPECT_THAT(Published("eastvale"), IsEmpty());
  Commit(0, "eastvale");
  Commit(0, "westmoor");
  RunToEnd(*Relay());
  EXPECT_THAT(Published("eastvale"), ElementsAre("1", "2"));
  EXPECT_THAT(Published("westmoor"), ElementsAre("1", "2"));
}

TEST_F(ContextRelayTest, PublishesNoCopyAgainWhereATenantMoved) {
  const std::vector<std::string> commits = {Commit(0, "westmoor"), Commit(0, "westmoor")};
  auto relay = Relay();
  RunToEnd(*relay);
  Move("westmoor", commits);
  Commit(1, "westmoor");
  RunToEnd(*relay);
  EXPECT_THAT(Published("westmoor"), ElementsAre("1", "2", "3"));
}

TEST_F(ContextRelayTest, LeavesNothingOutWhereATenantMovedBeforeItWasPublished) {
  const std::vector<std::string> commits = {Commit(0, "westmoor"), Commit(0, "westmoor")};
  Move("westmoor", commits);
  Commit(1, "westmoor");
  RunToEnd(*Relay({"westmoor"}, {1}));
  RunToEnd(*Relay({"westmoor"}, {0}));
  EXPECT_THAT(Published("westmoor"), ElementsAre("1", "2", "3"));
}

TEST_F(ContextRelayTest, PublishesNoCopyAgainThatAnotherRelayHasPublished) {
  auto source = Relay({"westmoor"}, {0});
  auto target = Relay({"westmoor"}, {1});
  RunToEnd(*source);
  RunToEnd(*target);
  const std::vector<std::string> commits = {Commit(0, "westmoor"), Commit(0, "westmoor")};
  RunToEnd(*source);
  Move("westmoor", commits);
  RunToEnd(*target);
  Commit(1, "westmoor");
  RunToEnd(*target);
  RunToEnd(*source);
  EXPECT_THAT(Published("westmoor"), ElementsAre("1", "2", "3"));
}

TEST_F(ContextRelayTest, StopsATenantWhoseEventItDoesNotKnowAndNoOther) {
  Commit(0, "westmoor", "holdfast.initiative.v9.NotYet");
  Commit(0, "westmoor");
  Commit(0, "eastvale");
  auto relay = Relay();
  RunToEnd(*relay);
  EXPECT_THAT(Published("westmoor"), IsEmpty());
  EXPECT_THAT(Published("eastvale"), ElementsAre("1"));
  clock_.now += absl::Minutes(11);
  EXPECT_EQ(relay->Lag(), absl::Minutes(11)) << "so that somebody hears of it";
}

TEST_F(ContextRelayTest, SaysHowFarItIsBehind) {
  Commit(0, "westmoor");
  auto relay = Relay();
  EXPECT_EQ(relay->Lag(), absl::ZeroDuration()) << "it has not looked yet";
  clock_.now += absl::Seconds(30);
  topics_.confirmations_until_failure = 0;
  EXPECT_FALSE(relay->Step().ok());
  EXPECT_EQ(relay->Lag(), absl::Seconds(30));
  RunToEnd(*relay);
  EXPECT_EQ(relay->Lag(), absl::ZeroDuration());
}

}  // namespace
}  // namespace holdfast::delivery
