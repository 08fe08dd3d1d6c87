// Follows one partition of a journal and copies every record, void ones too, into segments: by
// size, and by time where little is written. Started again it reads what it has, folds it, and goes
// on where its last segment ends, if the journal still holds the same record there; what was read
// but not sealed is read again.
//
//   journal --Reader--> Archiver --segment--> <folder>/<context>/<partition>/
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "archive/causes.h"
#include "archive/segment_log.h"
#include "journal/acceptance.h"
#include "journal/journal.h"
#include "security/ed25519_key.h"

namespace holdfast {
class Clock;
}

namespace holdfast::archive {

struct ArchiverOptions {
  std::string folder;  // of the archive; the partition gets its own below it
  std::uint64_t max_segment_bytes = std::uint64_t{64} << 20U;
  // How long a record waits for its segment at most: what is lost with the journal.
  absl::Duration max_segment_age = absl::Seconds(60);
};

// What the records of a partition come to.
class ArchivedPartition {
 public:
  // kDataLoss where the record cannot be read.
  absl::StatusOr<journal::Folded> Fold(const journal::StoredRecord& record);

  std::uint64_t records() const { return records_; }
  std::uint64_t accepted() const { return accepted_; }
  const journal::AcceptanceFold& fold() const { return fold_; }
  const Causes& causes() const { return causes_; }

 private:
  journal::AcceptanceFold fold_;
  Causes causes_;
  std::uint64_t records_ = 0;
  std::uint64_t accepted_ = 0;
};

// Used by one thread. Journal, key and clock outlive it.
class Archiver {
 public:
  // Reads every segment. kDataLoss where one is damaged or foreign: then the archive is verified
  // and mended, or another folder taken. kFailedPrecondition where the journal no longer holds the
  // last record of the archive: it is another one, or it has lost its end.
  static absl::StatusOr<std::unique_ptr<Archiver>> Open(journal::Journal& journal,
                                                        const journal::PartitionId& partition,
                                                        const security::Ed25519PrivateKey& key,
                                                        Clock& clock,
                                                        const ArchiverOptions& options);

  // Copies what stands, and seals what is large or old enough. To be called when there is more, and
  // at least every `max_segment_age`. After an error it may be called again while usable().
  absl::Status CatchUp();
  // False once a record was read that could not be copied: then it is opened anew. A journal that
  // was away is none of this.
  bool usable() const { return usable_; }
  // Seals what waits, whatever its size and age.
  absl::Status Seal();
  // As Reader's.
  void NotifyWhenMore(absl::AnyInvocable<void()> more);

  // Every record below it is in a sealed segment.
  journal::Offset archived_to() const { return writer_.position().next_offset; }
  bool has_open_segment() const { return writer_.has_open_segment(); }
  // When the first commit was recorded that is in no sealed segment; InfiniteFuture: none waits.
  absl::Time waits_since() const { return waits_since_; }

  // Of every record that was copied, sealed or not.
  const ArchivedPartition& archived() const { return archived_; }

 private:
  Archiver(ArchivedPartition archived, std::unique_ptr<journal::Reader> reader,
           SegmentLogWriter writer, Clock& clock, absl::Duration max_segment_age);
  absl::Status Copy(const journal::StoredRecord& record);

  ArchivedPartition archived_;
  SegmentLogWriter writer_;
  Clock& clock_;
  const absl::Duration max_segment_age_;
  absl::Duration open_since_;  // of the segment that is not sealed
  absl::Time waits_since_ = absl::InfiniteFuture();
  bool usable_ = true;
  const std::unique_ptr<journal::Reader> reader_;
};

}  // namespace holdfast::archive
