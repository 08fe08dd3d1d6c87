#include "security/checkpoint.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status_macros.h"

namespace holdfast::security {
namespace {

constexpr std::size_t kMaxNoteBytes = 16'384;
constexpr std::size_t kMaxSignatures = 32;
constexpr std::size_t kMaxNameBytes = 255;
constexpr std::size_t kKeyIdBytes = 4;
constexpr std::size_t kTimeBytes = 8;
constexpr std::string_view kSignatureMark = "\u2014 ";
constexpr char kEd25519 = 0x01;
constexpr char kCosignatureV1 = 0x04;

absl::Status NoCheckpoint(std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("not a checkpoint: ", absl::string_view(why.data(), why.size())));
}

absl::string_view View(std::string_view text) {
  return {text.data(), text.size()};
}

// Base64 as it is written: absl's reader takes more.
std::optional<std::string> FromBase64(std::string_view text) {
  std::string bytes;
  if (!absl::Base64Unescape(View(text), &bytes) || absl::Base64Escape(bytes) != View(text)) {
    return std::nullopt;
  }
  return bytes;
}

std::string KeyIdOf(std::string_view name, char type, const Ed25519PublicKey& key) {
  std::string named(name);
  named += '\n';
  named += type;
  named += key.Raw();
  return std::string(AsBytes(Sha256Of(named)).substr(0, kKeyIdBytes));
}

std::string CosignedText(const Checkpoint& checkpoint, std::int64_t seconds) {
  return absl::StrCat("cosignature/v1\ntime ", seconds, "\n", checkpoint.Text());
}

bool IsName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes && std::ranges::all_of(name, [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != '+' && c != '\x7F';
  });
}

// Up to the next line break, which is taken; empty where there is none.
std::optional<std::string_view> TakeLine(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

absl::StatusOr<Checkpoint> TakeText(std::string_view& rest) {
  Checkpoint checkpoint;
  const auto origin = TakeLine(rest);
  if (!origin || !IsName(*origin)) return NoCheckpoint("its first line is no origin");
  checkpoint.origin = *origin;
  const auto size = TakeLine(rest);
  if (!size || !absl::SimpleAtoi(View(*size), &checkpoint.size) ||
      absl::StrCat(checkpoint.size) != View(*size)) {
    return NoCheckpoint("its second line is no size");
  }
  const auto root = TakeLine(rest);
  const auto bytes = root ? FromBase64(*root) : std::nullopt;
  if (!bytes || bytes->size() != checkpoint.root.size()) {
    return NoCheckpoint("its third line is no root of 32 bytes in base64");
  }
  std::ranges::copy(*bytes, checkpoint.root.begin());
  const auto gap = TakeLine(rest);
  if (!gap || !gap->empty()) return NoCheckpoint("an empty line must follow the root");
  return checkpoint;
}

absl::StatusOr<NoteSignature> SignatureIn(std::string_view line) {
  if (!absl::StartsWith(View(line), View(kSignatureMark))) {
    return NoCheckpoint("a line that should be a signature does not begin with a dash");
  }
  line.remove_prefix(kSignatureMark.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || !IsName(line.substr(0, space))) {
    return NoCheckpoint("a signature has no name");
  }
  auto bytes = FromBase64(line.substr(space + 1));
  if (!bytes || bytes->size() <= kKeyIdBytes) {
    return NoCheckpoint("a signature is no key id and bytes in base64");
  }
  return NoteSignature{std::string(line.substr(0, space)), *std::move(bytes)};
}

// What follows the key id in each signature by that name and key.
template <class Accept>
bool AnySignature(const SignedCheckpoint& signed_checkpoint, const NoteKey& by, char type,
                  Accept accept) {
  const std::string id = KeyIdOf(by.name, type, *by.key);
  return std::ranges::any_of(signed_checkpoint.signatures, [&](const NoteSignature& signature) {
    return signature.name == by.name && signature.bytes.starts_with(id) &&
           accept(std::string_view(signature.bytes).substr(kKeyIdBytes));
  });
}

}  // namespace

std::string Checkpoint::Text() const {
  const std::string_view bytes = AsBytes(root);
  return absl::StrCat(origin, "\n", size, "\n", absl::Base64Escape(View(bytes)), "\n");
}

absl::StatusOr<SignedCheckpoint> ParseCheckpoint(std::string_view note) {
  if (note.size() > kMaxNoteBytes) return NoCheckpoint("it is longer than 16 KiB");
  SignedCheckpoint parsed;
  ASSIGN_OR_RETURN(parsed.checkpoint, TakeText(note));
  while (!note.empty()) {
    const auto line = TakeLine(note);
    if (!line) return NoCheckpoint("its last line has no end");
    ASSIGN_OR_RETURN(NoteSignature signature, SignatureIn(*line));
    parsed.signatures.push_back(std::move(signature));
    if (parsed.signatures.size() > kMaxSignatures) return NoCheckpoint("too many signatures");
  }
  if (parsed.signatures.empty()) return NoCheckpoint("nobody has signed it");
  return parsed;
}

std::string FormatCheckpoint(const SignedCheckpoint& signed_checkpoint) {
  std::string note = signed_checkpoint.checkpoint.Text() + "\n";
  for (const NoteSignature& signature : signed_checkpoint.signatures)
    note += FormatSignature(signature) + "\n";
  return note;
}

std::string FormatSignature(const NoteSignature& signature) {
  return absl::StrCat(View(kSignatureMark), signature.name, " ",
                      absl::Base64Escape(signature.bytes));
}

NoteSignature SignCheckpoint(const Checkpoint& checkpoint, std::string_view name,
                             const Ed25519PrivateKey& key) {
  return {std::string(name),
          KeyIdOf(name, kEd25519, key.public_key()) + key.Sign(checkpoint.Text())};
}

NoteSignature CosignCheckpoint(const Checkpoint& checkpoint, std::string_view name,
                               const Ed25519PrivateKey& key, absl::Time time) {
  const std::int64_t seconds = absl::ToUnixSeconds(time);
  std::string bytes = KeyIdOf(name, kCosignatureV1, key.public_key());
  AppendBigEndian64(bytes, static_cast<std::uint64_t>(seconds));
  return {std::string(name), bytes + key.Sign(CosignedText(checkpoint, seconds))};
}

bool IsSignedBy(const SignedCheckpoint& signed_checkpoint, const NoteKey& log) {
  return AnySignature(signed_checkpoint, log, kEd25519, [&](std::string_view signature) {
    return log.key->Verify(signed_checkpoint.checkpoint.Text(), signature);
  });
}

std::optional<absl::Time> CosignedBy(const SignedCheckpoint& signed_checkpoint,
                                     const NoteKey& witness) {
  std::optional<absl::Time> when;
  AnySignature(signed_checkpoint, witness, kCosignatureV1, [&](std::string_view bytes) {
    if (bytes.size() != kTimeBytes + kEd25519SignatureBytes) return false;
    const std::uint64_t seconds = ReadBigEndian64(bytes);
    if (seconds >> 62U != 0) return false;  // no such time
    const auto at = static_cast<std::int64_t>(seconds);
    if (!witness.key->Verify(CosignedText(signed_checkpoint.checkpoint, at),
                             bytes.substr(kTimeBytes))) {
      return false;
    }
    when = absl::FromUnixSeconds(at);
    return true;
  });
  return when;
}

}  // namespace holdfast::security
