// What a log says of itself, signed: how many leaves it has, and the root over them; and what
// witnesses sign beside it once they have seen that it only grew. The formats are C2SP's
// tlog-checkpoint, signed-note and tlog-cosignature (v1, Ed25519), so other people's tools read
// them, and offline.
//
//   origin ⏎ size ⏎ base64(root) ⏎ ⏎ — name base64(key id ‖ signature) ⏎ …
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/hash.h"
#include "security/ed25519_key.h"

namespace holdfast::security {

struct Checkpoint {
  std::string origin;  // "<deployment>/audit/<tenant>"
  std::uint64_t size = 0;
  Hash root{};

  bool operator==(const Checkpoint&) const = default;
  // What is signed.
  std::string Text() const;
};

// One who signs: its name in the note, and its public key.
struct NoteKey {
  std::string name;                       // without space and "+"
  const Ed25519PublicKey* key = nullptr;  // borrowed
};

struct NoteSignature {
  std::string name;
  std::string bytes;  // key id (4), then what the algorithm says
};

struct SignedCheckpoint {
  Checkpoint checkpoint;
  std::vector<NoteSignature> signatures;
};

// kInvalidArgument naming what is wrong with a note that is no checkpoint: at most 16 KiB and 32
// signatures; numbers without leading zeros, base64 as it would be written, no extension lines.
absl::StatusOr<SignedCheckpoint> ParseCheckpoint(std::string_view note);

// The note; parsing it gives the same again.
std::string FormatCheckpoint(const SignedCheckpoint& signed_checkpoint);

// One line of it, without its end.
std::string FormatSignature(const NoteSignature& signature);

// A log's own signature (signed-note, type 01).
NoteSignature SignCheckpoint(const Checkpoint& checkpoint, std::string_view name,
                             const Ed25519PrivateKey& key);

// A witness's (tlog-cosignature v1, type 04): as of `time` (whole seconds) it has seen no larger
// tree of this log. Only for one that it found consistent with what it had signed before.
NoteSignature CosignCheckpoint(const Checkpoint& checkpoint, std::string_view name,
                               const Ed25519PrivateKey& key, absl::Time time);

bool IsSignedBy(const SignedCheckpoint& signed_checkpoint, const NoteKey& log);

// When that witness has signed it; empty where it has not.
std::optional<absl::Time> CosignedBy(const SignedCheckpoint& signed_checkpoint,
                                     const NoteKey& witness);

}  // namespace holdfast::security
