// The services as processes of their own on a real broker: two instances of each that decides, one
// kills the owner, stops it, drains it, and no acknowledged command is lost. Label grpc.
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "holdfast/initiative/v1/initiative.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "base/error.h"
#include "cli/rpc_names.h"
#include "cli/session.h"
#include "command_line.h"
#include "flow_house.h"
#include "standalone_process.h"
#include "testing/kafka_broker.h"

namespace holdfast::flow {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::KafkaBroker;

constexpr int kReplicas = 2;
constexpr char kTimeoutMs[] = "2000";
constexpr char kTenant[] = "westmoor";

std::string FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  const bool bound = bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 &&
                     getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size) == 0;
  close(fd);
  return bound ? std::to_string(ntohs(at.sin_port)) : "0";
}

// The words of an instance that stands alone or among others.
struct Instance {
  std::string service;
  int ordinal = 0;
  std::string port;
  std::string folder;
};

class Deployment : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (KafkaBroker::Get() == nullptr) return;
    root_ = FreshFolder("deployment");
    MakeSecrets(root_ + "/secrets");
    const Said made = RunCommand({"kafka", "topics", "apply", "--bootstrap", Bootstrap(),
                                  "--partitions", "4", "--replication", "1"});
    ASSERT_EQ(made.code, 0) << made.err;
    std::map<std::string, std::vector<std::string>> ports;
    for (const char* service : {"initiative", "metrics", "projection"}) {
      for (int i = 0; i < kReplicas; ++i) {
        const std::string port = FreePort();
        ports[service].push_back("127.0.0.1:" + port);
        instances_.push_back({service, i, port, absl::StrCat(root_, "/", service, "-", i)});
      }
    }
    for (const auto& [service, addresses] : ports) {
      absl::StrAppend(&doors_, service, "=", absl::StrJoin(addresses, ","), ";");
    }
    absl::StrAppend(&doors_, "board=", absl::StrJoin(ports["projection"], ","),
                    ";operations=", absl::StrJoin(ports["initiative"], ","),
                    ";*=", absl::StrJoin(ports["initiative"], ","));
    for (const Instance& instance : instances_) Begin(instance);
    for (const Instance& instance : instances_) {
      ASSERT_TRUE(processes_.at(instance.folder)->AwaitReady()) << instance.folder;
    }
  }
  static void TearDownTestSuite() { processes_.clear(); }
  void SetUp() override {
    if (KafkaBroker::Get() == nullptr) GTEST_SKIP() << "skipped: there is no broker here";
  }

  static std::string Bootstrap() { return KafkaBroker::Get()->bootstrap(); }

  static void MakeSecrets(const std::string& folder) {
    WriteFile(folder + "/command-mac.key", std::string(32, 'k'));
    const std::string make =
        absl::StrCat("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ", folder,
                     "/development-issuer.pem 2>/dev/null");
    ASSERT_EQ(std::system(make.c_str()), 0) << make;
    for (const char* name : {"/command-mac.key", "/development-issuer.pem"}) {
      ASSERT_EQ(chmod((folder + name).c_str(), 0600), 0);
    }
  }

  static std::vector<std::string> WordsOf(const Instance& instance,
                                          const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {BinaryOf("holdfast-" + instance.service), "--data",
                                      instance.folder, "--demo=empty"};
    std::vector<std::string> settings = {
        "listen.grpc_port=" + instance.port,
        "listen.admin_port=0",
        "listen.replace_taken_ports=true",
        "kafka.bootstrap=" + Bootstrap(),
        "kafka.partitions=4",
        "kafka.replication=1",
        absl::StrCat("instance.ordinal=", instance.ordinal),
        absl::StrCat("instance.replicas=", kReplicas),
        absl::StrCat("instance.heartbeat_timeout_ms=", kTimeoutMs),
        "instance.doors=" + doors_,
        "instance.shared_secrets=" + root_ + "/secrets",
    };
    settings.insert(settings.end(), more.begin(), more.end());
    for (const std::string& setting : settings) {
      words.emplace_back("--set");
      words.push_back(setting);
    }
    return words;
  }

  static void Begin(const Instance& instance) {
    processes_[instance.folder] =
        std::make_unique<StandaloneProcess>(WordsOf(instance), instance.folder);
  }

  static Said Run(Words words) {
    words.insert(words.begin(), {"--address", doors_, "--tenant", kTenant, "--timeout", "60"});
    return RunCommand(words);
  }

  // Of the initiative, that decides for the tenant now.
  static const Instance& Owner() {
    cli::Session session({doors_, kTenant, "trial", "", absl::Seconds(60)});
    for (const Instance& instance : instances_) {
      if (instance.service != "initiative") continue;
      cli::Session alone({"127.0.0.1:" + instance.port, kTenant, "trial", "", absl::Seconds(5)});
      rpc::CallOptions options = alone.Options();
      options.max_retries = 0;
      initiative::v1::CreateSite create;
      create.set_name("Asks who decides");
      type::v1::Receipt receipt;
      if (!alone.SignIn().ok()) continue;
      const absl::Status asked =
          alone.client().Call(cli::Initiative("CreateSite"), create, receipt, options);
      if (asked.ok()) return instance;
    }
    ADD_FAILURE() << "no instance decides for the tenant";
    return instances_.front();
  }

  // Creates sites from two clients until told, each command under a key of its own.
  class Load {
   public:
    Load() {
      for (int client = 0; client < 2; ++client) threads_.emplace_back([this] { Go(); });
    }
    ~Load() { Stop(); }
    void Stop() {
      stop_.store(true);
      threads_.clear();
    }
    const std::set<std::string>& acknowledged() const { return acknowledged_; }
    const std::set<std::string>& failures() const { return failures_; }
    absl::Duration longest() const { return longest_; }

   private:
    void Go() {
      cli::Session session({doors_, kTenant, "trial", "", absl::Seconds(60)});
      while (!stop_.load()) {
        initiative::v1::CreateSite create;
        const int number = ++loads_;
        create.set_name(absl::StrCat("Load ", number, " of ", getpid(), "-", round_));
        type::v1::Receipt receipt;
        const absl::Time begun = absl::Now();
        absl::Status answer;
        const std::string key = absl::StrCat("load-", getpid(), "-", round_, "-", number);
        // The client itself gives up after some tries; a person would press the button again.
        do {
          answer = session.Command(cli::Initiative("CreateSite"), create, receipt, key);
        } while (absl::IsUnavailable(answer) && absl::Now() - begun < absl::Minutes(1));
        const absl::Duration took = absl::Now() - begun;
        absl::SleepFor(absl::Milliseconds(10));
        const absl::MutexLock lock(&mutex_);
        longest_ = std::max(longest_, took);
        if (answer.ok()) {
          acknowledged_.insert(create.name());
        } else {
          failures_.insert(std::string(answer.message()));
        }
      }
    }

    static inline int rounds_ = 0;
    const int round_ = ++rounds_;
    std::atomic<bool> stop_{false};
    std::atomic<int> loads_{0};
    absl::Mutex mutex_;
    std::set<std::string> acknowledged_;
    std::set<std::string> failures_;
    absl::Duration longest_;
    std::vector<std::jthread> threads_;
  };

  // Every acknowledged site is there, once.
  static void ExpectAllOnce(const std::set<std::string>& acknowledged) {
    const Said listed = Run({"site", "list", "-o", "csv"});
    ASSERT_EQ(listed.code, 0) << listed.err;
    for (const std::string& name : acknowledged) {
      const std::size_t first = listed.out.find("," + name + ",");
      ASSERT_NE(first, std::string::npos) << name;
      ASSERT_EQ(listed.out.find("," + name + ",", first + 1), std::string::npos) << name;
    }
    EXPECT_EQ(Run({"journal", "verify"}).code, 0);
    EXPECT_EQ(Run({"projection", "verify", "--all"}).code, 0);
  }

  static inline std::string root_;
  static inline std::string doors_;
  static inline std::vector<Instance> instances_;
  static inline std::map<std::string, std::unique_ptr<StandaloneProcess>> processes_;
};

TEST_F(Deployment, StandsOnABroker) {
  for (const Instance& instance : instances_) {
    EXPECT_EQ(processes_.at(instance.folder)->AdminPage("/readyz"), "ok\n") << instance.folder;
  }
}

TEST_F(Deployment, CarriesAJourneyThroughItsServices) {
  const Said created = Run({"site", "create", "--name", "Mill Lane", "-o", "json"});
  ASSERT_EQ(created.code, 0) << created.err;
  // Another instance may answer, a moment behind.
  EXPECT_TRUE(
      Await([] { return Run({"site", "list"}).out.find("Mill Lane") != std::string::npos; }));
  const Said measures = Run({"measure", "list"});
  EXPECT_EQ(measures.code, 0) << measures.err;
  EXPECT_THAT(measures.out, HasSubstr("severity"));
  const std::string csv =
      WriteFile(root_ + "/council-fly-tipping.csv", "area,month,count\nX001,2017-01,7\n");
  const Said planned = Run({"import", "plan", csv, "--profile", "agency-series@1"});
  EXPECT_THAT(planned.err + planned.out, HasSubstr("area"))
      << "an area is unknown, and that is said";
}

TEST_F(Deployment, LosesNothingAndGoesOnWhereTheOwnerIsKilled) {
  const Instance owner = Owner();
  Load load;
  absl::SleepFor(absl::Seconds(1));
  processes_.at(owner.folder)->Signal(SIGKILL);
  processes_.at(owner.folder)->AwaitEnd();
  absl::SleepFor(absl::Seconds(6));
  load.Stop();
  std::printf("[ take-over ] longest command %s, heartbeat timeout %s ms\n",
              absl::FormatDuration(load.longest()).c_str(), kTimeoutMs);
  EXPECT_THAT(load.failures(), IsEmpty());
  EXPECT_NE(Owner().ordinal, owner.ordinal);
  ExpectAllOnce(load.acknowledged());
  Begin(owner);
  ASSERT_TRUE(processes_.at(owner.folder)->AwaitReady());
}

TEST_F(Deployment, LosesNothingAndShowsNoErrorWhereTheOwnerDrains) {
  const Instance owner = Owner();
  Load load;
  absl::SleepFor(absl::Seconds(1));
  processes_.at(owner.folder)->Signal(SIGTERM);
  EXPECT_EQ(processes_.at(owner.folder)->AwaitEnd(), 0);
  absl::SleepFor(absl::Seconds(2));
  load.Stop();
  std::printf("[ drain ] longest command %s\n", absl::FormatDuration(load.longest()).c_str());
  EXPECT_THAT(load.failures(), IsEmpty());
  ExpectAllOnce(load.acknowledged());
  Begin(owner);
  ASSERT_TRUE(processes_.at(owner.folder)->AwaitReady());
}

TEST_F(Deployment, LosesNothingWhereTheOwnerSleepsAndComesBack) {
  const Instance owner = Owner();
  Load load;
  absl::SleepFor(absl::Seconds(1));
  processes_.at(owner.folder)->Signal(SIGSTOP);
  absl::SleepFor(absl::Seconds(6));
  processes_.at(owner.folder)->Signal(SIGCONT);
  absl::SleepFor(absl::Seconds(3));
  load.Stop();
  std::printf("[ sleep ] longest command %s\n", absl::FormatDuration(load.longest()).c_str());
  EXPECT_THAT(load.failures(), IsEmpty());
  ExpectAllOnce(load.acknowledged());
}

TEST_F(Deployment, RefusesToStartOnTopicsThatAreOtherwise) {
  Instance other = {"initiative", 0, "0", root_ + "/other"};
  const auto last_line = [&](const std::vector<std::string>& more) {
    StandaloneProcess process(WordsOf(other, more), other.folder);
    EXPECT_FALSE(process.AwaitReady());
    EXPECT_EQ(process.AwaitEnd(), 1);
    return process.said();
  };
  EXPECT_THAT(last_line({"kafka.partitions=8"}),
              AllOf(HasSubstr("holdfast.journal.initiative"), HasSubstr("4 partitions")));
  EXPECT_THAT(last_line({"kafka.topic_prefix=nowhere."}), HasSubstr("nowhere.initiative"));
  EXPECT_THAT(last_line({"kafka.bootstrap=127.0.0.1:1"}), HasSubstr("127.0.0.1:1"));
  EXPECT_THAT(last_line({"instance.shared_secrets=" + root_}), HasSubstr("command-mac.key"));
  EXPECT_THAT(last_line({"instance.ordinal=2"}), HasSubstr("instance.ordinal"));
}

}  // namespace
}  // namespace holdfast::flow

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  return holdfast::testing::KafkaBroker::RunAllTests("Deployment.StandsOnABroker");
}
