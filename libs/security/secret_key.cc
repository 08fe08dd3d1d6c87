#include "security/secret_key.h"

#include <algorithm>
#include <utility>

#include <openssl/crypto.h>

#include "base/check.h"
#include "base/random.h"

namespace holdfast::security {
namespace {

constexpr std::size_t kHeapBytes = std::size_t{1} << 20U;

// Where the secure heap is full, or could not be made, a key stands in ordinary memory; it is wiped
// all the same.
std::uint8_t* Allocate() {
  static const bool heap = CRYPTO_secure_malloc_init(kHeapBytes, kKeyBytes) != 0;
  void* bytes = heap ? OPENSSL_secure_zalloc(kKeyBytes) : nullptr;
  if (bytes == nullptr) bytes = OPENSSL_zalloc(kKeyBytes);
  HOLDFAST_CHECK(bytes != nullptr);
  return static_cast<std::uint8_t*>(bytes);
}

void Free(std::uint8_t* bytes) {
  if (bytes == nullptr) return;
  OPENSSL_cleanse(bytes, kKeyBytes);
  if (CRYPTO_secure_allocated(bytes) != 0) {
    OPENSSL_secure_free(bytes);
  } else {
    OPENSSL_free(bytes);
  }
}

}  // namespace

void Cleanse(void* bytes, std::size_t size) {
  OPENSSL_cleanse(bytes, size);
}

SecretKey::SecretKey() : bytes_(Allocate()) {}
SecretKey::~SecretKey() {
  Free(bytes_);
}
SecretKey::SecretKey(SecretKey&& other) noexcept : bytes_(std::exchange(other.bytes_, nullptr)) {}
SecretKey& SecretKey::operator=(SecretKey&& other) noexcept {
  if (this != &other) {
    Free(bytes_);
    bytes_ = std::exchange(other.bytes_, nullptr);
  }
  return *this;
}

SecretKey SecretKey::Generate(Random& random) {
  SecretKey key;
  random.Fill(key.bytes());
  return key;
}

std::optional<SecretKey> SecretKey::From(std::string_view bytes) {
  if (bytes.size() != kKeyBytes) return std::nullopt;
  SecretKey key;
  std::copy(bytes.begin(), bytes.end(), key.bytes_);
  return key;
}

SecretKey SecretKey::Clone() const {
  SecretKey copy;
  std::copy_n(bytes().data(), kKeyBytes, copy.bytes_);
  return copy;
}

std::span<const std::uint8_t, kKeyBytes> SecretKey::bytes() const {
  HOLDFAST_CHECK(bytes_ != nullptr);
  return std::span<const std::uint8_t, kKeyBytes>(bytes_, kKeyBytes);
}
std::span<std::uint8_t, kKeyBytes> SecretKey::bytes() {
  HOLDFAST_CHECK(bytes_ != nullptr);
  return std::span<std::uint8_t, kKeyBytes>(bytes_, kKeyBytes);
}
std::string_view SecretKey::view() const {
  return {reinterpret_cast<const char*>(bytes().data()), kKeyBytes};
}

}  // namespace holdfast::security
