#include "ingest/byte_source.h"

#include <algorithm>
#include <cstring>

#include "base/status_macros.h"

namespace holdfast::ingest {

absl::StatusOr<std::size_t> MemorySource::Read(std::span<char> into) {
  const std::size_t length = std::min(into.size(), left_.size());
  if (length != 0) std::memcpy(into.data(), left_.data(), length);
  left_.remove_prefix(length);
  return length;
}

absl::StatusOr<std::size_t> HashingSource::Read(std::span<char> into) {
  ASSIGN_OR_RETURN(const std::size_t length, inner_.Read(into));
  sha256_.Update({into.data(), length});
  return length;
}

}  // namespace holdfast::ingest
