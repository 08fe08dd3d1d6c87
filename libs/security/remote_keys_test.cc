// An issuer's keys on a given clock, from a provider that does what the test says.

#include "security/remote_keys.h"

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "base/executor.h"
#include "security/token_fixtures.h"
#include "testing/virtual_time.h"

namespace holdfast::security {
namespace {

using Kind = TestKey::Kind;
using Known = KeySource::Known;

class RemoteKeysTest : public ::testing::Test {
 protected:
  RemoteKeys::Parts Parts() {
    RemoteKeys::Parts parts;
    parts.issuer = "https://sign-in.example";
    parts.jwks_uri = "https://sign-in.example/keys";
    parts.fetch = [this](const std::string& address) -> absl::StatusOr<std::string> {
      asked_.push_back(address);
      if (down_) return absl::UnavailableError("nobody answers");
      const auto found = pages_.find(address);
      if (found == pages_.end()) return absl::NotFoundError("404");
      return found->second;
    };
    parts.executor = strand_.get();
    parts.clock = &time_;
    parts.withdrawn = [this] { ++withdrawn_; };
    return parts;
  }
  std::shared_ptr<RemoteKeys> Started() {
    auto keys = RemoteKeys::Start(Parts());
    time_.RunFor(absl::Milliseconds(1));
    return keys;
  }
  // The provider publishes these from now on; the key's number is the last digit of its id.
  void Publish(const std::vector<std::string>& ids) {
    std::vector<std::string> keys;
    for (const std::string& id : ids) {
      keys.push_back("{" + TestKeyOf(Kind::kP256, id.back() - '0').JwkMembers() + R"(,"kid":")" +
                     id + "\"}");
    }
    pages_["https://sign-in.example/keys"] = R"({"keys":[)" + absl::StrJoin(keys, ",") + "]}";
  }

  testing::VirtualTime time_{7};
  std::unique_ptr<Executor> strand_ = time_.NewExecutor();
  std::map<std::string, std::string> pages_;
  bool down_ = false;
  std::vector<std::string> asked_;
  int withdrawn_ = 0;
};

TEST_F(RemoteKeysTest, AreNotYetKnownUntilTheFirstFetch) {
  Publish({"k1"});
  const auto keys = RemoteKeys::Start(Parts());
  EXPECT_EQ(keys->Find("k1").known, Known::kNotYet);
  time_.RunFor(absl::Milliseconds(1));
  const KeySource::Found found = keys->Find("k1");
  EXPECT_EQ(found.known, Known::kYes);
  EXPECT_TRUE(found.key.key->Equals(*TestKeyOf(Kind::kP256, 1).Public()));
  EXPECT_EQ(asked_.size(), 1U);
}

TEST_F(RemoteKeysTest, AreAskedForAgainEveryTenMinutes) {
  Publish({"k1"});
  const auto keys = Started();
  time_.RunFor(absl::Minutes(35));
  EXPECT_EQ(asked_.size(), 4U);
  EXPECT_EQ(withdrawn_, 0) << "nothing changed";
}

TEST_F(RemoteKeysTest, FindANewKeyByAskingOnce) {
  Publish({"k1"});
  const auto keys = Started();
  Publish({"k1", "k2"});
  EXPECT_EQ(keys->Find("k2").known, Known::kNotYet);
  EXPECT_EQ(keys->Find("k2").known, Known::kNotYet) << "it is being asked for";
  EXPECT_EQ(keys->Find("k1").known, Known::kYes) << "nobody else waits";
  time_.RunFor(absl::Milliseconds(1));
  EXPECT_EQ(keys->Find("k2").known, Known::kYes);
  EXPECT_EQ(asked_.size(), 2U);
}

TEST_F(RemoteKeysTest, PassAFloodOfInventedKeysOnOnceInThirtySeconds) {
  Publish({"k1"});
  const auto keys = Started();
  for (int second = 0; second < 90; ++second) {
    for (int i = 0; i < 100; ++i) keys->Find("invented");
    time_.RunFor(absl::Seconds(1));
  }
  EXPECT_EQ(asked_.size(), 1U + 3U);
  EXPECT_EQ(keys->Find("k1").known, Known::kYes);
}

TEST_F(RemoteKeysTest, DropAKeyThatIsMissingFromAGoodFetchAtOnce) {
  Publish({"k1", "k2"});
  const auto keys = Started();
  Publish({"k2"});
  time_.RunFor(RemoteKeys::kFresh);
  EXPECT_EQ(keys->Find("k2").known, Known::kYes);
  EXPECT_NE(keys->Find("k1").known, Known::kYes);
  EXPECT_EQ(withdrawn_, 1);
}

TEST_F(RemoteKeysTest, TellWhereAKeyWasExchangedUnderItsName) {
  Publish({"k1"});
  const auto keys = Started();
  pages_["https://sign-in.example/keys"] =
      R"({"keys":[{)" + TestKeyOf(Kind::kP256, 2).JwkMembers() + R"(,"kid":"k1"}]})";
  time_.RunFor(RemoteKeys::kFresh);
  EXPECT_EQ(withdrawn_, 1);
  EXPECT_TRUE(keys->Find("k1").key.key->Equals(*TestKeyOf(Kind::kP256, 2).Public()));
}

TEST_F(RemoteKeysTest, StayForADayWhereTheirIssuerIsAway) {
  Publish({"k1"});
  const auto keys = Started();
  down_ = true;
  time_.RunFor(absl::Hours(24) - absl::Minutes(1));
  EXPECT_EQ(keys->Find("k1").known, Known::kYes);
  time_.RunFor(absl::Minutes(2));
  EXPECT_EQ(keys->Find("k1").known, Known::kNotYet) << "nobody can tell";
  down_ = false;
  time_.RunFor(RemoteKeys::kOpen);
  EXPECT_EQ(keys->Find("k1").known, Known::kYes);
}

TEST_F(RemoteKeysTest, StayWhereWhatComesIsRefused) {
  Publish({"k1"});
  const auto keys = Started();
  Publish({"k1", "k1"});
  time_.RunFor(RemoteKeys::kFresh + absl::Seconds(10));
  EXPECT_EQ(keys->Find("k1").known, Known::kYes);
  EXPECT_EQ(withdrawn_, 0);
}

TEST_F(RemoteKeysTest, LeaveAnIssuerThatFailsThreeTimesInPeaceForHalfAMinute) {
  down_ = true;
  const auto keys = Started();
  time_.RunFor(absl::Seconds(5));
  EXPECT_EQ(asked_.size(), 3U) << "at 0, 1 and 2 seconds";
  for (int i = 0; i < 100; ++i) keys->Find("k1");
  time_.RunFor(absl::Seconds(20));
  EXPECT_EQ(asked_.size(), 3U);
  time_.RunFor(absl::Seconds(10));
  EXPECT_EQ(asked_.size(), 4U) << "one attempt, to see";
  Publish({"k1"});
  down_ = false;
  time_.RunFor(RemoteKeys::kOpen);
  EXPECT_EQ(keys->Find("k1").known, Known::kYes);
}

TEST_F(RemoteKeysTest, AreLookedForWhereTheIssuersDocumentSays) {
  RemoteKeys::Parts parts = Parts();
  parts.jwks_uri = "";
  Publish({"k1"});
  pages_["https://sign-in.example/.well-known/openid-configuration"] =
      R"({"issuer":"https://sign-in.example","jwks_uri":"https://sign-in.example/keys"})";
  const auto keys = RemoteKeys::Start(std::move(parts));
  time_.RunFor(absl::Milliseconds(1));
  EXPECT_EQ(keys->Find("k1").known, Known::kYes);
}

TEST_F(RemoteKeysTest, AskNobodyOnceTheyAreGone) {
  Publish({"k1"});
  Started().reset();
  time_.RunFor(absl::Hours(1));
  EXPECT_EQ(asked_.size(), 1U);
}

}  // namespace
}  // namespace holdfast::security
