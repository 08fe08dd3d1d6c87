// Lower-case hexadecimal, both ways.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace holdfast {

std::string ToHex(std::string_view bytes);

// Empty optional on an odd length or a character that is no hexadecimal digit (either case is
// read).
std::optional<std::string> FromHex(std::string_view hex);

}  // namespace holdfast
