#include "security/ed25519_key.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace holdfast::security {
namespace {

TEST(Ed25519, SignsAndVerifiesTheVectorOfItsStandard) {
  // RFC 8032 §7.1, test 2, as PKCS #8 (RFC 8410) in PEM.
  const auto key = Ed25519PrivateKey::FromPem(
      "-----BEGIN PRIVATE KEY-----\n"
      "MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n"
      "-----END PRIVATE KEY-----\n");
  ASSERT_NE(key, nullptr);
  const std::string signature = key->Sign("\x72");
  EXPECT_EQ(ToHex(signature),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  EXPECT_TRUE(key->public_key().Verify("\x72", signature));
}

TEST(Ed25519, SaysNoToAnotherKeyOtherBytesAndEveryFlippedBit) {
  const auto key = Ed25519PrivateKey::Generate();
  const auto other = Ed25519PrivateKey::Generate();
  const std::string signature = key->Sign("words");
  EXPECT_FALSE(other->public_key().Verify("words", signature));
  EXPECT_FALSE(key->public_key().Verify("word", signature));
  EXPECT_FALSE(key->public_key().Verify("words", signature.substr(1)));
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    std::string flipped = signature;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(key->public_key().Verify("words", flipped)) << "bit " << bit;
  }
}

TEST(Ed25519, ComesBackFromItsPem) {
  const auto key = Ed25519PrivateKey::Generate();
  const auto again = Ed25519PrivateKey::FromPem(key->Pem());
  const auto half = Ed25519PublicKey::FromPem(key->public_key().Pem());
  ASSERT_NE(again, nullptr);
  ASSERT_NE(half, nullptr);
  EXPECT_TRUE(half->Verify("words", again->Sign("words")));
  EXPECT_EQ(half->Fingerprint(), key->public_key().Fingerprint());
}

TEST(Ed25519, RefusesWhatIsNoKeyOfItsKind) {
  EXPECT_EQ(Ed25519PublicKey::FromPem("no key"), nullptr);
  EXPECT_EQ(Ed25519PrivateKey::FromPem(""), nullptr);
  // A key of P-256.
  EXPECT_EQ(
      Ed25519PublicKey::FromPem("-----BEGIN PUBLIC KEY-----\n"
                                "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n"
                                "6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n"
                                "-----END PUBLIC KEY-----\n"),
      nullptr);
}

}  // namespace
}  // namespace holdfast::security
