#include "eventsourcing/key_owners.h"

#include <algorithm>
#include <set>
#include <utility>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "holdfast/journal/v1/journal.pb.h"
#include "holdfast/options/v1/options.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "absl/strings/str_cat.h"
#include "base/error.h"

namespace holdfast::eventsourcing {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using security::KeyOwner;
using type::v1::Personal;

// What a sibling that holds text says: one ref, or several.
std::vector<std::string> RefsIn(const Message& message, const FieldDescriptor& sibling) {
  const auto& reflection = *message.GetReflection();
  if (!sibling.is_repeated()) return {reflection.GetString(message, &sibling)};
  const int size = reflection.FieldSize(message, &sibling);
  std::vector<std::string> refs;
  refs.reserve(static_cast<std::size_t>(size));
  for (int i = 0; i < size; ++i) refs.push_back(reflection.GetRepeatedString(message, &sibling, i));
  return refs;
}

absl::Status Nobody(std::string_view sibling, const FieldDescriptor& field) {
  return InvalidFields({{std::string(sibling),
                         absl::StrCat("must name whom or what `", field.name(), "` is about")}});
}

absl::Status CheckValue(const Personal& value, const FieldDescriptor& field) {
  switch (value.value_case()) {
    case Personal::kSealed:
    case Personal::kWithheld:
      return InvalidFields({{field.name(),
                             "must be a value that can be read, not one that was "
                             "sealed or withheld"}});
    default:
      if (security::FitsSealing(value)) return absl::OkStatus();
      return InvalidFields(
          {{field.name(), "is too long: at most 65,000 bytes, a file 524,224 bytes"}});
  }
}

}  // namespace

absl::StatusOr<KeyOwner> OwnerOf(const PersonalPlace& place) {
  absl::Status value = CheckValue(static_cast<const Personal&>(place.personal), place.field);
  if (!value.ok()) return value;
  const auto& declared = place.field.options().GetExtension(options::v1::field).personal();
  std::set<std::string> refs;
  for (const std::string& name : declared.of()) {
    const FieldDescriptor* sibling = place.parent.GetDescriptor()->FindFieldByName(name);
    if (sibling == nullptr || sibling->cpp_type() != FieldDescriptor::CPPTYPE_STRING)
      return Nobody(name, place.field);
    for (std::string& ref : RefsIn(place.parent, *sibling)) {
      if (ref.empty()) return Nobody(name, place.field);
      refs.insert(std::move(ref));
    }
  }
  const bool link = declared.key() == options::v1::KeyKind::LINK;
  const std::size_t most = link ? security::kMaxKeysOfLink : 1;
  if (refs.empty() || refs.size() > most)
    return Nobody(declared.of_size() == 0 ? "of" : declared.of(0), place.field);
  return KeyOwner{declared.class_(), declared.key(), {refs.begin(), refs.end()}};
}

bool NamesItsOwner(const PersonalPlace& place, const journal::v1::SealedField& sealed) {
  const auto& declared = place.field.options().GetExtension(options::v1::field).personal();
  std::set<std::string> named;
  for (const std::string& name : declared.of()) {
    const FieldDescriptor* sibling = place.parent.GetDescriptor()->FindFieldByName(name);
    if (sibling == nullptr || sibling->cpp_type() != FieldDescriptor::CPPTYPE_STRING) return true;
    for (std::string& ref : RefsIn(place.parent, *sibling)) named.insert(std::move(ref));
  }
  std::set<std::string> refs;
  for (const journal::v1::SealedField::Key& key : sealed.keys()) refs.insert(key.ref());
  return named.empty() || named == refs;
}

absl::StatusOr<std::vector<KeyOwner>> OwnersIn(const Message& message) {
  absl::Status status;
  std::set<KeyOwner> owners;
  // Nothing is changed: there is one walk, for those who change what they find as well.
  ForEachPersonalPlace(const_cast<Message&>(message), [&](const PersonalPlace& place) {
    const auto& value = static_cast<const Personal&>(place.personal);
    if (!status.ok() || value.value_case() == Personal::VALUE_NOT_SET) return;
    absl::StatusOr<KeyOwner> owner = OwnerOf(place);
    if (owner.ok()) {
      owners.insert(*std::move(owner));
    } else {
      status = owner.status();
    }
  });
  if (!status.ok()) return status;
  return std::vector<KeyOwner>(owners.begin(), owners.end());
}

std::string FirstPersonal(const Message& message) {
  std::string first;
  ForEachPersonal(const_cast<Message&>(message), [&first](const std::string& path, Message&) {
    if (first.empty()) first = path;
  });
  return first;
}

std::string LabelBytesOf(const Message& event) {
  const auto& descriptor = *event.GetDescriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    if (field.is_repeated() || field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
        field.message_type() != type::v1::Label::descriptor()) {
      continue;
    }
    const auto& reflection = *event.GetReflection();
    return reflection.HasField(event, &field)
               ? reflection.GetMessage(event, &field).SerializeAsString()
               : std::string();
  }
  return "";
}

void SetOrigin(const journal::v1::Commit& commit, const journal::v1::EventRecord& record,
               std::string_view context, journal::v1::SealedField& field) {
  journal::v1::SealedField::Origin& origin = *field.mutable_origin();
  origin.set_tenant(commit.tenant());
  origin.set_context(std::string(context));
  origin.set_stream(commit.stream());
  origin.set_command_id(commit.command_id());
  origin.set_version(commit.version());
  origin.set_event_id(record.event_id());
  origin.set_type(record.type());
  origin.set_schema_version(record.schema_version());
}

}  // namespace holdfast::eventsourcing
