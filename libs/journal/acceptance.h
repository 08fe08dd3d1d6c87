// The acceptance fold: which records of a partition count. A pure function of the records, in
// order, run by every reader with the same result (writer, standby, projector, relay, verifier).
//
//   Barrier     accepted iff its epoch is the current + 1; from then on its writer is the owner
//   any record  of another (epoch, instance) than the owner's: fenced
//   Commit      of a tenant that is closed here, or a copy into one that is open: closed
//               that does not continue the tenant's chain (seq, prev_hash): conflict
//
// A void record stays in the log and changes nothing. Why this rule is safe is explored in
// acceptance_exploration_test.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/hash.h"
#include "base/uuid.h"
#include "journal/journal.h"

namespace holdfast::journal::v1 {
class Commit;
class Record;
}  // namespace holdfast::journal::v1

namespace holdfast::journal {

// The meaning of a commit's fields, and of this fold. Another meaning is another number.
inline constexpr std::uint32_t kCommitFormat = 1;

// One producer handle: the epoch of its barrier and 16 random bytes, new for every handle.
struct WriterId {
  std::uint64_t epoch = 0;
  Uuid instance{};
  friend bool operator==(const WriterId&, const WriterId&) = default;
};

// On the wire and in digests: never renumbered.
enum class Outcome : std::uint8_t { kAccepted = 0, kFenced = 1, kClosed = 2, kConflict = 3 };
std::string_view OutcomeName(Outcome outcome);

enum class RecordKind : std::uint8_t { kCommit, kBarrier, kTenantClosed, kTenantOpened };

// Where a tenant's chain stands in this context.
struct TenantHead {
  std::uint64_t seq = 0;  // of the last accepted commit; 0: none yet
  Hash hash{};            // of that commit; zeros: none yet
  // Closed here: takes copies only, until TenantOpened.
  bool receiving = false;
  friend bool operator==(const TenantHead&, const TenantHead&) = default;
};

// What a partition's fold holds beside the heads.
struct PartitionState {
  WriterId owner;          // epoch 0: no barrier yet, nothing else is accepted
  Offset next_offset = 0;  // everything below is folded
  bool has_digest = true;  // false: folded without digests, which stay zero
  Hash digest{};           // of every record folded
  Offset reported_at = 0;  // the last multiple of 256 that was passed
  Hash reported{};         // the digest of every record below it: readers compare these
  friend bool operator==(const PartitionState&, const PartitionState&) = default;
};

// One record and what became of it. Views and `commit` hold until the next Apply.
struct Folded {
  Outcome outcome = Outcome::kFenced;
  RecordKind kind = RecordKind::kBarrier;
  bool copied = false;
  WriterId writer;
  std::string_view tenant;  // empty for a barrier
  // Of a closing: where the tenant goes on.
  std::optional<std::uint32_t> to_partition = std::nullopt;
  std::string_view commit_bytes;  // as stored; empty but for a commit
  v1::Commit* commit = nullptr;   // decoded, also of a void commit; the caller may swap it out
  Hash hash{};                    // of an accepted commit: the tenant's new head
  bool accepted() const { return outcome == Outcome::kAccepted; }
};

// A commit that this process built itself, so that it need not be decoded again.
struct OwnCommit {
  WriterId writer;
  std::string_view tenant;
  std::uint64_t seq = 0;
  const Hash& prev_hash;
  const Hash& hash;  // ChainHash(prev_hash, stored commit bytes)
};

// The fold of one partition. Not thread-safe. A record of 330 bytes costs about 0.9 us, with
// digests 1.5; an own one 0.1 and 0.5.
class AcceptanceFold {
 public:
  // Without digests two SHA-256 less a record; for readers that nobody compares.
  explicit AcceptanceFold(bool with_digest = true);
  ~AcceptanceFold();
  AcceptanceFold(AcceptanceFold&&) noexcept;
  AcceptanceFold& operator=(AcceptanceFold&&) noexcept;

  // Folds the next record. Offsets must rise. kDataLoss, and nothing changed, where the bytes
  // cannot be read (or were written by a later version): the partition freezes, the record is never
  // skipped.
  absl::StatusOr<Folded> Apply(Offset offset, std::string_view record);

  // The same for an own commit: equal outcome, no decoding.
  Outcome ApplyOwn(Offset offset, std::string_view record, const OwnCommit& commit);

  // The head of a tenant; the default one where it has none.
  TenantHead HeadOf(std::string_view tenant) const;
  // Whether anything of the tenant was accepted here; else it has the default head.
  bool Knows(std::string_view tenant) const;
  const absl::flat_hash_map<std::string, TenantHead>& heads() const { return heads_; }
  const PartitionState& state() const { return state_; }
  // Of every record folded so far: SHA-256(digest, u64be offset, outcome, SHA-256(record)).
  const Hash& digest() const { return state_.digest; }

  // Goes on from a saved fold: first the state, then each head. kFailedPrecondition where the state
  // was folded without the digests that this fold is to keep.
  absl::Status Restore(const PartitionState& state);
  void RestoreHead(std::string tenant, const TenantHead& head);

 private:
  struct Decoded;

  Outcome DecideBarrier(const WriterId& writer);
  Outcome DecideCommit(const OwnCommit& commit, bool copied);
  Outcome DecideTenantClosed(const WriterId& writer, std::string_view tenant);
  Outcome DecideTenantOpened(const WriterId& writer, std::string_view tenant, std::uint64_t seq,
                             std::string_view head);
  absl::StatusOr<Folded> ApplyCommit(Folded folded);
  void Advance(Offset offset, std::string_view record, Outcome outcome);

  PartitionState state_;
  absl::flat_hash_map<std::string, TenantHead> heads_;
  std::unique_ptr<Decoded> decoded_;
};

// SHA-256(prev_hash, commit_bytes).
Hash ChainHash(const Hash& prev_hash, std::string_view commit_bytes);

// A serialised Record. `commit` says where in `record` the stored commit bytes stand.
struct EncodedCommit {
  std::string record;
  std::size_t commit_at = 0;
  std::string_view commit() const { return std::string_view(record).substr(commit_at); }
};
EncodedCommit EncodeCommitRecord(const WriterId& writer, const v1::Commit& commit);
// A commit of another partition or journal, with the bytes that it has there.
std::string EncodeCopy(const WriterId& writer, std::string_view commit_bytes);
std::string EncodeBarrier(const WriterId& writer);
// `to_partition`: where the tenant goes on; none where that is another journal.
std::string EncodeTenantClosed(const WriterId& writer, std::string_view tenant,
                               std::optional<std::uint32_t> to_partition = std::nullopt);
std::string EncodeTenantOpened(const WriterId& writer, std::string_view tenant,
                               const TenantHead& head);

// Small records for the stores of those who keep a fold. On disk, but derived: where they do not
// parse, the log is folded again.
std::string Serialise(const PartitionState& state);
std::optional<PartitionState> ParsePartitionState(std::string_view bytes);
std::string Serialise(const TenantHead& head);
std::optional<TenantHead> ParseTenantHead(std::string_view bytes);

}  // namespace holdfast::journal
