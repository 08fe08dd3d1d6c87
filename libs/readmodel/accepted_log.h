// A cursor over the accepted commits of one partition: the reader's own acceptance fold over the
// journal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "journal/acceptance.h"
#include "journal/journal.h"

namespace holdfast::readmodel {

// Used by one thread.
class AcceptedLog {
 public:
  // From the start of the partition.
  static absl::StatusOr<std::unique_ptr<AcceptedLog>> Open(journal::Journal& journal,
                                                           const journal::PartitionId& partition);
  // From where `saved` (an answer of Save) stood.
  static absl::StatusOr<std::unique_ptr<AcceptedLog>> Resume(journal::Journal& journal,
                                                             const journal::PartitionId& partition,
                                                             std::string_view saved);

  // Folds up to `max_records` more; calls `each` for every accepted commit among them, until it
  // answers false. Answers how many records were folded: 0 at the end. After `each` answered false
  // the cursor stands behind that commit.
  absl::StatusOr<std::size_t> Advance(std::size_t max_records,
                                      absl::FunctionRef<bool(const journal::v1::Commit&)> each);

  void NotifyWhenMore(absl::AnyInvocable<void()> more) { reader_->NotifyWhenMore(std::move(more)); }

  const journal::AcceptanceFold& fold() const { return fold_; }
  // Offset, epoch and heads: derived data, enough to resume.
  std::string Save() const;

 private:
  explicit AcceptedLog(std::unique_ptr<journal::Reader> reader) : reader_(std::move(reader)) {}

  std::unique_ptr<journal::Reader> reader_;
  journal::AcceptanceFold fold_{/*with_digest=*/false};
  std::vector<journal::StoredRecord> read_;  // records read and not yet folded
  std::size_t at_ = 0;
};

}  // namespace holdfast::readmodel
