// The only maker of a VerifiedPrincipal: a token that verifies, of a person whom the directory
// knows.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/hash.h"
#include "security/principal.h"
#include "security/token_verifier.h"

namespace holdfast {
class Clock;
}

namespace holdfast::security {

class Directory;
struct Member;

using Principal = std::shared_ptr<const VerifiedPrincipal>;

class PrincipalIssuer {
 public:
  // `rejected` is told why (a closed set of words), for the metric. All outlive the issuer.
  PrincipalIssuer(const TokenVerifier& verifier, const Directory& directory, const Clock& clock,
                  std::function<void(std::string_view cause)> rejected = nullptr);

  // The principal behind `authorization: Bearer <token>`. Else kUnauthenticated with reason
  // TOKEN_INVALID, whatever the cause. Thread-safe. A verified token is remembered by its SHA-256
  // for at most 60 s and never past its own end; the directory is asked each time, so rights change
  // at once.
  absl::StatusOr<Principal> Admit(std::string_view authorization);

 private:
  struct HashOf {
    std::size_t operator()(const Hash& hash) const;
  };
  struct Entry {
    VerifiedToken token;
    absl::Time until;
    std::shared_ptr<const Member> member;  // what `principal` was made from
    Principal principal;
  };
  struct Shard {
    absl::Mutex mutex;
    std::unordered_map<Hash, Entry, HashOf> entries ABSL_GUARDED_BY(mutex);
  };
  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kMaxPerShard = 4096;

  absl::StatusOr<Principal> Reject(std::string_view cause) const;
  static Principal Make(const VerifiedToken& token, const Member& member);

  const TokenVerifier& verifier_;
  const Directory& directory_;
  const Clock& clock_;
  std::function<void(std::string_view)> rejected_;
  std::array<Shard, kShards> shards_;
};

}  // namespace holdfast::security
