// The last few folds of the past, for the next reader of the same moment.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "readmodel/readers.h"

namespace holdfast::readmodel {

// Thread-safe. One history is folded at a time; who asks meanwhile waits.
class HistoryCache {
 public:
  using Fold = absl::FunctionRef<absl::StatusOr<std::shared_ptr<const ContextHistory>>()>;

  // The history up to `until`: the kept one, or that of `fold`. One that is not closed is folded
  // again once more of the journal is known: what was appended since may belong to it.
  absl::StatusOr<std::shared_ptr<const ContextHistory>> Get(const std::string& tenant,
                                                            const std::string& context,
                                                            const Until& until, Fold fold);

 private:
  static constexpr std::size_t kKept = 4;
  struct Kept {
    std::string tenant;
    std::string context;
    Until until;
    std::shared_ptr<const ContextHistory> history;
  };

  absl::Mutex mutex_;
  std::deque<Kept> kept_ ABSL_GUARDED_BY(mutex_);  // the newest first
};

}  // namespace holdfast::readmodel
