#include "eventsourcing/stream_type.h"

#include "holdfast/options/v1/options.pb.h"

namespace holdfast::eventsourcing {
namespace {

using google::protobuf::FieldDescriptor;

// Field 1 where it is a single string, else null.
const FieldDescriptor* StreamField(const google::protobuf::Message& command) {
  const FieldDescriptor* field = command.GetDescriptor()->FindFieldByNumber(1);
  if (field == nullptr || field->is_repeated() || field->type() != FieldDescriptor::TYPE_STRING)
    return nullptr;
  return field;
}

}  // namespace

std::string ContextOf(const google::protobuf::Descriptor& message) {
  const std::string& package = message.file()->package();
  const std::size_t first = package.find('.');
  if (first == std::string::npos) return package;
  return package.substr(first + 1, package.find('.', first + 1) - first - 1);
}

std::string FirstField(const google::protobuf::Message& command) {
  const FieldDescriptor* field = StreamField(command);
  return field == nullptr ? "" : command.GetReflection()->GetString(command, field);
}

void SetFirstField(google::protobuf::Message& command, std::string_view id) {
  const FieldDescriptor* field = StreamField(command);
  HOLDFAST_CHECK(field != nullptr);
  command.GetReflection()->SetString(&command, field, std::string(id));
}

std::string SentenceOf(const google::protobuf::EnumDescriptor& refusals, int code) {
  const auto* value = refusals.FindValueByNumber(code);
  return value == nullptr ? "" : value->options().GetExtension(options::v1::sentence);
}

}  // namespace holdfast::eventsourcing
