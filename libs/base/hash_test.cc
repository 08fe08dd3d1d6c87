#include "base/hash.h"

#include <string>

#include <gtest/gtest.h>

#include "base/hex.h"

namespace holdfast {
namespace {

TEST(Hash, EqualsThePublishedVectors) {
  EXPECT_EQ(ToHex(AsBytes(Sha256Of("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");  // FIPS 180-4
  HmacSha256 mac("Jefe");
  EXPECT_EQ(
      ToHex(AsBytes(mac.Update("what do ya want ").Update("for nothing?").Finish())),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");  // RFC 4231, case 2
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAU);  // RFC 3720, B.4
}

TEST(Hash, BeginsAnewAfterFinish) {
  Sha256 sha256;
  const Hash first = sha256.Update("abc").Finish();
  EXPECT_EQ(sha256.Update("a").Update("bc").Finish(), first);
  HmacSha256 mac("key");
  const Hash one = mac.Update("x").Finish();
  EXPECT_EQ(mac.Update("x").Finish(), one);
}

TEST(BigEndian, ReadsWhatItWrote) {
  std::string out;
  AppendBigEndian64(out, 0x0102030405060708U);
  AppendBigEndian32(out, 0xA0B0C0D0U);
  EXPECT_EQ(ToHex(out), "0102030405060708a0b0c0d0");
  EXPECT_EQ(ReadBigEndian64(out), 0x0102030405060708U);
  EXPECT_EQ(ReadBigEndian32(std::string_view(out).substr(8)), 0xA0B0C0D0U);
}

}  // namespace
}  // namespace holdfast
