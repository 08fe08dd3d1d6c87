#include "archive/bulk_writer.h"

#include <utility>

#include "absl/status/statusor.h"

namespace holdfast::archive {
namespace {

constexpr std::size_t kMaxOnTheWay = 1'024;

}  // namespace

absl::Status BulkWriter::Append(std::string record) {
  {
    const absl::MutexLock lock(&mutex_);
    const auto has_room = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return on_the_way_ < kMaxOnTheWay;
    };
    mutex_.Await(absl::Condition(&has_room));
    if (!failed_.ok()) return failed_;
    ++on_the_way_;
  }
  writer_->Append(std::move(record),
                  [this](const absl::StatusOr<journal::Offset>& at) { Done(at.status()); });
  return absl::OkStatus();
}

absl::Status BulkWriter::Finish() {
  const absl::MutexLock lock(&mutex_);
  const auto is_done = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return on_the_way_ == 0; };
  mutex_.Await(absl::Condition(&is_done));
  return failed_;
}

void BulkWriter::Done(const absl::Status& status) {
  const absl::MutexLock lock(&mutex_);
  --on_the_way_;
  if (failed_.ok()) failed_ = status;
}

}  // namespace holdfast::archive
