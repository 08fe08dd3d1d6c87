#include "geography/area_index.h"

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace holdfast::geography {
namespace {

Ring Box(std::int32_t west, std::int32_t south, std::int32_t east, std::int32_t north) {
  return {{west, south}, {east, south}, {east, north}, {west, north}, {west, south}};
}

Area Ward(const std::string& code, std::int32_t west, std::int32_t east) {
  return {code, "Ward " + code, {Polygon{{Box(west, 0, east, 100)}}}};
}

// Three wards side by side; the one in the west has the highest code.
std::vector<Area> Row() {
  return {Ward("W3", 0, 100), Ward("W1", 100, 200), Ward("W2", 200, 300)};
}

TEST(AreaIndex, NamesTheAreaThatHoldsThePoint) {
  const auto index = AreaIndex::Create(Row());
  ASSERT_TRUE(index.ok());
  EXPECT_EQ((*index)->Find({50, 50}), 0);
  EXPECT_EQ((*index)->Find({150, 50}), 1);
  EXPECT_EQ((*index)->Find({299, 1}), 2);
}

TEST(AreaIndex, NeverAnswersWithTheNearestArea) {
  const auto index = AreaIndex::Create(Row());
  EXPECT_EQ((*index)->Find({301, 50}), AreaIndex::kNowhere);
  EXPECT_EQ((*index)->Find({50, -1}), AreaIndex::kNowhere);
}

TEST(AreaIndex, GivesASharedEdgeToTheLowestCode) {
  const auto index = AreaIndex::Create(Row());
  EXPECT_EQ((*index)->Find({100, 50}), 1);   // W1 before W3
  EXPECT_EQ((*index)->Find({200, 50}), 1);   // W1 before W2
  EXPECT_EQ((*index)->Find({100, 100}), 1);  // a shared corner
}

TEST(AreaIndex, CountsAPointOnTheOuterEdgeAsIn) {
  const auto index = AreaIndex::Create(Row());
  EXPECT_EQ((*index)->Find({0, 0}), 0);
  EXPECT_EQ((*index)->Find({300, 50}), 2);
}

TEST(AreaIndex, KeepsHolesOut) {
  const Area ring{"R", "Ring", {Polygon{{Box(0, 0, 100, 100), Box(40, 40, 60, 60)}}}};
  const Area inner{"I", "Inner", {Polygon{{Box(45, 45, 55, 55)}}}};
  const auto index = AreaIndex::Create(std::vector{ring, inner});
  EXPECT_EQ((*index)->Find({50, 50}), 1);
  EXPECT_EQ((*index)->Find({42, 42}), AreaIndex::kNowhere);
  EXPECT_EQ((*index)->Find({20, 20}), 0);
}

TEST(AreaIndex, OfNoAreasFindsNothing) {
  const auto index = AreaIndex::Create({});
  ASSERT_TRUE(index.ok());
  EXPECT_EQ((*index)->Find({0, 0}), AreaIndex::kNowhere);
}

TEST(AreaIndex, RefusesTwoAreasOfOneCodeAndOutlinesThatAreNone) {
  EXPECT_FALSE(AreaIndex::Create(std::vector{Ward("W1", 0, 1), Ward("W1", 2, 3)}).ok());
  EXPECT_FALSE(
      AreaIndex::Create(std::vector{Area{"W1", "W1", {Polygon{{Ring{{0, 0}, {1, 1}}}}}}}).ok());
}

TEST(AreaIndex, AgreesWithABoxTestOnEveryPointOfAGrid) {
  const std::vector<Area> wards = Row();
  const auto index = AreaIndex::Create(wards);
  for (std::int32_t x = -10; x <= 310; x += 1) {
    for (std::int32_t y = -10; y <= 110; y += 5) {
      std::int32_t expected = AreaIndex::kNowhere;
      if (y >= 0 && y <= 100 && x >= 0 && x <= 300) expected = x < 100 ? 0 : x <= 200 ? 1 : 2;
      ASSERT_EQ((*index)->Find({x, y}), expected) << x << ", " << y;
    }
  }
}

TEST(AreaIndex, WorksInManyThreadsWithOneIndexEach) {
  const std::vector<Area> wards = Row();
  std::vector<int> right(4);
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < right.size(); ++t) {
      threads.emplace_back([&wards, &right, t] {
        const auto index = AreaIndex::Create(wards);
        for (std::int32_t i = 0; i < 2'000; ++i) {
          right[t] += (*index)->Find({i % 300, 50}) != AreaIndex::kNowhere ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(right, std::vector<int>(4, 2'000));
}

}  // namespace
}  // namespace holdfast::geography
