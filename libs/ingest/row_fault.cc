#include "ingest/row_fault.h"

#include "absl/strings/str_cat.h"

namespace holdfast::ingest {
namespace {
constexpr std::size_t kMaxShownBytes = 64;

absl::string_view Absl(std::string_view text) {
  return {text.data(), text.size()};
}
}  // namespace

absl::Status StructureFault(std::string_view file, std::uint64_t line, std::string_view sentence) {
  return absl::InvalidArgumentError(
      absl::StrCat(Shown(file), ", line ", line, ": ", Absl(sentence)));
}

absl::Status ColumnFault(std::string_view file, std::uint64_t line, std::string_view column,
                         std::string_view sentence) {
  return absl::InvalidArgumentError(
      absl::StrCat(Shown(file), ", line ", line, ", column ", Absl(column), ": ", Absl(sentence)));
}

std::string Shown(std::string_view name) {
  std::string out(name.substr(0, kMaxShownBytes));
  // Not in the middle of a character.
  if (name.size() > out.size()) {
    while (!out.empty() && (static_cast<unsigned char>(name[out.size()]) & 0xC0U) == 0x80U) {
      out.pop_back();
    }
    out += "…";
  }
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  return out;
}

}  // namespace holdfast::ingest
