// Ed25519 (RFC 8032): signatures under what is kept for long and checked far from here, such as
// the segments of an archive. Keys are PEM, as every other tool reads them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace holdfast::security {

inline constexpr std::size_t kEd25519SignatureBytes = 64;
inline constexpr std::size_t kEd25519PublicKeyBytes = 32;

// Immutable, thread-safe.
class Ed25519PublicKey {
 public:
  // From a SubjectPublicKeyInfo in PEM. Null where it is none, or of another algorithm.
  static std::unique_ptr<const Ed25519PublicKey> FromPem(std::string_view pem);
  ~Ed25519PublicKey();

  // True only where the signature is by this key over these bytes.
  bool Verify(std::string_view signed_bytes, std::string_view signature) const;
  std::string Pem() const;
  // The 32 bytes of RFC 8032.
  std::string Raw() const;
  // For people to compare: the first 16 hexadecimal digits of SHA-256 of its DER.
  std::string Fingerprint() const;

 private:
  friend class Ed25519PrivateKey;
  struct Key;
  explicit Ed25519PublicKey(std::unique_ptr<Key> key);
  std::unique_ptr<Key> key_;
};

// Immutable, thread-safe.
class Ed25519PrivateKey {
 public:
  static std::unique_ptr<const Ed25519PrivateKey> Generate();
  // From a PKCS #8 key in PEM. Null where it is none, is encrypted, or of another algorithm.
  static std::unique_ptr<const Ed25519PrivateKey> FromPem(std::string_view pem);
  ~Ed25519PrivateKey();

  // 64 bytes; the same for the same bytes.
  std::string Sign(std::string_view bytes) const;
  // Whoever has it signs in this key's name: into a file that nobody else may read.
  std::string Pem() const;
  const Ed25519PublicKey& public_key() const { return *public_key_; }

 private:
  struct Key;
  explicit Ed25519PrivateKey(std::unique_ptr<Key> key);
  std::unique_ptr<Key> key_;
  std::unique_ptr<const Ed25519PublicKey> public_key_;
};

}  // namespace holdfast::security
