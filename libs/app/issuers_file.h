// The file of config.v1.Issuers: read strictly, checked as a whole, and read again when it changes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "holdfast/config/v1/config.pb.h"

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace holdfast {
class Executor;
}

namespace holdfast::app {

using Environment = config::v1::Process::Environment;

// Defaults filled in. kInvalidArgument naming field, rule and way out; `source` names the text.
absl::StatusOr<config::v1::Issuers> ParseIssuers(std::string_view json, std::string_view source,
                                                 Environment environment);
// The same of a file; kNotFound where it cannot be read.
absl::StatusOr<config::v1::Issuers> ReadIssuers(const std::string& path, Environment environment);

class IssuersFile {
 public:
  struct Parts {
    std::string path;
    Environment environment = config::v1::Process::DEVELOPMENT;
    Executor* executor = nullptr;  // looks at the file, and calls `taken`
    // What has been read, at the start and after each change; may be null.
    std::function<void(const config::v1::Issuers&)> taken;
  };
  static constexpr absl::Duration kLook = absl::Seconds(1);

  // Reads it and goes on watching. An unreadable or bad file is an error now; later it is logged as
  // one (`issuers_refused`), and what stood before goes on. The executor ends before the file.
  static absl::StatusOr<std::unique_ptr<IssuersFile>> Open(Parts parts);
  ~IssuersFile();

  std::shared_ptr<const config::v1::Issuers> Current() const;

 private:
  // Of the file's content as far as its owner's record tells: another one, or a swapped link.
  struct Signature {
    std::int64_t modified_ns = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    bool operator==(const Signature&) const = default;
  };
  explicit IssuersFile(Parts parts) : parts_(std::move(parts)) {}
  static Signature SignatureOf(const std::string& path);
  void Take(config::v1::Issuers issuers);
  void Look();
  void LookLater();

  const Parts parts_;
  Signature seen_;  // by the executor alone, once it watches
  mutable absl::Mutex mutex_;
  // Shared with whoever reads it while it is replaced.
  std::shared_ptr<const config::v1::Issuers> current_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace holdfast::app
