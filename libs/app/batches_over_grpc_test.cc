// ExecuteBatch and ExecuteStream of a whole platform in one process, over real gRPC. Label grpc.
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <gtest/gtest.h>

#include "google/rpc/error.pb.h"
#include "holdfast/type/v1/batch.pb.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "app/in_process.h"
#include "base/error.h"
#include "observability/metrics.h"
#include "rpc/client.h"
#include "rpc/wire_status.h"
#include "testing/shed_service.h"

namespace holdfast::app {
namespace {

namespace v1 = testing::v1;
using testing::Enrol;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using type::v1::CommandBatch;
using type::v1::CommandResults;

constexpr char kBatch[] = "/holdfast.testing.v1.ShedService/ExecuteBatch";
constexpr char kStream[] = "/holdfast.testing.v1.ShedService/ExecuteStream";
constexpr char kEnrol[] = "/holdfast.testing.v1.ShedService/EnrolMember";
constexpr char kList[] = "/holdfast.testing.v1.ShedService/ListMembers";

void Add(CommandBatch& batch, std::string_view id, const google::protobuf::Message& command) {
  CommandBatch::Item& item = *batch.add_items();
  item.set_command_id(std::string(id));
  item.mutable_command()->PackFrom(command);
}

v1::SuspendMember Suspend(std::string_view member) {
  v1::SuspendMember suspend;
  suspend.set_member_id(std::string(member));
  return suspend;
}

CommandBatch Enrolments(int count, std::string_view prefix = "m") {
  CommandBatch batch;
  for (int i = 0; i < count; ++i) {
    const std::string name = absl::StrCat(std::string(prefix), i);
    Add(batch, name, Enrol(name));
  }
  return batch;
}

class BatchesOverGrpc : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string folder =
        absl::StrCat(::testing::TempDir(), "batches_",
                     ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder);
    auto started = InProcess::Start(folder, {testing::Shed});
    ASSERT_TRUE(started.ok()) << started.status();
    process_ = *std::move(started);
    client_ = std::make_unique<rpc::Client>(process_->ClientOf("westmoor"));
  }

  CommandResults Send(const CommandBatch& batch) {
    CommandResults results;
    const absl::Status status = client_->Call(kBatch, batch, results);
    EXPECT_TRUE(status.ok()) << status;
    return results;
  }
  absl::Status Refusal(const CommandBatch& batch) {
    CommandResults results;
    return client_->Call(kBatch, batch, results);
  }

  std::unique_ptr<InProcess> process_;
  std::unique_ptr<rpc::Client> client_;
};

TEST_F(BatchesOverGrpc, MakeEachItemACommitOfItsOwnInTheirOrder) {
  CommandBatch batch;
  Add(batch, "enrol", Enrol("ann"));
  Add(batch, "nobody", Suspend("nobody"));
  Add(batch, "suspend", Suspend("ann"));
  Add(batch, "late", Enrol("ann"));
  const CommandResults results = Send(batch);
  ASSERT_THAT(results.results(), SizeIs(4));
  EXPECT_EQ(results.results(0).receipt().version(), 1U);
  EXPECT_EQ(ReasonOf(rpc::FromWire(results.results(1).status())), "NOT_ENROLLED");
  EXPECT_EQ(results.results(2).receipt().version(), 2U);
  EXPECT_EQ(results.results(2).receipt().position().seq(),
            results.results(0).receipt().position().seq() + 1);
  EXPECT_EQ(ReasonOf(rpc::FromWire(results.results(3).status())), "SUSPENDED");
}

// How many commands were answered in this way, by all processes of the test program.
std::uint64_t Answered(std::string_view outcome) {
  const std::string label = absl::StrCat("outcome=\"", std::string(outcome), "\"");
  std::uint64_t sum = 0;
  for (const absl::string_view line : absl::StrSplit(metrics::Process().Text(), '\n')) {
    std::uint64_t count = 0;
    if (absl::StartsWith(line, "holdfast_command_seconds_count{") &&
        absl::StrContains(line, label) &&
        absl::SimpleAtoi(line.substr(line.rfind(' ') + 1), &count)) {
      sum += count;
    }
  }
  return sum;
}

TEST_F(BatchesOverGrpc, CountEachCommandAsOne) {
  const std::uint64_t accepted = Answered("accepted");
  const std::uint64_t duplicate = Answered("duplicate");
  const std::uint64_t refused = Answered("refused");
  CommandBatch batch = Enrolments(20);
  Add(batch, "nobody", Suspend("nobody"));
  Send(batch);
  Send(batch);
  EXPECT_EQ(Answered("accepted") - accepted, 20U);
  EXPECT_EQ(Answered("duplicate") - duplicate, 20U);
  EXPECT_EQ(Answered("refused") - refused, 2U);
}

TEST_F(BatchesOverGrpc, AnswerARepeatWithTheFirstReceipts) {
  const CommandResults first = Send(Enrolments(20));
  const CommandResults second = Send(Enrolments(20));
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(first.results(i).receipt().repeated());
    EXPECT_TRUE(second.results(i).receipt().repeated());
    EXPECT_EQ(second.results(i).receipt().position().seq(),
              first.results(i).receipt().position().seq());
  }
}

TEST_F(BatchesOverGrpc, KnowACommandThatWasSentAlone) {
  type::v1::Receipt alone;
  rpc::CallOptions options;
  options.idempotency_key = "m0";
  ASSERT_TRUE(client_->Call(kEnrol, Enrol("m0"), alone, options).ok());
  CommandBatch batch = Enrolments(1);
  Add(batch, "m0", Enrol("another"));
  const CommandResults results = Send(batch);
  EXPECT_TRUE(results.results(0).receipt().repeated());
  EXPECT_EQ(results.results(0).receipt().position().seq(), alone.position().seq());
  EXPECT_EQ(ReasonOf(rpc::FromWire(results.results(1).status())), "COMMAND_ID_REUSED");
}

TEST_F(BatchesOverGrpc, HoldAnItemToItsExpectedVersion) {
  CommandBatch batch;
  Add(batch, "0", Enrol("ann"));
  batch.mutable_items(0)->set_expected_version(0);
  Add(batch, "1", Suspend("ann"));
  batch.mutable_items(1)->set_expected_version(7);
  const CommandResults results = Send(batch);
  EXPECT_TRUE(results.results(0).has_receipt());
  EXPECT_EQ(ReasonOf(rpc::FromWire(results.results(1).status())), "VERSION_CONFLICT");
}

TEST_F(BatchesOverGrpc, RefuseAMessageThatIsNoBatchAndDoNothingOfIt) {
  EXPECT_THAT(std::string(Refusal(CommandBatch()).message()), HasSubstr("items has too few items"));
  EXPECT_THAT(std::string(Refusal(Enrolments(501)).message()),
              HasSubstr("items has too many items: at most 500"));
  CommandBatch nameless = Enrolments(3);
  nameless.mutable_items(1)->clear_command_id();
  nameless.mutable_items(2)->clear_command();
  const absl::Status refused = Refusal(nameless);
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("items[1].command_id is required; items[2].command is required"));
  nameless = Enrolments(1);
  nameless.mutable_items(0)->set_command_id("two words");
  EXPECT_THAT(std::string(Refusal(nameless).message()),
              HasSubstr("items[0].command_id has another form"));
  CommandBatch heavy = Enrolments(1);
  heavy.mutable_items(0)->mutable_command()->set_value(std::string(1U << 20U, 'x'));
  EXPECT_EQ(Refusal(heavy).code(), absl::StatusCode::kResourceExhausted);

  const CommandResults first = Send(Enrolments(1));
  EXPECT_EQ(first.results(0).receipt().position().seq(), 1U);  // the first commit of this tenant
}

TEST_F(BatchesOverGrpc, TakeAsManyItemsAsAMessageMayHold) {
  const CommandResults results = Send(Enrolments(500));
  ASSERT_THAT(results.results(), SizeIs(500));
  for (const CommandResults::Result& result : results.results()) {
    EXPECT_TRUE(result.has_receipt()) << result.status().message();
  }
  v1::ListMembersRequest request;
  *request.mutable_read()->add_min_position() = results.results(499).receipt().position();
  v1::ListMembersResponse listed;
  ASSERT_TRUE(client_->Call(kList, request, listed).ok());
  EXPECT_THAT(listed.member_id(), SizeIs(500));
}

TEST_F(BatchesOverGrpc, ConverseMessageByMessage) {
  const std::unique_ptr<rpc::Exchange> stream = client_->OpenExchange(kStream, {});
  CommandResults results;
  for (const char* prefix : {"a", "b", "c"}) {
    ASSERT_TRUE(stream->Write(Enrolments(3, prefix)));
    const absl::StatusOr<bool> more = stream->Read(results);
    ASSERT_TRUE(more.ok() && *more);
    ASSERT_THAT(results.results(), SizeIs(3));
    EXPECT_EQ(results.results(2).receipt().stream(), absl::StrCat("member/", prefix, "2"));
  }
  stream->WritesDone();
  const absl::StatusOr<bool> more = stream->Read(results);
  EXPECT_TRUE(more.ok() && !*more);
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(BatchesOverGrpc, TakeManyMessagesBeforeTheirAnswersAreRead) {
  constexpr int kMessages = 60;
  const std::unique_ptr<rpc::Exchange> stream = client_->OpenExchange(kStream, {});
  std::jthread writer([&stream] {
    for (int i = 0; i < kMessages; ++i) {
      ASSERT_TRUE(stream->Write(Enrolments(50, absl::StrCat("m", i, "-"))));
    }
    stream->WritesDone();
  });
  CommandResults results;
  int message = 0;
  absl::StatusOr<bool> more = false;
  while ((more = stream->Read(results)).ok() && *more) {
    ASSERT_THAT(results.results(), SizeIs(50));
    EXPECT_EQ(results.results(49).receipt().stream(), absl::StrCat("member/m", message++, "-49"));
  }
  writer.join();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(message, kMessages);
}

TEST_F(BatchesOverGrpc, EndAStreamWithTheMessageThatIsNoBatch) {
  const std::unique_ptr<rpc::Exchange> stream = client_->OpenExchange(kStream, {});
  ASSERT_TRUE(stream->Write(Enrolments(1)));
  stream->Write(Enrolments(501, "n"));
  CommandResults results;
  absl::StatusOr<bool> more = stream->Read(results);
  ASSERT_TRUE(more.ok() && *more);
  EXPECT_TRUE(results.results(0).has_receipt());
  more = stream->Read(results);
  EXPECT_TRUE(more.ok() && !*more);
  EXPECT_THAT(std::string(stream->Finish().message()), HasSubstr("items has too many items"));
}

TEST_F(BatchesOverGrpc, EndAStreamWhenTheProcessDrains) {
  const std::unique_ptr<rpc::Exchange> stream = client_->OpenExchange(kStream, {});
  ASSERT_TRUE(stream->Write(Enrolments(1)));
  CommandResults results;
  absl::StatusOr<bool> more = stream->Read(results);
  ASSERT_TRUE(more.ok() && *more);
  std::jthread draining([this] { process_->platform().Drain(); });
  more = stream->Read(results);
  EXPECT_TRUE(more.ok() && !*more);
  EXPECT_EQ(ReasonOf(stream->Finish()), "DRAINING");
}

}  // namespace
}  // namespace holdfast::app
