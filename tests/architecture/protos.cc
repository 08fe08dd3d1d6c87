#include "protos.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "holdfast/options/v1/options.pb.h"

#include "absl/strings/str_cat.h"

namespace holdfast::architecture {
namespace {

namespace pb = google::protobuf;
namespace options = holdfast::options::v1;

constexpr const char* kPersonal = "holdfast.type.v1.Personal";
constexpr const char* kReceipt = "holdfast.type.v1.Receipt";
constexpr const char* kBatch = "holdfast.type.v1.CommandBatch";

// Refusals that mean the same in every context.
constexpr std::array<std::string_view, 9> kSharedRefusals = {
    "REQUIRED",     "WRONG_STATE", "IN_FUTURE",    "DATE_ORDER",    "UNKNOWN_CODE",
    "NOT_IN_FORCE", "SAME_PERSON", "OUTSIDE_SITE", "SUBJECT_ERASED"};

class Checker {
 public:
  void File(const pb::FileDescriptor& file) {
    for (int i = 0; i < file.message_type_count(); ++i) Message(*file.message_type(i));
    for (int i = 0; i < file.enum_type_count(); ++i) Enum(*file.enum_type(i));
    for (int i = 0; i < file.service_count(); ++i) {
      Batches(*file.service(i));
      for (int j = 0; j < file.service(i)->method_count(); ++j) Method(*file.service(i)->method(j));
    }
  }
  Faults Take() { return std::move(faults_); }

 private:
  void Add(const std::string& where, std::string what) {
    faults_.push_back({where, std::move(what)});
  }

  void Message(const pb::Descriptor& message) {
    if (message.options().map_entry()) return;
    for (int i = 0; i < message.field_count(); ++i) {
      const pb::FieldDescriptor& field = *message.field(i);
      if (field.is_map())
        Add(field.full_name(), "is a map<>: its order varies; use a repeated message");
      if (field.type() == pb::FieldDescriptor::TYPE_MESSAGE &&
          field.message_type()->full_name() == kPersonal) {
        PersonalField(field);
      }
    }
    for (int i = 0; i < message.nested_type_count(); ++i) Message(*message.nested_type(i));
    for (int i = 0; i < message.enum_type_count(); ++i) Enum(*message.enum_type(i));
  }

  void PersonalField(const pb::FieldDescriptor& field) {
    const options::FieldOptions& declared = field.options().GetExtension(options::field);
    if (!declared.has_personal() ||
        declared.personal().class_() == options::DataClass::CODE_UNSPECIFIED ||
        declared.personal().key() == options::KeyKind::CODE_UNSPECIFIED) {
      Add(field.full_name(), "is Personal without (options.v1.field).personal {class, key}");
      return;
    }
    if (declared.personal().of_size() == 0)
      Add(field.full_name(), "is Personal, of nobody: name the sibling in `of`");
    for (const std::string& sibling : declared.personal().of()) {
      if (field.containing_type()->FindFieldByName(sibling) == nullptr) {
        Add(field.full_name(), absl::StrCat("is Personal of `", sibling, "`, which is no sibling"));
      }
    }
  }

  void Enum(const pb::EnumDescriptor& enumeration) {
    const bool refusal = enumeration.name() == "Code" && enumeration.containing_type() != nullptr &&
                         enumeration.containing_type()->name() == "Refusal";
    if (!refusal) return;
    for (int i = 0; i < enumeration.value_count(); ++i) {
      const pb::EnumValueDescriptor& value = *enumeration.value(i);
      if (value.number() == 0) continue;
      if (value.options().GetExtension(options::sentence).empty()) {
        Add(value.full_name(), "is a refusal without (options.v1.sentence): say what to do");
      }
      const auto shared = std::find(kSharedRefusals.begin(), kSharedRefusals.end(), value.name());
      const int shared_number = static_cast<int>(shared - kSharedRefusals.begin()) + 1;
      if (shared != kSharedRefusals.end() ? value.number() != shared_number : value.number() < 10) {
        Add(value.full_name(),
            "1-9 mean the same in every context: REQUIRED = 1 to SUBJECT_ERASED = 9");
      }
    }
  }

  void Method(const pb::MethodDescriptor& method) {
    const options::MethodOptions& declared = method.options().GetExtension(options::method);
    const std::string& name = method.full_name();
    if (declared.roles_size() == 0 && declared.callers_size() == 0 && !declared.public_())
      Add(name, "opens to nobody: name roles, callers, or `public`");
    if (declared.audit_size() == 0) Add(name, "has no audit verb, not even NO_PERSONAL_DATA");
    if (declared.deadline_ms() == 0) Add(name, "has no deadline_ms: gRPC would wait for ever");
    if (declared.max_bytes() == 0) Add(name, "has no max_bytes");
    const bool none = std::find(declared.audit().begin(), declared.audit().end(),
                                options::Audit::NO_PERSONAL_DATA) != declared.audit().end();
    const bool personal = IsPersonal(*method.input_type()) || IsPersonal(*method.output_type());
    if (none && personal)
      Add(name, "says NO_PERSONAL_DATA, but a field of its messages is personal");
    if (personal && declared.purposes_size() == 0) Add(name, "is personal without purposes");
    if (method.output_type()->full_name() == kReceipt) {
      std::set<const pb::Descriptor*> seen;
      Limits(*method.input_type(), seen);
    }
  }

  // A command's method bears the name of its request. Whoever may send one may send many at once,
  // and nobody else.
  void Batches(const pb::ServiceDescriptor& service) {
    std::set<int> open;
    for (int i = 0; i < service.method_count(); ++i) {
      const pb::MethodDescriptor& method = *service.method(i);
      const bool command = method.output_type()->full_name() == kReceipt &&
                           method.input_type()->name() == method.name();
      if (command) open.merge(RolesOf(method));
    }
    if (open.empty()) return;
    for (const char* name : {"ExecuteBatch", "ExecuteStream"}) {
      const pb::MethodDescriptor* method = service.FindMethodByName(name);
      if (method == nullptr || method->input_type()->full_name() != kBatch) {
        Add(service.full_name(), absl::StrCat("has commands, but no ", name, " of ", kBatch));
      } else if (RolesOf(*method) != open) {
        Add(method->full_name(),
            "opens to others than its commands: name the roles of all of them");
      }
    }
  }

  static std::set<int> RolesOf(const pb::MethodDescriptor& method) {
    const auto& roles = method.options().GetExtension(options::method).roles();
    return {roles.begin(), roles.end()};
  }

  bool IsPersonal(const pb::Descriptor& message) {
    std::set<const pb::Descriptor*> seen;
    return Reaches(message, kPersonal, seen);
  }

  static bool Reaches(const pb::Descriptor& message, std::string_view name,
                      std::set<const pb::Descriptor*>& seen) {
    if (message.full_name() == name) return true;
    if (!seen.insert(&message).second) return false;
    for (int i = 0; i < message.field_count(); ++i) {
      const pb::Descriptor* inner = message.field(i)->message_type();
      if (inner != nullptr && Reaches(*inner, name, seen)) return true;
    }
    return false;
  }

  // Each field that a stranger fills is bounded. What the door fills (`resolved`) is not sent.
  void Limits(const pb::Descriptor& message, std::set<const pb::Descriptor*>& seen) {
    if (!seen.insert(&message).second || message.full_name().starts_with("google.protobuf."))
      return;
    for (int i = 0; i < message.field_count(); ++i) {
      const pb::FieldDescriptor& field = *message.field(i);
      if (field.options().GetExtension(options::field).resolved()) continue;
      // A field of several commands is reported once.
      if (reported_.insert(&field).second) FieldLimits(field);
      if (field.message_type() != nullptr) Limits(*field.message_type(), seen);
    }
  }

  void FieldLimits(const pb::FieldDescriptor& field) {
    const options::Limits& limits = field.options().GetExtension(options::field).limits();
    const bool text = field.type() == pb::FieldDescriptor::TYPE_STRING ||
                      field.type() == pb::FieldDescriptor::TYPE_BYTES;
    if (text && !limits.has_max_len() && limits.pattern().empty()) {
      Add(field.full_name(), "can be sent in a command without max_len or pattern");
    }
    if (field.is_repeated() && !limits.has_max_items()) {
      Add(field.full_name(), "can be sent in a command without max_items");
    }
  }

  Faults faults_;
  std::set<const pb::FieldDescriptor*> reported_;
};

}  // namespace

Faults CheckProtoFile(const pb::FileDescriptor& file) {
  Checker checker;
  checker.File(file);
  return checker.Take();
}

}  // namespace holdfast::architecture
