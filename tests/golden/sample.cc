#include "sample.h"

#include <algorithm>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/reflection.h>

#include "absl/strings/str_cat.h"

namespace holdfast::golden {
namespace {

namespace pb = google::protobuf;

bool Within(const std::vector<const pb::Descriptor*>& way, const pb::Descriptor* type) {
  return std::find(way.begin(), way.end(), type) != way.end();
}

void AddFields(const pb::Descriptor& type, const std::string& prefix,
               std::vector<const pb::Descriptor*>& way, std::set<std::string>& fields) {
  if (Within(way, &type)) return;
  way.push_back(&type);
  for (int i = 0; i < type.field_count(); ++i) {
    const pb::FieldDescriptor& field = *type.field(i);
    const std::string path = absl::StrCat(prefix, field.name());
    fields.insert(path);
    if (field.message_type() != nullptr)
      AddFields(*field.message_type(), absl::StrCat(path, "."), way, fields);
  }
  way.pop_back();
}

void AddFilled(const pb::Message& message, const std::string& prefix,
               std::set<std::string>& fields) {
  const pb::Reflection& reflection = *message.GetReflection();
  std::vector<const pb::FieldDescriptor*> filled;
  reflection.ListFields(message, &filled);
  for (const pb::FieldDescriptor* field : filled) {
    const std::string path = absl::StrCat(prefix, field->name());
    fields.insert(path);
    if (field->message_type() == nullptr) continue;
    const std::string deeper = absl::StrCat(path, ".");
    if (!field->is_repeated()) {
      AddFilled(reflection.GetMessage(message, field), deeper, fields);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i)
      AddFilled(reflection.GetRepeatedMessage(message, field, i), deeper, fields);
  }
}

// Fills a message; of each oneof the member number `choice`, counted round.
class Filler {
 public:
  explicit Filler(int choice) : choice_(choice) {}

  void Fill(pb::Message& message) {
    const pb::Descriptor& type = *message.GetDescriptor();
    if (Within(way_, &type)) return;
    way_.push_back(&type);
    for (int i = 0; i < type.field_count(); ++i) {
      const pb::FieldDescriptor& field = *type.field(i);
      const pb::OneofDescriptor* oneof = field.real_containing_oneof();
      if (oneof != nullptr && field.index_in_oneof() != choice_ % oneof->field_count()) continue;
      if (field.is_repeated()) {
        Add(message, field);
      } else {
        Set(message, field);
      }
    }
    way_.pop_back();
  }

 private:
  // Small, different from field to field, and never the default.
  int Number(const pb::FieldDescriptor& field) const { return field.number() % 27 + 1; }
  static const pb::EnumValueDescriptor* Value(const pb::FieldDescriptor& field) {
    const pb::EnumDescriptor& values = *field.enum_type();
    return values.value(values.value_count() - 1);
  }

  void Set(pb::Message& message, const pb::FieldDescriptor& field) {
    const pb::Reflection& to = *message.GetReflection();
    switch (field.cpp_type()) {
      case pb::FieldDescriptor::CPPTYPE_INT32:
        return to.SetInt32(&message, &field, Number(field));
      case pb::FieldDescriptor::CPPTYPE_INT64:
        return to.SetInt64(&message, &field, Number(field));
      case pb::FieldDescriptor::CPPTYPE_UINT32:
        return to.SetUInt32(&message, &field, static_cast<std::uint32_t>(Number(field)));
      case pb::FieldDescriptor::CPPTYPE_UINT64:
        return to.SetUInt64(&message, &field, static_cast<std::uint64_t>(Number(field)));
      case pb::FieldDescriptor::CPPTYPE_DOUBLE:
        return to.SetDouble(&message, &field, Number(field) + 0.5);
      case pb::FieldDescriptor::CPPTYPE_FLOAT:
        return to.SetFloat(&message, &field, static_cast<float>(Number(field)) + 0.5F);
      case pb::FieldDescriptor::CPPTYPE_BOOL:
        return to.SetBool(&message, &field, true);
      case pb::FieldDescriptor::CPPTYPE_ENUM:
        return to.SetEnum(&message, &field, Value(field));
      case pb::FieldDescriptor::CPPTYPE_STRING:
        return to.SetString(&message, &field, field.name());
      case pb::FieldDescriptor::CPPTYPE_MESSAGE:
        return Fill(*to.MutableMessage(&message, &field));
    }
  }

  void Add(pb::Message& message, const pb::FieldDescriptor& field) {
    const pb::Reflection& to = *message.GetReflection();
    switch (field.cpp_type()) {
      case pb::FieldDescriptor::CPPTYPE_INT32:
        return to.AddInt32(&message, &field, Number(field));
      case pb::FieldDescriptor::CPPTYPE_INT64:
        return to.AddInt64(&message, &field, Number(field));
      case pb::FieldDescriptor::CPPTYPE_UINT32:
        return to.AddUInt32(&message, &field, static_cast<std::uint32_t>(Number(field)));
      case pb::FieldDescriptor::CPPTYPE_UINT64:
        return to.AddUInt64(&message, &field, static_cast<std::uint64_t>(Number(field)));
      case pb::FieldDescriptor::CPPTYPE_DOUBLE:
        return to.AddDouble(&message, &field, Number(field) + 0.5);
      case pb::FieldDescriptor::CPPTYPE_FLOAT:
        return to.AddFloat(&message, &field, static_cast<float>(Number(field)) + 0.5F);
      case pb::FieldDescriptor::CPPTYPE_BOOL:
        return to.AddBool(&message, &field, true);
      case pb::FieldDescriptor::CPPTYPE_ENUM:
        return to.AddEnum(&message, &field, Value(field));
      case pb::FieldDescriptor::CPPTYPE_STRING:
        return to.AddString(&message, &field, field.name());
      case pb::FieldDescriptor::CPPTYPE_MESSAGE:
        return Fill(*to.AddMessage(&message, &field));
    }
  }

  int choice_;
  std::vector<const pb::Descriptor*> way_;
};

}  // namespace

std::set<std::string> FieldsOf(const pb::Descriptor& type) {
  std::vector<const pb::Descriptor*> way;
  std::set<std::string> fields;
  AddFields(type, "", way, fields);
  return fields;
}

std::set<std::string> FieldsIn(const pb::Message& message) {
  std::set<std::string> fields;
  AddFilled(message, "", fields);
  return fields;
}

std::vector<std::unique_ptr<pb::Message>> SamplesOf(const pb::Descriptor& type) {
  const std::set<std::string> wanted = FieldsOf(type);
  std::set<std::string> filled;
  std::vector<std::unique_ptr<pb::Message>> samples;
  // No oneof here has more members than this.
  for (int choice = 0; choice < 32; ++choice) {
    std::unique_ptr<pb::Message> sample(
        pb::MessageFactory::generated_factory()->GetPrototype(&type)->New());
    Filler(choice).Fill(*sample);
    const std::size_t before = filled.size();
    filled.merge(FieldsIn(*sample));
    if (choice == 0 || filled.size() > before) samples.push_back(std::move(sample));
    if (filled.size() == wanted.size()) break;
  }
  return samples;
}

}  // namespace holdfast::golden
