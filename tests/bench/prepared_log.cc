#include "prepared_log.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "engine.h"
#include "ledger_log.h"
#include "open_loop.h"

namespace holdfast::bench {
namespace {

absl::Status NoneLeft() {
  return absl::OutOfRangeError("too few records were prepared for a run as fast as this");
}

}  // namespace

absl::StatusOr<std::unique_ptr<PreparedLog>> PreparedLog::Make(Bench& bench, KafkaHouse& house,
                                                               std::uint64_t events) {
  std::unique_ptr<PreparedLog> log(new PreparedLog());
  Say(absl::StrCat("preparing ", events, " events"));
  {
    ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, Engine::Open(bench.Folder("prepared")));
    RETURN_IF_ERROR(engine->Grow(events).status());
    ASSIGN_OR_RETURN(log->records_, ReadRecords(engine->journal()));
  }
  ASSIGN_OR_RETURN(log->prefix_, house.NewPrefix());
  ASSIGN_OR_RETURN(log->producer_,
                   RawProducer::Open(house.bootstrap(), KafkaHouse::TopicOf(log->prefix_)));
  return log;
}

absl::Status PreparedLog::Lay(std::size_t count) {
  if (laid_ + count > records_.size()) return NoneLeft();
  RETURN_IF_ERROR(CopyRecords(*producer_, records_, laid_, count));
  laid_ += count;
  return absl::OkStatus();
}

absl::Status PreparedLog::LaySteadily(double per_second, absl::Duration duration) {
  return OpenLoop::Run(per_second, duration,
                       [this](std::uint64_t, OpenLoop::Done done) {
                         if (laid_ == records_.size()) return std::move(done)(NoneLeft());
                         producer_->Produce(records_[laid_++], std::move(done));
                       })
      .status();
}

}  // namespace holdfast::bench
