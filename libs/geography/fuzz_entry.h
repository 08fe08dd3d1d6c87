// What tests/fuzz calls with bytes of its own making.
#pragma once

#include <string_view>

namespace holdfast::geography {

// Parses the bytes as areas; where that succeeds, indexes them and asks for their own corners.
// Ends the process where a promise is broken.
void FuzzGeoJson(std::string_view bytes);

}  // namespace holdfast::geography
