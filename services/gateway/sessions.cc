#include "gateway/sessions.h"

#include <array>
#include <cstdint>
#include <utility>

#include "base/clock.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/random.h"

namespace holdfast::gateway {
namespace {

constexpr absl::Duration kIdle = absl::Minutes(30);
constexpr absl::Duration kAbsolute = absl::Hours(12);
// Beyond it the oldest give way: a page that signs in again and again must not fill the memory.
constexpr std::size_t kMostSessions = 10'000;

std::string RandomHex(Random& random) {
  std::array<std::uint8_t, 32> bytes{};
  random.Fill(bytes);
  return ToHex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

Sessions::Sessions(Clock& clock, Random& random)
    : clock_(clock), random_(random), csrf_key_(RandomHex(random)) {}

void Sessions::DropEnded() {
  const absl::Time now = clock_.Now();
  std::erase_if(held_, [now](const auto& entry) {
    return entry.second.used + kIdle <= now || entry.second.began + kAbsolute <= now;
  });
}

std::string Sessions::Begin(Session session) {
  std::string id = RandomHex(random_);
  const absl::MutexLock lock(&mutex_);
  DropEnded();
  if (held_.size() >= kMostSessions) {
    auto oldest = held_.begin();
    for (auto it = held_.begin(); it != held_.end(); ++it) {
      if (it->second.used < oldest->second.used) oldest = it;
    }
    held_.erase(oldest);
  }
  held_[id] = {std::move(session), clock_.Now(), clock_.Now()};
  return id;
}

std::optional<Session> Sessions::Find(std::string_view id) {
  const absl::MutexLock lock(&mutex_);
  const auto found = held_.find(id);
  if (found == held_.end()) return std::nullopt;
  const absl::Time now = clock_.Now();
  if (found->second.used + kIdle <= now || found->second.began + kAbsolute <= now) {
    held_.erase(found);
    return std::nullopt;
  }
  found->second.used = now;
  return found->second.session;
}

void Sessions::Renew(std::string_view id, std::string token, absl::Time expires,
                     std::string refresh_token) {
  const absl::MutexLock lock(&mutex_);
  const auto found = held_.find(id);
  if (found == held_.end()) return;
  found->second.session.token = std::move(token);
  found->second.session.token_expires = expires;
  found->second.session.refresh_token = std::move(refresh_token);
}

void Sessions::End(std::string_view id) {
  const absl::MutexLock lock(&mutex_);
  const auto found = held_.find(id);
  if (found != held_.end()) held_.erase(found);
}

std::string Sessions::CsrfToken(std::string_view id) const {
  HmacSha256 mac(csrf_key_);
  return ToHex(AsBytes(mac.Update(id).Finish()));
}

}  // namespace holdfast::gateway
