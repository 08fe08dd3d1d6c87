#include "proto_ledger.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace holdfast::architecture {
namespace {

namespace pb = google::protobuf;

std::string TypeName(const pb::FieldDescriptor& field) {
  std::string name = field.is_repeated() ? "repeated-" : "";
  if (field.message_type() != nullptr) return name + field.message_type()->full_name();
  if (field.enum_type() != nullptr) return name + field.enum_type()->full_name();
  return name + field.type_name();
}

void AddEnum(const pb::EnumDescriptor& enumeration, std::vector<std::string>& lines) {
  for (int i = 0; i < enumeration.value_count(); ++i) {
    lines.push_back(absl::StrCat("value ", enumeration.full_name(), " ",
                                 enumeration.value(i)->number(), " ",
                                 enumeration.value(i)->name()));
  }
}

void AddMessage(const pb::Descriptor& message, std::vector<std::string>& lines) {
  for (int i = 0; i < message.field_count(); ++i) {
    const pb::FieldDescriptor& field = *message.field(i);
    lines.push_back(absl::StrCat("field ", message.full_name(), " ", field.number(), " ",
                                 field.name(), " ", TypeName(field)));
  }
  for (int i = 0; i < message.nested_type_count(); ++i) AddMessage(*message.nested_type(i), lines);
  for (int i = 0; i < message.enum_type_count(); ++i) AddEnum(*message.enum_type(i), lines);
}

// "field holdfast.x.Y 3" of a line: what the number belongs to.
std::string KeyOf(const std::string& line) {
  const std::vector<std::string> words = absl::StrSplit(line, ' ');
  return words.size() < 4 ? "" : absl::StrCat(words[0], " ", words[1], " ", words[2]);
}

// Whether the message or enum still stands, and keeps this number from being given again.
bool IsReserved(const std::string& line, const pb::DescriptorPool& pool) {
  const std::vector<std::string> words = absl::StrSplit(line, ' ');
  int number = 0;
  if (!absl::SimpleAtoi(words[2], &number)) return false;
  if (words[0] == "field") {
    const pb::Descriptor* message = pool.FindMessageTypeByName(words[1]);
    return message != nullptr && message->IsReservedNumber(number);
  }
  const pb::EnumDescriptor* enumeration = pool.FindEnumTypeByName(words[1]);
  return enumeration != nullptr && enumeration->IsReservedNumber(number);
}

}  // namespace

std::vector<std::string> LedgerLines(const std::vector<const pb::FileDescriptor*>& files) {
  std::vector<std::string> lines;
  for (const pb::FileDescriptor* file : files) {
    for (int i = 0; i < file->message_type_count(); ++i) AddMessage(*file->message_type(i), lines);
    for (int i = 0; i < file->enum_type_count(); ++i) AddEnum(*file->enum_type(i), lines);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

Faults CompareWithLedger(std::string_view ledger,
                         const std::vector<const pb::FileDescriptor*>& files) {
  Faults faults;
  std::set<std::string> now;
  std::map<std::string, std::string> by_key;
  for (std::string& line : LedgerLines(files)) {
    by_key.emplace(KeyOf(line), line);
    now.insert(std::move(line));
  }
  std::set<std::string> known;
  for (const absl::string_view view :
       absl::StrSplit(absl::string_view(ledger.data(), ledger.size()), '\n')) {
    const std::string line(view);
    const std::string key = KeyOf(line);
    if (key.empty() || line.front() == '#') continue;
    known.insert(line);
    if (now.contains(line)) continue;
    const auto other = by_key.find(key);
    if (other != by_key.end()) {
      faults.push_back(
          {line, absl::StrCat("its number now means `", other->second, "`; give a new number")});
    } else if (!files.empty() && !IsReserved(line, *files.front()->pool())) {
      faults.push_back({line, "is gone, and its number is not reserved"});
    }
  }
  for (const std::string& line : now) {
    if (!known.contains(line))
      faults.push_back({line, "is not in the ledger (README.md says how to enter it)"});
  }
  return faults;
}

}  // namespace holdfast::architecture
