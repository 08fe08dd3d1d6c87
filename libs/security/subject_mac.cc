#include "security/subject_mac.h"

#include <utility>

#include "base/hash.h"

namespace holdfast::security {

std::string SubjectMacs::KeyOf(std::string_view tenant) const {
  {
    const absl::ReaderMutexLock lock(&mutex_);
    const auto known = keys_.find(tenant);
    if (known != keys_.end()) return known->second;
  }
  HmacSha256 derive(key_of_(tenant));
  derive.Update("holdfast/mac/1/subject");
  std::string key(AsBytes(derive.Finish()));
  const absl::MutexLock lock(&mutex_);
  return keys_.emplace(tenant, std::move(key)).first->second;
}

std::string SubjectMacs::Of(std::string_view tenant, std::string_view issuer,
                            std::string_view subject) const {
  std::string said;
  for (const std::string_view part : {issuer, subject}) {
    AppendBigEndian32(said, static_cast<std::uint32_t>(part.size()));
    said.append(part);
  }
  std::string asked = said;
  asked.append(tenant);
  {
    const absl::ReaderMutexLock lock(&mutex_);
    const auto known = macs_.find(asked);
    if (known != macs_.end()) return known->second;
  }
  HmacSha256 hmac(KeyOf(tenant));
  hmac.Update(said);
  std::string mac(AsBytes(hmac.Finish()));
  const absl::MutexLock lock(&mutex_);
  if (macs_.size() >= kRemembered) macs_.clear();
  macs_.emplace(std::move(asked), mac);
  return mac;
}

}  // namespace holdfast::security
