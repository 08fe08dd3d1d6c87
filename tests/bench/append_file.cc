#include "append_file.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"

namespace holdfast::bench {
namespace {

absl::StatusOr<int> OpenForAppend(const std::string& path) {
  const int descriptor =
      open(path.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, path);
  return descriptor;
}

absl::Status WriteAndSync(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return absl::ErrnoToStatus(errno, "write");
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return fdatasync(descriptor) == 0 ? absl::OkStatus() : absl::ErrnoToStatus(errno, "fdatasync");
}

}  // namespace

absl::StatusOr<std::unique_ptr<AppendFile>> AppendFile::Open(const std::string& path) {
  ASSIGN_OR_RETURN(const int descriptor, OpenForAppend(path));
  return std::unique_ptr<AppendFile>(new AppendFile(descriptor));
}

AppendFile::AppendFile(int descriptor) : descriptor_(descriptor), thread_([this] { Write(); }) {}

AppendFile::~AppendFile() {
  {
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
  close(descriptor_);
}

void AppendFile::Append(std::string_view bytes, Done done) {
  const absl::MutexLock lock(&mutex_);
  bytes_.append(bytes);
  waiting_.push_back(std::move(done));
}

void AppendFile::Write() {
  std::string bytes;
  std::vector<Done> waiting;
  while (true) {
    {
      const absl::MutexLock lock(&mutex_);
      const auto work = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return stopping_ || !waiting_.empty();
      };
      mutex_.Await(absl::Condition(&work));
      if (waiting_.empty()) return;
      bytes.clear();
      waiting.clear();
      bytes.swap(bytes_);
      waiting.swap(waiting_);
    }
    const absl::Status written = WriteAndSync(descriptor_, bytes);
    for (Done& done : waiting) done(written);
  }
}

absl::StatusOr<Histogram> AppendAndSync(const std::string& path, std::size_t bytes,
                                        absl::Duration duration) {
  ASSIGN_OR_RETURN(const int descriptor, OpenForAppend(path));
  const std::string block(bytes, 'x');
  Histogram latency;
  absl::Status status;
  const absl::Time until = absl::Now() + duration;
  for (absl::Time now = absl::Now(); status.ok() && now < until;) {
    status = WriteAndSync(descriptor, block);
    const absl::Time after = absl::Now();
    latency.Add(after - now);
    now = after;
  }
  close(descriptor);
  if (!status.ok()) return status;
  return latency;
}

}  // namespace holdfast::bench
