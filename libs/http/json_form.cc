#include "http/json_form.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>
#include <simdjson.h>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"

namespace holdfast::http {
namespace {

namespace pb = google::protobuf;
using pb::FieldDescriptor;
using simdjson::dom::element;

constexpr std::size_t kMaxViolations = 100;
constexpr std::size_t kMaxName = 64;
constexpr std::string_view kBody = "(body)";

absl::string_view View(std::string_view text) {
  return {text.data(), text.size()};
}

// A name that the caller made up, short and of harmless characters.
std::string Printable(std::string_view name) {
  std::string out(name.substr(0, kMaxName));
  std::ranges::replace_if(
      out, [](char c) { return !absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '_'; },
      '?');
  return out;
}

// Messages whose JSON form is another than an object of their fields.
bool HasOwnForm(const pb::Descriptor& type) {
  return type.well_known_type() != pb::Descriptor::WELLKNOWNTYPE_UNSPECIFIED;
}

std::string FormOf(const pb::Descriptor& type) {
  switch (type.well_known_type()) {
    case pb::Descriptor::WELLKNOWNTYPE_TIMESTAMP:
      return "must be a time such as \"2026-01-31T09:30:00Z\"";
    case pb::Descriptor::WELLKNOWNTYPE_DURATION:
      return "must be a duration such as \"1.5s\"";
    default:
      return absl::StrCat("must have the JSON form of ", type.full_name());
  }
}

bool ParsesAs(const pb::Descriptor& type, const element& value) {
  const std::unique_ptr<pb::Message> message(
      pb::MessageFactory::generated_factory()->GetPrototype(&type)->New());
  return pb::util::JsonStringToMessage(simdjson::minify(value), message.get()).ok();
}

// A whole number of the type, as a JSON number or as digits in a string.
template <class Int>
bool IsWhole(const element& value) {
  std::string_view text;
  Int parsed = 0;
  if (value.get(text) == simdjson::SUCCESS) return absl::SimpleAtoi(View(text), &parsed);
  std::int64_t whole = 0;
  std::uint64_t large = 0;
  double real = 0;
  if (value.get(whole) == simdjson::SUCCESS) return std::in_range<Int>(whole);
  if (value.get(large) == simdjson::SUCCESS) return std::in_range<Int>(large);
  // 1e3 and 1.0 are whole, too.
  return value.get(real) == simdjson::SUCCESS && std::floor(real) == real &&
         std::abs(real) < 9e15 && std::in_range<Int>(static_cast<std::int64_t>(real));
}

bool IsReal(const element& value) {
  std::string_view text;
  double parsed = 0;
  if (value.get(text) == simdjson::SUCCESS) return absl::SimpleAtod(View(text), &parsed);
  return value.is_number();
}

bool IsBytes(const element& value) {
  std::string_view text;
  std::string out;
  return value.get(text) == simdjson::SUCCESS &&
         (absl::Base64Unescape(View(text), &out) || absl::WebSafeBase64Unescape(View(text), &out));
}

bool IsValueOf(const pb::EnumDescriptor& values, const element& value) {
  std::string_view name;
  if (value.get(name) == simdjson::SUCCESS)
    return values.FindValueByName(std::string(name)) != nullptr;
  return IsWhole<std::int32_t>(value);  // whether it is a known one, the door says
}

class Checker {
 public:
  explicit Checker(UnknownFields unknown) : unknown_fields_(unknown) {}

  void Message(const element& value, const pb::Descriptor& type, const std::string& path) {
    simdjson::dom::object object;
    if (value.get(object) != simdjson::SUCCESS)
      return Say(path.empty() ? std::string(kBody) : path, "must be an object");
    std::set<const FieldDescriptor*> given;
    for (const simdjson::dom::key_value_pair entry : object) {
      const FieldDescriptor* const field = FieldOf(type, entry.key);
      if (field == nullptr) {
        Unknown(Under(path, Printable(entry.key)));
        continue;
      }
      const std::string here = Under(path, field->name());
      if (!given.insert(field).second) Say(here, "is given twice");
      Field(entry.value, *field, here);
    }
  }

  absl::Status Told() const {
    if (violations_.empty()) return absl::OkStatus();
    absl::Status refused = InvalidFields(violations_);
    if (otherwise_) return refused;
    absl::Status only =
        ErrorWithReason(refused.code(), "UNKNOWN_FIELD",
                        std::string_view(refused.message().data(), refused.message().size()));
    constexpr char kBadRequest[] = "type.googleapis.com/google.rpc.BadRequest";
    only.SetPayload(kBadRequest, *refused.GetPayload(kBadRequest));
    return only;
  }

 private:
  static std::string Under(const std::string& path, std::string_view name) {
    return absl::StrCat(path, path.empty() ? "" : ".", View(name));
  }

  // By the name of its JSON form or its own.
  static const FieldDescriptor* FieldOf(const pb::Descriptor& type, std::string_view key) {
    const std::string name(key);
    for (int i = 0; i < type.field_count(); ++i) {
      if (type.field(i)->json_name() == name || type.field(i)->name() == name) return type.field(i);
    }
    return nullptr;
  }

  void Field(const element& value, const FieldDescriptor& field, const std::string& path) {
    if (value.is_null()) return;  // left out
    if (!field.is_repeated()) return Value(value, field, path);
    if (field.is_map()) return;  // none of our messages has one
    simdjson::dom::array items;
    if (value.get(items) != simdjson::SUCCESS) return Say(path, "must be a list");
    std::size_t index = 0;
    for (const element item : items) Value(item, field, absl::StrCat(path, "[", index++, "]"));
  }

  void Value(const element& value, const FieldDescriptor& field, const std::string& path) {
    switch (field.type()) {
      case FieldDescriptor::TYPE_MESSAGE:
      case FieldDescriptor::TYPE_GROUP: {
        const pb::Descriptor& type = *field.message_type();
        if (!HasOwnForm(type)) return Message(value, type, path);
        if (!ParsesAs(type, value)) Say(path, FormOf(type));
        return;
      }
      case FieldDescriptor::TYPE_STRING:
        return Expect(value.is_string(), path, "must be text");
      case FieldDescriptor::TYPE_BYTES:
        return Expect(IsBytes(value), path, "must be text in base64");
      case FieldDescriptor::TYPE_BOOL:
        return Expect(value.is_bool(), path, "must be true or false");
      case FieldDescriptor::TYPE_ENUM:
        return Expect(IsValueOf(*field.enum_type(), value), path,
                      absl::StrCat("is no value of ", field.enum_type()->full_name()));
      case FieldDescriptor::TYPE_DOUBLE:
      case FieldDescriptor::TYPE_FLOAT:
        return Expect(IsReal(value), path, "must be a number");
      case FieldDescriptor::TYPE_INT32:
      case FieldDescriptor::TYPE_SINT32:
      case FieldDescriptor::TYPE_SFIXED32:
        return Whole<std::int32_t>(value, path);
      case FieldDescriptor::TYPE_UINT32:
      case FieldDescriptor::TYPE_FIXED32:
        return Whole<std::uint32_t>(value, path);
      case FieldDescriptor::TYPE_INT64:
      case FieldDescriptor::TYPE_SINT64:
      case FieldDescriptor::TYPE_SFIXED64:
        return Whole<std::int64_t>(value, path);
      case FieldDescriptor::TYPE_UINT64:
      case FieldDescriptor::TYPE_FIXED64:
        return Whole<std::uint64_t>(value, path);
    }
  }

  template <class Int>
  void Whole(const element& value, const std::string& path) {
    Expect(IsWhole<Int>(value), path,
           absl::StrCat("must be a whole number from ", std::numeric_limits<Int>::min(), " to ",
                        std::numeric_limits<Int>::max()));
  }

  void Expect(bool holds, const std::string& path, std::string rule) {
    if (!holds) Say(path, std::move(rule));
  }

  void Say(const std::string& path, std::string rule) {
    otherwise_ = true;
    if (violations_.size() < kMaxViolations) violations_.push_back({path, std::move(rule)});
  }

  void Unknown(const std::string& path) {
    if (unknown_fields_ == UnknownFields::kIgnored || violations_.size() >= kMaxViolations) return;
    violations_.push_back({path, "is not a field that this version knows"});
  }

  const UnknownFields unknown_fields_;
  std::vector<FieldViolation> violations_;
  bool otherwise_ = false;  // something is wrong beside unknown fields
};

std::string RuleBroken(simdjson::error_code error) {
  switch (error) {
    case simdjson::UTF8_ERROR:
      return "must be UTF-8";
    case simdjson::DEPTH_ERROR:
      return "must not be nested so deeply";
    default:
      return "must be JSON";
  }
}

}  // namespace

absl::Status CheckJsonForm(std::string_view json, const pb::Descriptor& type,
                           UnknownFields unknown) {
  simdjson::dom::parser parser;
  element root;
  const simdjson::error_code error = parser.parse(json.data(), json.size()).get(root);
  if (error != simdjson::SUCCESS) return InvalidFields({{std::string(kBody), RuleBroken(error)}});
  Checker checker(unknown);
  checker.Message(root, type, "");
  return checker.Told();
}

}  // namespace holdfast::http
