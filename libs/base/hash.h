// SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104), the only place outside libs/security that
// reaches OpenSSL.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace holdfast {

using Hash = std::array<std::uint8_t, 32>;

inline std::string_view AsBytes(const Hash& hash) {
  return {reinterpret_cast<const char*>(hash.data()), hash.size()};
}

// Incremental SHA-256. Reuse one per thread: a fresh context costs twice the hash of a small
// record.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  Sha256& Update(std::string_view bytes);
  // The digest of all that was updated since the start or the last Finish; begins anew.
  Hash Finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

Hash Sha256Of(std::string_view bytes);

// HMAC-SHA-256 under one key, keyed once and reused. Not thread-safe.
class HmacSha256 {
 public:
  explicit HmacSha256(std::string_view key);
  ~HmacSha256();
  HmacSha256(const HmacSha256&) = delete;
  HmacSha256& operator=(const HmacSha256&) = delete;

  HmacSha256& Update(std::string_view bytes);
  Hash Finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// Big-endian bytes, as every canonical form of Holdfast writes integers.
void AppendBigEndian64(std::string& out, std::uint64_t value);
void AppendBigEndian32(std::string& out, std::uint32_t value);
std::uint64_t ReadBigEndian64(std::string_view bytes);
std::uint32_t ReadBigEndian32(std::string_view bytes);

// CRC-32C (Castagnoli), as RFC 3720 appendix B.4 defines it.
std::uint32_t Crc32c(std::string_view bytes);

}  // namespace holdfast
