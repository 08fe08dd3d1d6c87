// What tests/fuzz calls with bytes of its own making.
#pragma once

#include <string_view>

namespace holdfast::journal {

// Folds the bytes as a record, and as a commit inside one, and parses them as the small records of
// a saved fold. Ends the process where a promise is broken.
void FuzzRecord(std::string_view bytes);

}  // namespace holdfast::journal
