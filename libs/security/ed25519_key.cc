#include "security/ed25519_key.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/hex.h"

namespace holdfast::security {
namespace {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using KeyOwner = std::unique_ptr<EVP_PKEY, FreeKey>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeDigest>;
using Memory = std::unique_ptr<BIO, FreeBio>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// OpenSSL would ask a terminal for the password of an encrypted key.
int NoPassword(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*user*/) {
  return -1;
}

bool IsEd25519(const KeyOwner& key) {
  return key != nullptr && EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_ED25519;
}

Memory Over(std::string_view text) {
  Memory bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  HOLDFAST_CHECK(bio != nullptr);
  return bio;
}

std::string TextOf(BIO& bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(&bio, &data);
  HOLDFAST_CHECK(length > 0);
  return {data, static_cast<std::size_t>(length)};
}

std::string PublicDer(EVP_PKEY& key) {
  unsigned char* der = nullptr;
  const int length = i2d_PUBKEY(&key, &der);
  HOLDFAST_CHECK(length > 0);
  std::string out(reinterpret_cast<const char*>(der), static_cast<std::size_t>(length));
  OPENSSL_free(der);
  return out;
}

}  // namespace

struct Ed25519PublicKey::Key {
  KeyOwner key;
};

Ed25519PublicKey::Ed25519PublicKey(std::unique_ptr<Key> key) : key_(std::move(key)) {}
Ed25519PublicKey::~Ed25519PublicKey() = default;

std::unique_ptr<const Ed25519PublicKey> Ed25519PublicKey::FromPem(std::string_view pem) {
  const Memory bio = Over(pem);
  auto key = std::make_unique<Key>();
  key->key.reset(PEM_read_bio_PUBKEY(bio.get(), nullptr, NoPassword, nullptr));
  if (!IsEd25519(key->key)) return nullptr;
  return std::unique_ptr<const Ed25519PublicKey>(new Ed25519PublicKey(std::move(key)));
}

bool Ed25519PublicKey::Verify(std::string_view signed_bytes, std::string_view signature) const {
  const DigestContext context(EVP_MD_CTX_new());
  return context != nullptr && signature.size() == kEd25519SignatureBytes &&
         EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_->key.get()) == 1 &&
         EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(signed_bytes),
                          signed_bytes.size()) == 1;
}

std::string Ed25519PublicKey::Pem() const {
  const Memory bio(BIO_new(BIO_s_mem()));
  HOLDFAST_CHECK(bio != nullptr && PEM_write_bio_PUBKEY(bio.get(), key_->key.get()) == 1);
  return TextOf(*bio);
}

std::string Ed25519PublicKey::Raw() const {
  std::string raw(kEd25519PublicKeyBytes, '\0');
  std::size_t size = raw.size();
  HOLDFAST_CHECK(EVP_PKEY_get_raw_public_key(
                     key_->key.get(), reinterpret_cast<unsigned char*>(raw.data()), &size) == 1 &&
                 size == raw.size());
  return raw;
}

std::string Ed25519PublicKey::Fingerprint() const {
  return ToHex(AsBytes(Sha256Of(PublicDer(*key_->key)))).substr(0, 16);
}

struct Ed25519PrivateKey::Key {
  KeyOwner key;
};

Ed25519PrivateKey::Ed25519PrivateKey(std::unique_ptr<Key> key) : key_(std::move(key)) {
  auto half = std::make_unique<Ed25519PublicKey::Key>();
  const std::string der = PublicDer(*key_->key);
  const unsigned char* at = Bytes(der);
  half->key.reset(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  HOLDFAST_CHECK(half->key != nullptr);
  public_key_.reset(new Ed25519PublicKey(std::move(half)));
}
Ed25519PrivateKey::~Ed25519PrivateKey() = default;

std::unique_ptr<const Ed25519PrivateKey> Ed25519PrivateKey::Generate() {
  auto key = std::make_unique<Key>();
  key->key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  HOLDFAST_CHECK(key->key != nullptr);
  return std::unique_ptr<const Ed25519PrivateKey>(new Ed25519PrivateKey(std::move(key)));
}

std::unique_ptr<const Ed25519PrivateKey> Ed25519PrivateKey::FromPem(std::string_view pem) {
  const Memory bio = Over(pem);
  auto key = std::make_unique<Key>();
  key->key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassword, nullptr));
  if (!IsEd25519(key->key)) return nullptr;
  return std::unique_ptr<const Ed25519PrivateKey>(new Ed25519PrivateKey(std::move(key)));
}

std::string Ed25519PrivateKey::Sign(std::string_view bytes) const {
  const DigestContext context(EVP_MD_CTX_new());
  std::string signature(kEd25519SignatureBytes, '\0');
  std::size_t length = signature.size();
  HOLDFAST_CHECK(context != nullptr &&
                 EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_->key.get()) ==
                     1 &&
                 EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()),
                                &length, Bytes(bytes), bytes.size()) == 1 &&
                 length == kEd25519SignatureBytes);
  return signature;
}

std::string Ed25519PrivateKey::Pem() const {
  const Memory bio(BIO_new(BIO_s_mem()));
  HOLDFAST_CHECK(bio != nullptr &&
                 PEM_write_bio_PKCS8PrivateKey(bio.get(), key_->key.get(), nullptr, nullptr, 0,
                                               nullptr, nullptr) == 1);
  return TextOf(*bio);
}

}  // namespace holdfast::security
