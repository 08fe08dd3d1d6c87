// The services as processes of their own on a real broker: two instances of each that decides, one
// kills the owner, stops it, drains it, and no acknowledged command is lost. Label grpc.
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/time/clock.h"
#include "command_line.h"
#include "deployment_house.h"
#include "flow_house.h"
#include "standalone_process.h"
#include "testing/kafka_broker.h"

namespace holdfast::flow {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::KafkaBroker;

constexpr char kTenant[] = "westmoor";

class Deployment : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (KafkaBroker::Get() == nullptr) return;
    house_ = std::make_unique<DeploymentHouse>("deployment", *KafkaBroker::Get());
    ASSERT_TRUE(house_->Open());
  }
  static void TearDownTestSuite() { house_.reset(); }
  void SetUp() override {
    if (KafkaBroker::Get() == nullptr) GTEST_SKIP() << "skipped: there is no broker here";
  }

  static Said Run(const Words& words) { return house_->Run(kTenant, words); }
  static StandaloneProcess& ProcessOf(const Instance& instance) {
    return house_->ProcessOf(instance);
  }
  // Every acknowledged command is there, once, and everything fits together.
  static void ExpectAllOnce(const Load& load) {
    EXPECT_THAT(house_->Violations(load.record()), IsEmpty());
  }

  static inline std::unique_ptr<DeploymentHouse> house_;
};

TEST_F(Deployment, StandsOnABroker) {
  for (const Instance& instance : house_->instances()) {
    EXPECT_EQ(ProcessOf(instance).AdminPage("/readyz"), "ok\n") << instance.folder;
  }
}

TEST_F(Deployment, CarriesAJourneyThroughItsServices) {
  const Said created = Run({"site", "create", "--name", "Mill Lane", "-o", "json"});
  ASSERT_EQ(created.code, 0) << created.err;
  // Another instance may answer, a moment behind.
  EXPECT_TRUE(Await([] {
    return Run({"site", "list"}).out.find("Mill Lane") != std::string::npos;
  }));
  const Said measures = Run({"measure", "list"});
  EXPECT_EQ(measures.code, 0) << measures.err;
  EXPECT_THAT(measures.out, HasSubstr("severity"));
  const std::string csv =
      WriteFile(house_->root() + "/council-fly-tipping.csv", "area,month,count\nX001,2017-01,7\n");
  const Said planned = Run({"import", "plan", csv, "--profile", "agency-series@1"});
  EXPECT_THAT(planned.err + planned.out, HasSubstr("area"))
      << "an area is unknown, and that is said";
}

TEST_F(Deployment, LosesNothingAndGoesOnWhereTheOwnerIsKilled) {
  const Instance owner = house_->OwnerOf(kTenant);
  Load load(ThroughDoors(house_->doors()), {kTenant});
  load.AwaitMore(20);
  ProcessOf(owner).Signal(SIGKILL);
  ProcessOf(owner).AwaitEnd();
  load.AwaitMore(20);
  load.Stop();
  std::printf("[ take-over ] longest command %s, heartbeat timeout %s ms\n",
              absl::FormatDuration(load.record().longest).c_str(), DeploymentHouse::kTimeoutMs);
  EXPECT_THAT(load.record().failures, IsEmpty());
  EXPECT_NE(house_->OwnerOf(kTenant).ordinal, owner.ordinal);
  house_->Begin(owner);
  ASSERT_TRUE(ProcessOf(owner).AwaitReady());
  ExpectAllOnce(load);
}

TEST_F(Deployment, LosesNothingAndShowsNoErrorWhereTheOwnerDrains) {
  const Instance owner = house_->OwnerOf(kTenant);
  Load load(ThroughDoors(house_->doors()), {kTenant});
  load.AwaitMore(20);
  ProcessOf(owner).Signal(SIGTERM);
  EXPECT_EQ(ProcessOf(owner).AwaitEnd(), 0);
  load.AwaitMore(20);
  load.Stop();
  std::printf("[ drain ] longest command %s\n",
              absl::FormatDuration(load.record().longest).c_str());
  EXPECT_THAT(load.record().failures, IsEmpty());
  house_->Begin(owner);
  ASSERT_TRUE(ProcessOf(owner).AwaitReady());
  ExpectAllOnce(load);
}

TEST_F(Deployment, LosesNothingWhereTheOwnerSleepsAndComesBack) {
  const Instance owner = house_->OwnerOf(kTenant);
  Load load(ThroughDoors(house_->doors()), {kTenant});
  load.AwaitMore(20);
  ProcessOf(owner).Signal(SIGSTOP);
  LetPass(absl::Seconds(6));
  ProcessOf(owner).Signal(SIGCONT);
  load.AwaitMore(20);
  load.Stop();
  std::printf("[ sleep ] longest command %s\n",
              absl::FormatDuration(load.record().longest).c_str());
  EXPECT_THAT(load.record().failures, IsEmpty());
  ExpectAllOnce(load);
}

// Its connections stay open, and nothing comes back: only asking whether it lives finds that out.
TEST_F(Deployment, GoesOnWhileTheOwnerHangs) {
  const Instance owner = house_->OwnerOf(kTenant);
  Load load(ThroughDoors(house_->doors()), {kTenant});
  load.AwaitMore(20);
  ProcessOf(owner).Signal(SIGSTOP);
  load.AwaitMore(20);
  ProcessOf(owner).Signal(SIGCONT);
  load.Stop();
  std::printf("[ hang ] longest command %s\n", absl::FormatDuration(load.record().longest).c_str());
  EXPECT_THAT(load.record().failures, IsEmpty());
  ExpectAllOnce(load);
}

TEST_F(Deployment, RefusesToStartOnTopicsThatAreOtherwise) {
  Instance other = {"initiative", 0, "0", house_->root() + "/other", ""};
  const auto last_line = [&](const std::vector<std::string>& more) {
    StandaloneProcess process(house_->WordsOf(other, more), other.folder);
    EXPECT_FALSE(process.AwaitReady());
    EXPECT_EQ(process.AwaitEnd(), 1);
    return process.said();
  };
  EXPECT_THAT(last_line({"kafka.partitions=8"}),
              AllOf(HasSubstr("holdfast.journal.initiative"), HasSubstr("4 partitions")));
  EXPECT_THAT(last_line({"kafka.topic_prefix=nowhere."}), HasSubstr("nowhere.initiative"));
  EXPECT_THAT(last_line({"kafka.bootstrap=127.0.0.1:1"}), HasSubstr("127.0.0.1:1"));
  EXPECT_THAT(last_line({"instance.shared_secrets=" + house_->root()}),
              HasSubstr("command-mac.key"));
  EXPECT_THAT(last_line({"instance.ordinal=2"}), HasSubstr("instance.ordinal"));
}

}  // namespace
}  // namespace holdfast::flow

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  return holdfast::testing::KafkaBroker::RunAllTests("Deployment.StandsOnABroker");
}
