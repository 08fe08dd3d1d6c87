#include "golden_file.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace holdfast::golden {
namespace {

constexpr std::string_view kMark = "# ";
constexpr std::string_view kRule = "---\n";
constexpr std::size_t kBytesPerLine = 40;

absl::Status Malformed(std::string_view path, const char* what) {
  return absl::InvalidArgumentError(absl::StrCat(std::string(path), ": ", what));
}

bool IsHex(std::string_view text) {
  return text.size() % 2 == 0 &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

absl::StatusOr<Example> ParseExample(std::string_view path, std::string_view content) {
  const std::size_t end_of_type = content.find('\n');
  if (!content.starts_with(kMark) || end_of_type == std::string_view::npos)
    return Malformed(path, "the first line is not \"# <type>\"");
  const std::size_t rule = content.find(kRule);
  if (rule == std::string_view::npos) return Malformed(path, "no line \"---\"");
  std::string hex(content.substr(rule + kRule.size()));
  std::erase(hex, '\n');
  if (!IsHex(hex)) return Malformed(path, "the bytes are no hexadecimal digits");
  Example example;
  example.path = std::string(path);
  example.type = std::string(content.substr(kMark.size(), end_of_type - kMark.size()));
  example.text = std::string(content.substr(end_of_type + 1, rule - end_of_type - 1));
  example.bytes = absl::HexStringToBytes(hex);
  return example;
}

std::string PrintExample(const google::protobuf::Message& message) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(message, &text);
  const std::string hex = absl::BytesToHexString(StableBytes(message));
  std::string content = absl::StrCat(std::string(kMark), message.GetDescriptor()->full_name(), "\n",
                                     text, std::string(kRule));
  for (std::size_t at = 0; at < hex.size(); at += 2 * kBytesPerLine)
    absl::StrAppend(&content, hex.substr(at, 2 * kBytesPerLine), "\n");
  return content;
}

std::string StableBytes(const google::protobuf::Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream out(&stream);
  out.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&out);
  out.Trim();
  return bytes;
}

}  // namespace holdfast::golden
