#include "security/strict_json.h"

#include <algorithm>
#include <cmath>
#include <set>

#include <simdjson.h>

namespace holdfast::security {
namespace {

constexpr int kMaxDepth = 4;

// No key twice at any level, and no deeper than `depth` more levels.
bool Sound(const simdjson::dom::element& element, int depth) {
  simdjson::dom::object object;
  simdjson::dom::array array;
  if (element.get(object) == simdjson::SUCCESS) {
    std::set<std::string_view> seen;
    return depth > 0 && std::all_of(object.begin(), object.end(),
                                    [&](const simdjson::dom::key_value_pair field) {
                                      return seen.insert(field.key).second &&
                                             Sound(field.value, depth - 1);
                                    });
  }
  if (element.get(array) == simdjson::SUCCESS) {
    return depth > 0 && std::all_of(array.begin(), array.end(),
                                    [&](const auto& item) { return Sound(item, depth - 1); });
  }
  return true;
}

JsonValue ValueOf(const simdjson::dom::element& element) {
  std::string_view text;
  double number = 0;
  bool truth = false;
  simdjson::dom::array array;
  if (element.get(truth) == simdjson::SUCCESS) return truth;
  if (element.get(text) == simdjson::SUCCESS) return std::string(text);
  if (element.get(number) == simdjson::SUCCESS) return number;
  if (element.get(array) != simdjson::SUCCESS) return OtherJson{};
  std::vector<std::string> texts;
  for (const simdjson::dom::element item : array) {
    if (item.get(text) != simdjson::SUCCESS) return OtherJson{};
    texts.emplace_back(text);
  }
  return texts;
}

JsonObject ObjectOf(const simdjson::dom::object& fields) {
  JsonObject object;
  for (const simdjson::dom::key_value_pair field : fields) {
    object.emplace(field.key, ValueOf(field.value));
  }
  return object;
}

}  // namespace

std::optional<JsonObject> ParseStrictObject(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::object fields;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) return std::nullopt;
  if (root.get(fields) != simdjson::SUCCESS || !Sound(root, kMaxDepth)) return std::nullopt;
  return ObjectOf(fields);
}

std::optional<std::vector<JsonObject>> ParseStrictObjects(std::string_view text,
                                                          std::string_view key) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  simdjson::dom::array items;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) return std::nullopt;
  if (!root.is_object() || !Sound(root, kMaxDepth)) return std::nullopt;
  if (root.at_key(key).get(items) != simdjson::SUCCESS) return std::nullopt;
  std::vector<JsonObject> objects;
  for (const simdjson::dom::element item : items) {
    simdjson::dom::object fields;
    if (item.get(fields) != simdjson::SUCCESS) return std::nullopt;
    objects.push_back(ObjectOf(fields));
  }
  return objects;
}

bool IsStrictJson(std::string_view text, int max_depth) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  return parser.parse(text.data(), text.size()).get(root) == simdjson::SUCCESS &&
         Sound(root, max_depth);
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

bool IsTrue(const JsonObject& object, std::string_view key) {
  const auto found = object.find(key);
  const bool* truth = found == object.end() ? nullptr : std::get_if<bool>(&found->second);
  return truth != nullptr && *truth;
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
