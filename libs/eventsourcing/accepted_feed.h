// A cursor over the accepted commits of one partition: the reader's own acceptance fold over the
// journal. What projectors, reactors and exports read.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/functional/any_invocable.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventsourcing/fold_digests.h"
#include "eventsourcing/partition_fold.h"
#include "eventsourcing/protocol.h"
#include "journal/acceptance.h"
#include "journal/journal.h"

namespace holdfast::eventsourcing {

// Used by one thread.
class AcceptedFeed {
 public:
  // From where `saved` (an answer of Save) stood; from the start where it is empty, or not
  // readable. It keeps digests only where `digests` compares them.
  static absl::StatusOr<std::unique_ptr<AcceptedFeed>> Open(journal::Journal& journal,
                                                            const journal::PartitionId& partition,
                                                            std::string_view saved,
                                                            const Protocol& protocol = {},
                                                            DigestReader digests = {});

  // Folds up to `max_records` more; calls `each` for every accepted commit among them, until it
  // answers false: the cursor then stands behind that commit. Answers how many records were folded:
  // 0 at the end. kDataLoss where a record cannot be read: there it ends.
  absl::StatusOr<std::size_t> Advance(std::size_t max_records,
                                      absl::FunctionRef<bool(const journal::v1::Commit&)> each);

  // The same for every accepted record: also where a tenant is closed, or opened.
  absl::StatusOr<std::size_t> AdvanceRecords(std::size_t max_records,
                                             absl::FunctionRef<bool(const journal::Folded&)> each);

  // Once, when there may be more. On a thread of the journal.
  void NotifyWhenMore(absl::AnyInvocable<void()> more) { reader_->NotifyWhenMore(std::move(more)); }

  const journal::AcceptanceFold& fold() const { return fold_.whole(); }
  // Offset, owner and heads: derived data, enough to go on from here.
  std::string Save() const;

 private:
  AcceptedFeed(const Protocol& protocol, DigestReader digests)
      : protocol_(protocol),
        fold_(digests.compared(), protocol.fold),
        digests_(std::move(digests)) {}
  bool Restore(std::string_view saved);

  const Protocol protocol_;
  std::unique_ptr<journal::Reader> reader_;
  PartitionFold fold_;
  DigestReader digests_;
  std::vector<journal::StoredRecord> read_;  // records read and not yet folded
  std::size_t at_ = 0;
};

}  // namespace holdfast::eventsourcing
