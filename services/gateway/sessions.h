// Browser sessions: the tokens stay here, the browser holds a random id.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace holdfast {
class Clock;
class Random;
}  // namespace holdfast

namespace holdfast::gateway {

struct Session {
  std::string tenant;  // of the demonstration; else the token says it
  std::string as;
  std::string token;
  absl::Time token_expires;
  // Of a person who signed in with a provider; empty: of the demonstration.
  std::string issuer;
  std::string refresh_token;
};

// Thread-safe. Ends a session 30 minutes after its last use, 12 hours after it began (a shift).
class Sessions {
 public:
  Sessions(Clock& clock, Random& random);

  // The id of a new session: 256 random bits, hexadecimal.
  std::string Begin(Session session);
  // Empty where there is none, or it has ended. Using it keeps it alive.
  std::optional<Session> Find(std::string_view id);
  // `refresh_token`: what the next one is asked for by; empty where there is none.
  void Renew(std::string_view id, std::string token, absl::Time expires,
             std::string refresh_token = "");
  void End(std::string_view id);

  // What a call with this session's cookie must carry beside it: HMAC(id) under a key of this
  // process.
  std::string CsrfToken(std::string_view id) const;

 private:
  struct Held {
    Session session;
    absl::Time began;
    absl::Time used;
  };
  void DropEnded() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  Clock& clock_;
  Random& random_;
  std::string csrf_key_;
  absl::Mutex mutex_;
  std::map<std::string, Held, std::less<>> held_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace holdfast::gateway
