#include "rpc/peer_guard.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace holdfast::rpc {
namespace {

class PeerGuardTest : public ::testing::Test {
 protected:
  bool Hears(const std::string& peer) {
    return guard_.Hears([&peer] { return peer; }, now_).ok();
  }
  void Undecodable(const std::string& peer, int times) {
    for (int i = 0; i < times; ++i) guard_.Undecodable([&peer] { return peer; }, now_);
  }
  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  PeerGuard guard_;
};

TEST_F(PeerGuardTest, HearsAPeerNoMoreThatSendsTwentyInAMinute) {
  Undecodable("a", 19);
  EXPECT_TRUE(Hears("a"));
  Undecodable("a", 1);
  EXPECT_FALSE(Hears("a"));
  EXPECT_TRUE(Hears("b")) << "nobody else is turned away";
  EXPECT_FALSE(Hears("a"));
  const absl::Status refused = guard_.Hears([] { return std::string("a"); }, now_);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(refused), "QUOTA");
}

TEST_F(PeerGuardTest, HearsItAgainAfterAMinute) {
  Undecodable("a", 20);
  now_ += PeerGuard::kWindow;
  EXPECT_TRUE(Hears("a"));
  Undecodable("a", 19);
  EXPECT_TRUE(Hears("a")) << "it counts anew";
}

TEST_F(PeerGuardTest, ForgivesWhatIsSpreadOverMoreThanAMinute) {
  for (int minute = 0; minute < 10; ++minute) {
    Undecodable("a", 19);
    now_ += PeerGuard::kWindow;
  }
  EXPECT_TRUE(Hears("a"));
}

TEST_F(PeerGuardTest, CountsNobodyWithoutAConnection) {
  Undecodable("", 100);
  EXPECT_TRUE(Hears(""));
}

TEST_F(PeerGuardTest, KeepsItsMemoryBoundedWhoeverConnects) {
  for (int i = 0; i < 25'000; ++i) Undecodable("peer-" + std::to_string(i), 1);
  Undecodable("a", 20);
  EXPECT_FALSE(Hears("a"));
}

}  // namespace
}  // namespace holdfast::rpc
