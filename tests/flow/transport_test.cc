// The programs as processes that know each other by certificates: who has none of the environment
// is not heard.

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "flow_house.h"
#include "http/fetch.h"
#include "openid_provider.h"
#include "standalone_process.h"

namespace holdfast::flow {
namespace {

using ::testing::HasSubstr;

constexpr char kScript[] = "deploy/tls/certificates.sh";

class Certificates : public ::testing::Test {
 protected:
  void SetUp() override {
    if (StandaloneBinary().empty() || BinaryOf("holdfast-gateway").empty()) {
      GTEST_SKIP() << "skipped: the programs are not built";
    }
    if (std::system("openssl version >/dev/null 2>&1") != 0) {
      GTEST_SKIP() << "skipped: there is no openssl program here";
    }
    Script("authority " + folder_ + "/authority");
  }

  static void Script(const std::string& words) {
    ASSERT_EQ(std::system(absl::StrCat(kScript, " ", words).c_str()), 0) << words;
  }
  // The folder of a leaf for that service.
  std::string LeafOf(const std::string& service) const {
    std::string leaf = absl::StrCat(folder_, "/", service);
    Script(absl::StrCat("leaf ", folder_, "/authority development ", service, " ", leaf));
    return leaf;
  }
  // What a gateway before that door answers when it is asked who can sign in.
  int AskThroughGateway(const std::string& door, const std::vector<std::string>& more) const {
    const int port = FreePort();
    std::vector<std::string> words = {BinaryOf("holdfast-gateway"), "--services", door, "--port",
                                      std::to_string(port)};
    words.insert(words.end(), more.begin(), more.end());
    StandaloneProcess gateway(words, folder_);
    EXPECT_TRUE(gateway.AwaitWord("\"console\"")) << gateway.said();
    http::FetchRules rules;
    rules.plain_loopback = true;
    rules.patience = absl::Seconds(60);
    const auto answer = http::Fetch(
        {"GET", absl::StrCat("http://127.0.0.1:", port, "/auth/people"), {}, ""}, rules);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? answer->status : 0;
  }

  const std::string folder_ = FreshFolder("certificates");
};

TEST_F(Certificates, LetTheProcessesOfOneEnvironmentTalkAndNobodyElse) {
  StandaloneProcess services(folder_ + "/data",
                             {"--set", "security.certificates=" + LeafOf("standalone")});
  ASSERT_TRUE(services.AwaitReady()) << services.said();
  const std::string door = services.grpc_address();
  const std::string gateway = LeafOf("gateway");
  EXPECT_EQ(AskThroughGateway(door, {"--certificates", gateway, "--environment", "development"}),
            200);
  EXPECT_NE(AskThroughGateway(door, {}), 200) << "without a certificate";
  EXPECT_NE(AskThroughGateway(door, {"--certificates", gateway}), 200)
      << "in production it takes no process of development";
}

TEST_F(Certificates, AreMissedBeforeAnythingBegins) {
  StandaloneProcess services(folder_ + "/data",
                             {"--set", "security.certificates=" + folder_ + "/none"});
  EXPECT_FALSE(services.AwaitReady());
  EXPECT_EQ(services.AwaitEnd(), 1);
  EXPECT_THAT(services.said(), HasSubstr("security.certificates: the authority's certificate"));
}

}  // namespace
}  // namespace holdfast::flow
