#include "cli/demo/westmoor.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/hex.h"

namespace holdfast::cli::demo {
namespace {

TEST(Westmoor, IsTheSameByteForByteEveryTime) {
  const Westmoor one = MakeWestmoor();
  const Westmoor two = MakeWestmoor();
  ASSERT_EQ(one.street.size(), two.street.size());
  for (std::size_t i = 0; i < one.street.size(); ++i) {
    ASSERT_EQ(Sha256Of(one.street[i].content), Sha256Of(two.street[i].content))
        << one.street[i].name;
  }
  EXPECT_EQ(one.wards_geojson, two.wards_geojson);
  EXPECT_EQ(one.truth_json, two.truth_json);
}

TEST(Westmoor, HasTwentyFourWardsAndFortySevenOfFortyEightMonths) {
  const Westmoor data = MakeWestmoor();
  EXPECT_EQ(data.wards.size(), 24U);
  EXPECT_EQ(data.street.size(), 47U);
  EXPECT_EQ(std::count_if(data.street.begin(), data.street.end(),
                          [](const NamedFile& file) { return file.name.starts_with("2026-01/"); }),
            0);
  EXPECT_EQ(data.larkhill.size(), 2U);
}

TEST(Westmoor, LiesInTheSea) {
  const Westmoor data = MakeWestmoor();
  EXPECT_NE(data.wards_geojson.find("[0.9000,54.4000]"), std::string::npos);
  for (const Ward& ward : data.wards)
    EXPECT_TRUE(ward.code.starts_with("X05")) << "no code of a real place";
}

}  // namespace
}  // namespace holdfast::cli::demo
