// Commands in batches, as another system sends them: by gRPC, against every service. Label grpc.
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "google/rpc/error.pb.h"
#include "holdfast/initiative/v1/initiative.pb.h"
#include "holdfast/metrics/v1/commands.pb.h"
#include "holdfast/type/v1/batch.pb.h"

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "flow_house.h"
#include "rpc/wire_status.h"

namespace holdfast::flow {
namespace {

namespace iv1 = initiative::v1;
namespace mv1 = metrics::v1;
using ::testing::SizeIs;
using type::v1::CommandBatch;
using type::v1::CommandResults;

constexpr char kInitiativeBatch[] = "/holdfast.initiative.v1.InitiativeService/ExecuteBatch";
constexpr char kMetricsStream[] = "/holdfast.metrics.v1.MetricsService/ExecuteStream";
constexpr char kSite[] = "0190a6f0-0000-4000-8000-000000000001";
constexpr char kTenant[] = "sandbox";

class BatchJourney : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { house_ = std::make_unique<FlowHouse>("batch-journey"); }
  static void TearDownTestSuite() { house_.reset(); }

  // Where the initiative's journal stands; that of metrics moves on by its reactors.
  static std::string HeadOfInitiative(std::string_view tenant) {
    return house_->HeadOf(tenant, "initiative");
  }

  static std::unique_ptr<FlowHouse> house_;
};
std::unique_ptr<FlowHouse> BatchJourney::house_;

void Add(CommandBatch& batch, std::string_view id, const google::protobuf::Message& command) {
  CommandBatch::Item& item = *batch.add_items();
  item.set_command_id(std::string(id));
  item.mutable_command()->PackFrom(command);
}

iv1::SignUpAgency SignUp(std::string_view agency) {
  iv1::SignUpAgency sign_up;
  sign_up.set_site_id(kSite);
  sign_up.set_agency(std::string(agency));
  sign_up.set_type(type::v1::Agency::COUNCIL);
  return sign_up;
}

// A site, and three agencies of it.
CommandBatch SiteWithAgencies() {
  iv1::CreateSite site;
  site.set_site_id(kSite);
  site.set_name("Larkhill");
  CommandBatch batch;
  Add(batch, "site", site);
  for (const char* agency : {"council", "housing", "fire"}) Add(batch, agency, SignUp(agency));
  return batch;
}

mv1::DeclareNoDataHeld NoDataOf(std::string_view agency) {
  mv1::DeclareNoDataHeld declared;
  declared.set_dataset_id(absl::StrCat(std::string(agency), "-no-data"));
  declared.set_agency(std::string(agency));
  declared.set_reason("It keeps none.");
  return declared;
}

TEST_F(BatchJourney, MakesASiteWithItsAgenciesOnce) {
  rpc::Client client = house_->ClientOf(kTenant);
  CommandResults results;
  ASSERT_TRUE(client.Call(kInitiativeBatch, SiteWithAgencies(), results).ok());
  ASSERT_THAT(results.results(), SizeIs(4));
  for (int i = 0; i < 4; ++i) {
    const type::v1::Receipt& receipt = results.results(i).receipt();
    EXPECT_EQ(receipt.stream(), absl::StrCat("site/", kSite));
    EXPECT_EQ(receipt.version(), static_cast<std::uint64_t>(i + 1));
  }
  const std::string head = HeadOfInitiative(kTenant);
  ASSERT_TRUE(client.Call(kInitiativeBatch, SiteWithAgencies(), results).ok());
  for (const CommandResults::Result& result : results.results()) {
    EXPECT_TRUE(result.receipt().repeated());
  }
  EXPECT_EQ(HeadOfInitiative(kTenant), head);
}

TEST_F(BatchJourney, RefusesToAPersonTheItemsThatTheyMayNotSendAlone) {
  rpc::Client partner = house_->ClientOf("eastvale", "partner");
  CommandBatch batch = SiteWithAgencies();
  iv1::RecordEvidence evidence;
  evidence.set_site_id(kSite);
  Add(batch, "evidence", evidence);
  CommandResults results;
  const std::string head = HeadOfInitiative("eastvale");
  const absl::Status status = partner.Call(kInitiativeBatch, batch, results);
  ASSERT_TRUE(status.ok()) << status;
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(ReasonOf(rpc::FromWire(results.results(i).status())), "POLICY_DENIED");
  }
  // The door of RecordEvidence opened, and looked at its fields.
  EXPECT_EQ(ReasonOf(rpc::FromWire(results.results(4).status())), "FIELD_INVALID");
  EXPECT_EQ(HeadOfInitiative("eastvale"), head);

  rpc::Client community = house_->ClientOf("eastvale", "community");
  EXPECT_EQ(ReasonOf(community.Call(kInitiativeBatch, batch, results)), "POLICY_DENIED");
}

TEST_F(BatchJourney, TakesAStreamOfBatchesAndKnowsTheCommandsOfItsOwnServiceOnly) {
  rpc::Client client = house_->ClientOf(kTenant);
  const std::unique_ptr<rpc::Exchange> stream = client.OpenExchange(kMetricsStream, {});
  CommandResults results;
  for (const char* agency : {"council", "housing"}) {
    CommandBatch batch;
    Add(batch, agency, NoDataOf(agency));
    Add(batch, "site", SignUp(agency));
    ASSERT_TRUE(stream->Write(batch));
    ASSERT_TRUE(*stream->Read(results));
    EXPECT_TRUE(results.results(0).has_receipt()) << results.results(0).status().message();
    EXPECT_EQ(ReasonOf(rpc::FromWire(results.results(1).status())), "FIELD_INVALID");
  }
  stream->WritesDone();
  EXPECT_FALSE(*stream->Read(results));
  EXPECT_TRUE(stream->Finish().ok());
}

}  // namespace
}  // namespace holdfast::flow
