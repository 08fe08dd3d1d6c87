// The limit of any journal on this disk: a plain file, appended to by one thread that writes
// whatever queued while the last fdatasync ran, and then answers it. No index, no checksum, no
// rule.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "histogram.h"

namespace holdfast::bench {

class AppendFile {
 public:
  using Done = absl::AnyInvocable<void(absl::Status)>;

  static absl::StatusOr<std::unique_ptr<AppendFile>> Open(const std::string& path);
  ~AppendFile();

  // Thread-safe, never waits. `done` comes on the writing thread once the bytes are on the disk.
  void Append(std::string_view bytes, Done done);

 private:
  explicit AppendFile(int descriptor);
  void Write();

  const int descriptor_;
  absl::Mutex mutex_;
  std::string bytes_ ABSL_GUARDED_BY(mutex_);
  std::vector<Done> waiting_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::jthread thread_;
};

// One writer, one append at a time: how long `bytes` and their fdatasync take.
absl::StatusOr<Histogram> AppendAndSync(const std::string& path, std::size_t bytes,
                                        absl::Duration duration);

}  // namespace holdfast::bench
