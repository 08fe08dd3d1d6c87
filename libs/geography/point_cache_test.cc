#include "geography/point_cache.h"

#include <vector>

#include <gtest/gtest.h>

namespace holdfast::geography {
namespace {

std::vector<Area> OneSquare() {
  return {{"W1", "Mill Lane", {Polygon{{Ring{{0, 0}, {500, 0}, {500, 500}, {0, 500}, {0, 0}}}}}}};
}

TEST(PointCache, AsksTheIndexOncePerRepeatedPoint) {
  const auto index = AreaIndex::Create(OneSquare());
  PointCache cache(**index);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(cache.Find({10, 10}), 0);
    EXPECT_EQ(cache.Find({-10, 10}), AreaIndex::kNowhere);
  }
  EXPECT_EQ(cache.misses(), 2U);
  EXPECT_EQ(cache.hits(), 198U);
}

TEST(PointCache, KnowsTheOriginThoughItsSlotsBeginThere) {
  const auto index = AreaIndex::Create(
      std::vector<Area>{{"A", "A", {Polygon{{Ring{{5, 5}, {9, 5}, {9, 9}, {5, 5}}}}}}});
  PointCache cache(**index);
  EXPECT_EQ(cache.Find({0, 0}), AreaIndex::kNowhere);
  EXPECT_EQ(cache.misses(), 1U);
}

TEST(PointCache, AnswersAsTheIndexWhenMorePointsComeThanItHolds) {
  const auto index = AreaIndex::Create(OneSquare());
  PointCache cache(**index);
  for (int round = 0; round < 2; ++round) {
    for (std::int32_t x = -100; x < 600; x += 3) {
      for (std::int32_t y = -100; y < 600; y += 7) {
        const bool inside = x >= 0 && x <= 500 && y >= 0 && y <= 500;
        ASSERT_EQ(cache.Find({x, y}), inside ? 0 : AreaIndex::kNowhere);
      }
    }
  }
}

}  // namespace
}  // namespace holdfast::geography
