#include "ingest/file_set.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "ingest/row_fault.h"
#include "ingest/zip_file_set.h"

namespace holdfast::ingest {
namespace {

absl::Status Fault(std::string_view name, absl::string_view sentence) {
  return absl::InvalidArgumentError(absl::StrCat(Shown(name), ": ", sentence));
}

absl::Status SystemFault(std::string_view name, std::string_view what, int error) {
  return absl::ErrnoToStatus(
      error, absl::StrCat(Shown(name), ": ", absl::string_view(what.data(), what.size())));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

absl::StatusOr<Descriptor> OpenForReading(const std::string& path, std::string_view name) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return SystemFault(name, "cannot be opened", errno);
  return Descriptor(fd);
}

class DescriptorSource final : public ByteSource {
 public:
  DescriptorSource(std::string name, Descriptor descriptor)
      : name_(std::move(name)), descriptor_(std::move(descriptor)) {}

  absl::StatusOr<std::size_t> Read(std::span<char> into) override {
    while (true) {
      const ssize_t length = ::pread(descriptor_.get(), into.data(), into.size(), offset_);
      if (length >= 0) {
        offset_ += length;
        return static_cast<std::size_t>(length);
      }
      if (errno != EINTR) return SystemFault(name_, "cannot be read", errno);
    }
  }

 private:
  std::string name_;
  Descriptor descriptor_;
  off_t offset_ = 0;
};

absl::StatusOr<std::unique_ptr<ByteSource>> SourceOf(std::string name, Descriptor descriptor) {
  return std::make_unique<DescriptorSource>(std::move(name), std::move(descriptor));
}

// The name of the lone file of a set, without its folders.
std::string BaseName(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

class OneFile final : public FileSet {
 public:
  OneFile(const std::string& name, Descriptor descriptor, std::uint64_t bytes)
      : descriptor_(std::move(descriptor)) {
    entries_.push_back({BaseName(name), bytes});
  }
  absl::StatusOr<std::unique_ptr<ByteSource>> OpenEntry(std::size_t i) override {
    HOLDFAST_CHECK(i == 0);
    Descriptor again(::fcntl(descriptor_.get(), F_DUPFD_CLOEXEC, 0));
    if (again.get() < 0) return SystemFault(entries_[0].path, "cannot be opened", errno);
    return SourceOf(entries_[0].path, std::move(again));
  }

 private:
  Descriptor descriptor_;
};

class OneText final : public FileSet {
 public:
  OneText(const std::string& name, std::string_view bytes) : bytes_(bytes) {
    entries_.push_back({BaseName(name), bytes.size()});
  }
  absl::StatusOr<std::unique_ptr<ByteSource>> OpenEntry(std::size_t i) override {
    HOLDFAST_CHECK(i == 0);
    return std::make_unique<MemorySource>(bytes_);
  }

 private:
  std::string_view bytes_;
};

// Regular files below a folder; what is hidden is left out, links are not followed.
class Folder final : public FileSet {
 public:
  explicit Folder(std::string root) : root_(std::move(root)) {}

  absl::Status List(const FileSetLimits& limits) {
    std::error_code error;
    std::uint64_t total = 0;
    Walk at(root_, error);
    for (; !error && at != Walk(); at.increment(error)) {
      total += Add(at, error);
      if (entries_.size() > limits.max_entries) {
        return Fault(root_,
                     absl::StrCat("the folder holds more than ", limits.max_entries, " files"));
      }
      if (total > limits.max_bytes) return Fault(root_, "the folder holds more bytes than allowed");
      if (error) break;
    }
    if (error) return SystemFault(root_, "cannot be listed", error.value());
    std::ranges::sort(entries_, {}, &FileEntry::path);
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<ByteSource>> OpenEntry(std::size_t i) override {
    const std::string& path = entries_.at(i).path;
    ASSIGN_OR_RETURN(Descriptor descriptor, OpenForReading(root_ + "/" + path, path));
    return SourceOf(path, std::move(descriptor));
  }

 private:
  using Walk = std::filesystem::recursive_directory_iterator;

  // The file at hand, and its size; 0 where it is none that counts.
  std::uint64_t Add(Walk& at, std::error_code& error) {
    const std::filesystem::file_status status = at->symlink_status(error);
    const bool hidden = at->path().filename().string().starts_with('.');
    if (std::filesystem::is_directory(status) && (hidden || at.depth() >= kMaxDepth)) {
      at.disable_recursion_pending();
    }
    if (error || hidden || !std::filesystem::is_regular_file(status)) return 0;
    const std::uint64_t bytes = at->file_size(error);
    if (error) return 0;
    entries_.push_back({at->path().lexically_relative(root_).generic_string(), bytes});
    return bytes;
  }

  static constexpr int kMaxDepth = 8;
  std::string root_;
};

enum class Kind { kZip, kGzip, kText };

Kind KindOf(std::string_view start) {
  if (start.starts_with("PK\x03\x04") || start.starts_with("PK\x05\x06")) return Kind::kZip;
  if (start.starts_with("\x1F\x8B")) return Kind::kGzip;
  return Kind::kText;
}

// A zip that lost its first bytes reads as text; its name tells.
absl::Status CheckText(std::string_view name, Kind kind) {
  if (kind == Kind::kGzip) return Fault(name, "this is a gzip file; unpack it and try again");
  if (name.ends_with(".zip") || name.ends_with(".ZIP")) {
    return Fault(name, "this is no zip file, or it is damaged; fetch it again");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileSet>> FileSet::Open(const std::string& path,
                                                       FileSetLimits limits) {
  ASSIGN_OR_RETURN(const Descriptor descriptor, OpenForReading(path, path));
  struct stat info {};
  if (::fstat(descriptor.get(), &info) != 0) return SystemFault(path, "cannot be read", errno);
  if (!S_ISDIR(info.st_mode)) return FromDescriptor(path, descriptor.get(), limits);
  auto folder = std::make_unique<Folder>(path);
  RETURN_IF_ERROR(folder->List(limits));
  return folder;
}

absl::StatusOr<std::unique_ptr<FileSet>> FileSet::FromDescriptor(std::string name, int descriptor,
                                                                 FileSetLimits limits) {
  struct stat info {};
  if (::fstat(descriptor, &info) != 0) return SystemFault(name, "cannot be read", errno);
  if (!S_ISREG(info.st_mode)) return Fault(name, "this is neither a file nor a folder");
  std::array<char, 4> start{};
  const ssize_t length = ::pread(descriptor, start.data(), start.size(), 0);
  if (length < 0) return SystemFault(name, "cannot be read", errno);
  const Kind kind = KindOf({start.data(), static_cast<std::size_t>(length)});
  Descriptor own(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
  if (own.get() < 0) return SystemFault(name, "cannot be opened", errno);
  if (kind == Kind::kZip) return OpenZip(std::move(name), own.get(), limits);
  RETURN_IF_ERROR(CheckText(name, kind));
  const auto bytes = static_cast<std::uint64_t>(info.st_size);
  if (bytes > limits.max_bytes) return Fault(name, "the file is larger than allowed");
  return std::make_unique<OneFile>(name, std::move(own), bytes);
}

absl::StatusOr<std::unique_ptr<FileSet>> FileSet::FromBytes(std::string name,
                                                            std::string_view bytes,
                                                            FileSetLimits limits) {
  const Kind kind = KindOf(bytes.substr(0, 4));
  if (kind == Kind::kZip) return OpenZip(std::move(name), bytes, limits);
  RETURN_IF_ERROR(CheckText(name, kind));
  if (bytes.size() > limits.max_bytes) return Fault(name, "the file is larger than allowed");
  return std::make_unique<OneText>(name, bytes);
}

}  // namespace holdfast::ingest
