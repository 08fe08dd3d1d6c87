#include "deployment_house.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "holdfast/initiative/v1/initiative.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "base/error.h"
#include "cli/rpc_names.h"
#include "cli/session.h"
#include "testing/kafka_broker.h"

namespace holdfast::flow {
namespace {

constexpr absl::Duration kUnknownAfter = absl::Minutes(2);
constexpr absl::Duration kBetween = absl::Milliseconds(10);
constexpr int kSendAgain = 7;  // each so manieth is sent again once it was answered

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

// The key of MACs may be there: of the journal that the deployment took over.
bool MakeSecrets(const std::string& folder) {
  if (access((folder + "/command-mac.key").c_str(), F_OK) != 0)
    WriteFile(folder + "/command-mac.key", std::string(32, 'k'));
  const std::string make =
      absl::StrCat("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ", folder,
                   "/development-issuer.pem 2>/dev/null");
  return std::system(make.c_str()) == 0 &&
         chmod((folder + "/command-mac.key").c_str(), 0600) == 0 &&
         chmod((folder + "/development-issuer.pem").c_str(), 0600) == 0;
}

cli::SessionOptions OptionsOf(std::string doors, std::string tenant, absl::Duration timeout) {
  return {std::move(doors), std::move(tenant), "trial", "", timeout};
}

int NextRound() {
  static std::atomic<int> rounds{0};
  return ++rounds;
}

// "not now, or it is not known": the same command is sent again.
bool MustRepeat(const absl::Status& answer) {
  return absl::IsUnavailable(answer) || absl::IsDeadlineExceeded(answer) ||
         absl::IsCancelled(answer);
}

int CountOf(const std::string& text, const std::string& wanted) {
  int count = 0;
  for (std::size_t at = text.find(wanted); at != std::string::npos;
       at = text.find(wanted, at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace

Load::Load(std::string doors, std::vector<std::string> tenants, int clients)
    : doors_(std::move(doors)), tenants_(std::move(tenants)), round_(NextRound()) {
  for (int client = 0; client < clients; ++client) {
    threads_.emplace_back([this, client] { Go(static_cast<std::size_t>(client)); });
  }
}

Load::~Load() {
  Stop();
}

void Load::AwaitMore(int acknowledged) {
  const int wanted = answered_.load() + acknowledged;
  const absl::Time until = absl::Now() + kUnknownAfter;
  while (answered_.load() < wanted && absl::Now() < until) LetPass(kBetween);
}

void LetPass(absl::Duration duration) {
  std::this_thread::sleep_for(absl::ToChronoNanoseconds(duration));
}

void Load::Stop() {
  stop_.store(true);
  threads_.clear();
}

void Load::Go(std::size_t client) {
  const std::string tenant = tenants_[client % tenants_.size()];
  cli::Session session(OptionsOf(doors_, tenant, absl::Seconds(10)));
  while (!stop_.load()) {
    const int number = ++issued_;
    initiative::v1::CreateSite create;
    create.set_name(absl::StrCat("Load ", number, " of ", getpid(), "-", round_));
    const std::string key = absl::StrCat("load-", getpid(), "-", round_, "-", number);
    type::v1::Receipt receipt;
    const absl::Time begun = absl::Now();
    const absl::Status answer = Insist(session, create, key, receipt);
    const absl::Duration took = absl::Now() - begun;
    if (answer.ok() && number % kSendAgain == 0) SendAgain(session, create, key, receipt);
    LetPass(kBetween);
    Note(tenant, create.name(), answer, took);
  }
}

// The client itself gives up after some tries; a person would press the button again.
absl::Status Load::Insist(cli::Session& session, const initiative::v1::CreateSite& create,
                          const std::string& key, type::v1::Receipt& receipt) {
  const absl::Time begun = absl::Now();
  absl::Status answer;
  do {
    answer = session.Command(cli::Initiative("CreateSite"), create, receipt, key);
  } while (MustRepeat(answer) && absl::Now() - begun < kUnknownAfter);
  return answer;
}

void Load::SendAgain(cli::Session& session, const initiative::v1::CreateSite& create,
                     const std::string& key, const type::v1::Receipt& first) {
  type::v1::Receipt again;
  const absl::Status repeated = session.Command(cli::Initiative("CreateSite"), create, again, key);
  if (!repeated.ok() || again.stream() == first.stream()) return;
  const absl::MutexLock lock(&mutex_);
  failures_.insert("a command that was asked twice took effect twice");
}

void Load::Note(const std::string& tenant, const std::string& name, const absl::Status& answer,
                absl::Duration took) {
  const absl::MutexLock lock(&mutex_);
  longest_ = std::max(longest_, took);
  if (answer.ok()) {
    ++answered_;
    acknowledged_[tenant].insert(name);
  } else if (MustRepeat(answer)) {
    unknown_[tenant].insert(name);
  } else {
    failures_.insert(std::string(answer.message()));
  }
}

DeploymentHouse::DeploymentHouse(std::string_view name, testing::KafkaBroker& broker)
    : root_(FreshFolder(name)), broker_(broker) {}

bool DeploymentHouse::Open() {
  if (!MakeSecrets(root_ + "/secrets")) {
    ADD_FAILURE() << "no shared secrets could be made in " << root_;
    return false;
  }
  const Said made =
      RunCommand({"kafka", "topics", "apply", "--bootstrap", broker_.bootstrap(), "--partitions",
                  "4", "--replication", std::to_string(broker_.nodes())});
  EXPECT_EQ(made.code, 0) << made.err;
  std::map<std::string, std::vector<std::string>> addresses;
  for (const char* service : {"initiative", "metrics", "projection"}) {
    for (int i = 0; i < kReplicas; ++i) {
      const std::string port = FreePort();
      addresses[service].push_back("127.0.0.1:" + port);
      instances_.push_back({service, i, port, absl::StrCat(root_, "/", service, "-", i)});
    }
  }
  for (const auto& [service, all] : addresses) {
    absl::StrAppend(&doors_, service, "=", absl::StrJoin(all, ","), ";");
  }
  absl::StrAppend(&doors_, "board=", absl::StrJoin(addresses["projection"], ","),
                  ";operations=", absl::StrJoin(addresses["initiative"], ","),
                  ";*=", absl::StrJoin(addresses["initiative"], ","));
  for (const Instance& instance : instances_) Begin(instance);
  bool ready = made.code == 0;
  for (const Instance& instance : instances_) {
    const bool answers = ProcessOf(instance).AwaitReady();
    EXPECT_TRUE(answers) << instance.folder;
    ready = ready && answers;
  }
  return ready;
}

std::vector<std::string> DeploymentHouse::WordsOf(const Instance& instance,
                                                  const std::vector<std::string>& more) const {
  std::vector<std::string> words = {BinaryOf("holdfast-" + instance.service), "--data",
                                    instance.folder, "--demo=empty"};
  std::vector<std::string> settings = {
      "listen.grpc_port=" + instance.port,
      "listen.admin_port=0",
      "listen.replace_taken_ports=true",
      "kafka.bootstrap=" + broker_.bootstrap(),
      "kafka.partitions=4",
      absl::StrCat("kafka.replication=", broker_.nodes()),
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

void DeploymentHouse::Begin(const Instance& instance) {
  processes_[instance.folder] =
      std::make_unique<StandaloneProcess>(WordsOf(instance), instance.folder);
}

Said DeploymentHouse::Run(const std::string& tenant, Words words) const {
  words.insert(words.begin(), {"--address", doors_, "--tenant", tenant, "--timeout", "60"});
  return RunCommand(words);
}

Said DeploymentHouse::RunAt(const Instance& instance, const std::string& tenant,
                            Words words) const {
  words.insert(words.begin(),
               {"--address", "127.0.0.1:" + instance.port, "--tenant", tenant, "--timeout", "60"});
  return RunCommand(words);
}

Instance DeploymentHouse::OwnerOf(const std::string& tenant) const {
  for (const Instance& instance : instances_) {
    if (instance.service != "initiative") continue;
    cli::Session alone(OptionsOf("127.0.0.1:" + instance.port, tenant, absl::Seconds(5)));
    rpc::CallOptions options = alone.Options();
    options.max_retries = 0;
    initiative::v1::CreateSite create;
    create.set_name("Asks who decides");
    type::v1::Receipt receipt;
    if (!alone.SignIn().ok()) continue;
    if (alone.client().Call(cli::Initiative("CreateSite"), create, receipt, options).ok()) {
      return instance;
    }
  }
  ADD_FAILURE() << "no instance decides for the tenant";
  return instances_.front();
}

// Every instance reads the same log, and what it shows is a fold of it.
void DeploymentHouse::CheckInstances(const std::string& service, const std::string& tenant,
                                     std::vector<std::string>& violations) const {
  std::set<std::string> journals;
  // A barrier or a reaction may still come between the two questions.
  (void)Await([&] {
    journals.clear();
    for (const Instance& instance : instances_) {
      if (instance.service != service) continue;
      const Said verified = RunAt(instance, tenant, {"journal", "verify", "-o", "csv"});
      journals.insert(verified.code == 0 ? verified.out : instance.folder + ": " + verified.err);
    }
    return journals.size() == 1;
  });
  if (journals.size() != 1) {
    violations.push_back(absl::StrCat("the instances of ", service, " read different journals: ",
                                      absl::StrJoin(journals, " | ")));
  }
  for (const Instance& instance : instances_) {
    if (instance.service != service) continue;
    const Said views = RunAt(instance, tenant, {"projection", "verify", "--all"});
    if (views.code != 0) violations.push_back(instance.folder + ": " + views.err);
  }
}

// Each acknowledged site is there once, each unknown one at most once.
void DeploymentHouse::CheckSites(const Load& load, const std::string& tenant,
                                 std::vector<std::string>& violations) const {
  static const std::set<std::string> none;
  const auto of = [&tenant](const auto& names) -> const std::set<std::string>& {
    const auto found = names.find(tenant);
    return found == names.end() ? none : found->second;
  };
  std::string listed;
  const auto occurs = [&](const std::string& name) { return CountOf(listed, "," + name + ","); };
  // Views follow a moment later.
  (void)Await([&] {
    listed = Run(tenant, {"site", "list", "-o", "csv"}).out;
    return std::ranges::all_of(of(load.acknowledged()),
                               [&](const auto& name) { return occurs(name) == 1; });
  });
  for (const std::string& name : of(load.acknowledged())) {
    if (occurs(name) == 1) continue;
    violations.push_back(absl::StrCat("acknowledged, and there ", occurs(name), " times: ", name));
  }
  for (const std::string& name : of(load.unknown())) {
    if (occurs(name) > 1) violations.push_back("unknown, and there twice: " + name);
  }
}

std::vector<std::string> DeploymentHouse::Violations(const Load& load) const {
  std::vector<std::string> violations(load.failures().begin(), load.failures().end());
  std::set<std::string> tenants;
  for (const auto& [tenant, names] : load.acknowledged()) tenants.insert(tenant);
  for (const auto& [tenant, names] : load.unknown()) tenants.insert(tenant);
  for (const std::string& tenant : tenants) {
    CheckSites(load, tenant, violations);
    for (const char* service : {"initiative", "metrics", "projection"}) {
      CheckInstances(service, tenant, violations);
    }
  }
  return violations;
}

}  // namespace holdfast::flow
