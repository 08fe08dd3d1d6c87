#include "app/healthcheck.h"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/status/status.h"
#include "app/admin_server.h"

namespace holdfast::app {
namespace {

using ::testing::HasSubstr;

std::unique_ptr<http::Server> ProcessThatIs(const absl::Status& ready) {
  const auto well = [] { return absl::OkStatus(); };
  auto server = StartAdminServer("127.0.0.1", 0, {well, well, [ready] { return ready; }});
  EXPECT_TRUE(server.ok()) << server.status();
  return *std::move(server);
}

TEST(Healthcheck, IsGoodWhereTheProcessIsReady) {
  const auto process = ProcessThatIs(absl::OkStatus());
  EXPECT_TRUE(Healthcheck("127.0.0.1", process->port()).ok());
}

TEST(Healthcheck, AsksLoopbackWhereTheProcessListensEverywhere) {
  const auto process = ProcessThatIs(absl::OkStatus());
  EXPECT_TRUE(Healthcheck("0.0.0.0", process->port()).ok());
}

TEST(Healthcheck, SaysWhyTheProcessIsNotReady) {
  const auto process = ProcessThatIs(absl::UnavailableError("draining"));
  EXPECT_EQ(Healthcheck("127.0.0.1", process->port()), absl::UnavailableError("readyz: draining"));
}

TEST(Healthcheck, AsksThePageThatIsNamed) {
  const auto process = ProcessThatIs(absl::UnavailableError("draining"));
  EXPECT_TRUE(Healthcheck("127.0.0.1", process->port(), "livez").ok());
  EXPECT_FALSE(Healthcheck("127.0.0.1", process->port(), "no-such-page").ok());
}

TEST(Healthcheck, TakesThePageOutOfTheWordsAndLeavesTheOptions) {
  const std::vector<const char*> words = {"healthcheck", "livez", "--port", "1"};
  int count = 4;
  const char* const* rest = words.data();
  EXPECT_EQ(TakePage(count, rest), "livez");
  EXPECT_EQ(count, 3);
  EXPECT_STREQ(rest[1], "--port");
  EXPECT_EQ(TakePage(count, rest), "readyz");
  EXPECT_EQ(count, 3);
}

TEST(Healthcheck, IsBadWhereNobodyAnswers) {
  auto process = ProcessThatIs(absl::OkStatus());
  const std::uint16_t port = process->port();
  process.reset();
  const absl::Status asked = Healthcheck("127.0.0.1", port);
  EXPECT_EQ(asked.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(asked.message()), HasSubstr("/readyz"));
}

}  // namespace
}  // namespace holdfast::app
