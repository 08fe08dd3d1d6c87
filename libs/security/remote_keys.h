// The keys of an issuer, fetched from it and kept fresh.
//
//   fetch ──good──▶ fresh 10 min ──▶ fetch        a key that is missing from a good fetch is dead
//   at once
//     └───bad───▶ the old set, at most 24 h old; the third failure in a row opens the circuit for
//     30 s
//
// An unknown `kid` asks once more, at most once in 30 s: how a rotation is noticed at once, and a
// flood of invented ones is not passed on.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "security/key_source.h"

namespace holdfast {
class Clock;
class Executor;
}  // namespace holdfast

namespace holdfast::security {

// The body that stands at an address; blocks, within seconds.
using FetchDocument = std::function<absl::StatusOr<std::string>(const std::string& address)>;

class RemoteKeys final : public KeySource, public std::enable_shared_from_this<RemoteKeys> {
 public:
  struct Parts {
    std::string issuer;
    // Empty: where its discovery document says, on the issuer's own host.
    std::string jwks_uri;
    FetchDocument fetch;           // called by the executor alone
    Executor* executor = nullptr;  // outlives the keys
    const Clock* clock = nullptr;
    // A key was taken away or exchanged: what was verified by it is to be forgotten.
    std::function<void()> withdrawn;
  };

  static constexpr absl::Duration kFresh = absl::Minutes(10);
  static constexpr absl::Duration kStaleAtMost = absl::Hours(24);
  static constexpr absl::Duration kUnknownAtMostEach = absl::Seconds(30);
  static constexpr absl::Duration kRetry = absl::Seconds(1);
  static constexpr int kFailuresToOpen = 3;
  static constexpr absl::Duration kOpen = absl::Seconds(30);

  // Begins to fetch. Shared, since what is due later must not outlive whoever asked for it.
  static std::shared_ptr<RemoteKeys> Start(Parts parts);

  Found Find(std::string_view key_id) override;

 private:
  explicit RemoteKeys(Parts parts) : parts_(std::move(parts)) {}
  void PostFetch(absl::Duration delay) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Fetch(std::uint64_t round);
  absl::StatusOr<KeySet> Ask() const;
  void Tell(const absl::Status& status, int failures) const;
  // How long until the next one.
  absl::Duration Failed() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool HasKeys(absl::Duration now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Parts parts_;
  absl::Mutex mutex_;
  std::shared_ptr<const KeySet> keys_ ABSL_GUARDED_BY(mutex_);  // null: none were fetched yet
  absl::Duration fetched_at_ ABSL_GUARDED_BY(mutex_);
  absl::Duration asked_for_unknown_ ABSL_GUARDED_BY(mutex_) = -absl::InfiniteDuration();
  bool asking_ ABSL_GUARDED_BY(mutex_) = false;
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;
  std::uint64_t round_ ABSL_GUARDED_BY(mutex_) = 0;  // of the fetch that is due next
};

}  // namespace holdfast::security
