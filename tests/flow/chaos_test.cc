// Faults at random, by a printed seed, on a deployment over three brokers under load from four
// clients of three tenants; then everything heals, and every promise is checked. Label grpc.
//
//   HOLDFAST_CHAOS_SECONDS   how long faults are made (60)
//   HOLDFAST_CHAOS_SEED      which ones (drawn)
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/random.h"
#include "deployment_house.h"
#include "flow_house.h"
#include "standalone_process.h"
#include "testing/kafka_broker.h"

namespace holdfast::flow {
namespace {

using ::testing::IsEmpty;
using testing::KafkaBroker;

constexpr int kNodes = 3;
const std::vector<std::string>& Tenants() {
  static const std::vector<std::string> tenants = {"westmoor", "eastvale", "sandbox"};
  return tenants;
}

std::uint64_t NumberFrom(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  std::uint64_t number = 0;
  return text != nullptr && absl::SimpleAtoi(text, &number) ? number : otherwise;
}

std::uint64_t Draw(Random& random) {
  std::array<std::uint8_t, 8> bytes{};
  random.Fill(bytes);
  std::uint64_t number = 0;
  for (const std::uint8_t byte : bytes) number = number << 8U | byte;
  return number;
}

class Chaos {
 public:
  Chaos(DeploymentHouse& house, std::uint64_t seed) : house_(house), random_(seed) {}

  void MakeOne() {
    struct Fault {
      const char* name;
      void (Chaos::*make)();
    };
    static constexpr Fault kFaults[] = {
        {"instance killed", &Chaos::KillInstance},
        {"instance killed, its state and views lost", &Chaos::KillAndLose},
        {"instance stopped for a while", &Chaos::StopInstance},
        {"instance drained and started again", &Chaos::DrainInstance},
        {"broker killed", &Chaos::KillBroker},
        {"quorum of brokers lost", &Chaos::LoseQuorum},
        {"two processes with one ordinal", &Chaos::DoubleInstance},
    };
    const Fault& fault = kFaults[Below(std::size(kFaults))];
    ++made_[fault.name];
    std::printf("[ fault ] %s\n", fault.name);
    (this->*fault.make)();
  }

  const std::map<std::string, int>& made() const { return made_; }

 private:
  std::size_t Below(std::size_t count) { return Draw(random_) % count; }
  void Wait(int least_ms, int most_ms) {
    LetPass(absl::Milliseconds(
        least_ms + static_cast<int>(Below(static_cast<std::size_t>(most_ms - least_ms)))));
  }
  const Instance& Any() { return house_.instances()[Below(house_.instances().size())]; }

  void Restart(const Instance& instance, const std::function<void()>& between) {
    house_.ProcessOf(instance).AwaitEnd();
    between();
    Wait(500, 4000);
    house_.Begin(instance);
    EXPECT_TRUE(house_.ProcessOf(instance).AwaitReady()) << instance.folder;
  }

  void KillInstance() {
    const Instance& instance = Any();
    house_.ProcessOf(instance).Signal(SIGKILL);
    Restart(instance, [] {});
  }
  void KillAndLose() {
    const Instance& instance = Any();
    house_.ProcessOf(instance).Signal(SIGKILL);
    Restart(instance, [&] {
      std::filesystem::remove_all(instance.folder + "/state");
      std::filesystem::remove_all(instance.folder + "/views");
    });
  }
  void StopInstance() {
    const Instance& instance = Any();
    house_.ProcessOf(instance).Signal(SIGSTOP);
    Wait(1000, 8000);
    house_.ProcessOf(instance).Signal(SIGCONT);
  }
  void DrainInstance() {
    const Instance& instance = Any();
    house_.ProcessOf(instance).Signal(SIGTERM);
    Restart(instance, [] {});
  }
  void KillBroker() {
    KafkaBroker::Get()->Kill(static_cast<int>(1 + Below(kNodes)));
    Wait(1000, 8000);
    KafkaBroker::Get()->StartAgain();
  }
  void LoseQuorum() {
    const auto first = static_cast<int>(1 + Below(kNodes));
    KafkaBroker::Get()->Kill(first);
    KafkaBroker::Get()->Kill(first % kNodes + 1);
    Wait(2000, 10'000);
    KafkaBroker::Get()->StartAgain();
  }
  // A supervisor that believes the first one dead.
  void DoubleInstance() {
    Instance twin = house_.instances()[Below(2)];  // of the initiative
    twin.folder += "-twin";
    twin.port = "0";
    std::filesystem::remove_all(twin.folder);
    StandaloneProcess process(house_.WordsOf(twin), twin.folder);
    EXPECT_TRUE(process.AwaitReady());
    Wait(2000, 6000);
    process.Signal(Below(2) == 0 ? SIGKILL : SIGTERM);
    process.AwaitEnd();
  }

  DeploymentHouse& house_;
  SeededRandom random_;
  std::map<std::string, int> made_;
};

TEST(ChaosOnADeployment, BreaksNoPromise) {
  if (KafkaBroker::Get() == nullptr) GTEST_SKIP() << "skipped: there is no broker here";
  const std::uint64_t seed = NumberFrom("HOLDFAST_CHAOS_SEED", Draw(SystemRandom()) % 1'000'000);
  const std::uint64_t seconds = NumberFrom("HOLDFAST_CHAOS_SECONDS", 60);
  std::printf("[ chaos ] seed %llu, %llu s of faults\n", static_cast<unsigned long long>(seed),
              static_cast<unsigned long long>(seconds));
  DeploymentHouse house("chaos", *KafkaBroker::Get());
  ASSERT_TRUE(house.Open());
  Load load(house.doors(), Tenants(), 4);
  Chaos chaos(house, seed);
  const absl::Time until = absl::Now() + absl::Seconds(static_cast<std::int64_t>(seconds));
  while (absl::Now() < until && !::testing::Test::HasFailure()) {
    load.AwaitMore(20);
    chaos.MakeOne();
  }
  load.AwaitMore(20);
  load.Stop();
  const std::vector<std::string> violations = house.Violations(load);

  int faults = 0;
  for (const auto& [name, count] : chaos.made()) {
    std::printf("[ chaos ] %4d  %s\n", count, name.c_str());
    faults += count;
  }
  std::size_t acknowledged = 0;
  std::size_t unknown = 0;
  for (const auto& [tenant, names] : load.acknowledged()) acknowledged += names.size();
  for (const auto& [tenant, names] : load.unknown()) unknown += names.size();
  std::printf(
      "[ chaos ] %d faults; commands: %d issued, %zu acknowledged, %zu unknown; %zu violations; "
      "worst unavailability %s\n",
      faults, load.issued(), acknowledged, unknown, violations.size(),
      absl::FormatDuration(absl::Trunc(load.longest(), absl::Milliseconds(1))).c_str());
  EXPECT_THAT(violations, IsEmpty());
  EXPECT_GT(acknowledged, 0U);
}

// The check is worth nothing unless it finds what is broken.
TEST(ChaosOnADeployment, IsCheckedByACheckerThatMissesALostCommand) {
  if (KafkaBroker::Get() == nullptr) GTEST_SKIP() << "skipped: there is no broker here";
  DeploymentHouse house("chaos-planted", *KafkaBroker::Get());
  ASSERT_TRUE(house.Open());
  Load load(house.doors(), {"sandbox"}, 1);
  load.AwaitMore(20);
  load.Stop();
  ASSERT_THAT(house.Violations(load), IsEmpty());
  load.Pretend("sandbox", "A site that was acknowledged and is not there");
  EXPECT_THAT(house.Violations(load), ::testing::SizeIs(1));
}

}  // namespace
}  // namespace holdfast::flow

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  return holdfast::testing::KafkaBroker::RunAllTests("ChaosOnADeployment.BreaksNoPromise", 3);
}
