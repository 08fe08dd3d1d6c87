#include "eventsourcing/sealer.h"

#include <algorithm>
#include <string>
#include <vector>

#include <google/protobuf/message.h>

#include "holdfast/journal/v1/journal.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "eventsourcing/command.h"
#include "eventsourcing/key_owners.h"
#include "eventsourcing/message_traits.h"
#include "eventsourcing/refusals.h"
#include "security/key_vault.h"
#include "security/sealing.h"

namespace holdfast::eventsourcing {
namespace {

using google::protobuf::Message;
using journal::v1::SealedField;
using security::KeyOwner;
using security::LeasedKey;
using type::v1::Personal;

absl::Status RefusePersonal(const Message& message) {
  const std::string first = FirstPersonal(message);
  if (first.empty()) return absl::OkStatus();
  return ErrorWithReason(absl::StatusCode::kFailedPrecondition, "PERSONAL_NOT_YET_SUPPORTED",
                         "This server cannot seal what names a person, and keeps nothing "
                         "unsealed. Leave the personal fields out.",
                         {{"field", first}});
}

const LeasedKey* KeyOf(const KeyOwner& owner, const CommandRequest& request) {
  const auto found = std::ranges::find_if(request.sealing_keys,
                                          [&](const auto& key) { return key->owner == owner; });
  return found == request.sealing_keys.end() ? nullptr : found->get();
}

absl::Status NotLeased(const journal::v1::EventRecord& record, const std::string& path) {
  return ErrorWithReason(absl::StatusCode::kInternal, "SEALING_KEY_NOT_LEASED",
                         "An event is about somebody whom its command does not name. Report this.",
                         {{"event", record.type()}, {"field", path}});
}

SealedField Labelled(const PersonalPlace& at, const KeyOwner& owner, const LeasedKey& key,
                     const std::string& label) {
  SealedField field;
  field.set_field_path(at.path);
  field.set_class_(static_cast<std::uint32_t>(owner.data_class));
  field.set_kind(static_cast<std::uint32_t>(owner.kind));
  for (const SealedField::Key& one : key.keys) *field.add_keys() = one;
  field.set_lease_id(key.lease_id);
  field.set_label(label);
  return field;
}

}  // namespace

absl::Status NoSealer::Admit(const CommandRequest& request) {
  return RefusePersonal(*request.command);
}

absl::Status NoSealer::Seal(Message& event, const SealingPlace&, journal::v1::EventRecord&) {
  return RefusePersonal(event);
}

absl::Status KeySealer::Admit(const CommandRequest& request) {
  ASSIGN_OR_RETURN(const std::vector<KeyOwner> owners, OwnersIn(*request.command));
  const absl::Time now = clock_.Now();
  const bool leased = std::ranges::all_of(owners, [&](const KeyOwner& owner) {
    const LeasedKey* const key = KeyOf(owner, request);
    return key != nullptr && key->expires_at > now;
  });
  return leased ? absl::OkStatus() : KeysUnavailable();
}

absl::Status KeySealer::Seal(Message& event, const SealingPlace& place,
                             journal::v1::EventRecord& record) {
  const std::string label = LabelBytesOf(event);
  absl::Status sealed;
  ForEachPersonalPlace(event, [&](const PersonalPlace& at) {
    auto& value = static_cast<Personal&>(at.personal);
    if (!sealed.ok() || value.value_case() == Personal::VALUE_NOT_SET) return;
    const absl::StatusOr<KeyOwner> owner = OwnerOf(at);
    if (!owner.ok()) {
      sealed = owner.status();
      return;
    }
    const LeasedKey* const key = KeyOf(*owner, place.request);
    if (key == nullptr) {
      sealed = NotLeased(record, at.path);
      return;
    }
    SealedField field = Labelled(at, *owner, *key, label);
    SetOrigin(place.commit, record, place.context, field);
    security::Seal(key->lease_key.view(), value, random_, field);
    field.clear_origin();
    *record.add_sealed() = std::move(field);
    value.Clear();
  });
  return sealed;
}

}  // namespace holdfast::eventsourcing
