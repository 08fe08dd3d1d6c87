// The files that people uploaded: under the folder that this context keeps for a tenant, by their
// SHA-256, for seven days. And beside them what an import must remember between plan and apply.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace holdfast::metrics {

inline constexpr absl::Duration kUploadsKept = absl::Hours(24 * 7);
inline constexpr std::uint64_t kMaxUploadBytes = std::uint64_t{2} << 30U;

// An open file; closed at the end.
class OpenFile {
 public:
  explicit OpenFile(int descriptor) : descriptor_(descriptor) {}
  ~OpenFile();
  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&&) = delete;
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

class UploadStore {
 public:
  // `tenant_folder` exists. Nothing is touched before the first call.
  explicit UploadStore(std::string tenant_folder);

  // A file on its way in. Dropped without Finish it leaves nothing.
  class Incoming {
   public:
    ~Incoming();
    // kResourceExhausted beyond kMaxUploadBytes, kUnavailable where the disk refuses.
    absl::Status Append(std::string_view bytes);

   private:
    friend class UploadStore;
    Incoming(int descriptor, std::string path);
    struct Impl;
    std::unique_ptr<Impl> impl_;
  };
  struct Kept {
    std::string sha256;  // 32 bytes
    std::uint64_t bytes = 0;
  };
  absl::StatusOr<std::unique_ptr<Incoming>> Begin();
  absl::StatusOr<Kept> Finish(std::unique_ptr<Incoming> incoming);

  // kFailedPrecondition, UPLOAD_GONE, where there is none (any more).
  absl::StatusOr<OpenFile> Open(std::string_view sha256) const;
  // The content of a small upload, whole; refused above `max_bytes`.
  absl::StatusOr<std::string> Read(std::string_view sha256, std::uint64_t max_bytes) const;

  // A note by its name ("<token>.plan"): written whole or not at all. kNotFound where there is
  // none.
  absl::Status WriteNote(std::string_view name, std::string_view content) const;
  absl::StatusOr<std::string> ReadNote(std::string_view name) const;

  // Forgets what is older than kUploadsKept. Errors are not: a file that stays does no harm.
  void Prune(absl::Time now) const;

 private:
  std::string folder_;
};

}  // namespace holdfast::metrics
