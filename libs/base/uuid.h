// UUIDs as 16 bytes (RFC 9562): version 4 random, 5 from a name, 7 in order of time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace holdfast {

class Random;

using Uuid = std::array<std::uint8_t, 16>;

Uuid NewUuidV4(Random& random);
Uuid NewUuidV7(absl::Time now, Random& random);
// SHA-1 of namespace and name: the same natural key always gives the same id.
Uuid UuidV5(const Uuid& name_space, std::string_view name);

inline std::string_view AsBytes(const Uuid& uuid) {
  return {reinterpret_cast<const char*>(uuid.data()), uuid.size()};
}

// "0190a6f0-…", lower case.
std::string ToString(const Uuid& uuid);
std::optional<Uuid> ParseUuid(std::string_view text);
// From exactly 16 bytes, else empty.
std::optional<Uuid> UuidFromBytes(std::string_view bytes);

}  // namespace holdfast
