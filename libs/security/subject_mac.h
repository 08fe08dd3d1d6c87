// Who signs in, as the directory knows them: HMAC of (issuer, subject) under a key of the tenant.
// Without the key nobody can tell from a fact who it is about, nor try names.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace holdfast::security {

// Thread-safe.
class SubjectMacs {
 public:
  // `key_of` gives a secret of the tenant, from which the key is derived; asked once for each.
  // Until keyvault leases keys, that of the tenant's command MACs (eventsourcing/command_mac.h).
  explicit SubjectMacs(std::function<std::string(std::string_view tenant)> key_of)
      : key_of_(std::move(key_of)) {}

  // 32 bytes: HMAC-SHA-256 under HMAC(secret, "holdfast/mac/1/subject"), of the issuer and the
  // subject, each behind its length in four bytes. Some are remembered: a door asks at each call.
  std::string Of(std::string_view tenant, std::string_view issuer, std::string_view subject) const;

 private:
  std::string KeyOf(std::string_view tenant) const;

  const std::function<std::string(std::string_view)> key_of_;
  mutable absl::Mutex mutex_;
  static constexpr std::size_t kRemembered = 65'536;
  mutable std::map<std::string, std::string, std::less<>> keys_ ABSL_GUARDED_BY(mutex_);
  mutable std::unordered_map<std::string, std::string> macs_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace holdfast::security
