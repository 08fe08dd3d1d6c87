#include "keyvault/consultation_limit.h"

#include "holdfast/options/v1/options.pb.h"

#include "observability/log.h"

namespace holdfast::keyvault {

bool ConsultationLimit::Allows(const std::string& tenant, const std::string& reader,
                               std::span<const journal::v1::SealedField> headers, absl::Time now) {
  ForgetIdle(now);
  Reading& reading = readings_[{tenant, reader}];
  if (now < reading.locked_until) return false;
  if (now - reading.since >= kWindow) {
    reading.people.clear();
    reading.since = now;
  }
  for (const journal::v1::SealedField& header : headers) {
    if (header.kind() == options::v1::KeyKind::RECORD) continue;
    for (const auto& key : header.keys()) reading.people.insert(key.ref());
  }
  if (reading.people.size() <= kMaxPeople) return true;
  reading.locked_until = now + kLocked;
  log::Error("reader_locked", log::Tenant(tenant), log::ActorRef(reader),
             log::Count(reading.people.size()));
  return false;
}

void ConsultationLimit::ForgetIdle(absl::Time now) {
  if (now - swept_ < kWindow) return;
  swept_ = now;
  std::erase_if(readings_, [now](const auto& entry) {
    return now - entry.second.since >= kWindow && now >= entry.second.locked_until;
  });
}

}  // namespace holdfast::keyvault
