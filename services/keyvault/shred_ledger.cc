#include "keyvault/shred_ledger.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace holdfast::keyvault {
namespace {

constexpr std::size_t kHeadBytes = 32;
constexpr std::size_t kMaxEntry = std::size_t{1} << 20U;

Hash HeadAfter(const Hash& before, std::string_view entry) {
  Sha256 sha256;
  return sha256.Update(AsBytes(before)).Update(entry).Finish();
}

absl::Status Failed(const std::string& path, const char* what) {
  return absl::UnavailableError(
      absl::StrCat("the shred ledger ", path, " cannot be ", what, ": ", std::strerror(errno)));
}

absl::Status SyncFolder(const std::string& folder) {
  const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = directory >= 0 && ::fsync(directory) == 0;
  if (directory >= 0) ::close(directory);
  return synced ? absl::OkStatus() : Failed(folder, "synced");
}

// The next record of `rest`, which it is taken off; empty where `rest` holds no whole one.
struct Record {
  std::string_view entry;
  std::string_view head;
};
std::optional<Record> NextRecord(std::string_view& rest) {
  if (rest.size() < 4) return std::nullopt;
  const std::size_t size = ReadBigEndian32(rest);
  if (size > kMaxEntry || rest.size() < 4 + size + kHeadBytes) return std::nullopt;
  const Record record{rest.substr(4, size), rest.substr(4 + size, kHeadBytes)};
  rest.remove_prefix(4 + size + kHeadBytes);
  return record;
}

}  // namespace

ShredLedger::~ShredLedger() {
  if (file_ >= 0) ::close(file_);
}
ShredLedger::ShredLedger(ShredLedger&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      path_(std::move(other.path_)),
      mark_(other.mark_),
      heads_(std::move(other.heads_)),
      key_ids_(std::move(other.key_ids_)),
      broken_(other.broken_) {}

absl::StatusOr<ShredLedger> ShredLedger::Open(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("the folder ", folder, " cannot be made: ", error.message()));
  }
  const std::string path = folder + "/shredded";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return Failed(path, "opened");
  ShredLedger ledger(file, path);
  RETURN_IF_ERROR(SyncFolder(folder));
  RETURN_IF_ERROR(ledger.Read());
  return ledger;
}

absl::Status ShredLedger::Read() {
  std::ifstream in(path_, std::ios::binary);
  const std::string content((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  std::string_view rest = content;
  while (const std::optional<Record> record = NextRecord(rest)) {
    const Hash head = HeadAfter(mark_.head, record->entry);
    key::v1::ShredEntry entry;
    if (AsBytes(head) != record->head ||
        !entry.ParseFromArray(record->entry.data(), static_cast<int>(record->entry.size())) ||
        entry.number() != mark_.entries + 1) {
      return absl::DataLossError(
          absl::StrCat("the shred ledger ", path_, " is damaged at its entry ", mark_.entries + 1,
                       ": restore it whole from the audit log; without it keys that were destroyed "
                       "could come back"));
    }
    Take(entry, head);
  }
  const auto whole = static_cast<off_t>(content.size() - rest.size());
  if (!rest.empty() && (::ftruncate(file_, whole) != 0 || ::fsync(file_) != 0))
    return Failed(path_, "cut back to its last whole entry");
  return absl::OkStatus();
}

void ShredLedger::Take(const key::v1::ShredEntry& entry, const Hash& head) {
  mark_ = {entry.number(), head};
  heads_.push_back(head);
  key_ids_.insert(entry.key_id().begin(), entry.key_id().end());
}

bool ShredLedger::Continues(const Mark& mark) const {
  if (mark.entries == 0) return true;
  return mark.entries <= heads_.size() && heads_[mark.entries - 1] == mark.head;
}

absl::Status ShredLedger::Append(key::v1::ShredEntry entry) {
  if (broken_) return absl::UnavailableError("the shred ledger failed before: start anew");
  entry.set_number(mark_.entries + 1);
  const std::string bytes = entry.SerializeAsString();
  if (bytes.size() > kMaxEntry) return absl::InvalidArgumentError("too many keys at once");
  const Hash head = HeadAfter(mark_.head, bytes);
  std::string record;
  AppendBigEndian32(record, static_cast<std::uint32_t>(bytes.size()));
  record.append(bytes).append(AsBytes(head));
  broken_ = true;
  if (::write(file_, record.data(), record.size()) != static_cast<ssize_t>(record.size()) ||
      ::fsync(file_) != 0) {
    return Failed(path_, "written");
  }
  broken_ = false;
  Take(entry, head);
  return absl::OkStatus();
}

}  // namespace holdfast::keyvault
