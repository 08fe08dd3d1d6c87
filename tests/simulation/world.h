// The simulated world: nodes, clients, a journal, and what goes wrong between them. One thread, one
// seed, virtual time: the same seed is the same world, step by step.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "eventsourcing/protocol.h"

namespace holdfast::simulation {

struct WorldOptions {
  std::uint64_t seed = 1;
  eventsourcing::Protocol protocol;
  // Of the projectors alone, where it differs.
  std::optional<eventsourcing::Protocol> protocol_of_views;
  int clients = 5;
  int operations = 30;  // of each client
  int onlookers = 3;    // at the views; 0: nothing is said of views
  bool moves = true;    // of tenants between partitions
  // For so many seconds things go wrong; then all is healed.
  int troubled_s = 60;
};

struct WorldResult {
  std::vector<std::string> violations;  // sentences; empty: every promise was kept
  std::uint64_t steps = 0;
  std::uint64_t operations = 0;
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  std::uint64_t records = 0;
  std::uint64_t barriers = 0;
  std::uint64_t journal_faults = 0;
  std::uint64_t crashes = 0;
  std::uint64_t moves = 0;  // of a tenant to another partition
  std::uint64_t pages = 0;  // of views, looked at
};

WorldResult RunWorld(const WorldOptions& options);

}  // namespace holdfast::simulation
