#include "ingest/zip_file_set.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "ingest/row_fault.h"
#include "ingest/text_scan.h"

namespace holdfast::ingest {
namespace {

absl::string_view Absl(std::string_view text) {
  return {text.data(), text.size()};
}

absl::Status Fault(std::string_view name, absl::string_view sentence) {
  return absl::InvalidArgumentError(absl::StrCat(Shown(name), ": ", sentence));
}

// A path that leads out of the folder it is unpacked into, or names nothing sane.
std::string_view PathFault(std::string_view path) {
  if (path.empty()) return "a file in the zip has no name";
  if (path.size() > 512) return "the zip holds a path that is too long";
  if (ScanText(path).length != path.size() || HasControlCharacter(path)) {
    return "the zip holds a name that is no text";
  }
  const bool drive = path.size() > 1 && path[1] == ':';
  if (path.front() == '/' || path.find('\\') != std::string_view::npos || drive) {
    return "the zip holds an absolute path, or one of another system";
  }
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    if (path.substr(at, slash - at) == "..") return "the zip holds a path that leads out (..)";
    at = slash + 1;
  }
  return {};
}

constexpr std::string_view kNestedZip =
    "the zip holds another zip; unpack that one and import it by itself";

class ZipFileSet;

// One entry, inflated as it is read and counted against the limits.
class ZipSource final : public ByteSource {
 public:
  ZipSource(ZipFileSet& set, std::size_t entry, zip_file_t* file)
      : set_(set), entry_(entry), file_(file) {}
  ~ZipSource() override { zip_fclose(file_); }
  absl::StatusOr<std::size_t> Read(std::span<char> into) override;

 private:
  ZipFileSet& set_;
  std::size_t entry_;
  zip_file_t* file_;
  std::uint64_t total_ = 0;
};

class ZipFileSet final : public FileSet {
 public:
  // Takes over the archive.
  ZipFileSet(std::string name, zip_t* archive, std::uint64_t bytes, const FileSetLimits& limits)
      : name_(std::move(name)), archive_(archive), archive_bytes_(bytes), limits_(limits) {}
  ~ZipFileSet() override { zip_discard(archive_); }

  absl::Status List();
  absl::StatusOr<std::unique_ptr<ByteSource>> OpenEntry(std::size_t i) override;
  // `total` bytes have come out of entry i so far.
  absl::Status Count(std::size_t i, std::uint64_t total);
  absl::Status EntryFault(std::size_t i, std::string_view sentence) const {
    return Fault(name_, absl::StrCat(Shown(entries_[i].path), ": ", Absl(sentence)));
  }

 private:
  struct Packed {
    zip_uint64_t index = 0;
    std::uint64_t bytes = 0;     // packed; never more than the archive
    std::uint64_t unpacked = 0;  // the most that has come out so far
  };

  absl::Status AddEntry(zip_uint64_t index);
  absl::Status CheckClaims() const;
  absl::Status CheckRatio(std::string_view what, std::uint64_t unpacked,
                          std::uint64_t packed) const;
  void Sort();

  std::string name_;
  zip_t* archive_;
  std::uint64_t archive_bytes_;
  FileSetLimits limits_;
  std::vector<Packed> packed_;  // beside entries_
  std::uint64_t unpacked_ = 0;
};

absl::Status ZipFileSet::List() {
  const zip_int64_t count = zip_get_num_entries(archive_, 0);
  if (count < 0 || static_cast<std::uint64_t>(count) > limits_.max_entries) {
    return Fault(name_, absl::StrCat("the zip holds more than ", limits_.max_entries, " files"));
  }
  for (zip_int64_t i = 0; i < count; ++i) {
    RETURN_IF_ERROR(AddEntry(static_cast<zip_uint64_t>(i)));
  }
  Sort();
  const auto twice = std::ranges::adjacent_find(entries_, {}, &FileEntry::path);
  if (twice != entries_.end()) {
    return Fault(name_, absl::StrCat("the zip holds the path ", Shown(twice->path), " twice"));
  }
  return CheckClaims();
}

absl::Status ZipFileSet::AddEntry(zip_uint64_t index) {
  zip_stat_t stat;
  zip_stat_init(&stat);
  if (zip_stat_index(archive_, index, ZIP_FL_ENC_RAW, &stat) != 0 ||
      (stat.valid & ZIP_STAT_NAME) == 0 || (stat.valid & ZIP_STAT_SIZE) == 0 ||
      (stat.valid & ZIP_STAT_COMP_SIZE) == 0) {
    return Fault(name_, "the zip is damaged: its directory cannot be read; fetch it again");
  }
  const std::string_view path = stat.name;
  if (const std::string_view fault = PathFault(path); !fault.empty()) {
    return Fault(name_, Absl(fault));
  }
  if (path.back() == '/') return absl::OkStatus();  // a folder
  if (stat.encryption_method != ZIP_EM_NONE) {
    return Fault(name_, "the zip is encrypted; unpack it with its password and import the folder");
  }
  if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE) {
    return Fault(name_, "the zip is packed by a method other than store or deflate; pack it again");
  }
  if (absl::EndsWithIgnoreCase(Absl(path), ".zip")) return Fault(name_, Absl(kNestedZip));
  entries_.push_back({std::string(path), stat.size});
  packed_.push_back({index, std::min<std::uint64_t>(stat.comp_size, archive_bytes_), 0});
  return absl::OkStatus();
}

void ZipFileSet::Sort() {
  std::vector<std::size_t> order(entries_.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {},
                    [this](std::size_t i) { return std::string_view(entries_[i].path); });
  std::vector<FileEntry> entries;
  std::vector<Packed> packed;
  for (const std::size_t i : order) {
    entries.push_back(std::move(entries_[i]));
    packed.push_back(packed_[i]);
  }
  entries_ = std::move(entries);
  packed_ = std::move(packed);
}

// What the directory claims is checked at once, so that most bombs are refused before a byte of
// them is unpacked; the truth is checked while reading.
absl::Status ZipFileSet::CheckClaims() const {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].bytes > limits_.max_bytes) return CheckRatio("", limits_.max_bytes + 1, 0);
    total += entries_[i].bytes;
    RETURN_IF_ERROR(CheckRatio(entries_[i].path, entries_[i].bytes, packed_[i].bytes));
  }
  return CheckRatio("all files together", total, archive_bytes_);
}

absl::Status ZipFileSet::CheckRatio(std::string_view what, std::uint64_t unpacked,
                                    std::uint64_t packed) const {
  if (unpacked > limits_.max_bytes) {
    return Fault(name_, absl::StrCat("the zip unpacks to more than ", limits_.max_bytes, " bytes"));
  }
  if (unpacked > limits_.ratio_counts_from && unpacked / limits_.max_ratio > packed) {
    return Fault(name_, absl::StrCat(Shown(what), ": unpacks to more than ", limits_.max_ratio,
                                     " times its size, which no honest file does"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<ByteSource>> ZipFileSet::OpenEntry(std::size_t i) {
  zip_file_t* const file = zip_fopen_index(archive_, packed_.at(i).index, 0);
  if (file == nullptr) return EntryFault(i, "is damaged in the zip; fetch the zip again");
  return std::make_unique<ZipSource>(*this, i, file);
}

absl::Status ZipFileSet::Count(std::size_t i, std::uint64_t total) {
  Packed& packed = packed_[i];
  if (total <= packed.unpacked) return absl::OkStatus();  // read before
  unpacked_ += total - packed.unpacked;
  packed.unpacked = total;
  if (total > entries_[i].bytes) {
    return EntryFault(i, "holds more bytes than the zip claims; it is damaged, or a trap");
  }
  RETURN_IF_ERROR(CheckRatio(entries_[i].path, total, packed.bytes));
  return CheckRatio("all files together", unpacked_, archive_bytes_);
}

absl::StatusOr<std::size_t> ZipSource::Read(std::span<char> into) {
  const zip_int64_t length = zip_fread(file_, into.data(), into.size());
  if (length < 0) return set_.EntryFault(entry_, "is damaged in the zip; fetch the zip again");
  const auto bytes = static_cast<std::size_t>(length);
  if (total_ == 0 && std::string_view(into.data(), bytes).starts_with("PK\x03\x04")) {
    return set_.EntryFault(entry_, kNestedZip);
  }
  total_ += bytes;
  RETURN_IF_ERROR(set_.Count(entry_, total_));
  return bytes;
}

// ---- opening ----

// Bytes of the archive at an offset; fewer at its end.
class Tail {
 public:
  explicit Tail(std::string_view bytes) : size_(bytes.size()), bytes_(bytes) {}
  Tail(int descriptor, std::uint64_t size) : size_(size), descriptor_(descriptor) {}

  std::string At(std::uint64_t offset, std::size_t length) const {
    if (offset >= size_) return {};
    if (descriptor_ < 0) return std::string(bytes_.substr(offset, length));
    std::string out(length, '\0');
    const ssize_t got = ::pread(descriptor_, out.data(), length, static_cast<off_t>(offset));
    out.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return out;
  }
  std::uint64_t size() const { return size_; }

 private:
  std::uint64_t size_;
  std::string_view bytes_;
  int descriptor_ = -1;
};

std::uint64_t LittleEndian(std::string_view bytes, std::size_t at, std::size_t length) {
  std::uint64_t out = 0;
  for (std::size_t i = length; i-- > 0;) {
    out = out << 8U | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0U);
  }
  return out;
}

// Entries that a "zip64 end of central directory" claims, found by its locator just before the
// plain end record; source: PKWARE APPNOTE 6.3.9, 4.3.14 and 4.3.15.
std::uint64_t Zip64Entries(const Tail& tail, std::string_view locator) {
  if (!locator.starts_with("PK\x06\x07")) return 0xFFFF;
  const std::string record = tail.At(LittleEndian(locator, 8, 8), 40);
  return record.starts_with("PK\x06\x06") ? LittleEndian(record, 32, 8) : ~std::uint64_t{0};
}

// The most entries that any end record claims (APPNOTE 4.3.16), read before libzip takes memory for
// each of them.
std::uint64_t ClaimedEntries(const Tail& tail) {
  constexpr std::uint64_t kEndBytes = 22 + 0xFFFF;
  constexpr std::size_t kLocatorBytes = 20;
  const std::uint64_t begin =
      tail.size() > kEndBytes + kLocatorBytes ? tail.size() - kEndBytes - kLocatorBytes : 0;
  const std::string end = tail.At(begin, kEndBytes + kLocatorBytes);
  std::uint64_t most = 0;
  for (std::size_t at = end.find("PK\x05\x06"); at != std::string::npos;
       at = end.find("PK\x05\x06", at + 1)) {
    std::uint64_t entries = LittleEndian(end, at + 10, 2);
    if (entries == 0xFFFF && at >= kLocatorBytes) {
      entries = Zip64Entries(tail, std::string_view(end).substr(at - kLocatorBytes, kLocatorBytes));
    }
    most = std::max(most, entries);
  }
  return most;
}

absl::Status CheckEntries(const Tail& tail, std::string_view name, const FileSetLimits& limits) {
  if (ClaimedEntries(tail) <= limits.max_entries) return absl::OkStatus();
  return Fault(name, absl::StrCat("the zip holds more than ", limits.max_entries, " files"));
}

absl::Status OpenFault(std::string_view name, int error) {
  if (error == ZIP_ER_MEMORY) return absl::ResourceExhaustedError("no memory to open the zip");
  return Fault(name, "the zip is cut short or damaged: its directory is not there; fetch it again");
}

absl::StatusOr<std::unique_ptr<FileSet>> Listed(std::string name, zip_t* archive,
                                                std::uint64_t bytes, const FileSetLimits& limits) {
  auto set = std::make_unique<ZipFileSet>(std::move(name), archive, bytes, limits);
  RETURN_IF_ERROR(set->List());
  return set;
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileSet>> OpenZip(std::string name, int descriptor,
                                                 const FileSetLimits& limits) {
  struct stat info {};
  if (::fstat(descriptor, &info) != 0) return absl::ErrnoToStatus(errno, "the zip cannot be read");
  const auto bytes = static_cast<std::uint64_t>(info.st_size);
  RETURN_IF_ERROR(CheckEntries(Tail(descriptor, bytes), name, limits));
  // Opened anew, since a duplicate would share its position with the caller's. libzip closes it.
  const int own = ::open(absl::StrCat("/proc/self/fd/", descriptor).c_str(), O_RDONLY | O_CLOEXEC);
  if (own < 0) return absl::ErrnoToStatus(errno, "the zip cannot be read");
  int error = 0;
  zip_t* const archive = zip_fdopen(own, 0, &error);
  if (archive == nullptr) {
    ::close(own);
    return OpenFault(name, error);
  }
  return Listed(std::move(name), archive, bytes, limits);
}

absl::StatusOr<std::unique_ptr<FileSet>> OpenZip(std::string name, std::string_view bytes,
                                                 const FileSetLimits& limits) {
  RETURN_IF_ERROR(CheckEntries(Tail(bytes), name, limits));
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* const source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  zip_t* const archive =
      source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY, &error);
  const int code = zip_error_code_zip(&error);
  zip_error_fini(&error);
  if (archive == nullptr) {
    if (source != nullptr) zip_source_free(source);
    return OpenFault(name, code);
  }
  return Listed(std::move(name), archive, bytes.size(), limits);
}

}  // namespace holdfast::ingest
