// One personal value under a key that can be destroyed: what stands in a journal as SealedField.
//
//   D  the key of a person or a record; it never leaves the keyvault
//   S  of a lease: what a writer gets for a minute, and can open nothing older with
//   K  of one value, C  the commitment to it: from S, a fresh salt, and all labels of the value
//
// The labels are where it stands (tenant, context, stream, command, version, event, type, field),
// what it is (class, kind, keys, lease) and how it may be handled: a value that is moved, or whose
// label is changed, does not open. Source: docs/decisions/0022.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "holdfast/journal/v1/journal.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "absl/status/statusor.h"
#include "security/secret_key.h"

namespace holdfast {
class Random;
}

namespace holdfast::security {

inline constexpr std::size_t kKeyIdBytes = 16;
inline constexpr std::size_t kLeaseIdBytes = 16;
inline constexpr std::size_t kSaltBytes = 32;
inline constexpr std::size_t kCommitmentBytes = 32;
inline constexpr int kMaxKeysOfLink = 8;

// A SealedField with its origin, whole and in the one form that we write: every label there, of its
// size, nothing unknown. Empty for anything else. Says nothing of whether it is genuine.
std::optional<journal::v1::SealedField> ParseSealedField(std::string_view bytes);
// The same without ciphertext: what a keyvault is shown.
bool IsWholeHeader(const journal::v1::SealedField& field);

// All labels of the field, as the associated data of its encryption: each item u32be length, bytes;
// integers u64be. `field` has its origin.
std::string AssociatedData(const journal::v1::SealedField& field);

// S of a lease. `keys`: one D; of a LINK those of all its persons, in ascending order of key id, so
// that losing one loses the link.
SecretKey LeaseKeyOf(std::span<const SecretKey* const> keys, bool link, std::string_view lease_id,
                     std::string_view tenant, std::string_view context);

// K and C of one value.
struct ValueKeys {
  SecretKey key;
  std::string commitment;
};
ValueKeys ValueKeysOf(std::string_view lease_key, std::string_view salt,
                      std::string_view associated_data);

// Whether the value has a size that can be sealed: at most 64 KiB, of `content` 512 KiB.
bool FitsSealing(const type::v1::Personal& value);

// Fills salt, commitment and ciphertext of `field`, which has its labels and its origin. The size
// of what is stored says only which of a few lengths the value does not exceed. `value` carries a
// text, day, point or content that fits.
void Seal(std::string_view lease_key, const type::v1::Personal& value, Random& random,
          journal::v1::SealedField& field);

// The value, or empty where the field is not what was sealed under this key: then it is damaged, or
// was moved.
std::optional<type::v1::Personal> Unseal(const ValueKeys& keys,
                                         const journal::v1::SealedField& field);

// A key under another key, in the same construction; for the keyvault's own store. `labels` is the
// associated data of the wrapping.
std::string WrapKey(std::string_view upper_key, const SecretKey& key, std::string_view labels,
                    Random& random);
std::optional<SecretKey> UnwrapKey(std::string_view upper_key, std::string_view wrapped,
                                   std::string_view labels);

// Joins items as associated data does.
class LabelWriter {
 public:
  LabelWriter& Add(std::string_view bytes);
  LabelWriter& Add(std::uint64_t number);
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

// A subkey of `key` for one use, HKDF-SHA256 with this info: MAC keys of a tenant.
SecretKey SubkeyOf(const SecretKey& key, std::string_view info);

}  // namespace holdfast::security
