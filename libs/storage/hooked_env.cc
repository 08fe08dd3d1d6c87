#include "storage/hooked_env.h"

#include <string>
#include <utility>

#include <rocksdb/file_system.h>

namespace holdfast::storage {
namespace {

rocksdb::IOStatus FromHook(const absl::Status& status) {
  if (status.ok()) return rocksdb::IOStatus::OK();
  const std::string message(status.message());
  if (status.code() == absl::StatusCode::kResourceExhausted)
    return rocksdb::IOStatus::NoSpace(message);
  return rocksdb::IOStatus::IOError(message);
}

class HookedFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  HookedFile(std::unique_ptr<rocksdb::FSWritableFile> target, std::string name, DiskHook& hook)
      : rocksdb::FSWritableFileOwnerWrapper(std::move(target)),
        name_(std::move(name)),
        hook_(hook) {}

  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
    const rocksdb::IOStatus allowed = FromHook(hook_.BeforeWrite(name_, data.size()));
    return allowed.ok() ? target()->Append(data, options, debug) : allowed;
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo& verification,
                           rocksdb::IODebugContext* debug) override {
    const rocksdb::IOStatus allowed = FromHook(hook_.BeforeWrite(name_, data.size()));
    return allowed.ok() ? target()->Append(data, options, verification, debug) : allowed;
  }
  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                         rocksdb::IODebugContext* debug) override {
    const rocksdb::IOStatus allowed = FromHook(hook_.BeforeSync(name_));
    return allowed.ok() ? target()->Sync(options, debug) : allowed;
  }
  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                          rocksdb::IODebugContext* debug) override {
    const rocksdb::IOStatus allowed = FromHook(hook_.BeforeSync(name_));
    return allowed.ok() ? target()->Fsync(options, debug) : allowed;
  }

 private:
  const std::string name_;
  DiskHook& hook_;
};

class HookedFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  HookedFileSystem(const std::shared_ptr<rocksdb::FileSystem>& target, DiskHook& hook)
      : rocksdb::FileSystemWrapper(target), hook_(hook) {}

  const char* Name() const override { return "holdfast.HookedFileSystem"; }

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    const rocksdb::IOStatus status = target()->NewWritableFile(name, options, file, debug);
    return Hooked(status, name, file);
  }
  rocksdb::IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* debug) override {
    const rocksdb::IOStatus status = target()->ReopenWritableFile(name, options, file, debug);
    return Hooked(status, name, file);
  }
  rocksdb::IOStatus ReuseWritableFile(const std::string& name, const std::string& old_name,
                                      const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      rocksdb::IODebugContext* debug) override {
    const rocksdb::IOStatus status =
        target()->ReuseWritableFile(name, old_name, options, file, debug);
    return Hooked(status, name, file);
  }

 private:
  rocksdb::IOStatus Hooked(const rocksdb::IOStatus& status, const std::string& name,
                           std::unique_ptr<rocksdb::FSWritableFile>* file) {
    // The information log is no part of the data.
    const bool information = name.find("/LOG") != std::string::npos;
    if (status.ok() && !information)
      *file = std::make_unique<HookedFile>(std::move(*file), name, hook_);
    return status;
  }

  DiskHook& hook_;
};

}  // namespace

std::unique_ptr<rocksdb::Env> HookedEnv(DiskHook& hook) {
  return rocksdb::NewCompositeEnv(
      std::make_shared<HookedFileSystem>(rocksdb::FileSystem::Default(), hook));
}

}  // namespace holdfast::storage
