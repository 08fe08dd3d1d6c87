// The keys of tokens: a private one signs ES256, a public one verifies what an issuer's algorithms
// allow.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::security {

enum class Algorithm { kEs256, kRs256, kPs256 };

// "ES256"; empty for a name that no issuer may use.
std::optional<Algorithm> AlgorithmNamed(std::string_view name);

// A public key. Immutable, thread-safe.
class VerifyingKey {
 public:
  // From SubjectPublicKeyInfo, DER. Null unless it is P-256 with a point on the curve, or RSA of at
  // least 2048 bits (and at most 8192, which bounds the time of a check) with e = 65537.
  static std::shared_ptr<const VerifyingKey> FromDer(std::string_view der);
  // From the numbers of a JSON Web Key, big-endian; null as above, or where one has leading zeros
  // or is of another length than RFC 7518 §6 gives it.
  static std::shared_ptr<const VerifyingKey> FromRsa(std::string_view modulus,
                                                     std::string_view exponent);
  static std::shared_ptr<const VerifyingKey> FromPoint(std::string_view x, std::string_view y);
  ~VerifyingKey();

  // True where both verify the same signatures.
  bool Equals(const VerifyingKey& other) const;
  // True where a key of this kind makes signatures of that algorithm.
  bool Fits(Algorithm algorithm) const;

  // True only where the signature is by this key, of this algorithm, over these bytes. ES256: 64
  // bytes r || s with 0 < r, s < n (RFC 7518 §3.4). PS256: salt as long as the digest.
  bool Verify(Algorithm algorithm, std::string_view signed_bytes, std::string_view signature) const;

 private:
  struct Key;
  explicit VerifyingKey(std::unique_ptr<Key> key);
  // Null unless it is fit for what FromDer promises.
  static std::shared_ptr<const VerifyingKey> Checked(std::unique_ptr<Key> key);
  std::unique_ptr<Key> key_;
};

// An ES256 private key; it never leaves the memory of this process.
class SigningKey {
 public:
  static std::unique_ptr<SigningKey> GenerateP256();
  // From PKCS #8 in PEM. Null unless it is a private key of P-256 with its point on the curve.
  static std::unique_ptr<SigningKey> FromPem(std::string_view pem);
  ~SigningKey();

  // 64 bytes r || s. Thread-safe.
  std::string Sign(std::string_view bytes) const;
  std::string PublicDer() const;

 private:
  struct Key;
  explicit SigningKey(std::unique_ptr<Key> key);
  std::unique_ptr<Key> key_;
};

}  // namespace holdfast::security
