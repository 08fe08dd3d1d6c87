// Many worlds, each from its seed. HOLDFAST_SIMULATION_SEEDS=n runs n of them (1,000 otherwise);
// HOLDFAST_SIMULATION_SEED=s runs that one alone, the way it failed.
#include <cstdlib>
#include <iostream>
#include <string>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "observability/log.h"
#include "world.h"

namespace holdfast::simulation {
namespace {

std::uint64_t Number(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(Simulation, KeepsEveryPromiseInEveryWorld) {
  const log::ScopedSink quiet([](std::string_view) {}, SystemClock());
  const std::uint64_t one = Number("HOLDFAST_SIMULATION_SEED", 0);
  const std::uint64_t first = one == 0 ? 1 : one;
  const std::uint64_t count = one == 0 ? Number("HOLDFAST_SIMULATION_SEEDS", 1'000) : 1;
  WorldResult sum;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    WorldOptions options;
    options.seed = seed;
    const WorldResult result = RunWorld(options);
    for (const std::string& violation : result.violations)
      ADD_FAILURE() << "HOLDFAST_SIMULATION_SEED=" << seed << ": " << violation;
    sum.steps += result.steps;
    sum.operations += result.operations;
    sum.accepted += result.accepted;
    sum.refused += result.refused;
    sum.records += result.records;
    sum.barriers += result.barriers;
    sum.journal_faults += result.journal_faults;
    sum.crashes += result.crashes;
    sum.moves += result.moves;
    sum.pages += result.pages;
    if (HasFailure()) break;
  }
  std::cout << count << " worlds: " << sum.operations << " commands, " << sum.accepted
            << " accepted, " << sum.refused << " refusals, " << sum.records << " records, "
            << sum.barriers << " barriers, " << sum.journal_faults << " faults of the journal, "
            << sum.crashes << " crashes, " << sum.moves << " moves of a tenant, " << sum.pages
            << " pages of views, " << sum.steps << " steps\n";
}

TEST(Simulation, RepeatsItselfFromItsSeed) {
  const log::ScopedSink quiet([](std::string_view) {}, SystemClock());
  WorldOptions options;
  options.seed = 42;
  const WorldResult first = RunWorld(options);
  const WorldResult second = RunWorld(options);
  EXPECT_EQ(first.steps, second.steps);
  EXPECT_EQ(first.records, second.records);
  EXPECT_EQ(first.accepted, second.accepted);
  EXPECT_EQ(first.pages, second.pages);
}

}  // namespace
}  // namespace holdfast::simulation
