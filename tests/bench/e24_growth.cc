// E24: a command, and a page of 120 rows, must cost the same after a million events as after ten
// thousand. HOLDFAST_BENCH_GROWTH sets how far it goes.
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "bench.h"
#include "engine.h"
#include "journal/embedded_journal.h"
#include "pages.h"
#include "scenarios.h"

namespace holdfast::bench {
namespace {

constexpr std::uint64_t kFew = 10'000;

// Two engines side by side, one of them old: each asked in turns.
struct Pair {
  std::unique_ptr<Engine> young;
  std::unique_ptr<Engine> old;
};

absl::StatusOr<Pair> Grown(Bench& bench) {
  Pair pair;
  ASSIGN_OR_RETURN(pair.young, Engine::Open(bench.Folder("e24-young")));
  ASSIGN_OR_RETURN(pair.old, Engine::Open(bench.Folder("e24-old")));
  RETURN_IF_ERROR(pair.young->Grow(kFew).status());
  Say(absl::StrCat("E24: writing ", bench.settings().growth, " events"));
  RETURN_IF_ERROR(pair.old->Grow(bench.settings().growth).status());
  return pair;
}

}  // namespace

absl::Status E24(Bench& bench) {
  ASSIGN_OR_RETURN(const Pair pair, Grown(bench));
  const std::string few = absl::StrCat("the same after ", kFew, " events");

  {
    ASSIGN_OR_RETURN(const std::unique_ptr<Pages> young_pages,
                     Pages::Open(bench.Folder("e24-young-pages"), pair.young->journal()));
    ASSIGN_OR_RETURN(const std::unique_ptr<Pages> old_pages,
                     Pages::Open(bench.Folder("e24-old-pages"), pair.old->journal()));
    const auto page = [&bench](Pages& pages) -> absl::StatusOr<double> {
      ASSIGN_OR_RETURN(const Histogram latency, pages.Read(bench.settings().slice / 4));
      return absl::ToDoubleMicroseconds(latency.Percentile(0.5));
    };
    Row row;
    row.path = absl::StrCat("page of 120 rows after ", bench.settings().growth, " events, median");
    row.unit = "us";
    row.sense = Sense::kAtMost;
    RETURN_IF_ERROR(bench.Compare(row, [&] { return page(*old_pages); },
                                  {{few, 1.2, [&] { return page(*young_pages); }}}));
  }

  // A few commands a run, so that the young one stays young.
  constexpr std::uint64_t kAtOnce = 2'000;
  const auto command = [](Engine& engine) -> absl::StatusOr<double> {
    ASSIGN_OR_RETURN(const LoopResult result, engine.Grow(kAtOnce));
    return 1e6 / result.PerSecond();
  };
  Row row;
  row.path = absl::StrCat("command after ", bench.settings().growth, " events");
  row.unit = "us";
  row.durability = "fsync before answer";
  row.sense = Sense::kAtMost;
  row.note = "1,000 in flight; the mean time between answers";
  return bench.Compare(row, [&] { return command(*pair.old); },
                       {{few, 1.2, [&] { return command(*pair.young); }}});
}

}  // namespace holdfast::bench
