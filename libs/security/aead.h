// The two primitives that sealing stands on: HKDF-SHA256 (RFC 5869), and AES-256-GCM (SP 800-38D)
// under a key that is used once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "security/secret_key.h"

namespace holdfast::security {

using KeySpan = std::span<std::uint8_t, kKeyBytes>;

// HKDF-Extract over the input in parts, one after another.
void HkdfExtract(std::string_view salt, std::span<const std::string_view> input, KeySpan prk);
// The first 32 bytes of HKDF-Expand. `info` in parts, one after another.
void HkdfExpand(std::string_view prk, std::initializer_list<std::string_view> info, KeySpan out);
// Two of them under one key: keying costs as much as the rest.
struct Expansion {
  std::initializer_list<std::string_view> info;
  KeySpan out;
};
void HkdfExpandTwo(std::string_view prk, const Expansion& first, const Expansion& second);

inline constexpr std::size_t kTagBytes = 16;

// The nonce is 12 zero bytes: `key` must never have been used before, nor be used again.
// Appends ciphertext and tag to `out`.
void EncryptOnce(std::string_view key, std::string_view aad, std::string_view plaintext,
                 std::string& out);
// `sealed` ends with the tag. False, and `plaintext` is empty, unless every byte of it and of `aad`
// is what was encrypted under this key. Wipe `plaintext` after use.
[[nodiscard]] bool DecryptOnce(std::string_view key, std::string_view aad, std::string_view sealed,
                               std::string& plaintext);

// In a time that depends on the sizes alone.
[[nodiscard]] bool EqualInConstantTime(std::string_view a, std::string_view b);

}  // namespace holdfast::security
