#include "ingest/row_digest.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/hex.h"

namespace holdfast::ingest {
namespace {

StreetRow Burglary() {
  StreetRow row;
  row.crime_id = "ab12";
  row.month = absl::CivilMonth(2016, 1);
  row.reported_by = "Westmoor Police";
  row.falls_within = "Westmoor Police";
  row.has_point = true;
  row.lon_e6 = -1'500'000;
  row.lat_e6 = 54'250'000;
  row.location = "On or near Mill Lane";
  row.category = CrimeCategory::kBurglary;
  row.last_outcome = "Under investigation";
  return row;
}

Hash Filled(std::uint8_t byte) {
  Hash hash{};
  hash.fill(byte);
  return hash;
}

TEST(MultisetDigest, IsASumModuloTwoToThe256) {
  MultisetDigest sum;
  sum.Add(Filled(0xFF));  // 2^256 - 1
  Hash two{};
  two[31] = 2;
  sum.Add(two);
  Hash one{};
  one[31] = 1;
  EXPECT_EQ(sum.ToHash(), one);
  sum.Remove(two);
  EXPECT_EQ(sum.ToHash(), Filled(0xFF));
}

TEST(MultisetDigest, CarriesAcrossItsLimbs) {
  Hash low{};
  for (std::size_t i = 8; i < 32; ++i) low[i] = 0xFF;  // 2^192 - 1
  Hash one{};
  one[31] = 1;
  MultisetDigest sum = MultisetDigest::FromHash(low);
  sum.Add(one);
  EXPECT_EQ(ToHex(AsBytes(sum.ToHash())), std::string(15, '0') + "1" + std::string(48, '0'));
}

TEST(MultisetDigest, DoesNotDependOnOrderAndCountsTwice) {
  RowDigester digest("key");
  StreetRow other = Burglary();
  other.category = CrimeCategory::kRobbery;
  MultisetDigest a;
  MultisetDigest b;
  a.Add(digest(Burglary()));
  a.Add(digest(other));
  a.Add(digest(Burglary()));
  b.Add(digest(Burglary()));
  b.Add(digest(Burglary()));
  b.Add(digest(other));
  EXPECT_EQ(a, b);
  b.Remove(digest(Burglary()));
  EXPECT_NE(a, b);
  a -= b;
  MultisetDigest burglary;
  burglary.Add(digest(Burglary()));
  EXPECT_EQ(a, burglary);
}

// On disk for ever: a change of this text makes every digest in a journal wrong.
TEST(CanonicalRow, IsWrittenAsItAlwaysWas) {
  std::string out;
  AppendCanonicalRow(out, Burglary());
  std::string expected("\x01\x00\x00\x5E\x80\x03\x01\xFF\xE9\x1C\xA0\x03\x3B\xCA\x10", 15);
  expected +=
      "\x04"
      "ab12\x0FWestmoor Police" +
      std::string(1, '\0') + "\x14On or near Mill Lane" + std::string(2, '\0') +
      "\x13Under investigation" + std::string(1, '\0');
  EXPECT_EQ(ToHex(out), ToHex(expected));
}

TEST(CanonicalRow, DiffersInEveryField) {
  const StreetRow base = Burglary();
  std::vector<StreetRow> rows(13, base);
  rows[1].crime_id = "";
  rows[2].month = absl::CivilMonth(2016, 2);
  rows[3].reported_by = "Eastvale Police";
  rows[4].falls_within = "Eastvale Police";
  rows[5].has_point = false;
  rows[6].lon_e6 += 1;
  rows[7].lat_e6 += 1;
  rows[8].location = "On or near Mill Road";
  rows[9].lsoa_code = "X";
  rows[10].lsoa_name = "X";
  rows[11].last_outcome = "";
  rows[12].context = "X";
  rows.push_back(base);
  rows.back().category = CrimeCategory::kDrugs;
  std::vector<std::string> seen;
  for (const StreetRow& row : rows) {
    std::string out;
    AppendCanonicalRow(out, row);
    for (const std::string& other : seen) EXPECT_NE(ToHex(out), ToHex(other));
    seen.push_back(out);
  }
}

TEST(RowDigester, IsHmacSha256UnderItsKey) {
  std::string canonical;
  AppendCanonicalRow(canonical, Burglary());
  RowDigester digest("key");
  EXPECT_EQ(digest(Burglary()), HmacSha256("key").Update(canonical).Finish());
  EXPECT_EQ(digest(Burglary()), digest(canonical));
  EXPECT_NE(digest(Burglary()), RowDigester("other")(Burglary()));
}

}  // namespace
}  // namespace holdfast::ingest
