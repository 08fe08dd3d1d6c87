#include "eventsourcing/command_mac.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "base/private_file.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "eventsourcing/message_traits.h"

namespace holdfast::eventsourcing {
namespace {

constexpr std::size_t kSecretBytes = 32;

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

absl::Status Failed(const std::string& path, const char* what) {
  return absl::UnavailableError(absl::StrCat(what, " ", path, ": ", std::strerror(errno)));
}

absl::StatusOr<std::string> ReadSecret(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    if (errno == ENOENT) return absl::NotFoundError(path);
    return Failed(path, "cannot read the key file");
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return Failed(path, "cannot read the key file");
  RETURN_IF_ERROR(CheckPrivate("the key file", path, status.st_mode));
  std::array<char, kSecretBytes + 1> bytes{};
  const ssize_t got = ::read(file.get(), bytes.data(), bytes.size());
  if (got != static_cast<ssize_t>(kSecretBytes)) {
    return absl::FailedPreconditionError(
        absl::StrCat("the key file ", path,
                     " is damaged: it must hold 32 bytes. Restore it from a backup; "
                     "without it, commands asked again are not recognised"));
  }
  return std::string(bytes.data(), kSecretBytes);
}

// Written beside it, synced and linked, so that a crash leaves a whole file or none.
absl::Status WriteSecret(const std::string& path, const std::string& secret) {
  const std::string draft = path + ".new";
  ::unlink(draft.c_str());
  {
    const File file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (file.get() < 0 ||
        ::write(file.get(), secret.data(), secret.size()) != static_cast<ssize_t>(secret.size()) ||
        ::fsync(file.get()) != 0) {
      return Failed(draft, "cannot write the key file");
    }
  }
  if (::rename(draft.c_str(), path.c_str()) != 0) return Failed(path, "cannot write the key file");
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const File directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || ::fsync(directory.get()) != 0)
    return Failed(folder, "cannot sync the folder of the key file");
  return absl::OkStatus();
}

void SerialiseInto(const google::protobuf::Message& message, std::string& out) {
  out.clear();
  google::protobuf::io::StringOutputStream stream(&out);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileMacKeys>> FileMacKeys::Open(const std::string& path,
                                                               Random& random) {
  absl::StatusOr<std::string> secret = ReadSecret(path);
  if (absl::IsNotFound(secret.status())) {
    std::array<std::uint8_t, kSecretBytes> bytes{};
    random.Fill(bytes);
    secret = std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    RETURN_IF_ERROR(WriteSecret(path, *secret));
  }
  if (!secret.ok()) return secret.status();
  return std::make_unique<FileMacKeys>(*std::move(secret));
}

MacKeys::Key FileMacKeys::Current(std::string_view tenant) {
  HmacSha256 hmac(secret_);
  hmac.Update("holdfast/mac/1/command").Update(std::string_view("\0", 1)).Update(tenant);
  return {1, std::string(AsBytes(hmac.Finish()))};
}

CommandMac::Mac CommandMac::Of(const std::string& tenant, std::string_view method,
                               const google::protobuf::Message& command) {
  Keyed& keyed = keyed_[tenant];
  if (keyed.hmac == nullptr) {
    const MacKeys::Key key = keys_.Current(tenant);
    keyed.id = key.id;
    keyed.hmac = std::make_unique<HmacSha256>(key.bytes);
  }
  if (TraitsOf(*command.GetDescriptor()).resolved) {
    const std::unique_ptr<google::protobuf::Message> copy(command.New());
    copy->CopyFrom(command);
    ClearResolved(*copy);
    SerialiseInto(*copy, buffer_);
  } else {
    SerialiseInto(command, buffer_);
  }
  keyed.hmac->Update(method).Update(std::string_view("\0", 1)).Update(buffer_);
  return {keyed.id, keyed.hmac->Finish()};
}

}  // namespace holdfast::eventsourcing
