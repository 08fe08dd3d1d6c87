// What tests/fuzz calls with bytes of its own making. Each ends the process where a promise is
// broken.
#pragma once

#include <string_view>

namespace holdfast::ingest {

// Reads the bytes as CSV, in small pieces and at once; both must agree, and what was read must
// survive being written and read again.
void FuzzCsv(std::string_view bytes);
// Reads the bytes as a street file, a series and each kind of reference file.
void FuzzProfiles(std::string_view bytes);
// Opens the bytes as a zip and reads all its entries, under limits that must hold.
void FuzzZip(std::string_view bytes);

}  // namespace holdfast::ingest
