// What comes with a call beside its message: read once, strictly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/options/v1/options.pb.h"

#include "absl/status/statusor.h"

namespace holdfast::rpc {

inline constexpr std::size_t kMaxMetadataEntries = 32;
inline constexpr std::size_t kMaxMetadataBytes = 16384;
inline constexpr std::size_t kMaxMetadataBytesWithoutToken = 4096;
inline constexpr std::size_t kMaxJustificationBytes = 2000;

struct MetadataEntry {
  std::string_view key;  // lower case, as HTTP/2 carries it
  std::string_view value;
};

struct CallMetadata {
  std::string_view authorization;    // empty: none
  std::string_view idempotency_key;  // without its quotes; empty: none
  std::string_view traceparent;      // empty: none
  std::optional<std::uint64_t> expected_version;
  // What the caller says it is for; unspecified: nothing.
  options::v1::Purpose::Code purpose = options::v1::Purpose::CODE_UNSPECIFIED;
  std::string_view justification;  // UTF-8; empty: none
  bool break_glass = false;
};

// kInvalidArgument (reason METADATA_INVALID, or FIELD_INVALID naming the key) for too many or too
// heavy entries, one that is not on the list of `experience.md` §1, one that stands twice, or one
// that cannot be read. Views into `entries`.
absl::StatusOr<CallMetadata> ReadMetadata(const std::vector<MetadataEntry>& entries);

}  // namespace holdfast::rpc
