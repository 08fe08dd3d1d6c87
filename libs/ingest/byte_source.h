// Bytes that come one piece after the other: a file, an entry of a zip, an upload.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/hash.h"

namespace holdfast::ingest {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Fills the front of `into` (not empty) and says how many bytes; 0 is the end. After an error the
  // source is spent.
  virtual absl::StatusOr<std::size_t> Read(std::span<char> into) = 0;
};

// Bytes of the caller, which must stay.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : left_(bytes) {}
  absl::StatusOr<std::size_t> Read(std::span<char> into) override;

 private:
  std::string_view left_;
};

// Passes another source on, and hashes what passes.
class HashingSource final : public ByteSource {
 public:
  explicit HashingSource(ByteSource& inner) : inner_(inner) {}
  absl::StatusOr<std::size_t> Read(std::span<char> into) override;
  // SHA-256 of all bytes read so far; call it once, at the end.
  Hash Finish() { return sha256_.Finish(); }

 private:
  ByteSource& inner_;
  Sha256 sha256_;
};

}  // namespace holdfast::ingest
