// The standard health protocol of gRPC: "", "liveness", and each service by name.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace holdfast::rpc {

class DescriptorService;
class Door;
class FieldValidator;
class StreamCall;

// Thread-safe.
class Health {
 public:
  // Unknown names answer NOT_FOUND, as the protocol says. All but "liveness" begin as NOT_SERVING.
  explicit Health(const std::vector<std::string>& services);
  ~Health();

  // Everything but "liveness".
  void SetServing(bool serving);

  absl::StatusOr<std::unique_ptr<DescriptorService>> Service(Door& door, FieldValidator& validator);

 private:
  int StatusOf(const std::string& service) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Watch(std::shared_ptr<StreamCall> call);

  absl::Mutex mutex_;
  std::map<std::string, bool, std::less<>> serving_ ABSL_GUARDED_BY(mutex_);
  struct Watcher;
  std::map<StreamCall*, std::unique_ptr<Watcher>> watchers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace holdfast::rpc
