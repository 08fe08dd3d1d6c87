#include "delivery/cloud_event.h"

#include <array>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "security/strict_json.h"

namespace holdfast::delivery {
namespace {

constexpr std::string_view kPrefix = "ce_";
constexpr std::string_view kContentType = "content-type";
constexpr std::string_view kDataContentType = "datacontenttype";
constexpr absl::string_view kStructured = "application/cloudevents+json";
constexpr absl::string_view kAnyCloudEvents = "application/cloudevents";
constexpr std::string_view kVersion = "1.0";
constexpr std::array<std::string_view, 3> kIdentifying = {"id", "source", "type"};
constexpr std::size_t kMaxAttribute = 1024;
constexpr std::size_t kMaxAttributes = 64;
constexpr std::size_t kMaxName = 64;
constexpr int kMaxDepth = 34;  // the event's own, and that of a request

using Violations = std::vector<FieldViolation>;

absl::string_view View(std::string_view text) {
  return {text.data(), text.size()};
}

absl::Status NotACloudEvent(std::string_view message) {
  return ErrorWithReason(absl::StatusCode::kInvalidArgument, "NOT_A_CLOUD_EVENT", message);
}

// Lower case, without parameters: "application/json".
std::string MediaTypeOf(std::string_view content_type) {
  std::string type(content_type.substr(0, content_type.find(';')));
  absl::AsciiStrToLower(&type);
  absl::StripAsciiWhitespace(&type);
  return type;
}

bool IsName(std::string_view name) {
  if (name.empty() || name.size() > kMaxName) return false;
  for (const char c : name) {
    if (!absl::ascii_islower(static_cast<unsigned char>(c)) &&
        !absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      return false;
    }
  }
  return true;
}

bool IsPlain(std::string_view value) {
  for (const char c : value) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) return false;
  }
  return simdjson::validate_utf8(value.data(), value.size());
}

// `shown` is the name as the sender wrote it.
void Add(CloudEvent& event, std::string_view name, std::string_view shown, std::string_view value,
         Violations& violations) {
  if (!IsName(name)) {
    violations.push_back({"attribute", "must be named in lower-case letters and digits"});
  } else if (value.size() > kMaxAttribute || !IsPlain(value)) {
    violations.push_back(
        {std::string(shown), absl::StrCat("must be at most ", kMaxAttribute,
                                          " bytes of UTF-8 without control characters")});
  } else if (!event.attributes.emplace(name, value).second) {
    violations.push_back({std::string(shown), "must be given once"});
  }
}

// What every event must have. `prefix` goes before each name in a violation.
absl::StatusOr<CloudEvent> Checked(CloudEvent event, std::string_view prefix,
                                   Violations violations) {
  const auto shown = [prefix](std::string_view name) {
    return absl::StrCat(View(prefix), View(name));
  };
  if (event.attributes.size() > kMaxAttributes) {
    violations.push_back(
        {"attribute", absl::StrCat("must be at most ", kMaxAttributes, " in number")});
  }
  if (event.Get("specversion") != kVersion) {
    violations.push_back({shown("specversion"), "must be 1.0"});
  }
  for (const std::string_view name : kIdentifying) {
    if (event.Get(name).empty()) violations.push_back({shown(name), "must not be empty"});
  }
  if (!violations.empty()) return InvalidFields(violations);
  return event;
}

absl::StatusOr<CloudEvent> ReadBinary(const journal::TopicRecord& record,
                                      std::string_view content_type) {
  CloudEvent event;
  Violations violations;
  event.content_type = content_type;
  for (const journal::TopicHeader& header : record.headers) {
    // Null is how some clients send what is not there.
    if (!absl::StartsWith(header.name, View(kPrefix)) || !header.value) continue;
    const std::string_view name = std::string_view(header.name).substr(kPrefix.size());
    if (name == kDataContentType) {
      // The SDK of JavaScript sends it beside content-type, which is what the binding wants.
      if (content_type.empty()) event.content_type = MediaTypeOf(*header.value);
    } else {
      Add(event, name, header.name, *header.value, violations);
    }
    if (violations.size() > kMaxAttributes) break;
  }
  event.data = record.value.value_or("");
  return Checked(std::move(event), kPrefix, std::move(violations));
}

// As the text that an attribute has in a header; none for what is no single value.
std::optional<std::string> TextOf(const simdjson::dom::element& value) {
  switch (value.type()) {
    case simdjson::dom::element_type::STRING:
      return std::string(std::string_view(value.get_string()));
    case simdjson::dom::element_type::BOOL:
    case simdjson::dom::element_type::INT64:
      return simdjson::minify(value);
    default:
      return std::nullopt;
  }
}

// Takes one member of a structured event.
void Take(CloudEvent& event, std::string_view name, const simdjson::dom::element& value,
          Violations& violations) {
  if (name == "data") {
    event.data = simdjson::minify(value);
  } else if (name == "data_base64") {
    std::string_view text;
    std::string bytes;
    if (value.get(text) != simdjson::SUCCESS || !absl::Base64Unescape(View(text), &bytes)) {
      violations.push_back({"data_base64", "must be Base64"});
    }
    event.data = std::move(bytes);
  } else if (value.is_null()) {
    // As if it were not there.
  } else if (const std::optional<std::string> text = TextOf(value); !text) {
    violations.push_back(
        {IsName(name) ? std::string(name) : "attribute", "must be a single value"});
  } else if (name == kDataContentType) {
    event.content_type = MediaTypeOf(*text);
  } else {
    Add(event, name, name, *text, violations);
  }
}

absl::StatusOr<CloudEvent> ReadStructured(const std::string& text) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (!security::IsStrictJson(text, kMaxDepth) ||
      parser.parse(text).get(object) != simdjson::SUCCESS) {
    return NotACloudEvent(
        "The record says that it is application/cloudevents+json, and its value is no JSON object, "
        "or has a name twice. Correct it and send it again.");
  }
  CloudEvent event;
  Violations violations;
  bool has_data = false;
  for (const auto member : object) {
    const bool is_data = member.key == "data" || member.key == "data_base64";
    if (is_data && std::exchange(has_data, true)) {
      violations.push_back({"data", "must be given as data or as data_base64, not both"});
    }
    Take(event, member.key, member.value, violations);
    if (violations.size() > kMaxAttributes) break;
  }
  if (event.content_type.empty()) event.content_type = kJsonData;
  return Checked(std::move(event), "", std::move(violations));
}

}  // namespace

journal::TopicRecord ToRecord(const CloudEvent& event) {
  journal::TopicRecord record;
  record.value = event.data;
  record.headers.push_back({std::string(kContentType), event.content_type});
  for (const auto& [name, value] : event.attributes) {
    record.headers.push_back({absl::StrCat(View(kPrefix), name), value});
  }
  return record;
}

absl::StatusOr<CloudEvent> ReadCloudEvent(const journal::TopicRecord& record) {
  std::string content_type;
  bool is_binary = false;
  for (const journal::TopicHeader& header : record.headers) {
    if (absl::EqualsIgnoreCase(header.name, View(kContentType))) {
      content_type = header.value.value_or("");
    }
    is_binary = is_binary || absl::StartsWith(header.name, View(kPrefix));
  }
  const std::string type = MediaTypeOf(content_type);
  if (type == kStructured) return ReadStructured(record.value.value_or(""));
  if (absl::StartsWith(type, kAnyCloudEvents)) {
    return NotACloudEvent(
        "Of structured events only application/cloudevents+json is taken, one event a record. Send "
        "each event in a record of its own.");
  }
  if (is_binary) return ReadBinary(record, type);
  return NotACloudEvent(
      "The record has neither headers of a CloudEvent (ce_id, ce_source, ce_type, ce_specversion) "
      "nor the content-type application/cloudevents+json. Send it as a CloudEvent 1.0.");
}

}  // namespace holdfast::delivery
