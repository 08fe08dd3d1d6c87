// E11: how fast a projector folds a journal on a broker into rows, live (no rebuild), beside
// reading the same topic by librdkafka alone. E18: how fast it comes back after an outage, while a
// tenth of that is still offered.
#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "bench.h"
#include "journal/kafka_journal.h"
#include "kafka_house.h"
#include "pages.h"
#include "prepared_log.h"
#include "readmodel/read_model.h"
#include "scenarios.h"

namespace holdfast::bench {
namespace {

constexpr std::size_t kBacklog = 300'000;
constexpr std::size_t kOffered = 400'000;  // more than all runs of E18 need
constexpr double kShareOffered = 0.1;
constexpr std::size_t kBarriers = 1;  // the first record is no commit
constexpr absl::Duration kStep = absl::Milliseconds(250);

// Events a second, from an empty folder until the topic's end is reached.
absl::StatusOr<double> ApplyRate(Bench& bench, KafkaHouse& house, const PreparedLog& log) {
  ASSIGN_OR_RETURN(const std::unique_ptr<journal::KafkaJournal> journal,
                   house.OpenJournal(log.prefix()));
  const std::string folder = bench.Folder("views");
  const std::size_t laid = log.laid();
  const absl::Time began = absl::Now();
  ASSIGN_OR_RETURN(const std::unique_ptr<Pages> pages, Pages::Open(folder, *journal));
  const absl::Duration took = absl::Now() - began;
  const std::vector<readmodel::ViewStatus> views = pages->read_model().List();
  if (views.size() != 1 || views[0].seq + kBarriers < laid)
    return absl::InternalError("the journal was not read to its end");
  return static_cast<double>(views[0].seq) / absl::ToDoubleSeconds(took);
}

Row ApplyRow() {
  Row row;
  row.path = "events of a broker's journal applied to a view";
  row.unit = "events/s";
  row.durability = "rows are derived: written without fsync";
  row.note = absl::StrCat(kBacklog, " events of one partition into rows of 10,000 members");
  return row;
}

Row CatchUpRow() {
  Row row;
  row.path = "catching up after an outage, while a tenth of E11 is offered";
  row.unit = "events/s";
  row.durability = ApplyRow().durability;
  return row;
}

absl::Status MeasureApply(Bench& bench, KafkaHouse& house) {
  ASSIGN_OR_RETURN(const std::unique_ptr<PreparedLog> log,
                   PreparedLog::Make(bench, house, kBacklog));
  RETURN_IF_ERROR(log->Lay(kBacklog));
  const Measure raw = [&] {
    return RawConsumeRate(house.bootstrap(), KafkaHouse::TopicOf(log->prefix()), log->laid());
  };
  return bench.Compare(ApplyRow(), [&] { return ApplyRate(bench, house, *log); },
                       {{"the same topic read by librdkafka alone", 0.30, raw}});
}

absl::Status MeasureCatchUp(Bench& bench, KafkaHouse& house) {
  ASSIGN_OR_RETURN(const std::unique_ptr<PreparedLog> log,
                   PreparedLog::Make(bench, house, kBacklog + kOffered));
  RETURN_IF_ERROR(log->Lay(kBacklog));
  ASSIGN_OR_RETURN(const double first, ApplyRate(bench, house, *log));
  ASSIGN_OR_RETURN(const double second, ApplyRate(bench, house, *log));
  const double offered = std::max(first, second) * kShareOffered;
  const Measure ours = [&]() -> absl::StatusOr<double> {
    std::atomic<bool> caught_up = false;
    absl::Status laid;
    std::jthread load([&] {
      while (laid.ok() && !caught_up.load()) laid = log->LaySteadily(offered, kStep);
    });
    absl::StatusOr<double> rate = ApplyRate(bench, house, *log);
    caught_up.store(true);
    load.join();
    RETURN_IF_ERROR(laid);
    return rate;
  };
  Row row = CatchUpRow();
  row.note = absl::StrCat("a backlog of ", kBacklog, " events and more, from an empty folder; ",
                          Figure(offered), " a second meanwhile");
  return bench.Compare(
      row, ours, {{"what is offered", 8, [&]() -> absl::StatusOr<double> { return offered; }}});
}

}  // namespace

absl::Status E11(Bench& bench) {
  return WithBroker(bench, 1, ApplyRow(),
                    [&](KafkaHouse& house) { return MeasureApply(bench, house); });
}

absl::Status E18(Bench& bench) {
  return WithBroker(bench, 1, CatchUpRow(),
                    [&](KafkaHouse& house) { return MeasureCatchUp(bench, house); });
}

}  // namespace holdfast::bench
