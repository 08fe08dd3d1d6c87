// Faults at random, by a printed seed, on a deployment over three brokers, everything through
// proxies, under load from gRPC clients in this process and from HTTP clients of the gateway in
// another; then everything heals, and every promise is checked. Label grpc.
//
//   HOLDFAST_CHAOS_SECONDS   how long faults are made (120)
//   HOLDFAST_CHAOS_SEED      which ones (drawn)
#include "chaos.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "holdfast/board/v1/board.pb.h"
#include "holdfast/initiative/v1/initiative.pb.h"
#include "holdfast/journal/v1/journal.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "absl/strings/numbers.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/random.h"
#include "base/uuid.h"
#include "cli/rpc_names.h"
#include "cli/session.h"
#include "deployment_house.h"
#include "flow_house.h"
#include "journal/kafka_control.h"
#include "load.h"
#include "small_disk.h"
#include "standalone_process.h"
#include "testing/kafka_broker.h"

namespace holdfast::flow {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::KafkaBroker;
using ::testing::SizeIs;

constexpr int kNodes = 3;
constexpr int kFronts = DeploymentHouse::kReplicas;
constexpr std::uint64_t kLongRun = 300;  // s: with faults of a minute
// The demonstration has these.
const std::vector<std::string>& Tenants() {
  static const std::vector<std::string> tenants = {"westmoor", "eastvale", "sandbox"};
  return tenants;
}

std::uint64_t NumberFrom(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  std::uint64_t number = 0;
  return text != nullptr && absl::SimpleAtoi(text, &number) ? number : otherwise;
}

std::uint64_t AnySeed() {
  std::array<std::uint8_t, 4> bytes{};
  SystemRandom().Fill(bytes);
  std::uint64_t number = 0;
  for (const std::uint8_t byte : bytes) number = number << 8U | byte;
  return number % 1'000'000;
}

void Report(const Chaos& chaos, const LoadRecord& record,
            const std::vector<std::string>& violations) {
  int faults = 0;
  for (const auto& [name, count] : chaos.made()) {
    std::printf("[ chaos ] %4d  %s\n", count, name.c_str());
    faults += count;
  }
  std::printf(
      "[ chaos ] %d faults; commands: %d issued, %zu acknowledged, %zu unknown; %zu violations; "
      "worst unavailability %s\n",
      faults, record.issued, record.AcknowledgedCount(), record.UnknownCount(), violations.size(),
      absl::FormatDuration(absl::Trunc(record.longest, absl::Milliseconds(1))).c_str());
}

class ChaosOnADeployment : public ::testing::Test {
 protected:
  void SetUp() override {
    if (KafkaBroker::Get() == nullptr) GTEST_SKIP() << "skipped: there is no broker here";
  }
};

TEST_F(ChaosOnADeployment, BreaksNoPromise) {
  const std::uint64_t seed = NumberFrom("HOLDFAST_CHAOS_SEED", AnySeed());
  const std::uint64_t seconds = NumberFrom("HOLDFAST_CHAOS_SECONDS", 120);
  std::printf("[ chaos ] seed %llu, %llu s of faults\n", static_cast<unsigned long long>(seed),
              static_cast<unsigned long long>(seconds));
  DeploymentHouse house("chaos", *KafkaBroker::Get());
  const SmallDisk disk(FolderOfDisk("chaos-disk"), "size=256m");
  if (disk.mounted()) {
    house.Place("initiative", DeploymentHouse::kReplicas - 1, disk.folder());
  } else {
    std::printf("[ chaos ] no full disk: only root may mount a small one\n");
  }
  ASSERT_TRUE(house.Open());
  ASSERT_TRUE(house.BeginGateway());
  Load direct(ThroughDoors(house.doors()), Tenants(), 3);
  SeparateLoad by_gateway(house.gateway_port(), Tenants(), 3);
  Chaos chaos(house, *KafkaBroker::Get(), seed, seconds >= kLongRun,
              disk.mounted() ? &disk : nullptr);
  const absl::Time until = absl::Now() + absl::Seconds(static_cast<std::int64_t>(seconds));
  while (absl::Now() < until && !HasFailure()) {
    direct.AwaitMore(10);
    by_gateway.AwaitMore(10);
    chaos.MakeOne();
  }
  direct.AwaitMore(10);
  by_gateway.AwaitMore(10);
  direct.Stop();
  EXPECT_TRUE(by_gateway.Stop()) << "the load ended by itself";
  LoadRecord record = direct.record();
  record.Add(by_gateway.record());
  const std::vector<std::string> violations = house.Violations(record);
  Report(chaos, record, violations);
  EXPECT_THAT(violations, IsEmpty());
  EXPECT_GT(direct.record().AcknowledgedCount(), 0U);
  EXPECT_GT(by_gateway.record().AcknowledgedCount(), 0U);
}

// The check is worth nothing unless it finds what is broken.
class PlantedInADeployment : public ChaosOnADeployment {
 protected:
  static constexpr char kTenant[] = "sandbox";

  void SetUp() override {
    ChaosOnADeployment::SetUp();
    if (IsSkipped()) return;
    house_ = std::make_unique<DeploymentHouse>("chaos-planted", *KafkaBroker::Get());
    ASSERT_TRUE(house_->Open());
  }
  LoadRecord SoundLoad(int commands) {
    Load load(ThroughDoors(house_->doors()), {kTenant}, 2);
    load.AwaitMore(commands);
    load.Stop();
    EXPECT_THAT(house_->Violations(load.record()), IsEmpty());
    return load.record();
  }

  // Where its commit stands.
  type::v1::Position Write(const std::string& name) {
    cli::Session session({house_->doors(), kTenant, "trial", "", absl::Seconds(60)});
    initiative::v1::CreateSite create;
    create.set_name(name);
    type::v1::Receipt receipt;
    absl::Status answer;
    EXPECT_TRUE(Await([&] {
      answer = session.Command(cli::Initiative("CreateSite"), create, receipt, "fresh-read");
      return answer.ok();
    })) << answer;
    return receipt.position();
  }
  // What the instance itself answers to a read that wants at least that position.
  static absl::Status ReadAt(const Instance& instance, const type::v1::Position& position) {
    cli::Session session({"127.0.0.1:" + instance.port, kTenant, "trial", "", absl::Seconds(10)});
    board::v1::ListSiteBoardsRequest request;
    *request.mutable_read()->add_min_position() = position;
    board::v1::ListSiteBoardsResponse answer;
    return session.Call(cli::Board("ListSiteBoards"), request, answer);
  }

  std::unique_ptr<DeploymentHouse> house_;
};

TEST_F(PlantedInADeployment, ALostCommandAndADoubledOneAreFound) {
  LoadRecord record = SoundLoad(20);
  record.acknowledged[kTenant].insert("A site that was acknowledged and is not there");
  EXPECT_THAT(house_->Violations(record), SizeIs(1));
  for (int i = 0; i < 2; ++i)
    ASSERT_EQ(house_->Run(kTenant, {"site", "create", "--name", "Made twice"}).code, 0);
  record.acknowledged[kTenant].insert("Made twice");
  EXPECT_THAT(house_->Violations(record), SizeIs(2));
}

// One that listens to what processes say, and says that it folded otherwise.
class Liar {
 public:
  explicit Liar(const std::string& bootstrap)
      : channel_(*journal::OpenKafkaControl({.bootstrap = bootstrap})) {
    channel_->Listen([this](std::string_view message) { Hear(message); });
  }
  // Of the initiative; waits until somebody who decides has reported, and until all may have heard
  // it.
  void ContradictAnOwner() {
    ASSERT_TRUE(Await([this] {
      const absl::MutexLock lock(&mutex_);
      return !heard_.context().empty();
    }));
    journal::v1::Heartbeats beat;
    beat.set_process(process_);
    {
      const absl::MutexLock lock(&mutex_);
      *beat.add_digests() = heard_;
    }
    beat.mutable_digests(0)->set_digest(std::string(sizeof(Hash), 'x'));
    channel_->Send(beat.SerializeAsString());
    EXPECT_TRUE(Await([this] {
      const absl::MutexLock lock(&mutex_);
      return came_back_;
    }));
  }

 private:
  void Hear(std::string_view message) {
    journal::v1::Heartbeats beat;
    if (!beat.ParseFromArray(message.data(), static_cast<int>(message.size()))) return;
    const absl::MutexLock lock(&mutex_);
    came_back_ = came_back_ || beat.process() == process_;
    for (const journal::v1::FoldDigest& said : beat.digests()) {
      if (said.context() == "initiative" && said.decides()) heard_ = said;
    }
  }

  const std::string process_{AsBytes(NewUuidV4(SystemRandom()))};
  absl::Mutex mutex_;
  bool came_back_ ABSL_GUARDED_BY(mutex_) = false;
  journal::v1::FoldDigest heard_ ABSL_GUARDED_BY(mutex_);
  const std::unique_ptr<journal::ControlChannel> channel_;  // last: it calls into the rest
};

TEST_F(PlantedInADeployment, AFoldThatDiffersIsFoundStopsThePartitionAndARestartHelps) {
  const LoadRecord record = SoundLoad(600);
  {
    Liar liar(KafkaBroker::Get()->bootstrap());
    liar.ContradictAnOwner();
  }
  const auto unready = [&](const Instance& instance) {
    return house_->ProcessOf(instance).AdminPage("/readyz").find("otherwise") != std::string::npos;
  };
  std::vector<Instance> initiative(house_->instances().begin(),
                                   house_->instances().begin() + DeploymentHouse::kReplicas);
  for (const Instance& instance : initiative)
    EXPECT_TRUE(Await([&] { return unready(instance); })) << instance.folder;
  EXPECT_THAT(house_->Violations(record), ::testing::Contains(HasSubstr("fold_digest_mismatch")));
  for (const Instance& instance : house_->instances()) {
    house_->ProcessOf(instance).Signal(SIGTERM);
    house_->ProcessOf(instance).AwaitEnd();
    house_->Begin(instance);
  }
  for (const Instance& instance : house_->instances())
    ASSERT_TRUE(house_->ProcessOf(instance).AwaitReady()) << instance.folder;
  EXPECT_THAT(house_->Violations(record), IsEmpty());
}

// A read with the position of what was just written is never answered with less: an instance that
// is behind says so, and another that has it answers.
TEST_F(PlantedInADeployment, AReadAtLeastAsFreshAsAPositionIsHonouredByEachProjection) {
  const std::vector<Instance>& all = house_->instances();
  const Instance& ahead = all[4];
  const Instance& behind = all[5];
  ASSERT_EQ(behind.service, "projection");
  for (const auto& broker : house_->BrokersOf(behind.ordinal)) broker->Set({.silent = true});
  const type::v1::Position written = Write("Written while one projection hears nothing");
  const auto at = [&](const Instance& instance) { return ReadAt(instance, written); };
  EXPECT_TRUE(Await([&] { return at(ahead).ok(); })) << at(ahead);
  EXPECT_EQ(ReasonOf(at(behind)), "VIEW_BEHIND") << at(behind);
  for (const auto& broker : house_->BrokersOf(behind.ordinal)) broker->Heal();
  EXPECT_TRUE(Await([&] { return at(behind).ok(); })) << at(behind);
}

}  // namespace
}  // namespace holdfast::flow

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  return holdfast::testing::KafkaBroker::RunAllTests(
      "ChaosOnADeployment.BreaksNoPromise", holdfast::flow::kNodes, holdfast::flow::kFronts);
}
