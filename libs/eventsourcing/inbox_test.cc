#include "eventsourcing/inbox.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holdfast::eventsourcing {
namespace {

using ::testing::ElementsAre;

constexpr std::array kTenants = {"westmoor", "northfield", "easton"};
constexpr absl::Duration kBoot = absl::Hours(1);

// Commands are known by their number, which stands in the last bytes of the id.
CommandRequest Numbered(const std::string& tenant, std::uint32_t number, std::uint32_t cost = 1) {
  CommandRequest request;
  request.tenant = tenant;
  request.cost = cost;
  request.command_id[14] = static_cast<std::uint8_t>(number / 256);
  request.command_id[15] = static_cast<std::uint8_t>(number % 256);
  return request;
}
std::uint32_t NumberOf(const Arrived& arrived) {
  const Uuid& id = arrived.request.command_id;
  return std::uint32_t{id[14]} * 256 + id[15];
}

class InboxTest : public ::testing::Test {
 protected:
  Inbox& Open(Inbox::Limits limits) {
    inbox_ = std::make_unique<Inbox>(std::move(limits), [this] { ++woken_; });
    return *inbox_;
  }
  absl::Status Push(CommandRequest request, absl::Duration now = kBoot) {
    CommandDone done = [](const CommandAnswer&) {};
    return inbox_->Push(request, done, now);
  }
  // The tenants of the commands that are taken at once, in their order.
  std::vector<std::string> Take() {
    inbox_->Take(content_);
    std::vector<std::string> tenants;
    for (const Arrived& arrived : content_.commands) tenants.push_back(arrived.request.tenant);
    return tenants;
  }
  // Everything that was taken last is answered.
  void Answer() {
    std::vector<Answered> answered;
    for (Arrived& arrived : content_.commands)
      answered.push_back({std::move(arrived.caller), absl::UnknownError("")});
    inbox_->Leave(answered);
    content_.commands.clear();
  }

  std::unique_ptr<Inbox> inbox_;
  Inbox::Content content_;
  int woken_ = 0;
};

TEST_F(InboxTest, LetsTenantsTakeTurns) {
  Open({});
  for (std::uint32_t i = 0; i < 4; ++i) ASSERT_TRUE(Push(Numbered("westmoor", i)).ok());
  ASSERT_TRUE(Push(Numbered("northfield", 0)).ok());
  ASSERT_TRUE(Push(Numbered("easton", 0)).ok());
  EXPECT_THAT(Take(),
              ElementsAre("westmoor", "northfield", "easton", "westmoor", "westmoor", "westmoor"));
  EXPECT_FALSE(content_.more);
}

TEST_F(InboxTest, GivesALateTenantItsTurnBeforeWhatAFloodLeftWaiting) {
  Open({.at_once = 2});
  for (std::uint32_t i = 0; i < 100; ++i) ASSERT_TRUE(Push(Numbered("westmoor", i)).ok());
  EXPECT_THAT(Take(), ElementsAre("westmoor", "westmoor"));
  EXPECT_TRUE(content_.more);
  ASSERT_TRUE(Push(Numbered("northfield", 0)).ok());
  EXPECT_THAT(Take(), ElementsAre("westmoor", "northfield"));
}

TEST_F(InboxTest, LetsWhatCostsMoreWaitForAsManyTurns) {
  Open({});
  for (std::uint32_t i = 0; i < 2; ++i) ASSERT_TRUE(Push(Numbered("westmoor", i, 3)).ok());
  for (std::uint32_t i = 0; i < 6; ++i) ASSERT_TRUE(Push(Numbered("northfield", i)).ok());
  EXPECT_THAT(Take(), ElementsAre("northfield", "northfield", "westmoor", "northfield",
                                  "northfield", "northfield", "westmoor", "northfield"));
}

TEST_F(InboxTest, GivesReactorsALaneOfTheirOwn) {
  Open({.per_tenant = 2, .of_reactors = 1});
  CommandRequest reaction = Numbered("westmoor", 9);
  reaction.caused_by.emplace();
  ASSERT_TRUE(Push(Numbered("westmoor", 0)).ok());
  ASSERT_TRUE(Push(Numbered("westmoor", 1)).ok());
  EXPECT_EQ(ReasonOf(Push(Numbered("westmoor", 2))), "QUEUE_FULL");
  ASSERT_TRUE(Push(std::move(reaction)).ok());
  (void)Take();
  ASSERT_EQ(content_.commands.size(), 3U);
  EXPECT_EQ(NumberOf(content_.commands[1]), 9U);
}

TEST_F(InboxTest, CountsWhatIsTakenUntilItIsAnswered) {
  Open({.per_tenant = 1});
  ASSERT_TRUE(Push(Numbered("westmoor", 0)).ok());
  (void)Take();
  EXPECT_EQ(ReasonOf(Push(Numbered("westmoor", 1))), "QUEUE_FULL");
  EXPECT_TRUE(Push(Numbered("northfield", 0)).ok()) << "another's room is its own";
  (void)Take();
  EXPECT_EQ(content_.commands.size(), 1U);
}

TEST_F(InboxTest, WakesOnceUntilNothingWaits) {
  Open({.at_once = 1});
  ASSERT_TRUE(Push(Numbered("westmoor", 0)).ok());
  ASSERT_TRUE(Push(Numbered("westmoor", 1)).ok());
  EXPECT_EQ(woken_, 1);
  (void)Take();
  inbox_->Push(Confirmation{1, absl::StatusOr<journal::Offset>(0)});
  EXPECT_EQ(woken_, 1) << "it comes back for what is left anyway";
  (void)Take();
  EXPECT_EQ(content_.confirmations.size(), 1U);
  ASSERT_TRUE(Push(Numbered("westmoor", 2)).ok());
  EXPECT_EQ(woken_, 2);
}

TEST_F(InboxTest, LeavesWhatItRefusesAsItWas) {
  Open({.quota = {.per_second = 1, .burst = 1}});
  ASSERT_TRUE(Push(Numbered("westmoor", 0)).ok());
  CommandRequest request = Numbered("westmoor", 7);
  bool called = false;
  CommandDone done = [&called](const CommandAnswer&) { called = true; };
  EXPECT_EQ(ReasonOf(inbox_->Push(request, done, kBoot)), "QUOTA");
  EXPECT_EQ(request.tenant, "westmoor");
  inbox_->Close();
  EXPECT_EQ(ReasonOf(inbox_->Push(request, done, kBoot)), "NOT_READY");
  std::move(done)(absl::UnknownError(""));
  EXPECT_TRUE(called);
}

TEST_F(InboxTest, RefusesWhatIsBeyondTheQuotaAndSaysWhenToComeAgain) {
  Open({.quota = {.per_second = 10, .burst = 2}});
  EXPECT_TRUE(Push(Numbered("westmoor", 0)).ok());
  EXPECT_TRUE(Push(Numbered("westmoor", 1)).ok());
  const absl::Status refused = Push(Numbered("westmoor", 2));
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_EQ(ReasonOf(refused), "QUOTA");
  EXPECT_TRUE(Push(Numbered("northfield", 0)).ok()) << "each tenant has its own";
  EXPECT_FALSE(Push(Numbered("westmoor", 2), kBoot + absl::Milliseconds(99)).ok());
  EXPECT_TRUE(Push(Numbered("westmoor", 2), kBoot + absl::Milliseconds(100)).ok());
}

TEST_F(InboxTest, HoldsATenantToAQuotaOfItsOwn) {
  Open({.quota = {.per_second = 1, .burst = 1}, .quotas = {{"westmoor", {5, 5}}}});
  for (std::uint32_t i = 0; i < 5; ++i) EXPECT_TRUE(Push(Numbered("westmoor", i)).ok());
  EXPECT_FALSE(Push(Numbered("westmoor", 5)).ok());
  EXPECT_TRUE(Push(Numbered("northfield", 0)).ok());
  EXPECT_FALSE(Push(Numbered("northfield", 1)).ok());
}

TEST_F(InboxTest, FollowsTheQuotaThatTheDirectorySaysNow) {
  auto said = std::make_shared<Quota>(Quota{1, 2});
  Inbox::Limits limits;
  limits.quota = {1, 1};
  limits.quota_of = [said](const std::string& tenant) -> std::optional<Quota> {
    if (tenant != "westmoor") return std::nullopt;
    return *said;
  };
  Open(limits);
  EXPECT_TRUE(Push(Numbered("westmoor", 1)).ok());
  EXPECT_TRUE(Push(Numbered("westmoor", 2)).ok());
  EXPECT_EQ(ReasonOf(Push(Numbered("westmoor", 3))), "QUOTA");
  *said = {1, 3};
  EXPECT_TRUE(Push(Numbered("westmoor", 3)).ok());
  *said = {1, 1};
  EXPECT_TRUE(Push(Numbered("westmoor", 4)).ok());
  EXPECT_EQ(ReasonOf(Push(Numbered("westmoor", 5))), "QUOTA");
  // Of another the directory says nothing.
  EXPECT_TRUE(Push(Numbered("northfield", 1)).ok());
  EXPECT_EQ(ReasonOf(Push(Numbered("northfield", 2))), "QUOTA");
}

TEST_F(InboxTest, TakesNothingOfTheQuotaOfReactorsOrOfACallThatIsPaidFor) {
  Open({.quota = {.per_second = 1, .burst = 1}});
  for (std::uint32_t i = 0; i < 10; ++i) {
    CommandRequest reaction = Numbered("westmoor", i);
    reaction.caused_by.emplace();
    EXPECT_TRUE(Push(std::move(reaction)).ok());
    EXPECT_TRUE(Push(Numbered("westmoor", i, 0)).ok());
  }
  EXPECT_TRUE(Push(Numbered("westmoor", 99)).ok());
}

TEST(TokenBucket, LetsThroughWhatCostsMoreThanItsBurstOnceItIsFull) {
  TokenBucket bucket({.per_second = 10, .burst = 5});
  EXPECT_EQ(bucket.Take(20, kBoot), absl::ZeroDuration());
  EXPECT_EQ(bucket.Take(1, kBoot), absl::Milliseconds(1'600)) << "its debt is paid first";
  EXPECT_EQ(bucket.Take(1, kBoot + absl::Milliseconds(1'600)), absl::ZeroDuration());
}

// Whatever is asked for, and when: nobody has more than a burst and what came back since; and who
// waits as long as was said is let in.
TEST(TokenBucket, NeverGivesMoreThanItsRate) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SeededRandom random(seed);
    const Quota quota{static_cast<double>(1 + random.Below(1'000)),
                      static_cast<double>(1 + random.Below(100))};
    TokenBucket bucket(quota);
    absl::Duration now = kBoot;
    double given = 0;
    for (int i = 0; i < 500; ++i) {
      now += absl::Microseconds(static_cast<std::int64_t>(random.Below(5'000)));
      const auto cost =
          static_cast<double>(1 + random.Below(static_cast<std::uint64_t>(quota.burst)));
      const absl::Duration wait = bucket.Take(cost, now);
      if (wait > absl::ZeroDuration()) {
        now += wait + absl::Nanoseconds(1);
        ASSERT_EQ(bucket.Take(cost, now), absl::ZeroDuration()) << "seed " << seed;
      }
      given += cost;
      const double allowed = quota.burst + quota.per_second * absl::ToDoubleSeconds(now - kBoot);
      ASSERT_LE(given, allowed * (1 + 1e-9)) << "seed " << seed;
    }
  }
}

// Tenants that wait all the time get the same, to one command; each in its own order; nothing is
// lost or doubled.
TEST_F(InboxTest, IsFairAndKeepsTheOrderOfATenantForWhateverComes) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SeededRandom random(seed);
    Open({.at_once = static_cast<std::uint32_t>(1 + random.Below(10))});
    std::map<std::string, std::uint32_t> pushed;
    std::map<std::string, std::uint32_t> taken;
    for (int round = 0; round < 100; ++round) {
      const std::map<std::string, std::uint32_t> before = taken;
      for (std::uint64_t i = random.Below(20); i > 0; --i) {
        const std::string tenant = kTenants.at(random.Below(kTenants.size()));
        if (Push(Numbered(tenant, pushed[tenant])).ok()) ++pushed[tenant];
      }
      (void)Take();
      for (const Arrived& arrived : content_.commands)
        ASSERT_EQ(NumberOf(arrived), taken[arrived.request.tenant]++) << "seed " << seed;
      Answer();
      for (const std::string a : kTenants) {
        for (const std::string b : kTenants) {
          if (taken[a] == pushed[a]) continue;  // it waits for nothing
          const auto of_a = taken[a] - (before.contains(a) ? before.at(a) : 0);
          const auto of_b = taken[b] - (before.contains(b) ? before.at(b) : 0);
          ASSERT_LE(of_b, of_a + 1) << "seed " << seed << ": " << b << " went before " << a;
        }
      }
    }
    while (content_.more || taken != pushed) {
      (void)Take();
      ASSERT_FALSE(content_.commands.empty()) << "seed " << seed;
      for (const Arrived& arrived : content_.commands) ++taken[arrived.request.tenant];
      Answer();
    }
  }
}

}  // namespace
}  // namespace holdfast::eventsourcing
