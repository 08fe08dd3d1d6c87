#include "security/remote_keys.h"

#include <algorithm>
#include <utility>

#include "base/clock.h"
#include "base/executor.h"
#include "base/status_macros.h"
#include "observability/log.h"
#include "security/json_web_keys.h"
#include "security/provider_metadata.h"

namespace holdfast::security {
namespace {

// True where every key of `before` stands in `now` as it was.
bool KeepsAll(const KeySet& before, const KeySet& now) {
  return std::ranges::all_of(before, [&now](const auto& entry) {
    const auto found = now.find(entry.first);
    return found != now.end() && found->second.algorithm == entry.second.algorithm &&
           found->second.key->Equals(*entry.second.key);
  });
}

}  // namespace

std::shared_ptr<RemoteKeys> RemoteKeys::Start(Parts parts) {
  std::shared_ptr<RemoteKeys> keys(new RemoteKeys(std::move(parts)));
  const absl::MutexLock lock(&keys->mutex_);
  keys->PostFetch(absl::ZeroDuration());
  return keys;
}

// One fetch is due at a time: whoever posts another makes the earlier one void.
void RemoteKeys::PostFetch(absl::Duration delay) {
  const std::uint64_t round = ++round_;
  asking_ = delay == absl::ZeroDuration();
  auto fetch = [self = weak_from_this(), round] {
    if (const std::shared_ptr<RemoteKeys> keys = self.lock()) keys->Fetch(round);
  };
  if (asking_) {
    parts_.executor->Post(std::move(fetch));
  } else {
    parts_.executor->PostAfter(delay, std::move(fetch));
  }
}

bool RemoteKeys::HasKeys(absl::Duration now) const {
  return keys_ != nullptr && now - fetched_at_ <= kStaleAtMost;
}

KeySource::Found RemoteKeys::Find(std::string_view key_id) {
  const absl::Duration now = parts_.clock->SinceBoot();
  const absl::MutexLock lock(&mutex_);
  if (!HasKeys(now)) return {Known::kNotYet, {}};
  if (const auto found = keys_->find(key_id); found != keys_->end()) {
    return {Known::kYes, found->second};
  }
  if (asking_) return {Known::kNotYet, {}};
  const bool open = failures_ >= kFailuresToOpen;
  if (open || now - asked_for_unknown_ < kUnknownAtMostEach) return {Known::kNo, {}};
  asked_for_unknown_ = now;
  PostFetch(absl::ZeroDuration());
  return {Known::kNotYet, {}};
}

absl::StatusOr<KeySet> RemoteKeys::Ask() const {
  std::string address = parts_.jwks_uri;
  if (address.empty()) {
    ASSIGN_OR_RETURN(const std::string document, parts_.fetch(DiscoveryAddressOf(parts_.issuer)));
    ASSIGN_OR_RETURN(ProviderMetadata metadata, ParseProviderMetadata(document, parts_.issuer));
    address = std::move(metadata.jwks_uri);
  }
  ASSIGN_OR_RETURN(const std::string set, parts_.fetch(address));
  return ParseJsonWebKeys(set);
}

absl::Duration RemoteKeys::Failed() {
  ++failures_;
  return failures_ >= kFailuresToOpen ? kOpen : kRetry;
}

void RemoteKeys::Fetch(std::uint64_t round) {
  {
    const absl::MutexLock lock(&mutex_);
    if (round != round_) return;
    asking_ = true;
  }
  const absl::Duration began = parts_.clock->SinceBoot();
  absl::StatusOr<KeySet> fetched = Ask();
  const absl::Status status = fetched.status();
  bool withdrawn = false;
  int failures = 0;
  {
    const absl::MutexLock lock(&mutex_);
    if (fetched.ok()) {
      withdrawn = keys_ != nullptr && !KeepsAll(*keys_, *fetched);
      keys_ = std::make_shared<const KeySet>(*std::move(fetched));
      fetched_at_ = began;
      failures_ = 0;
      PostFetch(kFresh);
    } else {
      PostFetch(Failed());
    }
    failures = failures_;
  }
  Tell(status, failures);
  if (withdrawn && parts_.withdrawn) parts_.withdrawn();
}

void RemoteKeys::Tell(const absl::Status& status, int failures) const {
  const std::string origin = OriginOf(parts_.issuer);
  if (status.ok()) return log::Debug("issuer_keys_fetched", log::Issuer(origin));
  // The sentences of a refused set say nothing of what was sent.
  const std::string code = absl::StatusCodeToString(status.code());
  if (failures < kFailuresToOpen) {
    return log::Warn("issuer_keys_not_fetched", log::Issuer(origin), log::Code(code));
  }
  log::Error("issuer_keys_not_fetched", log::Issuer(origin), log::Code(code));
}

}  // namespace holdfast::security
