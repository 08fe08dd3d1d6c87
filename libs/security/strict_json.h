// A JSON object as a token may hold it: no key twice, at most four levels deep, UTF-8.
//
// Ordinary parsers keep the last of two equal keys, so that two readers of one token may see two
// different tokens.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace holdfast::security {

// Something that no rule looks into: null, a nested object, an array of anything but strings.
struct OtherJson {};

using JsonValue = std::variant<OtherJson, bool, double, std::string, std::vector<std::string>>;
using JsonObject = std::map<std::string, JsonValue, std::less<>>;

// Empty where the text is no such object, or more than it.
std::optional<JsonObject> ParseStrictObject(std::string_view text);

// The objects of the array under `key` of such an object; empty where there is no such array, or it
// holds anything else.
std::optional<std::vector<JsonObject>> ParseStrictObjects(std::string_view text,
                                                          std::string_view key);

// True where the text is one JSON value in which no object has a key twice, at most `max_depth`
// levels deep.
bool IsStrictJson(std::string_view text, int max_depth);

// The string under `key`; null where there is none or it is something else.
const std::string* FindString(const JsonObject& object, std::string_view key);
// The number under `key`, where it is a finite integer.
std::optional<double> FindInteger(const JsonObject& object, std::string_view key);

// True where `true` stands under `key`.
bool IsTrue(const JsonObject& object, std::string_view key);

// Quoted and escaped for JSON.
std::string JsonQuote(std::string_view text);

}  // namespace holdfast::security
