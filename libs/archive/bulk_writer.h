// Many records into one partition, in order, with a bounded number on their way.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "journal/journal.h"

namespace holdfast::archive {

// Used by one thread, which waits where too much is on its way.
class BulkWriter {
 public:
  explicit BulkWriter(std::unique_ptr<journal::Writer> writer) : writer_(std::move(writer)) {}

  // The first error of any record so far; nothing is appended after one.
  absl::Status Append(std::string record);
  // Waits until every record is durable.
  absl::Status Finish();

 private:
  void Done(const absl::Status& status);

  absl::Mutex mutex_;
  std::size_t on_the_way_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status failed_ ABSL_GUARDED_BY(mutex_);
  // Last: it calls back until it is gone.
  const std::unique_ptr<journal::Writer> writer_;
};

}  // namespace holdfast::archive
