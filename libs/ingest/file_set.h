// What a person hands in: a zip, a folder or one CSV, seen as files in an order that never varies.
//
// Limits hold for the bytes that really come out, not for what a header claims.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "ingest/byte_source.h"

namespace holdfast::ingest {

struct FileSetLimits {
  std::size_t max_entries = 10'000;
  std::uint64_t max_bytes = std::uint64_t{16} << 30U;  // unpacked, all together
  std::uint64_t max_ratio = 100;                       // unpacked to packed, each and all together
  std::uint64_t ratio_counts_from = std::uint64_t{1} << 20U;  // unpacked; a small file may be dull
};

struct FileEntry {
  std::string path;         // inside the zip or folder, '/' between parts; never absolute, no ".."
  std::uint64_t bytes = 0;  // unpacked, as claimed
};

// Not thread-safe; many may be open on one file.
class FileSet {
 public:
  // By what it is, not by its name. NotFound, PermissionDenied; InvalidArgument where it is no
  // such thing, or a zip that is cut short, encrypted, holds a zip, a path that leads out, or more
  // than the limits.
  static absl::StatusOr<std::unique_ptr<FileSet>> Open(const std::string& path,
                                                       FileSetLimits limits = {});
  // The same from an open file (not taken over, must be seekable), and from bytes of the caller,
  // which must stay. `name` is how faults call it.
  static absl::StatusOr<std::unique_ptr<FileSet>> FromDescriptor(std::string name, int descriptor,
                                                                 FileSetLimits limits = {});
  static absl::StatusOr<std::unique_ptr<FileSet>> FromBytes(std::string name,
                                                            std::string_view bytes,
                                                            FileSetLimits limits = {});

  virtual ~FileSet() = default;
  FileSet(const FileSet&) = delete;
  FileSet& operator=(const FileSet&) = delete;

  // Ordered by the bytes of their paths.
  const std::vector<FileEntry>& entries() const { return entries_; }

  // The content of entries()[i], from its start; the set must outlive it. Its Read fails with
  // InvalidArgument where the packed bytes are damaged or break a limit.
  virtual absl::StatusOr<std::unique_ptr<ByteSource>> OpenEntry(std::size_t i) = 0;

 protected:
  FileSet() = default;
  std::vector<FileEntry> entries_;
};

}  // namespace holdfast::ingest
