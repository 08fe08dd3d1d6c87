#include "cli/commands/directory_words.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/hex.h"
#include "cli/exit_code.h"

namespace holdfast::cli {

absl::StatusOr<std::vector<int>> CodesOf(const Invocation& in, std::string_view name,
                                         const google::protobuf::EnumDescriptor& codes) {
  std::vector<int> values;
  for (const std::string& given : in.GetAll(name)) {
    const std::string wanted = absl::StrReplaceAll(absl::AsciiStrToUpper(given), {{"-", "_"}});
    const google::protobuf::EnumValueDescriptor* value = codes.FindValueByName(wanted);
    if (value == nullptr || value->number() == 0) {
      std::string all;
      for (int i = 1; i < codes.value_count(); ++i)
        absl::StrAppend(&all, i == 1 ? "" : ", ", codes.value(i)->name());
      return UsageError(absl::StrCat(std::string(name), " must be of: ", all));
    }
    values.push_back(value->number());
  }
  return values;
}

absl::StatusOr<std::string> DigestOf(const Invocation& in, std::string_view name) {
  const std::optional<std::string> bytes = FromHex(in.Get(name));
  if (!bytes || bytes->size() != 32)
    return UsageError(absl::StrCat(std::string(name), " must be 64 hexadecimal digits."));
  return *bytes;
}

Option ReasonOption() {
  return {"--reason", "TEXT", "Why: it is kept with the fact", true};
}

}  // namespace holdfast::cli
