#include "http/fetch.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "http/server.h"

namespace holdfast::http {
namespace {

using ::testing::HasSubstr;

class FetchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = Server::Start({}, [](Request request, Server::Respond respond) {
      if (request.path == "/away") {
        return std::move(respond)(Response{302, {{"location", "/keys"}}, ""});
      }
      if (request.path == "/large")
        return std::move(respond)(Response::Text(200, std::string(70'000, 'x')));
      if (request.path == "/silent") return silent_.push_back(std::move(respond));
      if (request.method == "POST") {
        return std::move(respond)(Response::Text(
            200, absl::StrCat(std::string(request.Header("content-type")), "|", request.body)));
      }
      std::move(respond)(Response::Text(request.path == "/keys" ? 200 : 404, "here"));
    });
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }
  void TearDown() override {
    for (Server::Respond& respond : silent_) std::move(respond)(Response::Text(200, "late"));
    silent_.clear();
    server_->Stop(absl::Seconds(5));
  }

  absl::StatusOr<Response> Ask(const std::string& path, bool loopback = true) {
    FetchRules rules;
    rules.plain_loopback = loopback;
    rules.patience = patience_;
    return Fetch({"GET", absl::StrCat("http://127.0.0.1:", server_->port(), path), {}, ""}, rules);
  }

  static inline std::vector<Server::Respond> silent_;
  absl::Duration patience_ = absl::Seconds(10);
  std::unique_ptr<Server> server_;
};

TEST_F(FetchTest, BringsStatusAndBody) {
  const auto answer = Ask("/keys");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "here");
  EXPECT_EQ(Ask("/elsewhere")->status, 404);
}

TEST_F(FetchTest, SendsABodyAsItIs) {
  FetchRules rules;
  rules.plain_loopback = true;
  const auto answer = Fetch({"POST",
                             absl::StrCat("http://127.0.0.1:", server_->port(), "/token"),
                             {{"content-type", "application/x-www-form-urlencoded"}},
                             "a=b&c=%20"},
                            rules);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->body, "application/x-www-form-urlencoded|a=b&c=%20");
}

TEST_F(FetchTest, FollowsNoRedirect) {
  EXPECT_EQ(Ask("/away")->status, 302);
}

TEST_F(FetchTest, RefusesMoreThanItsRulesAllow) {
  EXPECT_EQ(Ask("/large").status().code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(FetchTest, DoesNotWaitForEver) {
  patience_ = absl::Milliseconds(50);
  EXPECT_EQ(Ask("/silent").status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(FetchTest, AsksNobodyWithoutTlsUnlessItIsThisMachineInDevelopment) {
  EXPECT_EQ(Ask("/keys", false).status().code(), absl::StatusCode::kInvalidArgument);
  FetchRules rules;
  rules.plain_loopback = true;
  for (const char* address : {"http://sign-in.example/keys", "http://localhost/keys",
                              "file:///etc/passwd", "ftp://127.0.0.1/", "", "https://"}) {
    EXPECT_EQ(Fetch({"GET", address, {}, ""}, rules).status().code(),
              absl::StatusCode::kInvalidArgument)
        << address;
  }
}

// `openssl s_server` with a certificate of its own for 127.0.0.1, serving the files of a folder.
class HttpsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::system("openssl version >/dev/null 2>&1") != 0) {
      GTEST_SKIP() << "skipped: there is no openssl program here";
    }
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ + "/keys") << "HTTP/1.0 200 ok\r\n\r\nhere";
    ASSERT_EQ(std::system(absl::StrCat(
                              "cd ", folder_,
                              " && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test"
                              " -addext subjectAltName=IP:127.0.0.1 -keyout key -out cert"
                              " 2>/dev/null && openssl req -x509 -newkey rsa:2048 -nodes -days 2"
                              " -subj /CN=other -keyout other-key -out other 2>/dev/null")
                              .c_str()),
              0);
    server_.reset(
        popen(absl::StrCat("cd ", folder_,
                           " && exec timeout 60 openssl s_server -4 -accept 0 -cert cert -key key"
                           " -HTTP -naccept 4 2>&1")
                  .c_str(),
              "r"));
    ASSERT_NE(server_, nullptr);
    char line[256];
    while (port_.empty() && fgets(line, sizeof line, server_.get()) != nullptr) {
      const std::string text = line;
      if (text.starts_with("ACCEPT "))
        port_ = text.substr(text.rfind(':') + 1, text.find('\n') - text.rfind(':') - 1);
    }
    ASSERT_FALSE(port_.empty());
  }

  absl::StatusOr<Response> Ask(const std::string& ca_file, const std::string& host = "127.0.0.1") {
    FetchRules rules;
    rules.ca_file = ca_file;
    rules.patience = absl::Seconds(10);
    return Fetch({"GET", absl::StrCat("https://", host, ":", port_, "/keys"), {}, ""}, rules);
  }

  struct Close {
    void operator()(std::FILE* pipe) const { pclose(pipe); }
  };
  const std::string folder_ = ::testing::TempDir() + "/https";
  std::unique_ptr<std::FILE, Close> server_;
  std::string port_;
};

TEST_F(HttpsTest, BelievesACertificateThatLeadsToItsOwnAndNoOther) {
  const auto answer = Ask(folder_ + "/cert");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->body, "here");
  EXPECT_EQ(Ask(folder_ + "/other").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Ask("").status().code(), absl::StatusCode::kUnavailable) << "of the system";
  const auto other_name = Ask(folder_ + "/cert", "127.0.0.2");
  EXPECT_EQ(other_name.status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace holdfast::http
