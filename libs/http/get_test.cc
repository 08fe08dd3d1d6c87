#include "http/get.h"

#include <memory>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "absl/synchronization/mutex.h"
#include "http/server.h"

namespace holdfast::http {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(10);

std::unique_ptr<Server> Serve(Server::Handler handler) {
  auto server = Server::Start({}, std::move(handler));
  EXPECT_TRUE(server.ok()) << server.status();
  return *std::move(server);
}

TEST(Get, BringsStatusAndBodyOfAnyAnswer) {
  const auto server = Serve([](Request request, Server::Respond respond) {
    std::move(respond)(Response::Text(503, request.method + " " + request.path));
  });
  const auto answer = Get("127.0.0.1", server->port(), "/readyz", kPatience);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->body, "GET /readyz");
}

TEST(Get, GivesUpOnWhoeverDoesNotAnswer) {
  absl::Mutex mutex;
  std::vector<Server::Respond> kept;
  const auto server = Serve([&](const Request&, Server::Respond respond) {
    const absl::MutexLock lock(&mutex);
    kept.push_back(std::move(respond));
  });
  const auto answer = Get("127.0.0.1", server->port(), "/", absl::Milliseconds(50));
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnavailable);
  server->Stop(absl::ZeroDuration());
}

TEST(Get, TakesAnAddressAndNoName) {
  EXPECT_EQ(Get("localhost", 1, "/", kPatience).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace holdfast::http
