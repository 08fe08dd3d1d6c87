// The only maker of a VerifiedPrincipal: a token that verifies, of a person whom the directory
// knows.
#pragma once

#include <array>
#include <cstdint>
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

  // The principal behind `authorization: Bearer <token>`. Thread-safe, and never waits. Else
  //   kUnauthenticated, TOKEN_INVALID     whatever is wrong with the token
  //   kPermissionDenied, NOT_ENROLLED     a good token of somebody whom the directory does not
  //                                       know: with the code by which an administrator enrols them
  //   kUnavailable, PROTECTION_DOWN       the keys of its issuer are being asked for, or the
  //                                       directory cannot tell: ask again
  // A verified token is remembered by its SHA-256 for at most 60 s, never past its own end nor past
  // its key; the directory is asked each time, so rights change at once.
  absl::StatusOr<Principal> Admit(std::string_view authorization);

  // Nobody in particular, in the tenant to whose site the public slug leads: no role, so that only
  // methods marked `public` open. kNotFound.
  absl::StatusOr<Principal> AdmitPublic(std::string_view slug) const;

 private:
  struct HashOf {
    std::size_t operator()(const Hash& hash) const;
  };
  struct Entry {
    VerifiedToken token;
    absl::Time until;
    std::uint64_t trust = 0;               // TokenVerifier::trust() before it was verified
    std::shared_ptr<const Member> member;  // what `principal` was made from
    Principal principal;
  };
  struct Shard {
    absl::Mutex mutex;
    std::unordered_map<Hash, Entry, HashOf> entries ABSL_GUARDED_BY(mutex);
  };
  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kMaxPerShard = 4096;

  absl::Status Reject(std::string_view cause) const;
  absl::Status RejectFault(TokenFault fault) const;
  absl::Status RejectStranger(const VerifiedToken& token) const;
  // The member that the token speaks for.
  absl::StatusOr<std::shared_ptr<const Member>> MemberOf(const VerifiedToken& token) const;
  // What the shard remembers of the token; null where it remembers nothing that still holds.
  absl::StatusOr<Principal> Remembered(Shard& shard, const Hash& hash, absl::Time now) const;
  static void Remember(Shard& shard, const Hash& hash, Entry entry, absl::Time now);
  Principal Make(const VerifiedToken& token, std::shared_ptr<const Member> member) const;

  const TokenVerifier& verifier_;
  const Directory& directory_;
  const Clock& clock_;
  std::function<void(std::string_view)> rejected_;
  std::array<Shard, kShards> shards_;
};

}  // namespace holdfast::security
