#include "rpc/routes.h"

#include <string>
#include <string_view>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holdfast::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Routes, SendEachContextToItsOwnDoorsAndTheRestToTheRest) {
  const auto routes = Routes::Parse("initiative=a:1,b:2;metrics=c:3;*=d:4");
  ASSERT_TRUE(routes.ok()) << routes.status();
  EXPECT_THAT(routes->Of("/holdfast.initiative.v1.InitiativeService/CreateSite"),
              ElementsAre("a:1", "b:2"));
  EXPECT_THAT(routes->Of("/holdfast.metrics.v1.MetricsService/GetSeries"), ElementsAre("c:3"));
  EXPECT_THAT(routes->Of("/holdfast.directory.v1.SessionService/GetSession"), ElementsAre("d:4"));
  EXPECT_THAT(routes->Of("/grpc.health.v1.Health/Check"), ElementsAre("d:4"));
  EXPECT_THAT(routes->All(), ElementsAre("a:1", "b:2", "c:3", "d:4"));
}

TEST(Routes, TakeOneAddressForEverything) {
  const auto routes = Routes::Parse("127.0.0.1:8081");
  ASSERT_TRUE(routes.ok()) << routes.status();
  EXPECT_THAT(routes->Of("/holdfast.metrics.v1.MetricsService/GetSeries"),
              ElementsAre("127.0.0.1:8081"));
}

TEST(Routes, RefuseWhatIsNoListOfDoorsAndSayHowOneIsWritten) {
  for (const std::string_view text :
       {"", "localhost", "a:0", "a:70000", "a:1,", "=a:1", "metrics=a:1", "a:1;b:2",
        "metrics=a:1;metrics=b:2;*=c:3", ":80"}) {
    const auto routes = Routes::Parse(text);
    EXPECT_EQ(routes.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(routes.status().message()), HasSubstr("host:port")) << text;
  }
}

}  // namespace
}  // namespace holdfast::rpc
