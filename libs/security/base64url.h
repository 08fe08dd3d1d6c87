// Strict base64url (RFC 4648 §5): no padding, no whitespace, no stray bits in the last character.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace holdfast::security {

std::string ToBase64Url(std::string_view bytes);

// Empty where the text is anything but what ToBase64Url would have written.
std::optional<std::string> FromBase64Url(std::string_view text);

}  // namespace holdfast::security
