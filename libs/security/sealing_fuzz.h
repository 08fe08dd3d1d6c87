// What tests/fuzz calls with bytes of its own making.
#pragma once

#include <string_view>

namespace holdfast::security {

// Takes the bytes for a sealed field, for a wrapped key, and as a change to a field that is
// genuine. Ends the process where something opens that was not sealed so.
void FuzzSealedField(std::string_view bytes);

}  // namespace holdfast::security
