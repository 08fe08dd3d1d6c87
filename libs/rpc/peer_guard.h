// Who keeps sending what cannot be decoded is heard no more: at 20 such messages within a minute,
// for a minute.
//
// gRPC gives a server no way to close one connection, so every call of it is refused before it is
// looked at. A peer is a connection ("ipv4:127.0.0.1:50112"): whoever connects anew begins anew,
// which costs them more than it costs us.
#pragma once

#include <atomic>
#include <cstddef>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace holdfast::rpc {

// Asked only where it is needed: gRPC makes the text anew each time.
using PeerOf = absl::FunctionRef<std::string()>;
std::string NoPeer();  // of a call without a connection

// Thread-safe.
class PeerGuard {
 public:
  static constexpr int kMostUndecodable = 20;
  static constexpr absl::Duration kWindow = absl::Minutes(1);

  // kResourceExhausted (QUOTA, and when to come again) for a peer that is heard no more. Costs one
  // atomic read while nobody is.
  absl::Status Hears(PeerOf peer, absl::Time now);
  void Undecodable(PeerOf peer, absl::Time now);

 private:
  // Beyond it the counts begin anew: memory is bounded, whoever connects.
  static constexpr std::size_t kMostPeers = 10'000;
  struct Count {
    absl::Time began;
    int undecodable = 0;
    absl::Time closed_until = absl::InfinitePast();
  };

  std::atomic<bool> any_closed_{false};
  absl::Mutex mutex_;
  std::map<std::string, Count> counts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace holdfast::rpc
