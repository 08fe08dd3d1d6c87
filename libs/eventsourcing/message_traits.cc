#include "eventsourcing/message_traits.h"

#include <cstddef>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "holdfast/options/v1/options.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace holdfast::eventsourcing {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool IsMessage(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
}

bool IsPersonal(const FieldDescriptor& field) {
  return IsMessage(field) && field.message_type() == type::v1::Personal::descriptor();
}

bool IsResolved(const FieldDescriptor& field) {
  return field.options().GetExtension(options::v1::field).resolved();
}

void Collect(const Descriptor& type, std::unordered_set<const Descriptor*>& seen,
             MessageTraits& traits) {
  if (!seen.insert(&type).second) return;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    traits.personal |= IsPersonal(field);
    traits.resolved |= IsResolved(field);
    if (IsMessage(field)) Collect(*field.message_type(), seen, traits);
  }
}

// Calls `each` for every set message field, with its path below `path`.
template <class Each>
void ForEachChild(Message& message, const std::string& path, const Each& each) {
  std::vector<const FieldDescriptor*> fields;
  const auto* reflection = message.GetReflection();
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (!IsMessage(*field)) continue;
    const std::string here = (path.empty() ? "" : path + ".") + std::to_string(field->number());
    if (!field->is_repeated()) {
      each(*field, here, *reflection->MutableMessage(&message, field));
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      each(*field, here + "[" + std::to_string(i) + "]",
           *reflection->MutableRepeatedMessage(&message, field, i));
    }
  }
}

void WalkPersonal(Message& message, const std::string& path,
                  const std::function<void(const PersonalPlace&)>& each) {
  ForEachChild(message, path,
               [&](const FieldDescriptor& field, const std::string& here, Message& child) {
                 if (IsPersonal(field)) return each({here, message, field, child});
                 if (TraitsOf(*child.GetDescriptor()).personal) WalkPersonal(child, here, each);
               });
}

template <class Which>
void ClearWhere(Message& message, const Which& which) {
  std::vector<const FieldDescriptor*> fields;
  const auto* reflection = message.GetReflection();
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (which(*field)) reflection->ClearField(&message, field);
  }
  ForEachChild(message, "", [&](const FieldDescriptor&, const std::string&, Message& child) {
    ClearWhere(child, which);
  });
}

}  // namespace

const MessageTraits& TraitsOf(const Descriptor& type) {
  thread_local std::unordered_map<const Descriptor*, MessageTraits> known;
  const auto found = known.find(&type);
  if (found != known.end()) return found->second;
  MessageTraits traits;
  std::unordered_set<const Descriptor*> seen;
  Collect(type, seen, traits);
  return known.emplace(&type, traits).first->second;
}

void ForEachPersonal(Message& message,
                     const std::function<void(const std::string&, Message&)>& each) {
  ForEachPersonalPlace(message,
                       [&each](const PersonalPlace& place) { each(place.path, place.personal); });
}

void ForEachPersonalPlace(Message& message, const std::function<void(const PersonalPlace&)>& each) {
  if (TraitsOf(*message.GetDescriptor()).personal) WalkPersonal(message, "", each);
}

Message* AtPath(Message& message, const std::string& path) {
  Message* at = &message;
  for (const absl::string_view part : absl::StrSplit(path, '.')) {
    const std::size_t bracket = part.find('[');
    int number = 0;
    if (!absl::SimpleAtoi(part.substr(0, bracket), &number)) return nullptr;
    const FieldDescriptor* field = at->GetDescriptor()->FindFieldByNumber(number);
    if (field == nullptr || !IsMessage(*field)) return nullptr;
    const auto* reflection = at->GetReflection();
    if (bracket == absl::string_view::npos) {
      if (field->is_repeated()) return nullptr;
      at = reflection->MutableMessage(at, field);
      continue;
    }
    int index = 0;
    if (!field->is_repeated() || part.back() != ']' ||
        !absl::SimpleAtoi(part.substr(bracket + 1, part.size() - bracket - 2), &index) ||
        index < 0 || index >= reflection->FieldSize(*at, field)) {
      return nullptr;
    }
    at = reflection->MutableRepeatedMessage(at, field, index);
  }
  return at;
}

void ClearResolved(Message& message) {
  ClearWhere(message, &IsResolved);
}

void ClearPersonal(Message& message) {
  if (TraitsOf(*message.GetDescriptor()).personal) ClearWhere(message, &IsPersonal);
}

}  // namespace holdfast::eventsourcing
