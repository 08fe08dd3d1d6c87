// A disk whose every sync of a write-ahead log takes so much longer: what group commit is for.
#pragma once

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "storage/disk_hook.h"

namespace holdfast::bench {

class SlowDisk final : public storage::DiskHook {
 public:
  explicit SlowDisk(absl::Duration sync) : sync_(sync) {}
  absl::Status BeforeWrite(std::string_view, std::size_t) override { return absl::OkStatus(); }
  absl::Status BeforeSync(std::string_view file) override {
    if (file.ends_with(".log")) absl::SleepFor(sync_);
    return absl::OkStatus();
  }

 private:
  const absl::Duration sync_;
};

}  // namespace holdfast::bench
