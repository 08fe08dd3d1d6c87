// A whole platform in one process, over real gRPC. Label grpc.
#include "app/platform.h"

#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>
#include <gtest/gtest.h>

#include "holdfast/directory/v1/directory.pb.h"
#include "holdfast/operations/v1/operations.pb.h"
#include "holdfast/testing/v1/shed_service.pb.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/notification.h"
#include "app/configuration.h"
#include "app/in_process.h"
#include "base/error.h"
#include "observability/metrics.h"
#include "rpc/client.h"
#include "rpc/grpc_status.h"
#include "security/principal.h"
#include "testing/shed_service.h"
#include "testing/tool_shed.h"

namespace holdfast::app {
namespace {

namespace v1 = testing::v1;
using ::testing::ElementsAre;
using testing::Enrol;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::MemberList;
using testing::Shed;
using ::testing::SizeIs;

constexpr char kEnrol[] = "/holdfast.testing.v1.ShedService/EnrolMember";
constexpr char kSuspend[] = "/holdfast.testing.v1.ShedService/SuspendMember";
constexpr char kRegister[] = "/holdfast.testing.v1.ShedService/RegisterTool";
constexpr char kList[] = "/holdfast.testing.v1.ShedService/ListMembers";
constexpr char kEnrolMany[] = "/holdfast.testing.v1.ShedService/EnrolMany";
constexpr char kEnrolFromFile[] = "/holdfast.testing.v1.ShedService/EnrolFromFile";
constexpr char kListParked[] = "/holdfast.operations.v1.OperationsService/ListParkedRows";
constexpr char kRetryParked[] = "/holdfast.operations.v1.OperationsService/RetryParkedRows";
constexpr char kWatch[] = "/holdfast.testing.v1.ShedService/WatchMembers";

// The value of a series of this process, as a scrape would see it; -1 where there is none.
double Scraped(const std::string& series) {
  for (const auto line : absl::StrSplit(metrics::Process().Text(), '\n')) {
    double value = -1;
    if (absl::StartsWith(line, series + " ") &&
        absl::SimpleAtod(line.substr(series.size() + 1), &value)) {
      return value;
    }
  }
  return -1;
}

std::string FreshFolder(const std::string& name) {
  const std::string path = absl::StrCat(::testing::TempDir(), "platform_", name);
  std::filesystem::remove_all(path);
  return path;
}

class PlatformTest : public ::testing::Test {
 protected:
  void SetUp() override { Start(); }
  void Start() {
    auto started = InProcess::Start(folder_, {Shed});
    ASSERT_TRUE(started.ok()) << started.status();
    process_ = *std::move(started);
    client_ = std::make_unique<rpc::Client>(process_->ClientOf("westmoor"));
  }

  v1::ListMembersResponse List(rpc::Client& client, const type::v1::Receipt& after = {}) {
    v1::ListMembersRequest request;
    if (after.has_position()) *request.mutable_read()->add_min_position() = after.position();
    v1::ListMembersResponse response;
    const absl::Status status = client.Call(kList, request, response);
    EXPECT_TRUE(status.ok()) << status;
    return response;
  }

  // Sends bytes as they are: what no client of ours would.
  absl::Status SendBytes(const std::string& method, std::string bytes) {
    grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub(
        process_->platform().channel());
    grpc::ClientContext context;
    context.AddMetadata("authorization",
                        "Bearer " + process_->platform().TokenOf("westmoor", "trial"));
    const grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer answer;
    grpc::Status ended;
    absl::Notification done;
    stub.UnaryCall(&context, method, {}, &request, &answer, [&](grpc::Status status) {
      ended = std::move(status);
      done.Notify();
    });
    done.WaitForNotification();
    return rpc::FromGrpc(ended);
  }

  const std::string folder_ =
      FreshFolder(::testing::UnitTest::GetInstance()->current_test_info()->name());
  std::unique_ptr<InProcess> process_;
  std::unique_ptr<rpc::Client> client_;
};

TEST_F(PlatformTest, TakesACommandAndShowsWhatItBrought) {
  type::v1::Receipt receipt;
  const absl::Status status = client_->Call(kEnrol, Enrol("ann"), receipt);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(receipt.stream(), "member/ann");
  EXPECT_EQ(receipt.version(), 1U);
  EXPECT_EQ(receipt.position().context(), "testing");
  const v1::ListMembersResponse listed = List(*client_, receipt);
  EXPECT_THAT(listed.member_id(), ElementsAre("ann"));
  EXPECT_EQ(listed.as_of().contexts(0).position().seq(), receipt.position().seq());
}

TEST_F(PlatformTest, AnswersTheSameKeyWithTheFirstReceipt) {
  type::v1::Receipt first;
  type::v1::Receipt second;
  rpc::CallOptions once;
  once.idempotency_key = "enrol-ann";
  ASSERT_TRUE(client_->Call(kEnrol, Enrol("ann"), first, once).ok());
  ASSERT_TRUE(client_->Call(kEnrol, Enrol("ann"), second, once).ok());
  EXPECT_TRUE(second.repeated());
  EXPECT_EQ(second.position().seq(), first.position().seq());
  const absl::Status other = client_->Call(kEnrol, Enrol("bea"), second, once);
  EXPECT_EQ(ReasonOf(other), "COMMAND_ID_REUSED");
}

TEST_F(PlatformTest, CountsCommandsByTheirOutcome) {
  const auto count = [](std::string_view outcome) {
    return Scraped(absl::StrCat("holdfast_command_seconds_count{context=\"testing\",outcome=\"",
                                std::string(outcome), "\"}"));
  };
  const double accepted = count("accepted");
  const double duplicate = count("duplicate");
  const double refused = count("refused");
  const double conflict = count("conflict");
  type::v1::Receipt receipt;
  rpc::CallOptions once;
  once.idempotency_key = "enrol-ann";
  ASSERT_TRUE(client_->Call(kEnrol, Enrol("ann"), receipt, once).ok());
  ASSERT_TRUE(client_->Call(kEnrol, Enrol("ann"), receipt, once).ok());
  EXPECT_FALSE(client_->Call(kEnrol, Enrol("bea"), receipt, once).ok());
  v1::SuspendMember suspend;
  suspend.set_member_id("nobody");
  EXPECT_FALSE(client_->Call(kSuspend, suspend, receipt).ok());
  EXPECT_EQ(count("accepted") - accepted, 1);
  EXPECT_EQ(count("duplicate") - duplicate, 1);
  EXPECT_EQ(count("conflict") - conflict, 1);
  EXPECT_EQ(count("refused") - refused, 1);
}

TEST_F(PlatformTest, CountsWhatItsViewsShowAndHasNoLagAtTheEnd) {
  const std::string seen = "holdfast_view_visible_seconds_count{context=\"testing\"}";
  const std::string applied = "holdfast_view_applied_total{context=\"testing\"}";
  const double seen_before = Scraped(seen);
  const double applied_before = Scraped(applied);
  type::v1::Receipt receipt;
  ASSERT_TRUE(client_->Call(kEnrol, Enrol("ann"), receipt).ok());
  List(*client_, receipt);
  EXPECT_EQ(Scraped(applied) - applied_before, 1);
  EXPECT_EQ(Scraped(seen) - seen_before, 1);
  EXPECT_LT(Scraped("holdfast_view_lag_seconds{context=\"testing\",view=\"" +
                    std::string(MemberList::kName) + "\"}"),
            60);
  EXPECT_GE(Scraped("holdfast_disk_used_ratio{volume=\"data\"}"), 0);
  EXPECT_EQ(Scraped("holdfast_tenants_frozen{context=\"testing\"}"), 0);
}

TEST_F(PlatformTest, PassesARefusalOnWithItsReasonAndSentence) {
  v1::SuspendMember suspend;
  suspend.set_member_id("nobody");
  type::v1::Receipt receipt;
  const absl::Status refused = client_->Call(kSuspend, suspend, receipt);
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(refused), "NOT_ENROLLED");
  EXPECT_THAT(std::string(refused.message()), HasSubstr("Enrol the member first."));
}

TEST_F(PlatformTest, RefusesAVersionThatIsStale) {
  type::v1::Receipt receipt;
  ASSERT_TRUE(client_->Call(kEnrol, Enrol("ann"), receipt).ok());
  v1::SuspendMember suspend;
  suspend.set_member_id("ann");
  rpc::CallOptions stale;
  stale.expected_version = 7;
  const absl::Status refused = client_->Call(kSuspend, suspend, receipt, stale);
  EXPECT_EQ(refused.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ReasonOf(refused), "VERSION_CONFLICT");
  stale.expected_version = 1;
  EXPECT_TRUE(client_->Call(kSuspend, suspend, receipt, stale).ok());
}

TEST_F(PlatformTest, KeepsTenantsApart) {
  type::v1::Receipt receipt;
  ASSERT_TRUE(client_->Call(kEnrol, Enrol("ann"), receipt).ok());
  rpc::Client eastvale = process_->ClientOf("eastvale");
  EXPECT_THAT(List(eastvale).member_id(), IsEmpty());
  rpc::Client nowhere = process_->ClientOf("nowhere");
  EXPECT_EQ(ReasonOf(nowhere.Call(kEnrol, Enrol("ann"), receipt)), "TOKEN_INVALID");
}

TEST_F(PlatformTest, RefusesBadInputByFieldAndRuleAndWritesNothing) {
  type::v1::Receipt receipt;
  // A field left out, and one that is too long.
  EXPECT_THAT(std::string(client_->Call(kEnrol, v1::EnrolMember(), receipt).message()),
              HasSubstr("member_id is required"));
  EXPECT_THAT(std::string(client_->Call(kEnrol, Enrol(std::string(37, 'x')), receipt).message()),
              HasSubstr("member_id is too long: at most 36 characters"));
  // A fact of a person.
  v1::RegisterTool tool;
  tool.set_tool_id("saw");
  tool.set_label("Saw");
  tool.mutable_donor()->set_text("somebody");
  rpc::CallOptions options;
  options.purpose = "PARTNERSHIP";
  EXPECT_THAT(std::string(client_->Call(kRegister, tool, receipt, options).message()),
              HasSubstr("donor"));

  const std::string good = Enrol("ann").SerializeAsString();
  const std::string unknown_field("\xA2\x06\x01z", 4);
  EXPECT_EQ(ReasonOf(SendBytes(kEnrol, good + unknown_field)), "UNKNOWN_FIELD");
  const std::string wrong_type("\x12\x01z", 3);  // limit as text
  EXPECT_THAT(std::string(SendBytes(kEnrol, good + wrong_type).message()),
              HasSubstr("limit has another type"));
  EXPECT_THAT(std::string(SendBytes(kEnrol, std::string("\x0A\x01\xFF", 3)).message()),
              HasSubstr("member_id is not UTF-8"));
  EXPECT_EQ(SendBytes(kEnrol, "\x0A\x7F").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(SendBytes(kEnrol, std::string(5000, '\0'))), "MESSAGE_TOO_LARGE");

  EXPECT_THAT(List(*client_).member_id(), IsEmpty());
  ASSERT_TRUE(client_->Call(kEnrol, Enrol("ann"), receipt).ok());
  EXPECT_EQ(receipt.position().seq(), 1U);  // the first commit of this tenant
}

TEST_F(PlatformTest, AsksForTheRoleThatAMethodNames) {
  rpc::Client analyst = process_->ClientOf("westmoor", "analyst");
  type::v1::Receipt receipt;
  EXPECT_EQ(analyst.Call(kEnrol, Enrol("ann"), receipt).code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_THAT(List(analyst).member_id(), IsEmpty());
}

TEST_F(PlatformTest, LetsAHandlerSendManyCommandsOnce) {
  v1::EnrolManyRequest request;
  request.set_count(200);
  v1::EnrolManyResponse response;
  rpc::CallOptions once;
  once.idempotency_key = "many";
  absl::Status status = client_->Call(kEnrolMany, request, response, once);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(response.enrolled(), 200U);
  EXPECT_EQ(response.visible(), 200U);
  status = client_->Call(kEnrolMany, request, response, once);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(response.enrolled(), 0U);
  EXPECT_EQ(response.already(), 200U);
}

TEST_F(PlatformTest, TakesAFileInPartsAndKeepsItInTheTenantsFolder) {
  const std::unique_ptr<rpc::Upload> upload = client_->OpenUpload(kEnrolFromFile, {});
  v1::Part part;
  part.set_content("12345");
  ASSERT_TRUE(upload->Write(part));
  ASSERT_TRUE(upload->Write(part));
  v1::EnrolManyResponse response;
  const absl::Status status = upload->Finish(response);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(response.enrolled(), 10U);
  EXPECT_EQ(std::filesystem::file_size(folder_ + "/files/testing/westmoor/members"), 10U);
}

TEST_F(PlatformTest, LeavesAParkedRowOutOfAListAndSaysSo) {
  type::v1::Receipt receipt;
  v1::EnrolMember unlucky = Enrol("bea");
  unlucky.set_limit(testing::kNotForThisBuild);
  ASSERT_TRUE(client_->Call(kEnrol, Enrol("ann"), receipt).ok());
  ASSERT_TRUE(client_->Call(kEnrol, unlucky, receipt).ok());
  const v1::ListMembersResponse listed = List(*client_, receipt);
  EXPECT_THAT(listed.member_id(), ElementsAre("ann"));
  EXPECT_EQ(listed.as_of().contexts(0).parked_rows(), 1U);

  // What may write facts never decides on a part of them.
  v1::EnrolManyRequest many;
  many.set_count(1);
  v1::EnrolManyResponse enrolled;
  EXPECT_EQ(ReasonOf(client_->Call(kEnrolMany, many, enrolled)), "ROW_PARKED");
}

TEST_F(PlatformTest, ShowsParkedRowsToAnAdministratorOfTheirTenantAlone) {
  type::v1::Receipt receipt;
  v1::EnrolMember unlucky = Enrol("bea");
  unlucky.set_limit(testing::kNotForThisBuild);
  ASSERT_TRUE(client_->Call(kEnrol, unlucky, receipt).ok());
  List(*client_, receipt);

  rpc::Client administrator = process_->ClientOf("westmoor", "administrator");
  operations::v1::ListParkedRowsResponse parked;
  absl::Status status =
      administrator.Call(kListParked, operations::v1::ListParkedRowsRequest(), parked);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_THAT(parked.rows(), SizeIs(1));
  EXPECT_EQ(parked.total(), 1U);
  EXPECT_EQ(parked.rows(0).row_key(), "bea");
  EXPECT_EQ(parked.rows(0).reason(), "UNLUCKY");
  EXPECT_EQ(parked.rows(0).position().seq(), receipt.position().seq());
  EXPECT_EQ(parked.rows(0).waiting(), 1U);

  operations::v1::RetryParkedRowsResponse retried;
  status = administrator.Call(kRetryParked, operations::v1::RetryParkedRowsRequest(), retried);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_THAT(retried.views(), SizeIs(1));
  EXPECT_EQ(retried.views(0).settled(), 0U);
  EXPECT_EQ(retried.views(0).parked_rows(), 1U);

  rpc::Client eastvale = process_->ClientOf("eastvale", "administrator");
  parked.Clear();
  ASSERT_TRUE(eastvale.Call(kListParked, operations::v1::ListParkedRowsRequest(), parked).ok());
  EXPECT_THAT(parked.rows(), IsEmpty());
}

TEST_F(PlatformTest, ReadsAsOfAnEarlierPosition) {
  type::v1::Receipt first;
  type::v1::Receipt second;
  ASSERT_TRUE(client_->Call(kEnrol, Enrol("ann"), first).ok());
  ASSERT_TRUE(client_->Call(kEnrol, Enrol("bea"), second).ok());
  EXPECT_THAT(List(*client_, second).member_id(), SizeIs(2));
  v1::ListMembersRequest then;
  *then.mutable_read()->mutable_at_position() = first.position();
  v1::ListMembersResponse response;
  const absl::Status status = client_->Call(kList, then, response);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(response.member_id(), ElementsAre("ann"));
}

TEST_F(PlatformTest, SaysThatAViewIsBehindAPositionThatNobodyReached) {
  v1::ListMembersRequest request;
  type::v1::Position& far = *request.mutable_read()->add_min_position();
  far.set_context("testing");
  far.set_seq(1'000'000);
  v1::ListMembersResponse response;
  rpc::CallOptions soon;
  soon.timeout = absl::Seconds(10);
  const absl::Status behind = client_->Call(kList, request, response, soon);
  EXPECT_EQ(behind.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(behind), "VIEW_BEHIND");
}

TEST_F(PlatformTest, HasEverythingAgainAfterItWasStopped) {
  type::v1::Receipt receipt;
  ASSERT_TRUE(client_->Call(kEnrol, Enrol("ann"), receipt).ok());
  client_.reset();
  process_.reset();
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/run/holdfast.json"));
  Start();
  EXPECT_THAT(List(*client_).member_id(), ElementsAre("ann"));
  ASSERT_TRUE(client_->Call(kEnrol, Enrol("bea"), receipt).ok());
  EXPECT_EQ(receipt.position().seq(), 2U);
}

TEST_F(PlatformTest, EndsWatchesWhenItDrains) {
  const std::unique_ptr<rpc::Watch> watch =
      client_->OpenWatch(kWatch, v1::WatchMembersRequest(), {});
  v1::ListMembersResponse response;
  ASSERT_TRUE(watch->Read(response).ok());
  std::jthread draining([this] { process_->platform().Drain(); });
  absl::StatusOr<bool> more = true;
  while ((more = watch->Read(response)).ok() && *more) {
  }
  EXPECT_EQ(ReasonOf(more.status()), "DRAINING");
}

TEST_F(PlatformTest, RefusesASecondProcessOnItsFolder) {
  const absl::Status second = InProcess::Start(folder_, {Shed}).status();
  EXPECT_THAT(std::string(second.message()), HasSubstr("served by another process"));
}

TEST_F(PlatformTest, NamesAPortThatIsTakenWhereItMayNotTakeAnother) {
  const std::string grpc = process_->platform().addresses().grpc;
  const std::string taken = grpc.substr(grpc.rfind(':') + 1);
  PlatformOptions options;
  options.services = {Shed};
  for (const std::string& setting :
       {absl::StrCat("data_dir=", FreshFolder("taken")), std::string("demo.data=EMPTY"),
        absl::StrCat("listen.grpc_port=", taken), std::string("listen.http_port=0"),
        std::string("listen.admin_port=0"), std::string("listen.replace_taken_ports=false")}) {
    ASSERT_TRUE(OverlaySetting(setting, options.config).ok()) << setting;
  }
  ASSERT_TRUE(Complete(options.config).ok());
  const absl::Status refused = Platform::Start(std::move(options)).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(refused.message()), HasSubstr(absl::StrCat("port ", taken)));
}

TEST_F(PlatformTest, TellsTheSignedInWhoTheyAre) {
  directory::v1::Session session;
  ASSERT_TRUE(client_
                  ->Call("/holdfast.directory.v1.SessionService/GetSession",
                         directory::v1::GetSessionRequest(), session)
                  .ok());
  EXPECT_EQ(session.tenant(), "westmoor");
  EXPECT_EQ(session.tenant_name(), "Westmoor");
  EXPECT_TRUE(session.demonstration());
}

TEST_F(PlatformTest, SignsAnybodyInToTheDemonstration) {
  rpc::Client stranger(process_->platform().channel());
  directory::v1::People people;
  ASSERT_TRUE(stranger
                  .Call("/holdfast.directory.v1.DevelopmentIssuerService/ListPeople",
                        directory::v1::ListPeopleRequest(), people)
                  .ok());
  EXPECT_EQ(people.people_size(), 3 * 16);
  directory::v1::IssueTokenRequest request;
  request.set_tenant("westmoor");
  request.set_as("coordinator");
  directory::v1::IssuedToken issued;
  constexpr char kIssue[] = "/holdfast.directory.v1.DevelopmentIssuerService/IssueToken";
  ASSERT_TRUE(stranger.Call(kIssue, request, issued).ok());
  type::v1::Receipt receipt;
  rpc::CallOptions signed_in;
  signed_in.token = issued.token();
  EXPECT_TRUE(stranger.Call(kEnrol, Enrol("ann"), receipt, signed_in).ok());
  request.set_as("nobody");
  EXPECT_EQ(stranger.Call(kIssue, request, issued).code(), absl::StatusCode::kNotFound);
}

Service WithoutItsStream() {
  return Service("holdfast.testing.v1.ShedService").Streams<testing::Member>().Views<MemberList>();
}

TEST(Platform, DoesNotStartWhereAMethodFindsNothing) {
  const absl::Status refused =
      InProcess::Start(FreshFolder("nothing"), {WithoutItsStream}).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("ShedService.RegisterTool"));
}

}  // namespace
}  // namespace holdfast::app
