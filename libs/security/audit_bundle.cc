#include "security/audit_bundle.h"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <istream>
#include <ostream>
#include <utility>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <google/protobuf/util/delimited_message_util.h>

#include "holdfast/audit/v1/bundle.pb.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "security/merkle_tree.h"

namespace holdfast::security {
namespace {

namespace pb = google::protobuf;
using audit::v1::BundleEntry;
using audit::v1::BundleHead;
using audit::v1::BundlePart;
using audit::v1::BundleTile;

constexpr std::string_view kFirstLine = "holdfast-audit-bundle/1\n";
constexpr std::uint32_t kMaxPartBytes = 2U << 20U;
constexpr std::size_t kMaxTile = 256;
constexpr std::size_t kHashBytes = 32;

std::optional<Hash> HashIn(std::string_view bytes) {
  if (bytes.size() != kHashBytes) return std::nullopt;
  Hash hash{};
  std::ranges::copy(bytes, hash.begin());
  return hash;
}

absl::Status NoBundle(std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("not an audit bundle: ", absl::string_view(why.data(), why.size())));
}

// Reads one part after the other.
class Parts {
 public:
  explicit Parts(std::istream& in) : stream_(&in) {}

  absl::Status Begin() {
    pb::io::CodedInputStream in(&stream_);
    std::string line;
    if (!in.ReadString(&line, static_cast<int>(kFirstLine.size())) || line != kFirstLine) {
      return NoBundle("its first line is not holdfast-audit-bundle/1");
    }
    return absl::OkStatus();
  }

  // False at the end.
  absl::StatusOr<bool> Next(BundlePart& part) {
    const std::int64_t at = stream_.ByteCount();
    const void* data = nullptr;
    int size = 0;
    if (!stream_.Next(&data, &size)) return false;
    stream_.BackUp(size);
    pb::io::CodedInputStream in(&stream_);
    in.SetRecursionLimit(8);
    std::uint32_t bytes = 0;
    if (!in.ReadVarint32(&bytes)) return Unreadable(at, "the length of a part cannot be read");
    if (bytes > kMaxPartBytes) return Unreadable(at, "a part is longer than 2 MiB");
    const auto limit = in.PushLimit(static_cast<int>(bytes));
    part.Clear();
    if (!part.ParseFromCodedStream(&in) || in.BytesUntilLimit() != 0) {
      return Unreadable(at, "a part is cut off or cannot be read");
    }
    in.PopLimit(limit);
    return true;
  }

  absl::Status Unreadable(std::int64_t at, std::string_view why) const {
    return NoBundle(absl::StrCat("at byte ", at, ": ", absl::string_view(why.data(), why.size())));
  }
  std::int64_t position() const { return stream_.ByteCount(); }

 private:
  pb::io::IstreamInputStream stream_;
};

// The complete subtrees of a tree, the largest first: enough to append and to give the root.
class Frontier {
 public:
  // Of the leaves before the first; false where the hashes are not those of such a tree.
  bool Begin(std::uint64_t size, const pb::RepeatedPtrField<std::string>& hashes) {
    for (int level = 63; level >= 0; --level) {
      if ((size >> static_cast<unsigned>(level) & 1U) == 0) continue;
      const int at = static_cast<int>(subtrees_.size());
      const auto hash = at < hashes.size() ? HashIn(hashes.Get(at)) : std::nullopt;
      if (!hash) return false;
      subtrees_.push_back({static_cast<unsigned>(level), *hash});
    }
    return static_cast<int>(subtrees_.size()) == hashes.size();
  }

  void Append(const Hash& leaf) {
    Subtree added{0, leaf};
    while (!subtrees_.empty() && subtrees_.back().level == added.level) {
      added = {added.level + 1, MerkleNode(subtrees_.back().hash, added.hash)};
      subtrees_.pop_back();
    }
    subtrees_.push_back(added);
  }

  Hash Root() const {
    if (subtrees_.empty()) return Sha256Of({});
    Hash root = subtrees_.back().hash;
    for (auto left = subtrees_.rbegin() + 1; left != subtrees_.rend(); ++left)
      root = MerkleNode(left->hash, root);
    return root;
  }

 private:
  struct Subtree {
    unsigned level = 0;
    Hash hash{};
  };
  std::vector<Subtree> subtrees_;
};

// What stands in the bundle since the last checkpoint whose root was right, beside what the log
// holds.
struct Stretch {
  std::vector<Hash> found;
  std::vector<Hash> logged;

  // Which of the two kinds of list one record more or less makes, or neither.
  BundleFault::Kind KindOf(std::size_t at) const {
    const bool has_next = at + 1 < logged.size();
    if (has_next && found[at] == logged[at + 1]) return MissingOrSwapped(at);
    if (at + 1 < found.size() && found[at + 1] == logged[at]) return BundleFault::Kind::kAdded;
    if (std::ranges::find(logged, found[at]) != logged.end()) return BundleFault::Kind::kReordered;
    return BundleFault::Kind::kAltered;
  }

  // Two neighbours that changed places look like one left out, but for the second.
  BundleFault::Kind MissingOrSwapped(std::size_t at) const {
    return at + 1 < found.size() && found[at + 1] == logged[at] ? BundleFault::Kind::kReordered
                                                                : BundleFault::Kind::kMissing;
  }

  std::optional<std::size_t> FirstDifference() const {
    const std::size_t both = std::min(found.size(), logged.size());
    for (std::size_t i = 0; i < both; ++i) {
      if (found[i] != logged[i]) return i;
    }
    return std::nullopt;
  }
};

class Verifier {
 public:
  explicit Verifier(const BundleKeys& keys) : keys_(keys) {}

  absl::Status Take(const Parts& parts, const BundlePart& part) {
    switch (part.part_case()) {
      case BundlePart::kHead:
        return begun_ ? Misplaced(parts, "a second head") : Begin(parts, part.head());
      case BundlePart::kTile:
        return begun_ ? TakeTile(parts, part.tile()) : Misplaced(parts, "no head before a tile");
      case BundlePart::kEntry:
        if (!begun_) return Misplaced(parts, "no head before an entry");
        TakeEntry(part.entry());
        return absl::OkStatus();
      case BundlePart::PART_NOT_SET:
        break;
    }
    return Misplaced(parts, "a part of no known kind");
  }

  bool done() const { return verdict_.fault.has_value(); }

  absl::StatusOr<BundleVerdict> Finish() && {
    if (!begun_) return NoBundle("it has no head");
    if (verdict_.fault) return std::move(verdict_);
    if (next_checkpoint_ < checkpoints_.size()) {
      verdict_.fault = FaultOfStretch();
    } else if (!stretch_.found.empty()) {
      verdict_.fault = {BundleFault::Kind::kUnproved, verdict_.proved};
    }
    return std::move(verdict_);
  }

 private:
  static absl::Status Misplaced(const Parts& parts, std::string_view why) {
    return parts.Unreadable(parts.position(), why);
  }

  absl::Status Begin(const Parts& parts, const BundleHead& head) {
    begun_ = true;
    verdict_.origin = head.origin();
    verdict_.first = verdict_.proved = head.first();
    if (!found_.Begin(head.first(), head.prefix()) || !logged_.Begin(head.first(), head.prefix())) {
      return Misplaced(parts, "the hashes before the first entry are not those of such a tree");
    }
    if (head.checkpoints().empty()) return Misplaced(parts, "it has no checkpoint");
    std::uint64_t size = head.first();
    for (const std::string& note : head.checkpoints()) {
      auto parsed = ParseCheckpoint(note);
      if (!parsed.ok() || parsed->checkpoint.size <= size ||
          parsed->checkpoint.origin != head.origin() ||
          !IsSignedBy(*parsed, {head.origin(), keys_.log})) {
        verdict_.fault = {BundleFault::Kind::kUnsigned, checkpoints_.size()};
        return absl::OkStatus();
      }
      size = parsed->checkpoint.size;
      checkpoints_.push_back(*std::move(parsed));
    }
    for (const NoteKey& witness : keys_.witnesses) {
      if (CosignedBy(checkpoints_.back(), witness)) verdict_.witnesses.push_back(witness.name);
    }
    return absl::OkStatus();
  }

  absl::Status TakeTile(const Parts& parts, const BundleTile& tile) {
    const std::string& hashes = tile.leaf_hashes();
    const std::size_t count = hashes.size() / kHashBytes;
    if (count == 0 || count > kMaxTile || hashes.size() % kHashBytes != 0) {
      return Misplaced(parts, "a tile is not 1 to 256 hashes");
    }
    if (tile.first() != verdict_.proved + stretch_.logged.size() + ahead_.size()) {
      return Misplaced(parts, "a tile is out of place");
    }
    for (std::size_t i = 0; i < count; ++i)
      ahead_.push_back(*HashIn(std::string_view(hashes).substr(i * kHashBytes, kHashBytes)));
    return absl::OkStatus();
  }

  // Index of the entry that must come now.
  std::uint64_t Next() const { return verdict_.proved + stretch_.found.size(); }

  void TakeEntry(const BundleEntry& entry) {
    if (entry.index() != Next() && !misnumbered_) {
      misnumbered_ = {
          entry.index() > Next() ? BundleFault::Kind::kMissing : BundleFault::Kind::kReordered,
          Next()};
    }
    const Hash leaf = AuditLeaf(entry);
    stretch_.found.push_back(leaf);
    found_.Append(leaf);
    TakeLogged();
    if (next_checkpoint_ < checkpoints_.size() &&
        Next() == checkpoints_[next_checkpoint_].checkpoint.size) {
      CheckStretch();
    }
  }

  // The log's own hash for the next entry, where the bundle has tiles.
  void TakeLogged() {
    if (ahead_.empty()) return;
    stretch_.logged.push_back(ahead_.front());
    logged_.Append(ahead_.front());
    ahead_.pop_front();
  }

  void CheckStretch() {
    const Checkpoint& checkpoint = checkpoints_[next_checkpoint_].checkpoint;
    if (found_.Root() != checkpoint.root) {
      verdict_.fault = FaultOfStretch();
      return;
    }
    verdict_.fault = misnumbered_;
    verdict_.proved = checkpoint.size;
    ++next_checkpoint_;
    stretch_ = {};
  }

  // What is wrong since the last checkpoint that was right. The tiles are believed once they give
  // the root that was signed.
  BundleFault FaultOfStretch() {
    const Checkpoint& checkpoint = checkpoints_[next_checkpoint_].checkpoint;
    while (!ahead_.empty() && verdict_.proved + stretch_.logged.size() < checkpoint.size)
      TakeLogged();
    if (logged_.Root() == checkpoint.root) {
      if (const auto at = stretch_.FirstDifference())
        return {stretch_.KindOf(*at), verdict_.proved + *at};
      return {BundleFault::Kind::kMissing, Next()};
    }
    if (misnumbered_) return *misnumbered_;
    if (Next() < checkpoint.size) return {BundleFault::Kind::kMissing, Next()};
    return {BundleFault::Kind::kUnknown, verdict_.proved};
  }

  const BundleKeys& keys_;
  bool begun_ = false;
  BundleVerdict verdict_;
  std::vector<SignedCheckpoint> checkpoints_;
  std::size_t next_checkpoint_ = 0;
  Frontier found_;   // of the entries
  Frontier logged_;  // of the tiles
  Stretch stretch_;
  std::deque<Hash> ahead_;                  // of tiles, for entries to come
  std::optional<BundleFault> misnumbered_;  // the first entry whose index is not its place
};

}  // namespace

Hash AuditLeaf(const BundleEntry& entry) {
  std::string bytes;
  const auto append = [&bytes](const std::string& part) {
    AppendBigEndian32(bytes, static_cast<std::uint32_t>(part.size()));
    bytes += part;
  };
  append(entry.payload());
  for (const std::string& sealed : entry.sealed()) append(sealed);
  return MerkleLeaf(bytes);
}

std::string BundleFault::Sentence() const {
  switch (kind) {
    case Kind::kAltered:
      return absl::StrCat("record ", index, " is not the one that was logged");
    case Kind::kMissing:
      return absl::StrCat("record ", index, " is missing");
    case Kind::kAdded:
      return absl::StrCat("record ", index, " was never logged");
    case Kind::kReordered:
      return absl::StrCat("record ", index, " belongs to another place");
    case Kind::kUnsigned:
      return absl::StrCat("checkpoint ", index,
                          " is not one that this log's key signed after the one before it");
    case Kind::kUnproved:
      return absl::StrCat("records from ", index, " on are covered by no checkpoint");
    case Kind::kUnknown:
      break;
  }
  return absl::StrCat("records from ", index, " on are not those that were signed");
}

absl::StatusOr<BundleVerdict> VerifyBundle(std::istream& in, const BundleKeys& keys) {
  Parts parts(in);
  RETURN_IF_ERROR(parts.Begin());
  Verifier verifier(keys);
  BundlePart part;
  while (!verifier.done()) {
    ASSIGN_OR_RETURN(const bool more, parts.Next(part));
    if (!more) break;
    RETURN_IF_ERROR(verifier.Take(parts, part));
  }
  return std::move(verifier).Finish();
}

BundleWriter::BundleWriter(std::ostream& out) : out_(out) {
  out_ << kFirstLine;
}

bool BundleWriter::Write(const BundlePart& part) {
  return pb::util::SerializeDelimitedToOstream(part, &out_);
}

}  // namespace holdfast::security
