#include "base/uuid.h"

#include <algorithm>
#include <cstddef>

#include <openssl/sha.h>

#include "base/hex.h"
#include "base/random.h"

namespace holdfast {
namespace {

Uuid Stamp(Uuid uuid, std::uint8_t version) {
  uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0FU) | static_cast<unsigned>(version << 4U));
  uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3FU) | 0x80U);
  return uuid;
}

}  // namespace

Uuid NewUuidV4(Random& random) {
  Uuid uuid{};
  random.Fill(uuid);
  return Stamp(uuid, 4);
}

Uuid NewUuidV7(absl::Time now, Random& random) {
  Uuid uuid{};
  random.Fill(uuid);
  const auto millis = static_cast<std::uint64_t>(absl::ToUnixMillis(now));
  for (std::size_t i = 0; i < 6; ++i) {
    uuid[i] = static_cast<std::uint8_t>(millis >> (40U - 8U * i));
  }
  return Stamp(uuid, 7);
}

Uuid UuidV5(const Uuid& name_space, std::string_view name) {
  std::string input(AsBytes(name_space));
  input.append(name);
  std::array<std::uint8_t, SHA_DIGEST_LENGTH> digest{};
  SHA1(reinterpret_cast<const unsigned char*>(input.data()), input.size(), digest.data());
  Uuid uuid{};
  std::copy_n(digest.begin(), uuid.size(), uuid.begin());
  return Stamp(uuid, 5);
}

std::string ToString(const Uuid& uuid) {
  std::string hex = ToHex(AsBytes(uuid));
  for (const std::size_t at : {20U, 16U, 12U, 8U}) hex.insert(at, "-");
  return hex;
}

std::optional<Uuid> ParseUuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  std::string hex;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (text[i] == '-')) return std::nullopt;
    if (!dash) hex.push_back(text[i]);
  }
  const std::optional<std::string> bytes = FromHex(hex);
  return bytes ? UuidFromBytes(*bytes) : std::nullopt;
}

std::optional<Uuid> UuidFromBytes(std::string_view bytes) {
  Uuid uuid{};
  if (bytes.size() != uuid.size()) return std::nullopt;
  std::transform(bytes.begin(), bytes.end(), uuid.begin(),
                 [](char c) { return static_cast<std::uint8_t>(c); });
  return uuid;
}

}  // namespace holdfast
