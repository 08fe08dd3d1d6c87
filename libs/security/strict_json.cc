#include "security/strict_json.h"

#include <cmath>
#include <set>

#include <simdjson.h>

namespace holdfast::security {
namespace {

constexpr int kMaxDepth = 4;

// No key twice at any level, and no deeper than `depth` more levels.
bool Sound(simdjson::dom::element element, int depth) {
  if (element.is_object()) {
    if (depth == 0) return false;
    std::set<std::string_view> seen;
    for (const simdjson::dom::key_value_pair field : element.get_object().value_unsafe()) {
      if (!seen.insert(field.key).second || !Sound(field.value, depth - 1)) return false;
    }
  } else if (element.is_array()) {
    if (depth == 0) return false;
    for (const simdjson::dom::element item : element.get_array().value_unsafe()) {
      if (!Sound(item, depth - 1)) return false;
    }
  }
  return true;
}

JsonValue ValueOf(simdjson::dom::element element) {
  if (element.is_string()) return std::string(element.get_string().value_unsafe());
  if (element.is_number()) return element.get_double().value_unsafe();
  if (element.is_array()) {
    std::vector<std::string> texts;
    for (const simdjson::dom::element item : element.get_array().value_unsafe()) {
      if (!item.is_string()) return OtherJson{};
      texts.emplace_back(item.get_string().value_unsafe());
    }
    return texts;
  }
  return OtherJson{};
}

}  // namespace

std::optional<JsonObject> ParseStrictObject(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) return std::nullopt;
  if (!root.is_object() || !Sound(root, kMaxDepth)) return std::nullopt;
  JsonObject object;
  for (const simdjson::dom::key_value_pair field : root.get_object().value_unsafe()) {
    object.emplace(field.key, ValueOf(field.value));
  }
  return object;
}

const std::string* FindString(const JsonObject& object, std::string_view key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : std::get_if<std::string>(&found->second);
}

std::optional<double> FindInteger(const JsonObject& object, std::string_view key) {
  const auto found = object.find(key);
  const double* number = found == object.end() ? nullptr : std::get_if<double>(&found->second);
  if (number == nullptr || !std::isfinite(*number) || std::floor(*number) != *number) {
    return std::nullopt;
  }
  return *number;
}

std::string JsonQuote(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '"' || character == '\\') {
      quoted.push_back('\\');
      quoted.push_back(character);
    } else if (byte < 0x20) {
      quoted += "\\u00";
      quoted.push_back(kHex[byte >> 4U]);
      quoted.push_back(kHex[byte & 15U]);
    } else {
      quoted.push_back(character);
    }
  }
  quoted.push_back('"');
  return quoted;
}

}  // namespace holdfast::security
