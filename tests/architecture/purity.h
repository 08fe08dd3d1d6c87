// Whether an archive of deciders and views reaches for the world: read from its undefined symbols.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "fault.h"

namespace holdfast::architecture {

// What `nm -C --undefined-only` prints for an archive.
//   errors   Unavailable where nm is not there or cannot read the file
absl::StatusOr<std::string> UndefinedSymbols(const std::string& archive);

// Symbols that name a clock, thread, lock, file, socket, the environment, a random number, the
// locale, RocksDB, Kafka, gRPC. One fault for each symbol and object file.
Faults FindImpurities(std::string_view nm_output);

}  // namespace holdfast::architecture
