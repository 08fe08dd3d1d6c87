#include "security/aead.h"

#include <array>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "base/check.h"

namespace holdfast::security {
namespace {

constexpr std::array<unsigned char, 12> kZeroNonce{};
constexpr std::string_view kFirstBlock("\x01", 1);

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}

// Fetched once, a context per thread: fetching per call costs more than the work
// (docs/decisions/0022).
class Hmac {
 public:
  static Hmac& OfThread() {
    thread_local Hmac hmac;
    return hmac;
  }
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;

  Hmac& Begin(std::string_view key) {
    // OpenSSL takes a null key for "the same as before".
    const unsigned char none = 0;
    const unsigned char* const bytes = key.empty() ? &none : Bytes(key);
    HOLDFAST_CHECK(EVP_MAC_init(context_, bytes, key.size(), nullptr) == 1);
    return *this;
  }
  Hmac& BeginAgain() {
    HOLDFAST_CHECK(EVP_MAC_init(context_, nullptr, 0, nullptr) == 1);
    return *this;
  }
  Hmac& Update(std::string_view bytes) {
    HOLDFAST_CHECK(EVP_MAC_update(context_, Bytes(bytes), bytes.size()) == 1);
    return *this;
  }
  void Finish(KeySpan out) {
    std::size_t length = 0;
    HOLDFAST_CHECK(EVP_MAC_final(context_, out.data(), &length, out.size()) == 1 &&
                   length == out.size());
  }

 private:
  Hmac() : context_(EVP_MAC_CTX_new(algorithm_)) {
    // Once: each time it is given the digest is fetched, which costs more than a round of HMAC.
    char digest[] = "SHA256";
    const OSSL_PARAM sha256[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                 OSSL_PARAM_construct_end()};
    HOLDFAST_CHECK(context_ != nullptr && EVP_MAC_CTX_set_params(context_, sha256) == 1);
  }
  ~Hmac() {
    EVP_MAC_CTX_free(context_);
    EVP_MAC_free(algorithm_);
  }

  EVP_MAC* const algorithm_ = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  EVP_MAC_CTX* const context_;
};

void ExpandInto(Hmac& hmac, std::initializer_list<std::string_view> info, KeySpan out) {
  for (const std::string_view part : info) hmac.Update(part);
  hmac.Update(kFirstBlock).Finish(out);
}

class Gcm {
 public:
  static Gcm& OfThread() {
    thread_local Gcm gcm;
    return gcm;
  }
  Gcm(const Gcm&) = delete;
  Gcm& operator=(const Gcm&) = delete;

  EVP_CIPHER_CTX* context() const { return context_; }
  const EVP_CIPHER* cipher() const { return cipher_; }
  // No key stays behind.
  void Forget() const { HOLDFAST_CHECK(EVP_CIPHER_CTX_reset(context_) == 1); }

 private:
  Gcm() { HOLDFAST_CHECK(cipher_ != nullptr && context_ != nullptr); }
  ~Gcm() {
    EVP_CIPHER_CTX_free(context_);
    EVP_CIPHER_free(cipher_);
  }
  EVP_CIPHER* const cipher_ = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  EVP_CIPHER_CTX* const context_ = EVP_CIPHER_CTX_new();
};

bool Decrypt(const Gcm& gcm, std::string_view key, std::string_view aad,
             std::string_view ciphertext, std::string_view tag, std::string& plaintext) {
  EVP_CIPHER_CTX* const context = gcm.context();
  std::array<unsigned char, kTagBytes> expected{};
  std::copy(tag.begin(), tag.end(), expected.begin());
  int written = 0;
  int rest = 0;
  return EVP_DecryptInit_ex2(context, gcm.cipher(), Bytes(key), kZeroNonce.data(), nullptr) == 1 &&
         EVP_DecryptUpdate(context, nullptr, &written, Bytes(aad), static_cast<int>(aad.size())) ==
             1 &&
         EVP_DecryptUpdate(context, Bytes(plaintext), &written, Bytes(ciphertext),
                           static_cast<int>(ciphertext.size())) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(expected.size()),
                             expected.data()) == 1 &&
         EVP_DecryptFinal_ex(context, Bytes(plaintext) + written, &rest) == 1 &&
         written + rest == static_cast<int>(plaintext.size());
}

}  // namespace

void HkdfExtract(std::string_view salt, std::span<const std::string_view> input, KeySpan prk) {
  Hmac& hmac = Hmac::OfThread().Begin(salt);
  for (const std::string_view part : input) hmac.Update(part);
  hmac.Finish(prk);
}

void HkdfExpand(std::string_view prk, std::initializer_list<std::string_view> info, KeySpan out) {
  ExpandInto(Hmac::OfThread().Begin(prk), info, out);
}

void HkdfExpandTwo(std::string_view prk, const Expansion& first, const Expansion& second) {
  Hmac& hmac = Hmac::OfThread().Begin(prk);
  ExpandInto(hmac, first.info, first.out);
  ExpandInto(hmac.BeginAgain(), second.info, second.out);
}

void EncryptOnce(std::string_view key, std::string_view aad, std::string_view plaintext,
                 std::string& out) {
  HOLDFAST_CHECK(key.size() == kKeyBytes);
  const Gcm& gcm = Gcm::OfThread();
  EVP_CIPHER_CTX* const context = gcm.context();
  const std::size_t at = out.size();
  out.resize(at + plaintext.size() + kTagBytes);
  int written = 0;
  int rest = 0;
  HOLDFAST_CHECK(
      EVP_EncryptInit_ex2(context, gcm.cipher(), Bytes(key), kZeroNonce.data(), nullptr) == 1 &&
      EVP_EncryptUpdate(context, nullptr, &written, Bytes(aad), static_cast<int>(aad.size())) ==
          1 &&
      EVP_EncryptUpdate(context, Bytes(out) + at, &written, Bytes(plaintext),
                        static_cast<int>(plaintext.size())) == 1 &&
      EVP_EncryptFinal_ex(context, Bytes(out) + at + written, &rest) == 1 &&
      written + rest == static_cast<int>(plaintext.size()) &&
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTagBytes),
                          Bytes(out) + at + plaintext.size()) == 1);
  gcm.Forget();
}

bool DecryptOnce(std::string_view key, std::string_view aad, std::string_view sealed,
                 std::string& plaintext) {
  plaintext.clear();
  if (key.size() != kKeyBytes || sealed.size() < kTagBytes) return false;
  const std::string_view ciphertext = sealed.substr(0, sealed.size() - kTagBytes);
  plaintext.resize(ciphertext.size());
  const Gcm& gcm = Gcm::OfThread();
  const bool genuine =
      Decrypt(gcm, key, aad, ciphertext, sealed.substr(ciphertext.size()), plaintext);
  gcm.Forget();
  if (!genuine) {
    Cleanse(plaintext.data(), plaintext.size());
    plaintext.clear();
  }
  return genuine;
}

bool EqualInConstantTime(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace holdfast::security
