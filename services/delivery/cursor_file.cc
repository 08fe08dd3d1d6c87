#include "delivery/cursor_file.h"

#include <cstddef>

#include "absl/status/statusor.h"
#include "archive/durable_file.h"
#include "base/hash.h"

namespace holdfast::delivery {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{64} << 20U;
constexpr std::size_t kSumBytes = 4;

}  // namespace

// u32be CRC-32C, then what it is of.
std::string ReadCursor(const std::string& path) {
  const absl::StatusOr<std::string> bytes = archive::ReadSmallFile(path, kMaxBytes);
  if (!bytes.ok() || bytes->size() < kSumBytes) return "";
  std::string cursor = bytes->substr(kSumBytes);
  return ReadBigEndian32(*bytes) == Crc32c(cursor) ? cursor : "";
}

absl::Status WriteCursor(const std::string& path, std::string_view cursor) {
  std::string bytes;
  AppendBigEndian32(bytes, Crc32c(cursor));
  bytes.append(cursor);
  return archive::WriteDurably(path, bytes, archive::DurableFile::Existing::kReplaced);
}

}  // namespace holdfast::delivery
