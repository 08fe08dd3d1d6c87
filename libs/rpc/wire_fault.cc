#include "rpc/wire_fault.h"

#include <optional>
#include <string>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/stubs/common.h>
#include <google/protobuf/wire_format_lite.h>

#include "absl/strings/str_cat.h"

namespace holdfast::rpc {
namespace {

namespace pb = google::protobuf;
using pb::internal::WireFormatLite;

constexpr char kNoMessage[] = "holds bytes that are no message; send it as its contract says";

std::string Join(const std::string& path, const std::string& name) {
  return path.empty() ? name : absl::StrCat(path, ".", name);
}

std::optional<FieldViolation> FaultIn(const pb::Descriptor& type, std::string_view bytes,
                                      const std::string& path, int depth);

std::optional<FieldViolation> FaultInLengthDelimited(const pb::FieldDescriptor* field,
                                                     const std::string& content,
                                                     const std::string& path, int depth) {
  if (field == nullptr) return std::nullopt;
  if (field->type() == pb::FieldDescriptor::TYPE_STRING &&
      !pb::internal::IsStructurallyValidUTF8(content.data(), static_cast<int>(content.size()))) {
    return FieldViolation{Join(path, field->name()), "is not UTF-8"};
  }
  if (field->type() == pb::FieldDescriptor::TYPE_MESSAGE) {
    return FaultIn(*field->message_type(), content, Join(path, field->name()), depth + 1);
  }
  return std::nullopt;
}

// At most `most` bytes are made room for, whatever the length says.
bool ReadDelimited(pb::io::CodedInputStream& in, std::size_t most, std::string& content) {
  std::uint32_t length = 0;
  return in.ReadVarint32(&length) && length <= most &&
         in.ReadString(&content, static_cast<int>(length));
}

std::optional<FieldViolation> FaultIn(const pb::Descriptor& type, std::string_view bytes,
                                      const std::string& path, int depth) {
  if (depth > kMaxDepth) {
    return FieldViolation{path, absl::StrCat("is nested deeper than ", kMaxDepth, " levels")};
  }
  pb::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                              static_cast<int>(bytes.size()));
  while (const std::uint32_t tag = in.ReadTag()) {
    const pb::FieldDescriptor* field =
        type.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
    const bool delimited =
        WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
    std::string content;
    const bool read =
        delimited ? ReadDelimited(in, bytes.size(), content) : WireFormatLite::SkipField(&in, tag);
    if (!read) {
      return FieldViolation{field == nullptr ? path : Join(path, field->name()), kNoMessage};
    }
    if (!delimited) continue;
    if (auto fault = FaultInLengthDelimited(field, content, path, depth)) return fault;
  }
  if (!in.ConsumedEntireMessage()) return FieldViolation{path, kNoMessage};
  return std::nullopt;
}

}  // namespace

FieldViolation FindWireFault(const pb::Descriptor& type, std::string_view bytes,
                             std::string_view within) {
  const std::string path(within);
  FieldViolation fault = FaultIn(type, bytes, path, 0).value_or(FieldViolation{path, kNoMessage});
  if (fault.field.empty()) fault.field = "request";
  return fault;
}

}  // namespace holdfast::rpc
