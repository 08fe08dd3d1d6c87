// The delivery as a process of its own, beside a deployment on a real broker: what is accepted is
// published, what comes in takes effect once, also where it is killed; and other people's tools
// read and write the topics. Label grpc.
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "command_line.h"
#include "delivery/cloud_event.h"
#include "delivery/inbound_desk.h"
#include "delivery/public_events.h"
#include "deployment_house.h"
#include "flow_house.h"
#include "journal/topic_client.h"
#include "standalone_process.h"
#include "testing/kafka_broker.h"

namespace holdfast::flow {
namespace {

using delivery::CloudEvent;
using journal::ReceivedRecord;
using journal::TopicRecord;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::KafkaBroker;
using ::testing::Key;
using ::testing::SizeIs;

constexpr char kTenant[] = "westmoor";
constexpr char kCreate[] = "holdfast.initiative.v1.InitiativeService.CreateSite";
constexpr char kScripts[] = "tests/conformance/cloudevents";
constexpr absl::Duration kSilence = absl::Seconds(2);

const std::string& Bootstrap() {
  return KafkaBroker::Get()->bootstrap();
}

// Everything that stands in a topic now.
std::vector<ReceivedRecord> ReadAll(const std::string& topic) {
  static int groups = 0;
  auto receiver = journal::OpenTopicReceiver(
      {Bootstrap(), topic, absl::StrCat("test-", getpid(), "-", ++groups), "reader"});
  std::vector<ReceivedRecord> records;
  // The group gives the partitions out first.
  absl::Duration patience = absl::Seconds(15);
  while (receiver.ok()) {
    auto received = (*receiver)->Receive(patience);
    EXPECT_TRUE(received.ok()) << received.status();
    if (!received.ok() || !*received) break;
    records.push_back(**std::move(received));
    patience = kSilence;
  }
  return records;
}

std::vector<CloudEvent> EventsIn(const std::string& topic) {
  std::vector<CloudEvent> events;
  for (const ReceivedRecord& received : ReadAll(topic)) {
    auto event = delivery::ReadCloudEvent(received.record);
    EXPECT_TRUE(event.ok()) << event.status();
    if (event.ok()) events.push_back(*std::move(event));
  }
  return events;
}

std::vector<CloudEvent> PublicEvents() {
  return EventsIn(delivery::PublicTopic(kTenant, "initiative"));
}

bool Mentions(const std::vector<CloudEvent>& events, const std::string& text) {
  return std::ranges::any_of(
      events, [&text](const CloudEvent& event) { return absl::StrContains(event.data, text); });
}

// Numbers of commits between the first and the last that no event has.
std::set<int> MissingSequences(const std::vector<CloudEvent>& events) {
  std::set<int> present;
  for (const CloudEvent& event : events) {
    int sequence = 0;
    if (absl::SimpleAtoi(std::string(event.Get("sequence")), &sequence)) present.insert(sequence);
  }
  std::set<int> missing;
  for (int i = present.empty() ? 0 : *present.begin(); !present.empty() && i < *present.rbegin();
       ++i) {
    if (!present.contains(i)) missing.insert(i);
  }
  return missing;
}

std::string Quoted(const std::string& word) {
  return "'" + word + "'";
}

// What a program of other people prints; its exit code must be 0.
std::string Output(const std::string& command) {
  std::FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "";
  std::string output;
  std::array<char, 4096> buffer{};
  while (const std::size_t read = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), read);
  }
  EXPECT_EQ(pclose(pipe), 0) << command;
  return output;
}

bool HasProgram(const std::string& name) {
  return std::system(("command -v " + name + " >/dev/null 2>&1").c_str()) == 0;
}

CloudEvent CreateSite(const std::string& id, const std::string& name) {
  CloudEvent event;
  event.attributes = {
      {"specversion", "1.0"}, {"id", id}, {"source", "/council/works"}, {"type", kCreate}};
  event.content_type = std::string(delivery::kJsonData);
  event.data = absl::StrCat(R"({"name":")", name, R"("})");
  return event;
}

void SendIn(const std::vector<TopicRecord>& records) {
  journal::TopicSenderOptions options;
  options.bootstrap = Bootstrap();
  auto sender = journal::OpenTopicSender(options);
  ASSERT_TRUE(sender.ok()) << sender.status();
  for (const TopicRecord& record : records) {
    ASSERT_TRUE((*sender)->Send(delivery::InboundTopic(kTenant), record).ok());
  }
  ASSERT_TRUE((*sender)->AwaitConfirmed(absl::Minutes(1)).ok());
}

class Delivery : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (KafkaBroker::Get() == nullptr) return;
    house_ = std::make_unique<DeploymentHouse>("delivery", *KafkaBroker::Get());
    ASSERT_TRUE(house_->Open());
    const Said made = RunCommand({"kafka", "topics", "apply", "--bootstrap", Bootstrap(),
                                  "--partitions", "4", "--replication", "1", "--for-tenant",
                                  kTenant, "--for-tenant", "eastvale", "--for-tenant", "sandbox"});
    ASSERT_EQ(made.code, 0) << made.err;
    WriteFile(Folder() + ".json",
              absl::StrCat(R"({"delivery":{"inbound":[{"tenant":")", kTenant,
                           R"(","subject":"coordinator","methods":[")", kCreate, R"("]}]}})"));
    Begin();
    ASSERT_TRUE(process_->AwaitReady());
  }
  static void TearDownTestSuite() {
    process_.reset();
    house_.reset();
  }
  void SetUp() override {
    if (KafkaBroker::Get() == nullptr) GTEST_SKIP() << "skipped: there is no broker here";
  }

  static std::string Folder() { return house_->root() + "/delivery-0"; }
  static void Begin() {
    std::vector<std::string> words =
        house_->WordsOf({"delivery", 0, "0", Folder(), ""}, {"instance.replicas=1"});
    words.insert(words.begin() + 1, {"--config", Folder() + ".json"});
    process_ = std::make_unique<StandaloneProcess>(std::move(words), Folder());
  }
  static void KillAndBegin() {
    process_->Signal(SIGKILL);
    process_->AwaitEnd();
    Begin();
    ASSERT_TRUE(process_->AwaitReady());
  }
  static Said Run(const Words& words) { return house_->Run(kTenant, words); }
  static int SitesNamed(const std::string& name) {
    const std::string listed = Run({"site", "list", "-o", "csv"}).out;
    int count = 0;
    for (const absl::string_view line : absl::StrSplit(listed, '\n')) {
      count += absl::StrContains(line, "," + name + ",") ? 1 : 0;
    }
    return count;
  }

  static inline std::unique_ptr<DeploymentHouse> house_;
  static inline std::unique_ptr<StandaloneProcess> process_;
};

TEST_F(Delivery, StandsOnABroker) {
  EXPECT_EQ(process_->AdminPage("/readyz"), "ok\n");
  EXPECT_EQ(process_->AdminPage("/livez"), "ok\n");
  EXPECT_THAT(process_->AdminPage("/metrics"),
              AllOf(HasSubstr("holdfast_relay_lag_seconds{context=\"initiative\"}"),
                    HasSubstr("holdfast_inbound_records_total{outcome=\"dead_letter\"}")));
}

TEST_F(Delivery, PublishesWhatWasAccepted) {
  ASSERT_EQ(Run({"site", "create", "--name", "Mill Lane"}).code, 0);
  std::vector<CloudEvent> events;
  ASSERT_TRUE(Await([&events] { return Mentions(events = PublicEvents(), "Mill Lane"); }));
  for (const CloudEvent& event : events) {
    EXPECT_EQ(event.Get("source"), "/holdfast/westmoor/initiative");
    EXPECT_THAT(std::string(event.Get("type")), HasSubstr("holdfast.initiative.v1."));
    EXPECT_FALSE(event.Get("sequence").empty());
  }
}

TEST_F(Delivery, LeavesNothingOutAndRepeatsWithEqualIdsWhereItIsKilled) {
  Load load(ThroughDoors(house_->doors()), {kTenant});
  for (int kill = 0; kill < 3; ++kill) {
    load.AwaitMore(15);
    KillAndBegin();
  }
  load.AwaitMore(15);
  load.Stop();
  const std::set<std::string>& acknowledged = load.record().acknowledged.at(kTenant);
  std::vector<CloudEvent> events;
  const auto all_are_there = [&] {
    events = PublicEvents();
    return std::ranges::all_of(acknowledged, [&events](const std::string& name) {
      return Mentions(events, "\"" + name + "\"");
    });
  };
  EXPECT_TRUE(Await(all_are_there));
  std::map<std::string, std::set<std::string>> ids_by_place;
  for (const CloudEvent& event : events) {
    const std::string place =
        absl::StrCat(std::string(event.Get("sequence")), "/", std::string(event.Get("index")));
    ids_by_place[place].emplace(event.Get("id"));
  }
  for (const auto& [place, ids] : ids_by_place) EXPECT_THAT(ids, SizeIs(1)) << place;
  std::printf("[ killed ] %zu events, %zu repeated\n", ids_by_place.size(),
              events.size() - ids_by_place.size());
  EXPECT_THAT(MissingSequences(events), IsEmpty()) << "a commit was left out";
}

TEST_F(Delivery, RepeatsNothingWhereItIsStoppedInGoodOrder) {
  ASSERT_EQ(Run({"site", "create", "--name", "Before the stop"}).code, 0);
  ASSERT_TRUE(Await([] { return Mentions(PublicEvents(), "Before the stop"); }));
  const std::size_t before = PublicEvents().size();
  process_->Signal(SIGTERM);
  EXPECT_EQ(process_->AwaitEnd(), 0);
  Begin();
  ASSERT_TRUE(process_->AwaitReady());
  ASSERT_EQ(Run({"site", "create", "--name", "After the stop"}).code, 0);
  ASSERT_TRUE(Await([] { return Mentions(PublicEvents(), "After the stop"); }));
  EXPECT_EQ(PublicEvents().size(), before + 1);
}

TEST_F(Delivery, TakesCommandsFromTheInboundTopicOnce) {
  const TopicRecord binary = delivery::ToRecord(CreateSite("b-1", "From a header"));
  const TopicRecord structured{
      std::nullopt,
      absl::StrCat(R"({"specversion":"1.0","id":"s-1","source":"/council/works","type":")", kCreate,
                   R"(","data":{"name":"From an object"}})"),
      {{"content-type", "application/cloudevents+json; charset=UTF-8"}}};
  SendIn({binary, structured, binary, structured, binary});
  SendIn({delivery::ToRecord(CreateSite("b-2", "The last one"))});
  ASSERT_TRUE(Await([] { return SitesNamed("The last one") == 1; }));
  EXPECT_TRUE(Await([] { return SitesNamed("From a header") == 1; }));
  EXPECT_TRUE(Await([] { return SitesNamed("From an object") == 1; }));
}

TEST_F(Delivery, KeepsWhatIsRefusedWithItsReasonAndGoesOn) {
  CloudEvent nameless = CreateSite("r-1", "");
  CloudEvent ungranted = CreateSite("r-2", "x");
  ungranted.attributes["type"] = "holdfast.initiative.v1.InitiativeService.CloseSite";
  const TopicRecord rubbish{std::nullopt, "rubbish", {}};
  SendIn({delivery::ToRecord(nameless), delivery::ToRecord(ungranted), rubbish,
          delivery::ToRecord(CreateSite("r-3", "After the refused"))});
  EXPECT_TRUE(Await([] { return SitesNamed("After the refused") == 1; }));
  std::map<std::string, std::map<std::string, std::string>> letters;  // by reason
  EXPECT_TRUE(Await([&letters] {
    for (const ReceivedRecord& letter : ReadAll(delivery::DeadLetterTopic(kTenant))) {
      std::map<std::string, std::string> headers;
      for (const auto& header : letter.record.headers)
        headers[header.name] = header.value.value_or("");
      headers["value"] = letter.record.value.value_or("");
      letters[headers["holdfast-dlq-reason"]] = headers;
    }
    return letters.size() >= 3;
  }));
  EXPECT_EQ(letters["FIELD_INVALID"]["holdfast-dlq-field"], "name");
  EXPECT_EQ(letters["FIELD_INVALID"]["ce_id"], "r-1");
  EXPECT_EQ(letters["NOT_GRANTED"]["ce_id"], "r-2");
  EXPECT_EQ(letters["NOT_A_CLOUD_EVENT"]["value"], "rubbish");
  EXPECT_EQ(letters["NOT_A_CLOUD_EVENT"]["holdfast-dlq-topic"], delivery::InboundTopic(kTenant));
  EXPECT_THAT(letters["NOT_A_CLOUD_EVENT"], Contains(Key("holdfast-dlq-offset")));
}

TEST_F(Delivery, TakesEachCommandOnceWhereItIsKilled) {
  std::vector<TopicRecord> records;
  for (int i = 0; i < 60; ++i) {
    records.push_back(
        delivery::ToRecord(CreateSite(absl::StrCat("k-", i), absl::StrCat("Killed ", i))));
  }
  SendIn(records);
  KillAndBegin();
  SendIn(records);
  ASSERT_TRUE(Await([] { return SitesNamed("Killed 59") == 1; }));
  EXPECT_TRUE(Await([] {
    for (int i = 0; i < 60; ++i) {
      if (SitesNamed(absl::StrCat("Killed ", i)) != 1) return false;
    }
    return true;
  }));
}

TEST_F(Delivery, IsReadByKcat) {
  if (!HasProgram("kcat")) {
    GTEST_SKIP() << "skipped: kcat is not here; ./dev test flow_delivery installs it";
  }
  ASSERT_EQ(Run({"site", "create", "--name", "For kcat"}).code, 0);
  ASSERT_TRUE(Await([] { return Mentions(PublicEvents(), "For kcat"); }));
  const std::string read =
      Output(absl::StrCat("kcat -b ", Bootstrap(), " -C -e -q -o beginning -f '%k|%h|%s\\n' -t ",
                          delivery::PublicTopic(kTenant, "initiative")));
  std::string line;
  for (const absl::string_view one : absl::StrSplit(read, '\n')) {
    if (absl::StrContains(one, "For kcat")) line = std::string(one);
  }
  EXPECT_THAT(line,
              AllOf(HasSubstr("site/"), HasSubstr("ce_specversion=1.0"),
                    HasSubstr("ce_type=holdfast.initiative.v1.SiteCreated"),
                    HasSubstr("content-type=application/json"), HasSubstr(R"("name":"For kcat")")));
}

TEST_F(Delivery, IsReadAndWrittenByKafkajsWithTheSdkOfCloudEvents) {
  if (!HasProgram("node") || !std::filesystem::exists(absl::StrCat(kScripts, "/node_modules"))) {
    GTEST_SKIP() << "skipped: node or its packages are not here; ./dev test flow_delivery fetches "
                    "them";
  }
  for (const std::string mode : {"binary", "structured"}) {
    const std::string events =
        WriteFile(absl::StrCat(house_->root(), "/", mode, ".jsonl"),
                  absl::StrCat(R"({"id":"js-)", mode, R"(","source":"/js","type":")", kCreate,
                               R"(","datacontenttype":"application/json","data":{"name":"By )",
                               mode, "\"}}\n"));
    Output(absl::StrCat("node ", kScripts, "/send.mjs ", Bootstrap(), " ",
                        delivery::InboundTopic(kTenant), " ", mode, " < ", Quoted(events)));
    EXPECT_TRUE(Await([&mode] { return SitesNamed("By " + mode) == 1; })) << mode;
  }
  ASSERT_TRUE(Await([] { return Mentions(PublicEvents(), "By structured"); }));
  const std::size_t count = PublicEvents().size();
  const std::string read =
      Output(absl::StrCat("node ", kScripts, "/read.mjs ", Bootstrap(), " ",
                          delivery::PublicTopic(kTenant, "initiative"), " ", count));
  EXPECT_THAT(read, AllOf(HasSubstr(R"("type":"holdfast.initiative.v1.SiteCreated")"),
                          HasSubstr(R"("source":"/holdfast/westmoor/initiative")"),
                          HasSubstr(R"("name":"By structured")")));
}

}  // namespace
}  // namespace holdfast::flow

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  return holdfast::testing::KafkaBroker::RunAllTests("Delivery.StandsOnABroker");
}
