#include "pages.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "engine.h"
#include "loan_tally.h"
#include "readmodel/read_model.h"

namespace holdfast::bench {

Pages::~Pages() = default;

absl::StatusOr<std::unique_ptr<Pages>> Pages::Open(const std::string& folder,
                                                   journal::Journal& journal) {
  auto pages = std::unique_ptr<Pages>(new Pages());
  readmodel::ReadModelOptions options;
  options.folder = folder;
  options.views = {readmodel::ViewTypeOf<LoanTally>()};
  options.journal = &journal;
  options.clock = &SystemClock();
  options.executor = &pages->strand_;
  ASSIGN_OR_RETURN(pages->read_model_, readmodel::ReadModel::Open(std::move(options)));
  absl::Notification caught_up;
  pages->read_model_->WhenCaughtUp([&caught_up] { caught_up.Notify(); });
  caught_up.WaitForNotification();
  return pages;
}

absl::Status Pages::ReadOne() {
  ASSIGN_OR_RETURN(const std::unique_ptr<readmodel::Reader> reader,
                   read_model_->OpenReaderNow(kTenant, {}, absl::InfiniteFuture()));
  std::size_t rows = 0;
  std::uint64_t loans = 0;
  RETURN_IF_ERROR(reader->Scan<LoanTally>("", "", kRowsOfAPage,
                                          [&](std::string_view, const LoanTally::Row& row) {
                                            ++rows;
                                            loans += row.loans();
                                            return true;
                                          }));
  if (rows != kRowsOfAPage || loans == 0)
    return absl::InternalError(absl::StrCat("a page of ", rows, " rows and ", loans, " loans"));
  return absl::OkStatus();
}

absl::StatusOr<Histogram> Pages::Read(absl::Duration duration) {
  Histogram latency;
  const absl::Time until = absl::Now() + duration;
  for (absl::Time now = absl::Now(); now < until;) {
    RETURN_IF_ERROR(ReadOne());
    const absl::Time after = absl::Now();
    latency.Add(after - now);
    now = after;
  }
  return latency;
}

absl::StatusOr<Histogram> Pages::ReadAt(double per_second, absl::Duration duration) {
  Histogram latency;
  const absl::Time began = absl::Now();
  for (absl::Time due = began; due < began + duration; due += absl::Seconds(1 / per_second)) {
    absl::SleepFor(due - absl::Now());
    RETURN_IF_ERROR(ReadOne());
    latency.Add(absl::Now() - due);
  }
  return latency;
}

}  // namespace holdfast::bench
