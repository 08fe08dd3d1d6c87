// The read side in this process: the loan tally of an engine's journal, and pages of it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/thread_executor.h"
#include "histogram.h"

namespace holdfast::journal {
class Journal;
}
namespace holdfast::readmodel {
class ReadModel;
}

namespace holdfast::bench {

inline constexpr std::size_t kRowsOfAPage = 120;

class Pages {
 public:
  // Folds the journal to its end first.
  static absl::StatusOr<std::unique_ptr<Pages>> Open(const std::string& folder,
                                                     journal::Journal& journal);
  ~Pages();

  // Page after page, each on a fresh snapshot.
  absl::StatusOr<Histogram> Read(absl::Duration duration);
  // The same at fixed times, `per_second` of them; a late one counts from when it was due.
  absl::StatusOr<Histogram> ReadAt(double per_second, absl::Duration duration);

  readmodel::ReadModel& read_model() { return *read_model_; }

 private:
  Pages() = default;
  absl::Status ReadOne();

  ThreadExecutor strand_{"projector"};
  std::unique_ptr<readmodel::ReadModel> read_model_;
};

}  // namespace holdfast::bench
