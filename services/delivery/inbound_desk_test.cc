#include "delivery/inbound_desk.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include "holdfast/initiative/v1/initiative.pb.h"

#include "absl/time/time.h"
#include "base/error.h"
#include "delivery/dead_letter.h"

namespace holdfast::delivery {
namespace {

using journal::ReceivedRecord;
using journal::TopicRecord;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kService[] = "holdfast.initiative.v1.InitiativeService";
constexpr char kCreate[] = "holdfast.initiative.v1.InitiativeService.CreateSite";

struct Sent {
  std::string topic;
  TopicRecord record;
};

class FakeSender final : public journal::TopicSender {
 public:
  FakeSender(std::vector<Sent>& sent, absl::Status& outcome) : sent_(sent), outcome_(outcome) {}
  absl::Status Send(const std::string& topic, const TopicRecord& record) override {
    waiting_.push_back({topic, record});
    return absl::OkStatus();
  }
  absl::Status AwaitConfirmed(absl::Duration) override {
    if (!outcome_.ok()) return outcome_;
    for (Sent& one : waiting_) sent_.push_back(std::move(one));
    waiting_.clear();
    return absl::OkStatus();
  }

 private:
  std::vector<Sent>& sent_;
  absl::Status& outcome_;
  std::vector<Sent> waiting_;
};

ReceivedRecord CreateSite(std::string data = R"({"name":"Mill Lane"})") {
  return {"holdfast.westmoor.inbound.v1",
          2,
          41,
          {"k",
           std::move(data),
           {{"ce_specversion", "1.0"},
            {"ce_id", "17"},
            {"ce_source", "/council/works"},
            {"ce_type", kCreate},
            {"content-type", "application/json"}}}};
}

ReceivedRecord WithType(ReceivedRecord received, const std::string& type) {
  for (auto& header : received.record.headers) {
    if (header.name == "ce_type") header.value = type;
  }
  return received;
}

std::map<std::string, std::string> HeadersOf(const TopicRecord& record) {
  std::map<std::string, std::string> headers;
  for (const auto& header : record.headers) headers[header.name] = header.value.value_or("");
  return headers;
}

class InboundDeskTest : public ::testing::Test {
 protected:
  InboundDeskTest() {
    DeskOptions options;
    options.tenant = "westmoor";
    options.catalogue = &catalogue_;
    options.granted = {catalogue_.Find(kCreate)};
    options.ask = [this](const InboundCommand& command) {
      keys_.push_back(command.key);
      asked_.push_back(command.request->ShortDebugString());
      return answer_;
    };
    options.open_sender = [this] { return std::make_unique<FakeSender>(letters_, confirmed_); };
    options.go_on = [] { return absl::CancelledError("it ends"); };
    desk_.emplace(std::move(options));
  }

  // The headers of the one dead letter.
  std::map<std::string, std::string> TheLetter() const {
    EXPECT_THAT(letters_, SizeIs(1));
    return letters_.empty() ? std::map<std::string, std::string>()
                            : HeadersOf(letters_.front().record);
  }
  // Why the record became a dead letter.
  std::map<std::string, std::string> LetterOf(const ReceivedRecord& record) {
    letters_.clear();
    const auto handled = desk_->Handle(record);
    EXPECT_TRUE(handled.ok()) << handled.status();
    return TheLetter();
  }

  CommandCatalogue catalogue_ = *CommandCatalogue::Of({kService});
  absl::Status answer_;
  absl::Status confirmed_;
  std::vector<std::string> asked_;
  std::vector<std::string> keys_;
  std::vector<Sent> letters_;
  std::optional<InboundDesk> desk_;
};

TEST_F(InboundDeskTest, AsksForTheCommandThatTheEventNames) {
  const auto handled = desk_->Handle(CreateSite());
  ASSERT_TRUE(handled.ok()) << handled.status();
  EXPECT_EQ(*handled, Handled::kAccepted);
  EXPECT_THAT(asked_, ::testing::ElementsAre(R"(name: "Mill Lane")"));
  EXPECT_THAT(letters_, IsEmpty());
}

TEST_F(InboundDeskTest, TakesTheRequestsNameForTheCommand) {
  ASSERT_TRUE(desk_->Handle(WithType(CreateSite(), "holdfast.initiative.v1.CreateSite")).ok());
  EXPECT_THAT(asked_, SizeIs(1));
}

TEST_F(InboundDeskTest, TakesProtobuf) {
  initiative::v1::CreateSite create;
  create.set_name("Mill Lane");
  ReceivedRecord record = CreateSite(create.SerializeAsString());
  record.record.headers.back().value = "application/protobuf";
  ASSERT_TRUE(desk_->Handle(record).ok());
  EXPECT_THAT(asked_, ::testing::ElementsAre(R"(name: "Mill Lane")"));
}

TEST_F(InboundDeskTest, AsksAgainUnderTheSameKeyWhereTheEventComesAgain) {
  ASSERT_TRUE(desk_->Handle(CreateSite()).ok());
  ReceivedRecord again = CreateSite();
  again.partition = 0;
  again.offset = 7;
  ASSERT_TRUE(desk_->Handle(again).ok());
  ASSERT_THAT(keys_, SizeIs(2));
  EXPECT_EQ(keys_[0], keys_[1]);
}

TEST(CommandKey, FollowsFromTenantSourceAndId) {
  CloudEvent event;
  event.attributes = {{"source", "/council"}, {"id", "17"}};
  const std::string key = CommandKeyOf("westmoor", event);
  EXPECT_EQ(key, "ce-833adca1baba25a229511bd8b896ced01e67eb0f17227ad3fb549946d6e40936");
  EXPECT_NE(CommandKeyOf("eastvale", event), key);
  CloudEvent shifted;
  shifted.attributes = {{"source", "/council1"}, {"id", "7"}};
  EXPECT_NE(CommandKeyOf("westmoor", shifted), key);
}

TEST_F(InboundDeskTest, KeepsARefusedRecordWithItsReason) {
  answer_ = ErrorWithReason(absl::StatusCode::kFailedPrecondition, "WRONG_STATE",
                            "The site is closed; nothing more is recorded of it.",
                            {{"field", "site_id"}, {"rule", "must be open"}});
  const auto handled = desk_->Handle(CreateSite());
  ASSERT_TRUE(handled.ok()) << handled.status();
  EXPECT_EQ(*handled, Handled::kDeadLetter);
  const auto headers = TheLetter();
  EXPECT_EQ(letters_.front().topic, "holdfast.westmoor.inbound-dlq.v1");
  EXPECT_EQ(letters_.front().record.value, CreateSite().record.value);
  EXPECT_EQ(letters_.front().record.key, "k");
  EXPECT_EQ(headers.at("ce_id"), "17") << "the record's own headers stay";
  EXPECT_EQ(headers.at("holdfast-dlq-reason"), "WRONG_STATE");
  EXPECT_EQ(headers.at("holdfast-dlq-field"), "site_id");
  EXPECT_EQ(headers.at("holdfast-dlq-rule"), "must be open");
  EXPECT_THAT(headers.at("holdfast-dlq-sentence"), HasSubstr("The site is closed"));
  EXPECT_EQ(headers.at("holdfast-dlq-topic"), "holdfast.westmoor.inbound.v1");
  EXPECT_EQ(headers.at("holdfast-dlq-partition"), "2");
  EXPECT_EQ(headers.at("holdfast-dlq-offset"), "41");
}

TEST_F(InboundDeskTest, RefusesWhatItsClientWasNotGranted) {
  const auto headers =
      LetterOf(WithType(CreateSite(), "holdfast.initiative.v1.InitiativeService.CloseSite"));
  EXPECT_EQ(headers.at("holdfast-dlq-reason"), "NOT_GRANTED");
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(InboundDeskTest, RefusesWhatIsNoCommand) {
  for (const char* type :
       {"holdfast.initiative.v1.InitiativeService.ListSites", "holdfast.initiative.v1.SiteCreated",
        "holdfast.initiative.v1.InitiativeService.ExecuteBatch", "com.example.works", "x"}) {
    EXPECT_EQ(LetterOf(WithType(CreateSite(), type)).at("holdfast-dlq-reason"), "UNKNOWN_COMMAND")
        << type;
  }
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(InboundDeskTest, RefusesDataThatIsNotTheCommands) {
  EXPECT_EQ(LetterOf(CreateSite(R"({"nme":"x"})")).at("holdfast-dlq-field"), "nme");
  EXPECT_EQ(LetterOf(CreateSite("{")).at("holdfast-dlq-reason"), "FIELD_INVALID");
  EXPECT_EQ(LetterOf(CreateSite(R"({"name":7})")).at("holdfast-dlq-field"), "name");
  ReceivedRecord record = CreateSite();
  record.record.headers.back().value = "application/xml";
  EXPECT_EQ(LetterOf(record).at("holdfast-dlq-field"), "datacontenttype");
  record.record.headers.back().value = "application/protobuf";
  EXPECT_EQ(LetterOf(record).at("holdfast-dlq-reason"), "FIELD_INVALID");
  EXPECT_THAT(asked_, IsEmpty());
}

TEST_F(InboundDeskTest, KeepsWhatIsNoCloudEventAtAll) {
  const ReceivedRecord rubbish{"holdfast.westmoor.inbound.v1", 0, 3, {std::nullopt, "\xff", {}}};
  EXPECT_EQ(LetterOf(rubbish).at("holdfast-dlq-reason"), "NOT_A_CLOUD_EVENT");
  EXPECT_EQ(letters_.front().record.value, "\xff");
}

TEST_F(InboundDeskTest, TriesAgainLaterWhereNobodyCanTellNow) {
  for (const absl::Status& answer :
       {absl::UnavailableError("no owner"), absl::DeadlineExceededError("late"),
        absl::CancelledError("ended"), absl::UnauthenticatedError("token"),
        WithRetry(absl::ResourceExhaustedError("full"), absl::Seconds(1))}) {
    answer_ = answer;
    EXPECT_EQ(desk_->Handle(CreateSite()).status(), answer);
  }
  EXPECT_THAT(letters_, IsEmpty());
}

TEST_F(InboundDeskTest, TriesAgainLaterWhereTheDeadLetterIsNotConfirmed) {
  answer_ = absl::InvalidArgumentError("bad");
  confirmed_ = absl::UnavailableError("broker away");
  EXPECT_FALSE(desk_->Handle(CreateSite()).ok());
  confirmed_ = absl::DeadlineExceededError("not yet");
  EXPECT_FALSE(desk_->Handle(CreateSite()).ok()) << "the process ends meanwhile";
  confirmed_ = absl::OkStatus();
  EXPECT_TRUE(desk_->Handle(CreateSite()).ok());
  EXPECT_THAT(letters_, SizeIs(1));
}

TEST(DeadLetter, ReplacesTheReasonOfAnEarlierRefusal) {
  ReceivedRecord record = CreateSite();
  record.record.headers.push_back({"holdfast-dlq-reason", "OLD"});
  record.record.headers.push_back({"holdfast-dlq-field", "old"});
  const auto headers = HeadersOf(DeadLetterOf(record, absl::InternalError("x")));
  EXPECT_EQ(headers.at("holdfast-dlq-reason"), "INTERNAL");
  EXPECT_FALSE(headers.contains("holdfast-dlq-field"));
}

TEST(CommandCatalogue, RefusesAServiceThatIsNotThere) {
  EXPECT_EQ(CommandCatalogue::Of({"holdfast.none.v1.NoService"}).status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace holdfast::delivery
