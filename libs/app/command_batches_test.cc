// Batches below gRPC: a context that answers when the test says so.
#include "app/command_batches.h"

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "google/rpc/error.pb.h"
#include "holdfast/testing/v1/shed_service.pb.h"

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "app/router.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/random.h"
#include "eventsourcing/command.h"
#include "eventsourcing/stream_type.h"
#include "rpc/call.h"
#include "rpc/call_observer.h"
#include "rpc/field_validator.h"
#include "rpc/method_plan.h"
#include "rpc/wire_status.h"
#include "security/development_issuer.h"
#include "security/directory.h"
#include "security/principal_issuer.h"
#include "testing/tool_shed.h"

namespace holdfast::app {
namespace {

namespace v1 = testing::v1;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using type::v1::CommandBatch;
using type::v1::CommandResults;

class StoppedClock final : public Clock {
 public:
  absl::Time Now() const override { return now; }
  absl::Duration SinceBoot() const override { return now - absl::UnixEpoch(); }
  absl::Time now = absl::FromUnixSeconds(1'800'000'000);
};

class TwoPeople final : public security::Directory {
 public:
  std::shared_ptr<const security::Member> Find(std::string_view, std::string_view,
                                               std::string_view subject) const override {
    using options::v1::Role;
    const Role::Code role = subject == "analyst" ? Role::ANALYST : Role::COORDINATOR;
    return std::make_shared<security::Member>(security::Member{"police", "actor", {role}});
  }
  bool HasTenant(std::string_view) const override { return true; }
  std::string TenantName(std::string_view) const override { return "Westmoor"; }
};

class FaultLog final : public rpc::CallObserver {
 public:
  void Started(const rpc::MethodPlan&) override {}
  void Handled(const rpc::MethodPlan&, absl::StatusCode, absl::Duration) override {}
  void DoorRefused(std::string_view, std::string_view) override {}
  void TokenRejected(std::string_view) override {}
  void Faulted(const rpc::MethodPlan& method, const absl::Status&, std::string_view) override {
    methods.push_back(method.path);
  }
  std::vector<std::string> methods;
};

// A context that keeps each command until the test answers it.
class HeldCommands final : public eventsourcing::CommandSink {
 public:
  using Done = absl::AnyInvocable<void(eventsourcing::CommandAnswer)>;

  void Submit(eventsourcing::CommandRequest request, Done done) override {
    const absl::MutexLock lock(&mutex_);
    requests_.push_back(std::move(request));
    waiting_.emplace(requests_.size() - 1, std::move(done));
  }

  // Of the i-th that came.
  void Answer(std::size_t i, eventsourcing::CommandAnswer answer) {
    Done done;
    {
      const absl::MutexLock lock(&mutex_);
      done = std::move(waiting_.at(i));
      waiting_.erase(i);
    }
    std::move(done)(std::move(answer));
  }
  // Accepted, with its own number as version.
  void Accept(std::size_t i) {
    type::v1::Receipt receipt;
    receipt.set_version(i);
    Answer(i, std::move(receipt));
  }

  void Await(std::size_t came) {
    const absl::MutexLock lock(&mutex_);
    const auto there = [this, came]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return requests_.size() >= came;
    };
    mutex_.Await(absl::Condition(&there));
  }
  std::size_t came() const {
    const absl::MutexLock lock(&mutex_);
    return requests_.size();
  }
  std::size_t unanswered() const {
    const absl::MutexLock lock(&mutex_);
    return waiting_.size();
  }
  eventsourcing::CommandRequest& request(std::size_t i) {
    const absl::MutexLock lock(&mutex_);
    return requests_[i];
  }

 private:
  mutable absl::Mutex mutex_;
  std::deque<eventsourcing::CommandRequest> requests_ ABSL_GUARDED_BY(mutex_);
  std::map<std::size_t, Done> waiting_ ABSL_GUARDED_BY(mutex_);
};

struct Ended {
  absl::Mutex mutex;
  std::optional<absl::Status> status ABSL_GUARDED_BY(mutex);
  std::vector<CommandResults> written ABSL_GUARDED_BY(mutex);

  std::size_t count() {
    const absl::MutexLock lock(&mutex);
    return written.size();
  }
};

class OneCall final : public rpc::UnaryCall {
 public:
  OneCall(const rpc::MethodPlan& method, rpc::Admitted admitted, const CommandBatch& batch,
          Ended& ended)
      : method_(method), admitted_(std::move(admitted)), batch_(batch), ended_(ended) {}

  const rpc::MethodPlan& method() const override { return method_; }
  const rpc::Admitted& admitted() const override { return admitted_; }
  const google::protobuf::Message& request() const override { return batch_; }
  std::unique_ptr<google::protobuf::Message> TakeRequest() override { return nullptr; }
  bool cancelled() const override { return false; }
  void Answer(const google::protobuf::Message& answer) override {
    const absl::MutexLock lock(&ended_.mutex);
    ended_.written.push_back(static_cast<const CommandResults&>(answer));
    ended_.status = absl::OkStatus();
  }
  void Fail(const absl::Status& status) override {
    const absl::MutexLock lock(&ended_.mutex);
    ended_.status = status;
  }

 private:
  const rpc::MethodPlan& method_;
  const rpc::Admitted admitted_;
  const CommandBatch batch_;
  Ended& ended_;
};

// A client's stream that the test feeds, and that notes how much was unanswered when more was read.
class FedStream final : public rpc::StreamCall {
 public:
  FedStream(const rpc::MethodPlan& method, rpc::Admitted admitted, const HeldCommands& commands,
            Ended& ended)
      : method_(method), admitted_(std::move(admitted)), commands_(commands), ended_(ended) {}

  void Feed(const CommandBatch& batch) {
    const absl::MutexLock lock(&mutex_);
    fed_.push_back(batch);
  }
  // Nothing more comes; `why` where the client did not simply end.
  void End(absl::Status why = absl::OkStatus()) {
    const absl::MutexLock lock(&mutex_);
    end_ = std::move(why);
  }
  void ClientGoes() {
    const absl::MutexLock lock(&mutex_);
    gone_ = true;
  }
  std::size_t most_unanswered_at_a_read() const {
    const absl::MutexLock lock(&mutex_);
    return most_unanswered_;
  }

  const rpc::MethodPlan& method() const override { return method_; }
  const rpc::Admitted& admitted() const override { return admitted_; }
  std::unique_ptr<google::protobuf::Message> TakeRequest() override { return nullptr; }
  absl::StatusOr<bool> Read(google::protobuf::Message&) override {
    return absl::UnimplementedError("not used");
  }
  absl::StatusOr<Arrival> ReadOrWake(google::protobuf::Message& into) override {
    const std::size_t unanswered = commands_.unanswered();
    const absl::MutexLock lock(&mutex_);
    const auto there = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return !fed_.empty() || end_.has_value() || woken_;
    };
    mutex_.Await(absl::Condition(&there));
    if (std::exchange(woken_, false)) return Arrival::kWoken;
    if (fed_.empty()) return end_->ok() ? absl::StatusOr<Arrival>(Arrival::kEnd) : *end_;
    most_unanswered_ = std::max(most_unanswered_, unanswered);
    static_cast<CommandBatch&>(into) = fed_.front();
    fed_.pop_front();
    return Arrival::kMessage;
  }
  void Wake() override {
    const absl::MutexLock lock(&mutex_);
    woken_ = true;
  }
  bool Write(const google::protobuf::Message& message) override {
    if (cancelled()) return false;
    const absl::MutexLock lock(&ended_.mutex);
    ended_.written.push_back(static_cast<const CommandResults&>(message));
    return true;
  }
  bool Offer(const google::protobuf::Message& message) override { return Write(message); }
  void Finish(const absl::Status& status) override {
    const absl::MutexLock lock(&ended_.mutex);
    ended_.status = status;
  }
  bool cancelled() const override {
    const absl::MutexLock lock(&mutex_);
    return gone_;
  }
  void WhenGone(absl::AnyInvocable<void()>) override {}

 private:
  const rpc::MethodPlan& method_;
  const rpc::Admitted admitted_;
  const HeldCommands& commands_;
  Ended& ended_;
  mutable absl::Mutex mutex_;
  std::deque<CommandBatch> fed_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mutex_);
  bool woken_ ABSL_GUARDED_BY(mutex_) = false;
  bool gone_ ABSL_GUARDED_BY(mutex_) = false;
  std::size_t most_unanswered_ ABSL_GUARDED_BY(mutex_) = 0;
};

void Add(CommandBatch& batch, std::string_view id, const google::protobuf::Message& command) {
  CommandBatch::Item& item = *batch.add_items();
  item.set_command_id(std::string(id));
  item.mutable_command()->PackFrom(command);
}

v1::EnrolMember Enrol(std::string_view member) {
  v1::EnrolMember enrol;
  enrol.set_member_id(std::string(member));
  return enrol;
}

v1::LendTool Lend() {
  v1::LendTool lend;
  lend.set_tool_id("saw");
  lend.set_member_id("ann");
  return lend;
}

CommandBatch Enrolments(int count, std::string_view prefix = "m") {
  CommandBatch batch;
  for (int i = 0; i < count; ++i) {
    const std::string name = absl::StrCat(std::string(prefix), i);
    Add(batch, name, Enrol(name));
  }
  return batch;
}

// The sentence of a failed result; empty where it is a receipt.
std::string Sentence(const CommandResults::Result& result) {
  return result.has_status() ? result.status().message() : "";
}

class CommandBatchesTest : public ::testing::Test {
 protected:
  CommandBatchesTest() {
    const auto* service =
        v1::ListMembersRequest::descriptor()->file()->FindServiceByName("ShedService");
    for (const char* name : {"EnrolMember", "SuspendMember", "RegisterTool", "LendTool",
                             "ExecuteBatch", "ExecuteStream"}) {
      plans_.emplace(name, *rpc::PlanOf(*service->FindMethodByName(name), validator_));
    }
    for (const auto* stream : {&tool_, &member_}) {
      for (const auto* command : stream->commands) context_.streams.emplace(command, stream);
    }
    context_.sink = &commands_;
    rpc::BatchDoor items(door_);
    for (const char* name : {"EnrolMember", "SuspendMember", "RegisterTool", "LendTool"}) {
      items.Add(plans_.at(name));
    }
    batches_ = std::make_unique<CommandBatches>(context_, std::move(items));
  }

  rpc::Admitted Admit(const char* method, std::string_view who,
                      std::vector<rpc::MetadataEntry> more = {}) {
    const std::string bearer = "Bearer " + development_.Issue("westmoor", who).text;
    more.push_back({"authorization", bearer});
    return *door_.Admit(plans_.at(method), more, absl::InfiniteFuture());
  }
  void Send(const CommandBatch& batch, std::string_view who = "coordinator",
            std::vector<rpc::MetadataEntry> more = {}) {
    batches_->Answer(std::make_unique<OneCall>(
        plans_.at("ExecuteBatch"), Admit("ExecuteBatch", who, std::move(more)), batch, ended_));
  }
  // The thread ends with the stream.
  std::shared_ptr<FedStream> Open(std::jthread& thread) {
    auto stream = std::make_shared<FedStream>(
        plans_.at("ExecuteStream"), Admit("ExecuteStream", "coordinator"), commands_, ended_);
    thread = std::jthread([this, stream] { batches_->Converse(stream); });
    return stream;
  }
  CommandResults Results(std::size_t message = 0) {
    const absl::MutexLock lock(&ended_.mutex);
    return ended_.written.at(message);
  }
  absl::Status Status() {
    const absl::MutexLock lock(&ended_.mutex);
    return ended_.status.value_or(absl::UnknownError("not ended"));
  }
  void AwaitWritten(std::size_t messages) {
    const absl::MutexLock lock(&ended_.mutex);
    const auto there = [this, messages]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(ended_.mutex) {
      return ended_.written.size() >= messages;
    };
    ended_.mutex.Await(absl::Condition(&there));
  }

  StoppedClock clock_;
  SeededRandom random_{3};
  security::DevelopmentIssuer development_{clock_, random_};
  security::TokenVerifier verifier_{{development_.Trust({"westmoor"})}, clock_};
  TwoPeople people_;
  security::PrincipalIssuer principals_{verifier_, people_, clock_};
  rpc::FieldValidator validator_;
  FaultLog faults_;
  std::map<std::string, rpc::MethodPlan> plans_;
  rpc::Door door_{{&principals_, &validator_, &clock_, &random_, &faults_}};
  const eventsourcing::StreamType tool_ = eventsourcing::StreamTypeOf<testing::Tool>();
  const eventsourcing::StreamType member_ = eventsourcing::StreamTypeOf<testing::Member>();
  HeldCommands commands_;
  ContextCommands context_;
  std::unique_ptr<CommandBatches> batches_;
  Ended ended_;
};

TEST_F(CommandBatchesTest, SubmitAllItemsBeforeAnyIsAnswered) {
  Send(Enrolments(100));
  ASSERT_EQ(commands_.came(), 100U);
  EXPECT_EQ(ended_.count(), 0U);
  for (std::size_t i = 100; i-- > 0;) commands_.Accept(i);
  ASSERT_THAT(Results().results(), SizeIs(100));
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(Results().results(i).receipt().version(), static_cast<std::uint64_t>(i));
  }
}

TEST_F(CommandBatchesTest, SendAnItemAsItsOwnMethodWould) {
  CommandBatch batch = Enrolments(2);
  batch.mutable_items(1)->set_expected_version(0);
  Send(batch);
  const eventsourcing::CommandRequest& first = commands_.request(0);
  const rpc::Admitted alone = Admit("EnrolMember", "coordinator", {{"idempotency-key", "m0"}});
  EXPECT_EQ(first.command_id, alone.command_id);
  EXPECT_EQ(first.method, "/holdfast.testing.v1.ShedService/EnrolMember");
  EXPECT_EQ(first.tenant, "westmoor");
  EXPECT_EQ(first.deadline, alone.deadline);
  EXPECT_EQ(first.expected_version, std::nullopt);
  EXPECT_EQ(commands_.request(1).expected_version, 0U);
}

TEST_F(CommandBatchesTest, AskForTheRoleOfEachItemsMethod) {
  CommandBatch batch = Enrolments(1);
  Add(batch, "lend", Lend());
  Send(batch, "analyst");
  ASSERT_EQ(commands_.came(), 1U);
  EXPECT_EQ(commands_.request(0).method, "/holdfast.testing.v1.ShedService/LendTool");
  commands_.Accept(0);
  const absl::Status refused = rpc::FromWire(Results().results(0).status());
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonOf(refused), "POLICY_DENIED");
  EXPECT_TRUE(Results().results(1).has_receipt());
}

TEST_F(CommandBatchesTest, SayOfEachBadItemWhichFieldAndRuleAndSubmitTheOthers) {
  CommandBatch batch;
  Add(batch, "0", v1::EnrolMember());
  Add(batch, "1", v1::ListMembersRequest());  // a request of this service, but of no command
  Add(batch, "2", v1::ReturnTool());          // a command, but of no method
  Add(batch, "3", Enrol("x"));
  batch.mutable_items(3)->mutable_command()->set_value("\x0A\x7F");
  Add(batch, "4", Enrol("x"));
  batch.mutable_items(4)->mutable_command()->set_value(std::string("\x0A\x01\xFF", 3));
  Add(batch, "5", Enrol("x"));
  batch.mutable_items(5)->mutable_command()->mutable_value()->append("\xA2\x06\x01z", 4);
  Add(batch, "6", Enrol(std::string(5000, 'x')));
  v1::RegisterTool given;
  given.set_tool_id("saw");
  given.set_label("Saw");
  given.mutable_donor()->set_text("somebody");
  Add(batch, "7", given);
  Add(batch, "8", Enrol("x"));
  batch.mutable_items(8)->mutable_command()->set_type_url("holdfast.testing.v1.EnrolMember");
  Add(batch, "9", Enrol("ann"));
  Send(batch, "coordinator", {{"holdfast-purpose", "PARTNERSHIP"}});
  ASSERT_EQ(commands_.came(), 1U);
  commands_.Accept(0);
  const CommandResults results = Results();
  EXPECT_THAT(Sentence(results.results(0)), HasSubstr("items[0].command.member_id is required"));
  for (const int i : {1, 2, 8}) {
    EXPECT_THAT(Sentence(results.results(i)),
                HasSubstr(absl::StrCat("items[", i, "].command is no command of this service")));
  }
  EXPECT_THAT(Sentence(results.results(3)), HasSubstr("items[3].command.member_id holds bytes"));
  EXPECT_THAT(Sentence(results.results(4)), HasSubstr("items[4].command.member_id is not UTF-8"));
  EXPECT_THAT(Sentence(results.results(5)), HasSubstr("items[5].command.#100 is not a field"));
  EXPECT_EQ(ReasonOf(rpc::FromWire(results.results(5).status())), "UNKNOWN_FIELD");
  EXPECT_EQ(ReasonOf(rpc::FromWire(results.results(6).status())), "MESSAGE_TOO_LARGE");
  EXPECT_THAT(Sentence(results.results(7)), HasSubstr("items[7].command.donor"));
  EXPECT_THAT(Sentence(results.results(7)), Not(HasSubstr("somebody")));
  EXPECT_TRUE(results.results(9).has_receipt());
}

TEST_F(CommandBatchesTest, AnswerAtOnceWhereNoItemMayGoOn) {
  CommandBatch batch;
  Add(batch, "0", v1::EnrolMember());
  Send(batch);
  EXPECT_TRUE(Status().ok());
  EXPECT_TRUE(Results().results(0).has_status());
}

TEST_F(CommandBatchesTest, RefuseOneExpectedVersionForManyStreams) {
  Send(Enrolments(1), "coordinator", {{"holdfast-expected-version", "3"}});
  EXPECT_EQ(Status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(Status().message()), HasSubstr("holdfast-expected-version"));
  EXPECT_EQ(commands_.came(), 0U);
}

TEST_F(CommandBatchesTest, PassARefusalOnAndHideAFault) {
  Send(Enrolments(2));
  commands_.Answer(0, ErrorWithReason(absl::StatusCode::kFailedPrecondition, "SUSPENDED", "No."));
  commands_.Answer(1, absl::InternalError("secret"));
  EXPECT_EQ(ReasonOf(rpc::FromWire(Results().results(0).status())), "SUSPENDED");
  EXPECT_EQ(Results().results(1).status().code(), static_cast<int>(absl::StatusCode::kInternal));
  EXPECT_THAT(Sentence(Results().results(1)), Not(HasSubstr("secret")));
  EXPECT_THAT(faults_.methods, ElementsAre("/holdfast.testing.v1.ShedService/EnrolMember"));
}

TEST_F(CommandBatchesTest, AnswerTheMessagesOfAStreamInTheirOrder) {
  std::jthread thread;
  const auto stream = Open(thread);
  stream->Feed(Enrolments(1, "a"));
  stream->Feed(Enrolments(2, "b"));
  commands_.Await(3);
  commands_.Accept(2);
  commands_.Accept(1);
  EXPECT_EQ(ended_.count(), 0U);  // the first message's is missing
  commands_.Accept(0);
  AwaitWritten(2);
  EXPECT_THAT(Results(0).results(), SizeIs(1));
  EXPECT_THAT(Results(1).results(), SizeIs(2));
  stream->End();
  thread.join();
  EXPECT_TRUE(Status().ok()) << Status();
}

TEST_F(CommandBatchesTest, AnswerAMessageThoughTheClientSaysNothingMore) {
  std::jthread thread;
  const auto stream = Open(thread);
  stream->Feed(Enrolments(1));
  commands_.Await(1);
  commands_.Accept(0);
  AwaitWritten(1);
  stream->End();
}

TEST_F(CommandBatchesTest, ReadNoFurtherWhileManyItemsAreUnanswered) {
  std::jthread thread;
  const auto stream = Open(thread);
  for (const char* prefix : {"a", "b", "c", "d", "e"}) stream->Feed(Enrolments(100, prefix));
  stream->End();
  commands_.Await(300);
  for (std::size_t i = 0; i < 500; ++i) {
    commands_.Await(i + 1);
    commands_.Accept(i);
  }
  thread.join();
  EXPECT_EQ(ended_.count(), 5U);
  EXPECT_LT(stream->most_unanswered_at_a_read(), 256U);
}

TEST_F(CommandBatchesTest, AnswerWhatWasTakenBeforeTheyEndForADrain) {
  std::jthread thread;
  const auto stream = Open(thread);
  stream->Feed(Enrolments(1));
  commands_.Await(1);
  stream->End(rpc::DrainingStatus());
  commands_.Accept(0);
  thread.join();
  EXPECT_EQ(ended_.count(), 1U);
  EXPECT_EQ(ReasonOf(Status()), "DRAINING");
}

TEST_F(CommandBatchesTest, EndWithTheFirstMessageThatCannotBeRead) {
  std::jthread thread;
  const auto stream = Open(thread);
  stream->Feed(Enrolments(1));
  stream->End(InvalidFields({{"items", "has too many items: at most 500"}}));
  commands_.Await(1);
  commands_.Accept(0);
  thread.join();
  EXPECT_EQ(ended_.count(), 1U);
  EXPECT_THAT(std::string(Status().message()), HasSubstr("items has too many items"));
}

TEST_F(CommandBatchesTest, LeaveAClientThatIsGone) {
  std::jthread thread;
  const auto stream = Open(thread);
  stream->Feed(Enrolments(1));
  commands_.Await(1);
  stream->ClientGoes();
  commands_.Accept(0);
  thread.join();
  EXPECT_EQ(ended_.count(), 0U);
  EXPECT_TRUE(absl::IsCancelled(Status()));
}

}  // namespace
}  // namespace holdfast::app
