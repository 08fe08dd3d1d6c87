#include "http/server.h"

#include <string>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace holdfast::http {
namespace {

// Sends bytes to the port and reads until the server closes.
std::string Talk(std::uint16_t port, const std::string& bytes) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  std::string out;
  char buffer[4096];
  for (ssize_t got = 0; (got = recv(fd, buffer, sizeof buffer, 0)) > 0;) {
    out.append(buffer, static_cast<std::size_t>(got));
  }
  close(fd);
  return out;
}

std::unique_ptr<Server> Echo(const ServerOptions& options = {}) {
  auto server = Server::Start(options, [](const Request& request, Server::Respond respond) {
    std::move(respond)(Response::Text(
        200, request.method + " " + request.path + "?" + request.query + " " + request.body));
  });
  EXPECT_TRUE(server.ok()) << server.status();
  return *std::move(server);
}

TEST(Server, AnswersSeveralRequestsOnOneConnection) {
  const auto server = Echo();
  const std::string out =
      Talk(server->port(),
           "GET /a?b=c HTTP/1.1\r\nhost: x\r\n\r\n"
           "POST /d HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi");
  EXPECT_NE(out.find("GET /a?b=c "), std::string::npos);
  EXPECT_NE(out.find("POST /d? hi"), std::string::npos);
}

TEST(Server, RefusesWhatIsTooLargeOrNoHttp) {
  ServerOptions options;
  options.max_body_bytes = 10;
  options.max_target_bytes = 20;
  const auto server = Echo(options);
  EXPECT_NE(
      Talk(server->port(), "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 11\r\n\r\n01234567890")
          .find(" 413 "),
      std::string::npos);
  EXPECT_NE(Talk(server->port(), "GET /" + std::string(30, 'a') +
                                     " HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
                .find(" 414 "),
            std::string::npos);
  EXPECT_NE(Talk(server->port(), "GET / HTTP/1.1\r\nx: " + std::string(20'000, 'a') + "\r\n\r\n")
                .find(" 431 "),
            std::string::npos);
  EXPECT_NE(Talk(server->port(), "nonsense\r\n\r\n").find(" 400 "), std::string::npos);
}

TEST(Server, SaysThatABodyIsTooLargeAsACallSaysItsErrors) {
  ServerOptions options;
  options.max_body_bytes = 10;
  const auto server = Echo(options);
  const std::string answer =
      Talk(server->port(), "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 11\r\n\r\n01234567890");
  EXPECT_NE(answer.find("HTTP/1.1 413 "), std::string::npos) << answer;
  EXPECT_NE(answer.find("content-type: application/json\r\n"), std::string::npos) << answer;
  EXPECT_NE(answer.find(R"("code":"resource_exhausted")"), std::string::npos) << answer;
  EXPECT_NE(answer.find("at most 10 bytes are taken here. Send less at once"), std::string::npos)
      << answer;
}

TEST(Server, SendsItsFixedHeadersWithEveryAnswerAlsoWithThoseOfItsOwn) {
  ServerOptions options;
  options.max_body_bytes = 10;
  options.max_target_bytes = 20;
  options.headers = {{"x-content-type-options", "nosniff"}};
  const auto server = Echo(options);
  const std::string end = "host: x\r\nconnection: close\r\n\r\n";
  for (const auto& [status, request] : std::vector<std::pair<std::string, std::string>>{
           {" 200 ", "GET / HTTP/1.1\r\n" + end},
           {" 200 ", "HEAD / HTTP/1.1\r\n" + end},
           {" 400 ", "nonsense\r\n\r\n"},
           {" 413 ", "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 11\r\n\r\n01234567890"},
           {" 414 ", "GET /" + std::string(30, 'a') + " HTTP/1.1\r\n" + end},
           {" 431 ", "GET / HTTP/1.1\r\nx: " + std::string(20'000, 'a') + "\r\n\r\n"}}) {
    const std::string answer = Talk(server->port(), request);
    EXPECT_NE(answer.find(status), std::string::npos) << answer;
    EXPECT_NE(answer.find("x-content-type-options: nosniff\r\n"), std::string::npos) << answer;
  }
}

TEST(Server, SaysWhichPortIsTaken) {
  const auto server = Echo();
  ServerOptions options;
  options.port = server->port();
  const auto second = Server::Start(options, [](const Request&, Server::Respond) {});
  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.status().message().find(std::to_string(server->port())), std::string::npos);
}

TEST(Server, StopsWithConnectionsOpen) {
  const auto server = Echo();
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server->port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  server->Stop(absl::Seconds(1));
  close(fd);
}

}  // namespace
}  // namespace holdfast::http
