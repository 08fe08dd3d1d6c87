// What no client of ours would send is refused by code, reason, field and rule, and nothing is
// written. Label grpc.
#include <memory>

#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>
#include <gtest/gtest.h>

#include "holdfast/initiative/v1/initiative.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "base/error.h"
#include "flow_house.h"
#include "invented_borough.h"
#include "rpc/grpc_status.h"

namespace holdfast::flow {
namespace {

namespace iv1 = initiative::v1;
using ::testing::HasSubstr;

constexpr char kCreateSite[] = "/holdfast.initiative.v1.InitiativeService/CreateSite";
constexpr char kListSites[] = "/holdfast.initiative.v1.InitiativeService/ListSites";
constexpr char kGetRanks[] = "/holdfast.metrics.v1.MetricsService/GetRanks";
constexpr char kGetSeries[] = "/holdfast.metrics.v1.MetricsService/GetSeries";
constexpr char kApplyImport[] = "/holdfast.metrics.v1.MetricsService/ApplyImport";
constexpr char kTenant[] = "sandbox";

class BadInput : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    house_ = std::make_unique<FlowHouse>("bad-input");
    const std::string before = InitiativeHead();
    house_->Do(kTenant, {"geography", "import",
                         WriteFile(FreshFolder("bad-input-files") + "/wards.geojson",
                                   MakeBorough().wards_geojson),
                         "--kind", "ward", "--vintage", "2016", "--code-property", "WD16CD",
                         "--name-property", "WD16NM"});
    // The initiative learns of them by a reactor, which writes there: wait until it has.
    ASSERT_TRUE(Await([&before] { return InitiativeHead() != before; }));
  }
  static void TearDownTestSuite() { house_.reset(); }

  static std::string InitiativeHead() { return house_->HeadOf(kTenant, "initiative"); }
  // Bytes as they are, under a token as it is.
  static absl::Status Send(const std::string& method, const std::string& bytes,
                           const std::string& authorization) {
    grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub(
        house_->process().platform().channel());
    grpc::ClientContext context;
    if (!authorization.empty()) context.AddMetadata("authorization", authorization);
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
  static std::string Bearer(std::string_view tenant) {
    return "Bearer " + house_->process().platform().TokenOf(tenant, "trial");
  }

  static std::unique_ptr<FlowHouse> house_;
};
std::unique_ptr<FlowHouse> BadInput::house_;

iv1::CreateSite Site(const std::string& name) {
  iv1::CreateSite site;
  site.set_name(name);
  return site;
}

iv1::CreateSite SiteIn(const std::string& code) {
  iv1::CreateSite site = Site("Larkhill");
  auto* area = site.add_areas();
  area->mutable_set()->set_kind("ward");
  area->mutable_set()->set_vintage("2016");
  area->set_code(code);
  return site;
}

metrics::v1::GetRanksRequest Ranks(const std::string& period) {
  metrics::v1::GetRanksRequest request;
  request.set_measure("severity");
  request.mutable_areas()->set_kind("ward");
  request.add_periods(period);
  return request;
}

metrics::v1::GetSeriesRequest Month(int month) {
  metrics::v1::GetSeriesRequest request;
  request.set_category("burglary");
  request.mutable_from()->set_year(2016);
  request.mutable_from()->set_month(month);
  return request;
}

TEST_F(BadInput, IsRefusedByFieldAndRuleAndNothingIsWritten) {
  using Code = absl::StatusCode;
  const std::string good = Site("Larkhill").SerializeAsString();
  metrics::v1::ApplyImportRequest token;
  token.set_token("../../etc/passwd");
  iv1::ListSitesRequest page;
  page.set_page_token("made up");
  struct Case {
    const char* what;
    const char* method;
    std::string bytes;
    Code code;
    const char* reason;  // empty: any
    const char* says;
  };
  const std::vector<Case> cases = {
      {"an unknown field", kCreateSite, good + std::string("\xA2\x06\x01z", 4),
       Code::kInvalidArgument, "UNKNOWN_FIELD", ""},
      {"a number for a text", kCreateSite, std::string("\x10\x07", 2), Code::kInvalidArgument, "",
       "name"},
      {"a text that is too long", kCreateSite, Site(std::string(121, 'x')).SerializeAsString(),
       Code::kInvalidArgument, "FIELD_INVALID", "name is too long: at most 120 characters"},
      {"bytes that are not UTF-8", kCreateSite, std::string("\x12\x01\xFF", 3),
       Code::kInvalidArgument, "", "name is not UTF-8"},
      {"a field left out", kCreateSite, "", Code::kInvalidArgument, "FIELD_INVALID",
       "name is required"},
      {"bytes that are no message", kCreateSite, "\x0A\x7F", Code::kInvalidArgument, "", ""},
      {"an area that nobody loaded", kCreateSite, SiteIn("E05999999").SerializeAsString(),
       Code::kFailedPrecondition, "", ""},
      {"a period that is none", kGetRanks, Ranks("2017H3").SerializeAsString(),
       Code::kInvalidArgument, "FIELD_INVALID", "periods"},
      {"a month that is none", kGetSeries, Month(13).SerializeAsString(), Code::kInvalidArgument,
       "FIELD_INVALID", "month"},
      {"a token that is a path", kApplyImport, token.SerializeAsString(), Code::kInvalidArgument,
       "FIELD_INVALID", "token"},
      {"a page token that was made up", kListSites, page.SerializeAsString(),
       Code::kInvalidArgument, "PAGE_TOKEN_MISMATCH", ""},
      {"a message that is too large", kCreateSite, std::string(70'000, '\0'),
       Code::kResourceExhausted, "MESSAGE_TOO_LARGE", ""},
      {"a method that is none", "/holdfast.initiative.v1.InitiativeService/DropSite", good,
       Code::kUnimplemented, "", ""},
  };
  const std::string before = house_->Heads(kTenant);
  for (const Case& bad : cases) {
    SCOPED_TRACE(bad.what);
    const absl::Status refused = Send(bad.method, bad.bytes, Bearer(kTenant));
    EXPECT_EQ(refused.code(), bad.code) << refused;
    if (*bad.reason != '\0') {
      EXPECT_EQ(ReasonOf(refused), bad.reason) << refused;
    }
    EXPECT_THAT(std::string(refused.message()), HasSubstr(bad.says));
  }
  EXPECT_EQ(house_->Heads(kTenant), before);
}

TEST_F(BadInput, IsRefusedWithoutAGoodToken) {
  const std::string good = Site("Larkhill").SerializeAsString();
  const std::string before = house_->Heads(kTenant);
  const std::string token = Bearer(kTenant);
  EXPECT_EQ(ReasonOf(Send(kCreateSite, good, "")), "TOKEN_MISSING");
  for (const std::string& bad : {std::string("Bearer nonsense"), token.substr(0, token.size() - 4),
                                 token + "x", std::string("Basic dHJpYWw6"), Bearer("nowhere")}) {
    const absl::Status refused = Send(kCreateSite, good, bad);
    EXPECT_EQ(refused.code(), absl::StatusCode::kUnauthenticated) << bad << " " << refused;
  }
  // Another tenant's site is as absent as one that never was.
  const std::string site = house_->Make("eastvale", {"site", "create", "--name", "Elsewhere"});
  const auto absent = [](const std::string& id) {
    iv1::GetSiteRequest request;
    request.set_site_id(id);
    return Send("/holdfast.initiative.v1.InitiativeService/GetSite", request.SerializeAsString(),
                Bearer(kTenant));
  };
  const absl::Status foreign = absent(site);
  const absl::Status never = absent("0190a6f0-0000-7000-8000-000000000001");
  EXPECT_EQ(foreign.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(foreign.ToString(), never.ToString());
  EXPECT_EQ(house_->Heads(kTenant), before);
}

}  // namespace
}  // namespace holdfast::flow
