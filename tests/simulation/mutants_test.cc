// The checker, tested: each promise of the writer is taken away in turn, and some world must show
// it.
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "observability/log.h"
#include "world.h"

namespace holdfast::simulation {
namespace {

using eventsourcing::FoldRule;
using eventsourcing::Protocol;

struct Mutant {
  std::string name;
  std::function<void(Protocol&)> mutate;
};

std::vector<Mutant> Mutants() {
  return {
      {"acknowledges before the fold accepted it",
       [](Protocol& p) { p.answer_after_fold = false; }},
      {"believes a confirmation over a foreign gap",
       [](Protocol& p) { p.read_before_gap = false; }},
      {"skips dedupe", [](Protocol& p) { p.dedupe = false; }},
      {"ignores epoch and chain", [](Protocol& p) { p.fold = FoldRule::kAnything; }},
      {"compares numbers only", [](Protocol& p) { p.fold = FoldRule::kNumbers; }},
      {"chains each stream alone", [](Protocol& p) { p.fold = FoldRule::kStreamsAlone; }},
      {"writes the offset apart from the states",
       [](Protocol& p) { p.offset_with_states = false; }},
      {"never steps down", [](Protocol& p) { p.step_down = false; }},
      {"applies void records", [](Protocol& p) { p.skip_void = false; }},
      {"serves before it caught up", [](Protocol& p) { p.catch_up_before_serving = false; }},
      {"refuses on speculative history", [](Protocol& p) { p.refuse_on_accepted = false; }},
      {"duels over the barrier", [](Protocol& p) { p.follow_after_barrier = false; }},
      {"names a timer's command without its occasion",
       [](Protocol& p) { p.timer_id_of_occasion = false; }},
      {"keeps a reactor's place in derived state only",
       [](Protocol& p) { p.marks_from_journal = false; }},
      {"lets followers answer", [](Protocol& p) { p.only_owner_answers = false; }},
      {"reads neighbours without what is in flight",
       [](Protocol& p) { p.read_neighbours_in_flight = false; }},
  };
}

TEST(Mutants, AreAllCaught) {
  constexpr std::uint64_t kWorlds = 400;
  const log::ScopedSink quiet([](std::string_view) {}, SystemClock());
  std::size_t caught = 0;
  const std::vector<Mutant> mutants = Mutants();
  for (const Mutant& mutant : mutants) {
    WorldOptions options;
    mutant.mutate(options.protocol);
    std::vector<std::string> violations;
    for (options.seed = 1; options.seed <= kWorlds; ++options.seed) {
      violations = RunWorld(options).violations;
      if (!violations.empty()) break;
    }
    if (violations.empty()) {
      ADD_FAILURE() << "not caught in " << kWorlds << " worlds: a writer that " << mutant.name;
      continue;
    }
    ++caught;
    std::cout << "a writer that " << mutant.name << ": world " << options.seed << ", "
              << violations.front() << "\n";
  }
  std::cout << "mutants caught " << caught << "/" << mutants.size() << "\n";
}

}  // namespace
}  // namespace holdfast::simulation
