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

// The directory joins a deployment whose people stood in the configuration alone.
TEST_F(Deployment, HonoursAtEveryDoorWhatTheDirectorySays) {
  std::vector<Instance> directories;
  std::vector<std::string> doors;
  for (int i = 0; i < DeploymentHouse::kReplicas; ++i) {
    Instance instance{"directory", i, FreePort(),
                      house_->root() + "/directory-" + std::to_string(i), ""};
    instance.door = "127.0.0.1:" + instance.port;
    doors.push_back(instance.door);
    directories.push_back(instance);
  }
  for (const Instance& instance : directories) house_->Begin(instance);
  for (const Instance& instance : directories)
    ASSERT_TRUE(ProcessOf(instance).AwaitReady()) << instance.folder;

  const std::string directory = "directory=" + doors[0] + "," + doors[1] + ";*=" + doors[0];
  const auto ask = [&](const Words& words) {
    Words all = {"--address", directory,       "--tenant",  kTenant,
                 "--as",      "administrator", "--purpose", "PARTNERSHIP"};
    all.insert(all.end(), words.begin(), words.end());
    return RunCommand(all);
  };
  const Said members = ask({"member", "list", "--role", "EVALUATOR", "-o", "csv"});
  ASSERT_EQ(members.code, 0) << members.err;
  // The evaluator, and `trial`, who holds nearly every role.
  const std::size_t alone = members.out.find(",EVALUATOR,");
  ASSERT_NE(alone, std::string::npos) << members.out;
  const std::size_t line = members.out.rfind('\n', alone) + 1;
  const std::string member = members.out.substr(line, members.out.find(',', line) - line);

  const auto sees_sites = [] {
    Words words = {"--as", "evaluator", "site", "list"};
    return house_->Run(kTenant, words).code == 0;
  };
  EXPECT_TRUE(sees_sites());
  const Said revoked = ask({"member", "revoke", member, "EVALUATOR", "--reason", "a test"});
  ASSERT_EQ(revoked.code, 0) << revoked.err;
  EXPECT_TRUE(Await([&] { return !sees_sites(); }));
  const Said granted = ask({"member", "grant", member, "EVALUATOR"});
  ASSERT_EQ(granted.code, 0) << granted.err;
  EXPECT_TRUE(Await(sees_sites));

  // Started again, nothing is granted anew that was decided otherwise.
  ASSERT_EQ(ask({"member", "revoke", member, "EVALUATOR", "--reason", "again"}).code, 0);
  for (const Instance& instance : directories) {
    ProcessOf(instance).Signal(SIGTERM);
    EXPECT_EQ(ProcessOf(instance).AwaitEnd(), 0);
    house_->Begin(instance);
  }
  for (const Instance& instance : directories)
    ASSERT_TRUE(ProcessOf(instance).AwaitReady()) << instance.folder;
  EXPECT_FALSE(sees_sites());
  for (const Instance& instance : directories) {
    ProcessOf(instance).Signal(SIGTERM);
    EXPECT_EQ(ProcessOf(instance).AwaitEnd(), 0);
  }
}

}  // namespace
}  // namespace holdfast::flow

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  return holdfast::testing::KafkaBroker::RunAllTests("Deployment.StandsOnABroker");
}
