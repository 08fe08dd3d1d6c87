// Real TLS between a server and clients of this process. Label grpc.

#include "rpc/transport_security.h"

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <grpcpp/channel.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "grpc/health/v1/health.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/clock.h"
#include "base/random.h"
#include "rpc/call_observer.h"
#include "rpc/client.h"
#include "rpc/descriptor_service.h"
#include "rpc/door.h"
#include "rpc/field_validator.h"
#include "rpc/health.h"
#include "rpc/server.h"

namespace holdfast::rpc {
namespace {

using ::testing::HasSubstr;

constexpr char kHealthCheck[] = "/grpc.health.v1.Health/Check";
constexpr char kOurs[] = "URI:spiffe://holdfast/production/initiative";

class Arrivals final : public CallObserver {
 public:
  void Started(const MethodPlan&) override { ++calls; }
  void Handled(const MethodPlan&, absl::StatusCode, absl::Duration) override {}
  void DoorRefused(std::string_view, std::string_view) override {}
  void TokenRejected(std::string_view) override {}
  void Faulted(const MethodPlan&, const absl::Status&, std::string_view) override {}
  std::atomic<int> calls{0};
};

// Certificates by the program that a deployment's own script uses.
class TransportTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::system("openssl version >/dev/null 2>&1") != 0) {
      GTEST_SKIP() << "skipped: there is no openssl program here";
    }
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    MakeAuthority("ca");
  }
  void TearDown() override {
    if (server_ != nullptr) server_->Shutdown(absl::Now() + absl::Seconds(5));
  }

  void Run(const std::string& command) const {
    ASSERT_EQ(
        std::system(absl::StrCat("cd ", folder_, " && (", command, ") >/dev/null 2>&1").c_str()), 0)
        << command;
  }
  void MakeAuthority(const std::string& name) const {
    Run(
        absl::StrCat("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
                     "-subj /CN=",
                     name, " -addext basicConstraints=critical,CA:true -keyout ", name,
                     ".key -out ", name, ".crt"));
  }
  // A leaf with these names (empty: none), of that authority; believes what `trusted` holds.
  TransportFiles Issue(const std::string& name, const std::string& names,
                       const std::string& authority = "ca",
                       const std::string& trusted = "ca") const {
    std::ofstream(folder_ + "/" + name + ".ext")
        << "basicConstraints=CA:false\n"
        << (names.empty() ? "" : "subjectAltName=" + names + "\n");
    Run(absl::StrCat("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=",
                     name, " -keyout ", name, ".key -out ", name, ".csr && openssl x509 -req -in ",
                     name, ".csr -CA ", authority, ".crt -CAkey ", authority,
                     ".key -CAcreateserial -days 1 -extfile ", name, ".ext -out ", name, ".crt"));
    return {folder_ + "/" + trusted + ".crt", folder_ + "/" + name + ".crt",
            folder_ + "/" + name + ".key"};
  }
  static std::shared_ptr<const TransportSecurity> Security(const TransportFiles& files) {
    auto security = TransportSecurity::Open(files, "production", absl::Seconds(1));
    EXPECT_TRUE(security.ok()) << security.status();
    return security.ok() ? *security : nullptr;
  }
  void Serve(const TransportFiles& files) {
    ServerOptions options;
    options.port = 0;
    options.security = Security(files);
    auto server = Server::Start(options, {service_.get()});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  absl::Status CallOver(std::shared_ptr<grpc::Channel> channel) const {
    grpc::health::v1::HealthCheckRequest request;
    grpc::health::v1::HealthCheckResponse answer;
    CallOptions options;
    options.timeout = absl::Seconds(10);
    options.max_retries = 0;
    return Client(std::move(channel)).Call(kHealthCheck, request, answer, options);
  }
  absl::Status CallAs(const TransportFiles& files) const {
    return CallOver(ConnectTo(server_->address(), *Security(files)));
  }

  const std::string folder_ = ::testing::TempDir() + "/transport";
  Arrivals arrivals_;
  FieldValidator validator_;
  Door door_{{nullptr, &validator_, &SystemClock(), &SystemRandom(), &arrivals_}};
  Health health_{{}};
  std::unique_ptr<DescriptorService> service_ = *health_.Service(door_, validator_);
  std::unique_ptr<Server> server_;
};

TEST_F(TransportTest, LetsProcessesOfOneEnvironmentCallEachOther) {
  Serve(Issue("server", kOurs));
  EXPECT_TRUE(CallAs(Issue("client", "URI:spiffe://holdfast/production/gateway")).ok());
  EXPECT_EQ(arrivals_.calls, 1);
}

TEST_F(TransportTest, TakesTheLeavesThatTheScriptOfADevelopmentMakes) {
  const std::string script =
      std::filesystem::current_path().string() + "/deploy/tls/certificates.sh";
  if (!std::filesystem::exists(script)) GTEST_SKIP() << "skipped: not run from the top of the tree";
  Run(script + " authority authority && " + script +
      " leaf authority production initiative server && " + script +
      " leaf authority production gateway client");
  const auto files = [this](const std::string& of) {
    const std::string at = folder_ + "/" + of + "/";
    return TransportFiles{at + "ca.crt", at + "tls.crt", at + "tls.key"};
  };
  Serve(files("server"));
  EXPECT_TRUE(CallAs(files("client")).ok());
}

TEST_F(TransportTest, LetsNoStrangerReachAnyMethod) {
  Serve(Issue("server", kOurs));
  MakeAuthority("other");
  const std::string gateway = "URI:spiffe://holdfast/production/gateway";
  const std::pair<const char*, TransportFiles> strangers[] = {
      {"of another authority", Issue("foreign", gateway, "other")},
      {"of another environment", Issue("staging", "URI:spiffe://holdfast/staging/gateway")},
      {"of another house", Issue("house", "URI:spiffe://elsewhere/production/gateway")},
      {"without a name", Issue("nameless", "")},
      {"named as a host", Issue("host", "DNS:gateway.holdfast.svc")},
      {"of two names", Issue("double", gateway + "," + kOurs)},
      {"of a name that goes on", Issue("path", gateway + "/more")},
      {"of an empty service", Issue("empty", "URI:spiffe://holdfast/production/")},
      {"that signed itself", {folder_ + "/ca.crt", folder_ + "/other.crt", folder_ + "/other.key"}},
  };
  for (const auto& [who, files] : strangers) {
    EXPECT_EQ(CallAs(files).code(), absl::StatusCode::kUnavailable) << who;
  }
  EXPECT_EQ(CallOver(ConnectTo(server_->address())).code(), absl::StatusCode::kUnavailable)
      << "without TLS";
  EXPECT_EQ(arrivals_.calls, 0);
}

TEST_F(TransportTest, CallsNoServerThatIsNotOfItsEnvironment) {
  MakeAuthority("other");
  Serve(Issue("server", "URI:spiffe://holdfast/staging/initiative"));
  EXPECT_FALSE(CallAs(Issue("client", kOurs)).ok());
  server_->Shutdown(absl::Now());
  Serve(Issue("foreign", kOurs, "other", "ca"));
  EXPECT_FALSE(CallAs(Issue("client", kOurs)).ok());
  EXPECT_EQ(arrivals_.calls, 0);
}

TEST_F(TransportTest, TakesNewCertificatesWithoutDroppingACall) {
  MakeAuthority("next");
  Run("cat ca.crt next.crt > both.crt");
  Run("mkdir one two && ln -s one live");
  const TransportFiles old_leaf = Issue("server", kOurs);
  const TransportFiles new_leaf = Issue("renewed", kOurs, "next");
  Run("cp server.crt one/leaf.crt && cp server.key one/leaf.key && cp renewed.crt two/leaf.crt && "
      "cp renewed.key two/leaf.key && chmod 600 one/leaf.key two/leaf.key");
  Serve({folder_ + "/both.crt", folder_ + "/live/leaf.crt", folder_ + "/live/leaf.key"});
  const TransportFiles of_both = Issue("client", kOurs, "ca", "both");
  // It believes the next authority alone, so it tells which leaf the server shows.
  const TransportFiles of_next = Issue("probe", kOurs, "ca", "next");
  EXPECT_FALSE(CallAs(of_next).ok());

  std::atomic<bool> done{false};
  std::atomic<int> dropped{0};
  std::atomic<int> answered{0};
  std::thread caller([&] {
    const auto channel = ConnectTo(server_->address(), *Security(of_both));
    while (!done.load()) ++(CallOver(channel).ok() ? answered : dropped);
  });
  Run("ln -s two swap && mv -T swap live");
  const absl::Time until = absl::Now() + absl::Seconds(30);
  bool renewed = false;
  while (!renewed && absl::Now() < until) renewed = CallAs(of_next).ok();
  done.store(true);
  caller.join();
  EXPECT_TRUE(renewed);
  EXPECT_EQ(dropped, 0);
  EXPECT_GT(answered, 0);
  EXPECT_TRUE(CallAs(of_both).ok());
}

TEST_F(TransportTest, SaysWhatIsMissingBeforeItBegins) {
  const TransportFiles good = Issue("server", kOurs);
  TransportFiles without = good;
  without.ca_file = folder_ + "/none.crt";
  EXPECT_THAT(std::string(TransportSecurity::Open(without, "production").status().message()),
              HasSubstr("the authority's certificate"));
  ASSERT_EQ(::chmod(good.key_file.c_str(), 0644), 0);
  EXPECT_THAT(std::string(TransportSecurity::Open(good, "production").status().message()),
              HasSubstr("the key of the certificate"));
}

TEST(ServiceOf, IsTheLastPartOfANameOfThisEnvironment) {
  EXPECT_EQ(ServiceOf("spiffe://holdfast/production/initiative", "production"), "initiative");
  for (const char* name :
       {"", "initiative", "spiffe://holdfast/production", "spiffe://holdfast/production/",
        "spiffe://holdfast/production/a/b", "spiffe://holdfast/productions/a",
        "spiffe://holdfast/production/A", "https://holdfast/production/a"}) {
    EXPECT_EQ(ServiceOf(name, "production"), "") << name;
  }
  EXPECT_EQ(ServiceOf("spiffe://holdfast//a", ""), "");
}

}  // namespace
}  // namespace holdfast::rpc
