// Faults on a deployment, drawn by a seed: each kind once before any comes again, so that a short
// run has seen many. Each ends healed: what it killed runs again, what it hindered passes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/random.h"
#include "deployment_house.h"
#include "small_disk.h"

namespace holdfast::flow {

class Chaos {
 public:
  // `disk`: where the last instance of the initiative lives, or null. `long_ones`: faults of a
  // minute too.
  Chaos(DeploymentHouse& house, testing::KafkaBroker& broker, std::uint64_t seed, bool long_ones,
        const SmallDisk* disk);
  void MakeOne();
  // How many of each kind.
  const std::map<std::string, int>& made() const { return made_; }

 private:
  struct Fault {
    std::string name;
    std::function<void()> make;
  };

  void AddProcessFaults(bool long_ones);
  void AddBrokerFaults();
  void AddNetworkFaults();
  void Add(std::string name, std::function<void()> make);

  std::size_t Below(std::size_t count);
  void Wait(int least_ms, int most_ms);
  const Instance& Any();
  const Instance& AnyOfTheInitiative();
  FaultProxy& AnyDoor();
  // All ways of one ordinal to the brokers.
  const std::vector<std::unique_ptr<FaultProxy>>& AnyFront();

  // Awaits its end, and starts it again after a while.
  void Restart(
      const Instance& instance, const std::function<void()>& between = [] {});
  void Kill(const Instance& instance, bool lose_everything);
  void Drain(const Instance& instance);
  void Stop(const Instance& instance, int least_ms, int most_ms);
  void DrainEachInTurn();
  void Double();
  void KillGateway();
  void KillBrokers(int count);
  void Stutter();
  void FillDisk(const SmallDisk& disk);
  void HinderFront(const Hindrance& hindrance);
  void HinderBroker(const Hindrance& hindrance);
  void HinderDoor(const Hindrance& hindrance);
  void DeliverLate();

  DeploymentHouse& house_;
  testing::KafkaBroker& broker_;
  SeededRandom random_;
  std::vector<Fault> faults_;
  std::vector<std::size_t> deck_;  // of faults_, still to come before all come again
  std::map<std::string, int> made_;
};

}  // namespace holdfast::flow
