#include "chaos.h"

#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <numeric>
#include <utility>

#include <gtest/gtest.h>

#include "testing/kafka_broker.h"

namespace holdfast::flow {
namespace {

constexpr int kMinute = 60'000;  // ms

}  // namespace

Chaos::Chaos(DeploymentHouse& house, testing::KafkaBroker& broker, std::uint64_t seed,
             bool long_ones, const SmallDisk* disk)
    : house_(house), broker_(broker), random_(seed) {
  AddProcessFaults(long_ones);
  AddBrokerFaults();
  AddNetworkFaults();
  if (disk != nullptr) Add("disk of an instance full", [this, disk] { FillDisk(*disk); });
}

void Chaos::Add(std::string name, std::function<void()> make) {
  faults_.push_back({std::move(name), std::move(make)});
}

void Chaos::AddProcessFaults(bool long_ones) {
  Add("instance killed", [this] { Kill(Any(), false); });
  Add("instance killed, its state and views lost", [this] { Kill(Any(), true); });
  Add("instance stopped for a while", [this] { Stop(Any(), 1000, 8000); });
  Add("instance drained and started again", [this] { Drain(Any()); });
  Add("all instances drained in turn", [this] { DrainEachInTurn(); });
  Add("two processes with one ordinal", [this] { Double(); });
  Add("gateway killed", [this] { KillGateway(); });
  if (long_ones) {
    Add("instance stopped for a minute",
        [this] { Stop(AnyOfTheInitiative(), kMinute, kMinute + 1); });
  }
}

void Chaos::AddBrokerFaults() {
  Add("broker killed", [this] { KillBrokers(1); });
  Add("quorum of brokers lost", [this] { KillBrokers(2); });
  Add("broker that stutters", [this] { Stutter(); });
}

void Chaos::AddNetworkFaults() {
  Add("brokers silent for the instances of one ordinal", [this] { HinderFront({.silent = true}); });
  Add("brokers refuse the instances of one ordinal", [this] { HinderFront({.refuses = true}); });
  Add("one broker's answers late", [this] { HinderBroker({.delay_answers = absl::Seconds(2)}); });
  Add("one broker asked late", [this] { HinderBroker({.delay_asks = absl::Milliseconds(700)}); });
  Add("connections to brokers reset", [this] {
    for (const auto& broker : AnyFront()) broker->Reset();
  });
  Add("connections to brokers half closed", [this] {
    for (const auto& broker : AnyFront()) broker->HalfClose();
  });
  Add("records of a writer arrive after its take-over", [this] { DeliverLate(); });
  Add("instance's door silent", [this] { HinderDoor({.silent = true}); });
  Add("instance's answers late", [this] { HinderDoor({.delay_answers = absl::Seconds(2)}); });
  Add("connections to an instance reset", [this] { AnyDoor().Reset(); });
  Add("connections to an instance half closed", [this] { AnyDoor().HalfClose(); });
}

void Chaos::MakeOne() {
  if (deck_.empty()) {
    deck_.resize(faults_.size());
    std::iota(deck_.begin(), deck_.end(), std::size_t{0});
  }
  const auto drawn = deck_.begin() + static_cast<std::ptrdiff_t>(Below(deck_.size()));
  const Fault& fault = faults_[*drawn];
  deck_.erase(drawn);
  ++made_[fault.name];
  std::printf("[ fault ] %s\n", fault.name.c_str());
  std::fflush(stdout);
  fault.make();
}

std::size_t Chaos::Below(std::size_t count) {
  std::array<std::uint8_t, 8> bytes{};
  random_.Fill(bytes);
  std::uint64_t number = 0;
  for (const std::uint8_t byte : bytes) number = number << 8U | byte;
  return number % count;
}

void Chaos::Wait(int least_ms, int most_ms) {
  LetPass(absl::Milliseconds(
      least_ms + static_cast<int>(Below(static_cast<std::size_t>(most_ms - least_ms)))));
}

const Instance& Chaos::Any() {
  return house_.instances()[Below(house_.instances().size())];
}

const Instance& Chaos::AnyOfTheInitiative() {
  return house_.instances()[Below(DeploymentHouse::kReplicas)];
}

FaultProxy& Chaos::AnyDoor() {
  return *house_.DoorOf(Any());
}

const std::vector<std::unique_ptr<FaultProxy>>& Chaos::AnyFront() {
  return house_.BrokersOf(static_cast<int>(Below(DeploymentHouse::kReplicas)));
}

// --- Processes.

void Chaos::Restart(const Instance& instance, const std::function<void()>& between) {
  house_.ProcessOf(instance).AwaitEnd();
  between();
  Wait(500, 4000);
  house_.Begin(instance);
  EXPECT_TRUE(house_.ProcessOf(instance).AwaitReady())
      << instance.folder << ": " << house_.ProcessOf(instance).said();
}

void Chaos::Kill(const Instance& instance, bool lose_everything) {
  house_.ProcessOf(instance).Signal(SIGKILL);
  Restart(instance, [&] {
    if (!lose_everything) return;
    std::filesystem::remove_all(instance.folder + "/state");
    std::filesystem::remove_all(instance.folder + "/views");
  });
}

void Chaos::Drain(const Instance& instance) {
  house_.ProcessOf(instance).Signal(SIGTERM);
  Restart(instance);
}

void Chaos::Stop(const Instance& instance, int least_ms, int most_ms) {
  house_.ProcessOf(instance).Signal(SIGSTOP);
  Wait(least_ms, most_ms);
  house_.ProcessOf(instance).Signal(SIGCONT);
}

void Chaos::DrainEachInTurn() {
  for (const Instance& instance : house_.instances()) Drain(instance);
}

// A supervisor that believes the first one dead.
void Chaos::Double() {
  Instance twin = AnyOfTheInitiative();
  twin.folder += "-twin";
  twin.port = "0";
  twin.door.clear();
  std::filesystem::remove_all(twin.folder);
  StandaloneProcess process(house_.WordsOf(twin), twin.folder);
  EXPECT_TRUE(process.AwaitReady());
  Wait(2000, 6000);
  process.Signal(Below(2) == 0 ? SIGKILL : SIGTERM);
  process.AwaitEnd();
}

void Chaos::KillGateway() {
  house_.gateway().Signal(SIGKILL);
  house_.gateway().AwaitEnd();
  Wait(500, 3000);
  EXPECT_TRUE(house_.BeginGateway());
}

// What a process folded may be written no more until there is room, and views stop then: somebody
// makes room, and starts it again.
void Chaos::FillDisk(const SmallDisk& disk) {
  constexpr std::uint64_t kLeft = 65'536;
  disk.FillUpTo(kLeft);
  Wait(2000, 6000);
  disk.Empty();
  for (const Instance& instance : house_.instances()) {
    if (instance.folder == disk.folder()) Drain(instance);
  }
}

// --- Brokers.

void Chaos::KillBrokers(int count) {
  const int nodes = broker_.nodes();
  const auto first = static_cast<int>(Below(static_cast<std::size_t>(nodes)));
  for (int i = 0; i < count; ++i) broker_.Kill(1 + (first + i) % nodes);
  Wait(1000, 8000);
  broker_.StartAgain();
}

// As on a disk that is slow now and then, or while memory is collected.
void Chaos::Stutter() {
  const auto node = static_cast<int>(1 + Below(static_cast<std::size_t>(broker_.nodes())));
  for (int i = 0; i < 8; ++i) {
    broker_.Pause(node);
    Wait(200, 1500);
    broker_.Resume(node);
    Wait(50, 300);
  }
}

// --- The network between.

void Chaos::HinderFront(const Hindrance& hindrance) {
  const auto& front = AnyFront();
  for (const auto& broker : front) broker->Set(hindrance);
  Wait(1000, 10'000);
  for (const auto& broker : front) broker->Heal();
}

void Chaos::HinderBroker(const Hindrance& hindrance) {
  FaultProxy& broker = *AnyFront()[Below(static_cast<std::size_t>(broker_.nodes()))];
  broker.Set(hindrance);
  Wait(2000, 8000);
  broker.Heal();
}

void Chaos::HinderDoor(const Hindrance& hindrance) {
  FaultProxy& door = AnyDoor();
  door.Set(hindrance);
  Wait(1000, 8000);
  door.Heal();
}

// What a writer sent is on its way while it sleeps and another takes over; then it arrives.
void Chaos::DeliverLate() {
  const Instance& writer = AnyOfTheInitiative();
  const auto& brokers = house_.BrokersOf(writer.ordinal);
  for (const auto& broker : brokers) broker->Set({.delay_asks = absl::Minutes(5)});
  Wait(300, 600);
  house_.ProcessOf(writer).Signal(SIGSTOP);
  Wait(4000, 7000);  // the others' timeout is 2 s
  for (const auto& broker : brokers) broker->Heal();
  Wait(500, 1500);
  house_.ProcessOf(writer).Signal(SIGCONT);
}

}  // namespace holdfast::flow
