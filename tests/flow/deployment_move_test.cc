// A tenant moved between the partitions of a deployment's journals, from one owner to another,
// under load, and with both owners killed amid the move. Label grpc.
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "holdfast/operations/v1/operations.pb.h"

#include "absl/strings/str_replace.h"
#include "base/status_macros.h"
#include "cli/rpc_names.h"
#include "cli/session.h"
#include "command_line.h"
#include "deployment_house.h"
#include "flow_house.h"
#include "invented_borough.h"
#include "load.h"
#include "standalone_process.h"
#include "testing/kafka_broker.h"

namespace holdfast::flow {
namespace {

namespace ov1 = operations::v1;
using ::testing::IsEmpty;
using testing::KafkaBroker;

constexpr char kTenant[] = "westmoor";
const std::vector<std::string>& Tenants() {
  static const std::vector<std::string> all = {kTenant, "eastvale", "sandbox"};
  return all;
}

class DeploymentMove : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (KafkaBroker::Get() == nullptr) return;
    house_ = std::make_unique<DeploymentHouse>("deployment-move", *KafkaBroker::Get());
    ASSERT_TRUE(house_->Open());
  }
  static void TearDownTestSuite() { house_.reset(); }
  void SetUp() override {
    if (KafkaBroker::Get() == nullptr) GTEST_SKIP() << "skipped: there is no broker here";
  }

  static Said Run(const Words& words) { return house_->Run(kTenant, words); }

  // Asks the operations of the initiative's instances.
  template <class Request, class Answer>
  static absl::Status Ask(std::string_view method, const Request& request, Answer& answer) {
    cli::Session session({house_->doors(), kTenant, "trial", "", absl::Seconds(60)});
    RETURN_IF_ERROR(session.SignIn());
    rpc::CallOptions options = session.Options();
    options.at_service = "initiative";
    return session.client().Call(cli::Operations(method), request, answer, options);
  }
  static ov1::TenantPlace Place() {
    ov1::GetTenantPlaceRequest request;
    request.set_context("initiative");
    ov1::TenantPlace place;
    const absl::Status asked = Ask("GetTenantPlace", request, place);
    EXPECT_TRUE(asked.ok()) << asked;
    return place;
  }
  // The next one belongs to the other owner.
  static std::uint32_t Another() {
    const ov1::TenantPlace place = Place();
    return (place.partition() + 1) % place.partitions();
  }
  static void ReceiveUntilCaughtUp(std::uint32_t to) {
    ov1::ReceiveTenantRequest request;
    request.set_context("initiative");
    request.set_to_partition(to);
    ov1::ReceiveTenantResponse received;
    do {
      const absl::Status asked = Ask("ReceiveTenant", request, received);
      ASSERT_TRUE(asked.ok()) << asked;
    } while (received.state() == ov1::ReceiveTenantResponse::COPYING);
  }
  static void Close(std::uint32_t to) {
    ov1::CloseTenantRequest request;
    request.set_context("initiative");
    request.set_to_partition(to);
    ov1::CloseTenantResponse closed;
    const absl::Status asked = Ask("CloseTenant", request, closed);
    ASSERT_TRUE(asked.ok()) << asked;
  }
  static void KillBothOwners() {
    std::vector<Instance> owners;
    for (const Instance& instance : house_->instances()) {
      if (instance.service == "initiative") owners.push_back(instance);
    }
    for (const Instance& owner : owners) house_->ProcessOf(owner).Signal(SIGKILL);
    for (const Instance& owner : owners) {
      house_->ProcessOf(owner).AwaitEnd();
      house_->Begin(owner);
    }
    for (const Instance& owner : owners) ASSERT_TRUE(house_->ProcessOf(owner).AwaitReady());
  }
  static void ExpectNothingLost(Load& load) {
    load.Stop();
    std::printf("[ move ] longest command %s\n",
                absl::FormatDuration(load.record().longest).c_str());
    EXPECT_THAT(load.record().failures, IsEmpty());
    EXPECT_THAT(house_->Violations(load.record()), IsEmpty());
  }

  static inline std::unique_ptr<DeploymentHouse> house_;
};

TEST_F(DeploymentMove, LosesNothingUnderLoadAndReachesTheNewOwner) {
  Load load(ThroughDoors(house_->doors()), Tenants());
  load.AwaitMore(30);
  const int owner = house_->OwnerOf(kTenant).ordinal;
  const std::uint32_t to = Another();
  const Said moved = Run({"tenant", "move", kTenant, "--all", "--to", std::to_string(to)});
  ASSERT_EQ(moved.code, 0) << moved.err;
  std::printf("[ move ] %s", moved.err.c_str());
  load.AwaitMore(30);
  EXPECT_EQ(Place().partition(), to);
  EXPECT_NE(house_->OwnerOf(kTenant).ordinal, owner);
  ExpectNothingLost(load);
}

TEST_F(DeploymentMove, GoesOnWhereBothOwnersAreKilledAmidIt) {
  Load load(ThroughDoors(house_->doors()), Tenants());
  load.AwaitMore(20);
  const std::uint32_t to = Another();
  ReceiveUntilCaughtUp(to);
  KillBothOwners();
  Close(to);
  KillBothOwners();
  const Said moved =
      Run({"tenant", "move", kTenant, "--context", "initiative", "--to", std::to_string(to)});
  ASSERT_EQ(moved.code, 0) << moved.err;
  load.AwaitMore(20);
  EXPECT_EQ(Place().partition(), to);
  ExpectNothingLost(load);
}

// The tenant's metrics and its initiative stand in partitions of different owners.
TEST_F(DeploymentMove, IsToldOfAContextThatStandsInAnotherPartition) {
  const InventedBorough borough = MakeBorough();
  const std::string wards = WriteFile(house_->root() + "/wards.geojson", borough.wards_geojson);
  const Said imported = Run({"geography", "import", wards, "--kind", "ward", "--vintage", "2016",
                             "--code-property", "WD16CD", "--name-property", "WD16NM"});
  ASSERT_EQ(imported.code, 0) << imported.err;
  const auto creates = [](const char* name, const char* area) {
    return Await([&] {
      return Run({"site", "create", "--name", name, "--areas", area}).code == 0;
    });
  };
  EXPECT_TRUE(creates("First", "X16000001"));
  const Said moved = Run(
      {"tenant", "move", kTenant, "--context", "initiative", "--to", std::to_string(Another())});
  ASSERT_EQ(moved.code, 0) << moved.err;
  const std::string more =
      WriteFile(house_->root() + "/more.geojson",
                absl::StrReplaceAll(borough.wards_geojson, {{"X1600000", "X1700000"}}));
  const Said again = Run({"geography", "import", more, "--kind", "ward", "--vintage", "2017",
                          "--code-property", "WD16CD", "--name-property", "WD16NM"});
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_TRUE(creates("Second", "X17000002"));
}

}  // namespace
}  // namespace holdfast::flow

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  return holdfast::testing::KafkaBroker::RunAllTests(
      "DeploymentMove.LosesNothingUnderLoadAndReachesTheNewOwner");
}
