// Whether a stretch of the audit log is what the log signed, checked from the file alone: nothing
// is asked, nothing is believed but the keys that are given.
//
// One pass: leaves are hashed as they come, and the root is compared at every signed checkpoint.
// Where it differs, the log's own hashes of leaves (tiles, proved by the same root) say which
// record it was.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/hash.h"
#include "security/checkpoint.h"

namespace holdfast::audit::v1 {
class BundleEntry;
class BundlePart;
}  // namespace holdfast::audit::v1

namespace holdfast::security {

// The leaf that an entry is (RFC 9162 §2.1 leaf hash).
Hash AuditLeaf(const audit::v1::BundleEntry& entry);

struct BundleKeys {
  const Ed25519PublicKey* log = nullptr;  // borrowed; it signs under the log's origin as its name
  std::vector<NoteKey> witnesses;
};

struct BundleFault {
  enum class Kind {
    kAltered,    // the record there is not the one that was logged
    kMissing,    // the record there is left out
    kAdded,      // the record there was never logged
    kReordered,  // the record there belongs to another place
    kUnsigned,   // a checkpoint is not signed by the log, or is of another log, or out of order
    kUnknown,    // records and hashes both differ from what was signed: somewhere from `index` on
    kUnproved,   // records follow that no checkpoint covers
  };
  Kind kind = Kind::kUnknown;
  std::uint64_t index = 0;  // of the record; of a checkpoint: its place in the bundle

  bool operator==(const BundleFault&) const = default;
  // One sentence for whoever checks.
  std::string Sentence() const;
};

struct BundleVerdict {
  std::string origin;
  std::uint64_t first = 0;
  std::uint64_t proved = 0;            // records [first, proved) are as they were signed
  std::optional<BundleFault> fault;    // the first one
  std::vector<std::string> witnesses;  // which of the keys given have signed the last checkpoint

  bool holds() const { return !fault.has_value(); }
};

// kInvalidArgument naming the byte where the file is no bundle (cut off, too large a part, a tile
// or head out of place). Memory: 64 bytes for each record since the last checkpoint.
absl::StatusOr<BundleVerdict> VerifyBundle(std::istream& in, const BundleKeys& keys);

// Writes a bundle. Parts go out as they are given: a head, then tiles before their entries.
class BundleWriter {
 public:
  explicit BundleWriter(std::ostream& out);  // borrowed
  // False where the stream does not take it.
  bool Write(const audit::v1::BundlePart& part);

 private:
  std::ostream& out_;
};

}  // namespace holdfast::security
