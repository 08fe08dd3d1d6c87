#include "security/token_fixtures.h"

#include <mutex>
#include <utility>
#include <vector>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/check.h"
#include "security/base64url.h"

namespace holdfast::security {
namespace {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeKeyContext {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeSignature {
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
struct FreeNumber {
  void operator()(BIGNUM* number) const { BN_free(number); }
};

EVP_PKEY* NewRsa(int bits, unsigned exponent) {
  const std::unique_ptr<EVP_PKEY_CTX, FreeKeyContext> context(
      EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  const std::unique_ptr<BIGNUM, FreeNumber> e(BN_new());
  EVP_PKEY* key = nullptr;
  HOLDFAST_CHECK(BN_set_word(e.get(), exponent) == 1 && EVP_PKEY_keygen_init(context.get()) == 1);
  HOLDFAST_CHECK(EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), bits) == 1 &&
                 EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), e.get()) == 1 &&
                 EVP_PKEY_generate(context.get(), &key) == 1);
  return key;
}

EVP_PKEY* NewKey(TestKey::Kind kind) {
  switch (kind) {
    case TestKey::Kind::kP256:
      return EVP_EC_gen("P-256");
    case TestKey::Kind::kP384:
      return EVP_EC_gen("P-384");
    case TestKey::Kind::kRsa2048:
      return NewRsa(2048, 65537);
    case TestKey::Kind::kRsa1024:
      return NewRsa(1024, 65537);
    case TestKey::Kind::kRsaWithExponent3:
      return NewRsa(2048, 3);
  }
  return nullptr;
}

std::string RawOf(const std::string& der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const std::unique_ptr<ECDSA_SIG, FreeSignature> signature(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  HOLDFAST_CHECK(signature != nullptr);
  std::string raw(64, '\0');
  auto* to = reinterpret_cast<unsigned char*>(raw.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), to, 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), to + 32, 32);
  return raw;
}

std::string NumberOf(const EVP_PKEY* key, const char* name) {
  BIGNUM* read = nullptr;
  HOLDFAST_CHECK(EVP_PKEY_get_bn_param(key, name, &read) == 1);
  const std::unique_ptr<BIGNUM, FreeNumber> number(read);
  std::string bytes(static_cast<std::size_t>(BN_num_bytes(number.get())), '\0');
  BN_bn2bin(number.get(), reinterpret_cast<unsigned char*>(bytes.data()));
  return bytes;
}

std::string Coordinate(const EVP_PKEY* key, const char* name, std::size_t bytes) {
  const std::string number = NumberOf(key, name);
  return ToBase64Url(std::string(bytes - number.size(), '\0') + number);
}

}  // namespace

struct TestKey::Key {
  std::unique_ptr<EVP_PKEY, FreeKey> key;
};

TestKey::TestKey(Kind kind) : key_(std::make_unique<Key>()) {
  key_->key.reset(NewKey(kind));
  HOLDFAST_CHECK(key_->key != nullptr);
}
TestKey::~TestKey() = default;

std::string TestKey::Sign(Algorithm algorithm, std::string_view bytes, int salt) const {
  const std::unique_ptr<EVP_MD_CTX, FreeDigest> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* padding = nullptr;
  HOLDFAST_CHECK(
      EVP_DigestSignInit(context.get(), &padding, EVP_sha256(), nullptr, key_->key.get()) == 1);
  if (algorithm == Algorithm::kPs256) {
    HOLDFAST_CHECK(EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING) == 1 &&
                   EVP_PKEY_CTX_set_rsa_pss_saltlen(padding, salt) == 1);
  }
  std::string signature(1024, '\0');
  std::size_t length = signature.size();
  HOLDFAST_CHECK(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()),
                                &length, reinterpret_cast<const unsigned char*>(bytes.data()),
                                bytes.size()) == 1);
  signature.resize(length);
  return algorithm == Algorithm::kEs256 ? RawOf(signature) : signature;
}

std::string TestKey::PublicDer() const {
  unsigned char* der = nullptr;
  const int length = i2d_PUBKEY(key_->key.get(), &der);
  HOLDFAST_CHECK(length > 0);
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  return out;
}

std::shared_ptr<const VerifyingKey> TestKey::Public() const {
  return VerifyingKey::FromDer(PublicDer());
}

std::string TestKey::JwkMembers() const {
  const EVP_PKEY* key = key_->key.get();
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) {
    return R"("kty":"RSA","n":")" + ToBase64Url(NumberOf(key, OSSL_PKEY_PARAM_RSA_N)) +
           R"(","e":")" + ToBase64Url(NumberOf(key, OSSL_PKEY_PARAM_RSA_E)) + '"';
  }
  const bool small = EVP_PKEY_get_bits(key) == 256;
  const std::size_t bytes = small ? 32 : 48;
  return std::string(R"("kty":"EC","crv":)") + (small ? R"("P-256")" : R"("P-384")") + R"(,"x":")" +
         Coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X, bytes) + R"(","y":")" +
         Coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y, bytes) + '"';
}

const TestKey& TestKeyOf(TestKey::Kind kind, int which) {
  static std::mutex mutex;
  static auto& keys = *new std::map<std::pair<TestKey::Kind, int>, std::unique_ptr<TestKey>>;
  const std::lock_guard lock(mutex);
  std::unique_ptr<TestKey>& key = keys[{kind, which}];
  if (key == nullptr) key = std::make_unique<TestKey>(kind);
  return *key;
}

std::string ToJson(const JsonMembers& members) {
  std::string json = "{";
  for (const auto& [name, value] : members) {
    if (json.size() > 1) json += ',';
    json.append("\"").append(name).append("\":").append(value);
  }
  return json + "}";
}

std::string TokenDraft::TextOf(std::string_view header_json, std::string_view claims_json) const {
  const std::string head = ToBase64Url(header_json) + "." + ToBase64Url(claims_json);
  return head + "." + ToBase64Url(key->Sign(algorithm, head));
}

std::string TokenDraft::Text() const {
  return TextOf(ToJson(header), ToJson(claims));
}

}  // namespace holdfast::security
