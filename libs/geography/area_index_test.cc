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

std::int32_t WardOfRow(std::int32_t x, std::int32_t y) {
  if (y < 0 || y > 100 || x < 0 || x > 300) return AreaIndex::kNowhere;
  if (x < 100) return 0;
  return x <= 200 ? 1 : 2;
}

TEST(AreaIndex, AgreesWithABoxTestOnEveryPointOfAGrid) {
  const std::vector<Area> wards = Row();
  const auto index = AreaIndex::Create(wards);
  for (std::int32_t x = -10; x <= 310; x += 1) {
    for (std::int32_t y = -10; y <= 110; y += 5) {
      ASSERT_EQ((*index)->Find({x, y}), WardOfRow(x, y)) << x << ", " << y;
    }
  }
}

// A crooked set: triangles around a centre, one of them above another one.
std::vector<Area> Triangles() {
  std::vector<Area> out;
  const Position centre{5'000, 5'000};
  const std::vector<Position> rim = {{0, 0},          {9'000, 1'000}, {10'000, 9'990},
                                     {4'321, 10'000}, {17, 8'000},    {0, 0}};
  for (std::size_t i = 1; i < rim.size(); ++i) {
    out.push_back(
        {"T" + std::to_string(i), "T", {Polygon{{Ring{centre, rim[i - 1], rim[i], centre}}}}});
  }
  out.push_back({"T0", "Above", {Polygon{{Box(4'900, 4'000, 5'200, 5'100)}}}});
  return out;
}

// Inside, or on the edge, of a triangle: the signs of three cross products.
bool InTriangle(Position p, const Ring& ring) {
  bool left = false;
  bool right = false;
  for (std::size_t i = 1; i < ring.size(); ++i) {
    const std::int64_t cross =
        std::int64_t{ring[i].lon_e7 - ring[i - 1].lon_e7} * (p.lat_e7 - ring[i - 1].lat_e7) -
        std::int64_t{ring[i].lat_e7 - ring[i - 1].lat_e7} * (p.lon_e7 - ring[i - 1].lon_e7);
    left = left || cross > 0;
    right = right || cross < 0;
  }
  return !(left && right);
}

TEST(AreaIndex, AgreesWithCrossProductsOnOverlappingTriangles) {
  const std::vector<Area> areas = Triangles();
  const auto index = AreaIndex::Create(areas);
  std::uint64_t state = 42;  // a linear congruential generator, so that every run asks the same
  const auto next = [&state] {
    state = state * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    return static_cast<std::int32_t>((state >> 33U) % 10'400U) - 200;
  };
  for (int i = 0; i < 50'000; ++i) {
    const Position at{next(), next()};
    std::int32_t expected = AreaIndex::kNowhere;
    if (at.lon_e7 >= 4'900 && at.lon_e7 <= 5'200 && at.lat_e7 >= 4'000 && at.lat_e7 <= 5'100) {
      expected = 5;  // T0, the lowest code
    }
    for (std::int32_t t = 0; t < 5 && expected == AreaIndex::kNowhere; ++t) {
      if (InTriangle(at, areas[static_cast<std::size_t>(t)].polygons[0].rings[0])) expected = t;
    }
    ASSERT_EQ((*index)->Find(at), expected) << at.lon_e7 << ", " << at.lat_e7;
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
