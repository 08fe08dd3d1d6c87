#include "base/uuid.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace holdfast {
namespace {

TEST(Uuid, OfANameEqualsThePublishedVector) {
  const auto dns = ParseUuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  ASSERT_TRUE(dns);
  EXPECT_EQ(ToString(UuidV5(*dns, "www.example.com")),
            "2ed6657d-e927-568b-95e1-2665a8aea6a2");  // RFC 9562, A.4
}

TEST(Uuid, OfVersionSevenSortsByTime) {
  SeededRandom random(1);
  const Uuid early = NewUuidV7(absl::FromUnixMillis(1'000), random);
  const Uuid late = NewUuidV7(absl::FromUnixMillis(1'001), random);
  EXPECT_LT(early, late);
  EXPECT_EQ(ToString(late)[14], '7');
}

TEST(Uuid, IsReadOnlyInItsCanonicalForm) {
  EXPECT_FALSE(ParseUuid("6ba7b8109dad11d180b400c04fd430c8"));
  EXPECT_FALSE(ParseUuid("6ba7b810-9dad-11d1-80b4-00c04fd430cg"));
  EXPECT_FALSE(UuidFromBytes("short"));
}

TEST(SeededRandom, RepeatsFromItsSeed) {
  SeededRandom one(7);
  SeededRandom two(7);
  EXPECT_EQ(one.Next64(), two.Next64());
  for (int i = 0; i < 1000; ++i) EXPECT_LT(one.Below(10), 10U);
}

}  // namespace
}  // namespace holdfast
