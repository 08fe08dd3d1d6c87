#include "gateway/sessions.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/random.h"

namespace holdfast::gateway {
namespace {

class SetClock final : public Clock {
 public:
  absl::Time Now() const override { return now; }
  absl::Duration SinceBoot() const override { return now - absl::UnixEpoch(); }
  absl::Time now = absl::FromUnixSeconds(1'000'000);
};

struct World {
  SetClock clock;
  SeededRandom random{7};
  Sessions sessions{clock, random};
  std::string Begin() {
    return sessions.Begin({"westmoor", "analyst", "token", absl::InfiniteFuture(), "", ""});
  }
};

TEST(Sessions, EndHalfAnHourAfterTheirLastUse) {
  World world;
  const std::string id = world.Begin();
  world.clock.now += absl::Minutes(29);
  ASSERT_TRUE(world.sessions.Find(id));
  world.clock.now += absl::Minutes(29);
  EXPECT_TRUE(world.sessions.Find(id)) << "using it keeps it alive";
  world.clock.now += absl::Minutes(30);
  EXPECT_FALSE(world.sessions.Find(id));
}

TEST(Sessions, EndAfterAShiftHoweverOftenTheyAreUsed) {
  World world;
  const std::string id = world.Begin();
  for (int i = 0; i < 12 * 3; ++i) {
    ASSERT_TRUE(world.sessions.Find(id));
    world.clock.now += absl::Minutes(20);
  }
  EXPECT_FALSE(world.sessions.Find(id));
}

TEST(Sessions, HaveIdsAndCsrfTokensOfTheirOwn) {
  World world;
  const std::string one = world.Begin();
  const std::string two = world.Begin();
  EXPECT_EQ(one.size(), 64U);
  EXPECT_NE(one, two);
  EXPECT_NE(world.sessions.CsrfToken(one), world.sessions.CsrfToken(two));
  EXPECT_EQ(world.sessions.CsrfToken(one), world.sessions.CsrfToken(one));
}

TEST(Sessions, AreGoneOnceTheyAreEnded) {
  World world;
  const std::string id = world.Begin();
  world.sessions.End(id);
  EXPECT_FALSE(world.sessions.Find(id));
  EXPECT_FALSE(world.sessions.Find("no such id"));
}

}  // namespace
}  // namespace holdfast::gateway
