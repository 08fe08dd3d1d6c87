// The checker, tested: each promise of writers and projectors is taken away in turn, and some world
// must show it.
#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "observability/log.h"
#include "world.h"

namespace holdfast::simulation {
namespace {

using eventsourcing::FoldRule;
using eventsourcing::Protocol;

// The rarest fault is shown by one world in some hundreds.
constexpr std::uint64_t kWorlds = 1'500;
constexpr std::uint64_t kSoundWorlds = 300;

struct Mutant {
  std::string name;
  std::function<void(Protocol&)> mutate;
  // Where the projectors alone break the promise: the invariant that shows it. Writers are found
  // out by what they do, not by what views make of it.
  const char* of_views = "";
  // It is shown by worlds in which tenants move. The others are found out where none does, so that
  // each is by what it breaks itself.
  bool of_moves = false;

  std::string who() const { return *of_views == '\0' ? "a writer that " : "a projector that "; }
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
      {"keeps how far a reactor has read before all is answered",
       [](Protocol& p) { p.cursor_behind_answers = false; }},
      {"opens a tenant before all of it is there",
       [](Protocol& p) { p.open_after_closing = false; }, "", true},
      {"sends commands to where a tenant was", [](Protocol& p) { p.follow_moves = false; }, "",
       true},
      {"folds void records", [](Protocol& p) { p.skip_void = false; }, "H5"},
      {"writes how far its views have come apart from their rows",
       [](Protocol& p) { p.mark_with_rows = false; }, "H7"},
      {"folds a commit into its views again", [](Protocol& p) { p.each_commit_once = false; },
       "H5"},
      {"goes on from its place though it has lost rows",
       [](Protocol& p) { p.no_view_behind_fold = false; }, "H8"},
      {"answers with a newer position than its rows have",
       [](Protocol& p) { p.position_of_rows = false; }, "H5"},
      {"opens the rows of another tenant", [](Protocol& p) { p.own_rows_only = false; }, "H6"},
  };
}

// What one mutant came to.
struct Verdict {
  std::uint64_t world = 0;  // that showed it; 0: none did
  std::uint64_t ended = 0;  // worlds in which an invariant of the program ended it instead
  std::string violation;
};

// The first violation by which the mutant is to be found out; empty where there is none.
std::string Shown(const std::vector<std::string>& violations, const Mutant& mutant) {
  const auto found = std::find_if(violations.begin(), violations.end(), [&](const auto& violation) {
    return violation.starts_with(mutant.of_views);
  });
  return found == violations.end() ? "" : *found;
}

// Writes a line for each world: its seed, and the violation that ends the run.
void RunWorlds(const Mutant& mutant, std::uint64_t first, std::uint64_t worlds, int out) {
  WorldOptions options;
  options.moves = mutant.of_moves;
  if (*mutant.of_views == '\0') {
    options.onlookers = 0;
    mutant.mutate(options.protocol);
  } else {
    mutant.mutate(options.protocol_of_views.emplace());
  }
  for (options.seed = first; options.seed <= worlds; ++options.seed) {
    const std::string shown = Shown(RunWorld(options).violations, mutant);
    const std::string line = std::to_string(options.seed) + " " + shown + "\n";
    if (::write(out, line.data(), line.size()) < 0 || !shown.empty()) break;
  }
}

// Runs worlds from `first` on in a process of their own, since a mutant may break an invariant that
// ends it. Answers the world after which to go on, 0 at the end.
std::uint64_t RunApart(const Mutant& mutant, std::uint64_t first, std::uint64_t worlds,
                       Verdict& verdict) {
  std::array<int, 2> pipe_ends{};
  if (::pipe(pipe_ends.data()) != 0) return 0;
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(pipe_ends[0]);
    RunWorlds(mutant, first, worlds, pipe_ends[1]);
    ::_exit(0);
  }
  ::close(pipe_ends[1]);
  std::string said;
  std::array<char, 4096> buffer{};
  for (ssize_t got = 0; (got = ::read(pipe_ends[0], buffer.data(), buffer.size())) > 0;)
    said.append(buffer.data(), static_cast<std::size_t>(got));
  ::close(pipe_ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  std::uint64_t last = first - 1;
  std::istringstream lines(said);
  for (std::string line; std::getline(lines, line);) {
    last = std::stoull(line);
    verdict.violation = line.substr(line.find(' ') + 1);
  }
  if (!verdict.violation.empty()) verdict.world = last;
  const bool ended = !WIFEXITED(status) || WEXITSTATUS(status) != 0;
  if (ended) ++verdict.ended;
  return ended && verdict.violation.empty() ? last + 2 : 0;
}

Verdict Try(const Mutant& mutant, std::uint64_t worlds) {
  Verdict verdict;
  for (std::uint64_t world = 1; world != 0 && world <= worlds && verdict.ended < 20;)
    world = RunApart(mutant, world, worlds, verdict);
  return verdict;
}

TEST(Mutants, AreAllCaught) {
  const log::ScopedSink quiet([](std::string_view) {}, SystemClock());
  std::size_t caught = 0;
  const std::vector<Mutant> mutants = Mutants();
  for (const Mutant& mutant : mutants) {
    const Verdict verdict = Try(mutant, kWorlds);
    std::cout << mutant.who() << mutant.name << ": ";
    if (verdict.world != 0) {
      std::cout << "world " << verdict.world << ", " << verdict.violation << std::endl;
    } else if (verdict.ended > 0) {
      std::cout << "an invariant of the program ended " << verdict.ended << " worlds" << std::endl;
    } else {
      ADD_FAILURE() << "not caught in " << kWorlds << " worlds: " << mutant.who() << mutant.name;
      continue;
    }
    ++caught;
  }
  std::cout << "mutants caught " << caught << "/" << mutants.size() << std::endl;
}

TEST(Mutants, AreNotSeenWhereAllPromisesAreKept) {
  const log::ScopedSink quiet([](std::string_view) {}, SystemClock());
  const Verdict verdict = Try({"keeps its promises", [](Protocol&) {}, "H", true}, kSoundWorlds);
  EXPECT_EQ(verdict.world, 0U) << verdict.violation;
  EXPECT_EQ(verdict.ended, 0U);
}

}  // namespace
}  // namespace holdfast::simulation
