#include "rpc/metadata.h"

#include <algorithm>
#include <vector>

#include "base/check.h"
#include "rpc/trace.h"
#include "targets.h"

namespace holdfast::fuzz {
namespace {

std::vector<rpc::MetadataEntry> EntriesOf(std::string_view bytes) {
  std::vector<rpc::MetadataEntry> entries;
  while (!bytes.empty() && entries.size() <= 2 * rpc::kMaxMetadataEntries) {
    const std::string_view line = bytes.substr(0, bytes.find('\n'));
    bytes.remove_prefix(std::min(line.size() + 1, bytes.size()));
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos) {
      entries.push_back({line, {}});
    } else {
      entries.push_back({line.substr(0, colon), line.substr(colon + 2)});
    }
  }
  return entries;
}

auto CountOf(const std::vector<rpc::MetadataEntry>& entries, std::string_view key) {
  return std::count_if(entries.begin(), entries.end(),
                       [key](const rpc::MetadataEntry& entry) { return entry.key == key; });
}

}  // namespace

void Metadata(std::string_view bytes) {
  const std::vector<rpc::MetadataEntry> entries = EntriesOf(bytes);
  const absl::StatusOr<rpc::CallMetadata> read = rpc::ReadMetadata(entries);
  if (!read.ok()) {
    HOLDFAST_CHECK(absl::IsInvalidArgument(read.status()));
    return;
  }
  HOLDFAST_CHECK(entries.size() <= rpc::kMaxMetadataEntries);
  for (const std::string_view key : {"authorization", "idempotency-key", "traceparent"})
    HOLDFAST_CHECK(CountOf(entries, key) <= 1);
  HOLDFAST_CHECK(read->authorization.empty() || CountOf(entries, "authorization") == 1);
  HOLDFAST_CHECK(read->idempotency_key.empty() || CountOf(entries, "idempotency-key") == 1);
  // What is read as a trace is written as it was.
  if (const auto trace = rpc::ParseTraceParent(read->traceparent))
    HOLDFAST_CHECK(trace->header == read->traceparent);
}

}  // namespace holdfast::fuzz
