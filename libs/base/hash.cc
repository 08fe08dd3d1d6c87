#include "base/hash.h"

#include <cstddef>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/check.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

#include <cstring>

namespace holdfast {

struct Sha256::Context {
  EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~Context() {
    EVP_MD_CTX_free(context);
    EVP_MD_free(algorithm);
  }
  void Begin() const { HOLDFAST_CHECK(EVP_DigestInit_ex2(context, algorithm, nullptr) == 1); }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  HOLDFAST_CHECK(context_->algorithm != nullptr && context_->context != nullptr);
  context_->Begin();
}
Sha256::~Sha256() = default;

Sha256& Sha256::Update(std::string_view bytes) {
  HOLDFAST_CHECK(EVP_DigestUpdate(context_->context, bytes.data(), bytes.size()) == 1);
  return *this;
}

Hash Sha256::Finish() {
  Hash out{};
  unsigned int length = 0;
  HOLDFAST_CHECK(EVP_DigestFinal_ex(context_->context, out.data(), &length) == 1);
  HOLDFAST_CHECK(length == out.size());
  context_->Begin();
  return out;
}

Hash Sha256Of(std::string_view bytes) {
  thread_local Sha256 sha256;
  return sha256.Update(bytes).Finish();
}

struct HmacSha256::Context {
  EVP_MAC* algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  EVP_MAC_CTX* context = EVP_MAC_CTX_new(algorithm);
  ~Context() {
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(algorithm);
  }
};

HmacSha256::HmacSha256(std::string_view key) : context_(std::make_unique<Context>()) {
  HOLDFAST_CHECK(context_->context != nullptr);
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                               OSSL_PARAM_construct_end()};
  HOLDFAST_CHECK(EVP_MAC_init(context_->context, reinterpret_cast<const unsigned char*>(key.data()),
                              key.size(), params) == 1);
}
HmacSha256::~HmacSha256() = default;

HmacSha256& HmacSha256::Update(std::string_view bytes) {
  HOLDFAST_CHECK(EVP_MAC_update(context_->context,
                                reinterpret_cast<const unsigned char*>(bytes.data()),
                                bytes.size()) == 1);
  return *this;
}

Hash HmacSha256::Finish() {
  Hash out{};
  std::size_t length = 0;
  HOLDFAST_CHECK(EVP_MAC_final(context_->context, out.data(), &length, out.size()) == 1);
  HOLDFAST_CHECK(length == out.size());
  HOLDFAST_CHECK(EVP_MAC_init(context_->context, nullptr, 0, nullptr) == 1);
  return out;
}

void AppendBigEndian64(std::string& out, std::uint64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xFFU));
  }
}

void AppendBigEndian32(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((value >> static_cast<unsigned>(shift)) & 0xFFU));
  }
}

std::uint64_t ReadBigEndian64(std::string_view bytes) {
  HOLDFAST_CHECK(bytes.size() >= 8);
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8U | static_cast<unsigned char>(bytes[i]);
  return value;
}

std::uint32_t ReadBigEndian32(std::string_view bytes) {
  HOLDFAST_CHECK(bytes.size() >= 4);
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8U | static_cast<unsigned char>(bytes[i]);
  return value;
}

namespace {

constexpr std::array<std::uint32_t, 256> MakeTable() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit)
      value = (value & 1U) != 0 ? value >> 1U ^ 0x82F63B78U : value >> 1U;
    table[i] = value;
  }
  return table;
}

std::uint32_t Crc32cByTable(std::string_view bytes) {
  static constexpr auto kTable = MakeTable();
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const char c : bytes)
    crc = kTable[(crc ^ static_cast<unsigned char>(c)) & 0xFFU] ^ crc >> 8U;
  return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t Crc32cByInstruction(std::string_view bytes) {
  std::uint64_t crc = 0xFFFFFFFFU;
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    crc = _mm_crc32_u64(crc, word);
  }
  auto narrow = static_cast<std::uint32_t>(crc);
  for (; left > 0; --left, ++at) narrow = _mm_crc32_u8(narrow, static_cast<unsigned char>(*at));
  return ~narrow;
}
#endif

}  // namespace

std::uint32_t Crc32c(std::string_view bytes) {
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
  if (has_instruction) return Crc32cByInstruction(bytes);
#endif
  return Crc32cByTable(bytes);
}

}  // namespace holdfast
