// Leases the keys that a command is sealed with before it enters the actor, where nothing may wait.
//
//   Submit -> names nobody, or its keys are at hand -> inner
//          -> else behind all that waits -> the keyvault, many at once -> inner, in the order of
//             Submit
//
// Keys are leased for a minute and used again within it: a command about somebody who was written
// of just now costs no round trip.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "eventsourcing/command.h"
#include "security/key_vault.h"

namespace holdfast {
class Clock;
class Executor;
}  // namespace holdfast

namespace holdfast::eventsourcing {

// Thread-safe.
class LeasingSink final : public CommandSink {
 public:
  // All outlive the sink, but for the executor: it ends before, and with it the work that uses the
  // sink.
  struct Parts {
    CommandSink* inner = nullptr;
    std::string context;
    security::KeyVault* vault = nullptr;
    const Clock* clock = nullptr;
    Executor* executor = nullptr;  // may wait for the keyvault
  };
  explicit LeasingSink(Parts parts) : parts_(std::move(parts)) {}

  void Submit(CommandRequest request, absl::AnyInvocable<void(CommandAnswer)> done) override;
  absl::Status DecidesHere(const std::string& tenant) const override {
    return parts_.inner->DecidesHere(tenant);
  }

 private:
  using Key = std::shared_ptr<const security::LeasedKey>;
  struct Waiting {
    CommandRequest request;
    absl::AnyInvocable<void(CommandAnswer)> done;
    std::vector<security::KeyOwner> owners;
  };
  using Queue = std::deque<Waiting>;

  bool TakeKeys(Waiting& waiting) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ForgetDestroyed() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Work();
  void Lease(const Queue& queue);
  void LeaseFor(const std::string& tenant, std::vector<security::KeyOwner> owners);
  std::vector<security::KeyOwner> Missing(const std::string& tenant, const Queue& queue);
  void Send(Waiting waiting);

  const Parts parts_;
  std::atomic<std::size_t> queued_{0};  // with those that are being leased for
  absl::Mutex mutex_;
  Queue queue_ ABSL_GUARDED_BY(mutex_);
  bool working_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, std::size_t> behind_ ABSL_GUARDED_BY(mutex_);  // queued, by tenant
  std::map<std::string, std::map<security::KeyOwner, Key>> keys_ ABSL_GUARDED_BY(mutex_);
  std::size_t kept_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint64_t destructions_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace holdfast::eventsourcing
