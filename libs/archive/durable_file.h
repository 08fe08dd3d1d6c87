// Files that are there whole or not at all: written beside their place as "<name>.partial", synced,
// renamed, and the folder synced. Private: 0600 in folders of 0700.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace holdfast::archive {

inline constexpr std::string_view kDraftSuffix = ".partial";

// A file that is being written. Used by one thread.
class DurableFile {
 public:
  enum class Existing { kKept, kReplaced };

  // The draft, in place of one that a killed process left. The folder must be there. Errors here
  // and below: kResourceExhausted where the disk is full, else kUnavailable; the sentence names
  // the file.
  static absl::StatusOr<std::unique_ptr<DurableFile>> Create(std::string path);
  // Removes the draft where it was not published.
  ~DurableFile();

  absl::Status Append(std::string_view bytes);
  // Gives it its name, for good once this returns. kAlreadyExists where it is taken and `kKept`.
  absl::Status Publish(Existing existing);

  const std::string& path() const { return path_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  DurableFile(std::string path, int file) : path_(std::move(path)), file_(file) {}
  absl::Status WriteOut();

  const std::string path_;
  int file_ = -1;
  bool published_ = false;
  std::uint64_t bytes_ = 0;
  std::string waiting_;
};

// A whole small file at once.
absl::Status WriteDurably(const std::string& path, std::string_view bytes,
                          DurableFile::Existing existing);
// Copies a file, and says what it was: its SHA-256 in hexadecimal.
absl::StatusOr<std::string> CopyDurably(const std::string& from, const std::string& to);

// With its parents (0700), and stays after a crash.
absl::Status MakeFolder(const std::string& path);
absl::Status SyncFolder(const std::string& path);

// kNotFound where it is absent; kUnavailable where it cannot be read or is larger.
absl::StatusOr<std::string> ReadSmallFile(const std::string& path, std::size_t max_bytes);
// SHA-256 of its content, in hexadecimal. The same errors.
absl::StatusOr<std::string> DigestOfFile(const std::string& path);

}  // namespace holdfast::archive
