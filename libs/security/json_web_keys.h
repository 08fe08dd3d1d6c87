// The keys that an issuer publishes: a JSON Web Key Set (RFC 7517).
#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/statusor.h"
#include "security/key_source.h"

namespace holdfast::security {

inline constexpr std::size_t kMaxKeySetBytes = 65'536;
inline constexpr std::size_t kMaxKeys = 32;

// Those of them that may verify a token: of a `kid`, P-256 or RSA (2,048 to 8,192 bits, e = 65537),
// and whose `use`, `key_ops` and `alg` do not say otherwise; the rest is left out.
//
// The set is refused as a whole, kInvalidArgument with a sentence, where it is no strict JSON, too
// large, names a key twice, or publishes what is private. No text of it is repeated.
absl::StatusOr<KeySet> ParseJsonWebKeys(std::string_view json);

}  // namespace holdfast::security
