#include "ingest/profiles.h"

#include <gtest/gtest.h>

namespace holdfast::ingest {
namespace {

TEST(Profiles, AreFoundWithAndWithoutTheirVersion) {
  const auto with = FindProfile("police-uk-street@1");
  const auto without = FindProfile("police-uk-street");
  ASSERT_TRUE(with.ok() && without.ok());
  EXPECT_EQ(*with, *without);
  EXPECT_EQ((*with)->Id(), "police-uk-street@1");
  EXPECT_EQ((*with)->columns().size(), 12U);
}

TEST(Profiles, ThatAreUnknownAreAnsweredWithThoseThatAreNot) {
  EXPECT_EQ(FindProfile("agency-serie@1").status().message(),
            "no profile has this name; did you mean agency-series? The profiles are "
            "police-uk-street@1, agency-series@1.");
  EXPECT_FALSE(FindProfile("police-uk-street@2").ok());
  EXPECT_FALSE(FindProfile("").ok());
}

}  // namespace
}  // namespace holdfast::ingest
