#include "security/signing_key.h"

#include <cstdint>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/check.h"

namespace holdfast::security {
namespace {

constexpr int kScalarBytes = 32;
constexpr int kLeastRsaBits = 2048;
constexpr int kMostRsaBits = 8192;

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
struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeParameters {
  void operator()(OSSL_PARAM* parameters) const { OSSL_PARAM_free(parameters); }
};
struct FreeBuilder {
  void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
};
struct FreeNumber {
  void operator()(BIGNUM* number) const { BN_free(number); }
};
using KeyOwner = std::unique_ptr<EVP_PKEY, FreeKey>;
using Number = std::unique_ptr<BIGNUM, FreeNumber>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, FreeBuilder>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

const BIGNUM& OrderOfP256() {
  static const Number* const order = [] {
    BIGNUM* number = nullptr;
    BN_hex2bn(&number, "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
    return new Number(number);
  }();
  return **order;
}

// r || s as DER, empty where a number is out of its range.
std::string DerOf(std::string_view r_and_s) {
  if (r_and_s.size() != 2 * kScalarBytes) return "";
  Number r(BN_bin2bn(Bytes(r_and_s), kScalarBytes, nullptr));
  Number s(BN_bin2bn(Bytes(r_and_s) + kScalarBytes, kScalarBytes, nullptr));
  for (const Number* number : {&r, &s}) {
    if (*number == nullptr || BN_is_zero(number->get()) ||
        BN_cmp(number->get(), &OrderOfP256()) >= 0) {
      return "";
    }
  }
  const std::unique_ptr<ECDSA_SIG, FreeSignature> signature(ECDSA_SIG_new());
  if (signature == nullptr || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return "";
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(signature.get(), &der);
  if (length <= 0) return "";
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  return out;
}

bool IsP256(const EVP_PKEY* key) {
  char group[32] = {};
  std::size_t length = 0;
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
         EVP_PKEY_get_group_name(key, group, sizeof(group), &length) == 1 &&
         std::string_view(group, length) == "prime256v1";
}

bool IsStrongRsa(const EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) return false;
  const int bits = EVP_PKEY_get_bits(key);
  if (bits < kLeastRsaBits || bits > kMostRsaBits) return false;
  BIGNUM* read = nullptr;
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &read) != 1) return false;
  const Number exponent(read);
  return BN_is_word(exponent.get(), RSA_F4) == 1;
}

bool PublicHalfIsSound(EVP_PKEY* key) {
  const std::unique_ptr<EVP_PKEY_CTX, FreeKeyContext> context(EVP_PKEY_CTX_new(key, nullptr));
  return context != nullptr && EVP_PKEY_public_check(context.get()) == 1;
}

// A public key of that type from what was pushed into the builder; null where they make none.
KeyOwner PublicKeyOf(const char* type, OSSL_PARAM_BLD* builder) {
  const std::unique_ptr<OSSL_PARAM, FreeParameters> parameters(OSSL_PARAM_BLD_to_param(builder));
  const std::unique_ptr<EVP_PKEY_CTX, FreeKeyContext> context(
      EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (parameters == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return KeyOwner(key);
}

Number NumberOf(std::string_view bytes) {
  return Number(BN_bin2bn(Bytes(bytes), static_cast<int>(bytes.size()), nullptr));
}

}  // namespace

std::optional<Algorithm> AlgorithmNamed(std::string_view name) {
  if (name == "ES256") return Algorithm::kEs256;
  if (name == "RS256") return Algorithm::kRs256;
  if (name == "PS256") return Algorithm::kPs256;
  return std::nullopt;
}

struct VerifyingKey::Key {
  KeyOwner key;
  bool elliptic = false;
};

VerifyingKey::VerifyingKey(std::unique_ptr<Key> key) : key_(std::move(key)) {}
VerifyingKey::~VerifyingKey() = default;

std::shared_ptr<const VerifyingKey> VerifyingKey::FromDer(std::string_view der) {
  const unsigned char* at = Bytes(der);
  auto key = std::make_unique<Key>();
  key->key.reset(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  if (key->key == nullptr || at != Bytes(der) + der.size()) return nullptr;
  return Checked(std::move(key));
}

std::shared_ptr<const VerifyingKey> VerifyingKey::FromRsa(std::string_view modulus,
                                                          std::string_view exponent) {
  constexpr std::size_t kMostBytes = kMostRsaBits / 8;
  if (modulus.empty() || modulus.size() > kMostBytes || modulus.front() == '\0') return nullptr;
  if (exponent.empty() || exponent.size() > sizeof(std::uint32_t) || exponent.front() == '\0') {
    return nullptr;
  }
  const Number n = NumberOf(modulus);
  const Number e = NumberOf(exponent);
  const Builder builder(OSSL_PARAM_BLD_new());
  if (n == nullptr || e == nullptr || builder == nullptr ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return nullptr;
  }
  auto key = std::make_unique<Key>();
  key->key = PublicKeyOf("RSA", builder.get());
  return key->key == nullptr ? nullptr : Checked(std::move(key));
}

std::shared_ptr<const VerifyingKey> VerifyingKey::FromPoint(std::string_view x,
                                                            std::string_view y) {
  if (x.size() != kScalarBytes || y.size() != kScalarBytes) return nullptr;
  std::string point("\x04");  // uncompressed
  point.append(x).append(y);
  const Builder builder(OSSL_PARAM_BLD_new());
  if (builder == nullptr ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) !=
          1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return nullptr;
  }
  auto key = std::make_unique<Key>();
  key->key = PublicKeyOf("EC", builder.get());
  return key->key == nullptr ? nullptr : Checked(std::move(key));
}

std::shared_ptr<const VerifyingKey> VerifyingKey::Checked(std::unique_ptr<Key> key) {
  key->elliptic = IsP256(key->key.get());
  if (!key->elliptic && !IsStrongRsa(key->key.get())) return nullptr;
  if (!PublicHalfIsSound(key->key.get())) return nullptr;
  return std::shared_ptr<const VerifyingKey>(new VerifyingKey(std::move(key)));
}

bool VerifyingKey::Equals(const VerifyingKey& other) const {
  return EVP_PKEY_eq(key_->key.get(), other.key_->key.get()) == 1;
}

bool VerifyingKey::Fits(Algorithm algorithm) const {
  return key_->elliptic == (algorithm == Algorithm::kEs256);
}

bool VerifyingKey::Verify(Algorithm algorithm, std::string_view signed_bytes,
                          std::string_view signature) const {
  if (!Fits(algorithm)) return false;
  std::string der;
  if (key_->elliptic) {
    der = DerOf(signature);
    if (der.empty()) return false;
    signature = der;
  }
  const std::unique_ptr<EVP_MD_CTX, FreeDigest> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* padding = nullptr;  // owned by the digest context
  if (context == nullptr ||
      EVP_DigestVerifyInit(context.get(), &padding, EVP_sha256(), nullptr, key_->key.get()) != 1) {
    return false;
  }
  if (algorithm == Algorithm::kPs256 &&
      (EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING) != 1 ||
       EVP_PKEY_CTX_set_rsa_pss_saltlen(padding, RSA_PSS_SALTLEN_DIGEST) != 1)) {
    return false;
  }
  // Errors are negative: only 1 is a yes.
  return EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(signed_bytes),
                          signed_bytes.size()) == 1;
}

struct SigningKey::Key {
  KeyOwner key;
};

SigningKey::SigningKey(std::unique_ptr<Key> key) : key_(std::move(key)) {}
SigningKey::~SigningKey() = default;

std::unique_ptr<SigningKey> SigningKey::GenerateP256() {
  auto key = std::make_unique<Key>();
  key->key.reset(EVP_EC_gen("P-256"));
  HOLDFAST_CHECK(key->key != nullptr);
  return std::unique_ptr<SigningKey>(new SigningKey(std::move(key)));
}

std::unique_ptr<SigningKey> SigningKey::FromPem(std::string_view pem) {
  const std::unique_ptr<BIO, FreeBio> bio(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  HOLDFAST_CHECK(bio != nullptr);
  auto key = std::make_unique<Key>();
  // No pass phrase is asked for: a key that wants one is none.
  const auto no_phrase = [](char*, int, int, void*) { return -1; };
  key->key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_phrase, nullptr));
  if (key->key == nullptr) return nullptr;
  std::unique_ptr<SigningKey> made(new SigningKey(std::move(key)));
  const auto verifying = VerifyingKey::FromDer(made->PublicDer());
  const bool signs = verifying != nullptr &&
                     EVP_PKEY_get_base_id(made->key_->key.get()) == EVP_PKEY_EC &&
                     verifying->Verify(Algorithm::kEs256, "", made->Sign(""));
  return signs ? std::move(made) : nullptr;
}

std::string SigningKey::Sign(std::string_view bytes) const {
  const std::unique_ptr<EVP_MD_CTX, FreeDigest> context(EVP_MD_CTX_new());
  std::string der(80, '\0');
  std::size_t length = der.size();
  HOLDFAST_CHECK(
      context != nullptr &&
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_->key.get()) == 1 &&
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(der.data()), &length,
                     Bytes(bytes), bytes.size()) == 1);
  const unsigned char* at = Bytes(der);
  const std::unique_ptr<ECDSA_SIG, FreeSignature> signature(
      d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(length)));
  HOLDFAST_CHECK(signature != nullptr);
  std::string out(2 * kScalarBytes, '\0');
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  HOLDFAST_CHECK(BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), to, kScalarBytes) ==
                     kScalarBytes &&
                 BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), to + kScalarBytes, kScalarBytes) ==
                     kScalarBytes);
  return out;
}

std::string SigningKey::PublicDer() const {
  unsigned char* der = nullptr;
  const int length = i2d_PUBKEY(key_->key.get(), &der);
  HOLDFAST_CHECK(length > 0);
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  return out;
}

}  // namespace holdfast::security
