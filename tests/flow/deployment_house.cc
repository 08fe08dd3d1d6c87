#include "deployment_house.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "holdfast/initiative/v1/initiative.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli/rpc_names.h"
#include "cli/session.h"
#include "testing/kafka_broker.h"

namespace holdfast::flow {
namespace {

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

int CountOf(const std::string& text, const std::string& wanted) {
  int count = 0;
  for (std::size_t at = text.find(wanted); at != std::string::npos;
       at = text.find(wanted, at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace

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

DeploymentHouse::DeploymentHouse(std::string_view name, testing::KafkaBroker& broker, int copies)
    : root_(FreshFolder(name)), broker_(broker), copies_(copies == 0 ? broker.nodes() : copies) {}

bool DeploymentHouse::Open() {
  if (!MakeSecrets(root_ + "/secrets")) {
    ADD_FAILURE() << "no shared secrets could be made in " << root_;
    return false;
  }
  const Said made =
      RunCommand({"kafka", "topics", "apply", "--bootstrap", broker_.bootstrap(), "--partitions",
                  std::to_string(kPartitions), "--replication", std::to_string(copies_)});
  EXPECT_EQ(made.code, 0) << made.err;
  std::map<std::string, std::vector<std::string>> addresses;
  if (!OpenFronts()) return false;
  for (const char* service : {"initiative", "metrics", "projection"}) {
    for (int i = 0; i < kReplicas; ++i) {
      const std::string name = absl::StrCat(service, "-", i);
      const auto placed = placed_.find(name);
      Instance instance{service, i, FreePort(),
                        placed == placed_.end() ? root_ + "/" + name : placed->second, ""};
      instance.door = absl::StrCat("127.0.0.1:", PortOfDoor(instance));
      addresses[service].push_back(instance.door);
      instances_.push_back(std::move(instance));
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

void DeploymentHouse::Place(const std::string& service, int ordinal, const std::string& folder) {
  placed_[absl::StrCat(service, "-", ordinal)] = folder;
}

// In front of the brokers, for the instances of each ordinal.
bool DeploymentHouse::OpenFronts() {
  for (int front = 0; front < broker_.fronts(); ++front) {
    for (const testing::KafkaBroker::Front& of : broker_.FrontOf(front)) {
      auto proxy = FaultProxy::Open(of.port, of.advertised);
      if (proxy == nullptr) {
        ADD_FAILURE() << "another program took the port of a proxy: run the test again";
        return false;
      }
      brokers_of_[front].push_back(std::move(proxy));
    }
  }
  return true;
}

// Its own, or that of a proxy before it.
std::uint16_t DeploymentHouse::PortOfDoor(const Instance& instance) {
  const auto own = static_cast<std::uint16_t>(std::atoi(instance.port.c_str()));
  if (broker_.fronts() == 0) return own;
  std::unique_ptr<FaultProxy>& proxy = doors_of_[instance.folder];
  proxy = FaultProxy::Open(own);
  return proxy->port();
}

FaultProxy* DeploymentHouse::DoorOf(const Instance& instance) const {
  const auto found = doors_of_.find(instance.folder);
  return found == doors_of_.end() ? nullptr : found->second.get();
}

const std::vector<std::unique_ptr<FaultProxy>>& DeploymentHouse::BrokersOf(int ordinal) const {
  return brokers_of_.at(ordinal);
}

bool DeploymentHouse::BeginGateway() {
  if (gateway_port_ == 0) {
    gateway_port_ = static_cast<std::uint16_t>(std::atoi(FreePort().c_str()));
  }
  gateway_ = std::make_unique<StandaloneProcess>(
      std::vector<std::string>{BinaryOf("holdfast-gateway"), "--services", doors_, "--port",
                               std::to_string(gateway_port_)},
      root_);
  const bool ready = gateway_->AwaitWord("\"console\"");
  EXPECT_TRUE(ready) << "the gateway did not start";
  return ready;
}

std::vector<std::string> DeploymentHouse::WordsOf(const Instance& instance,
                                                  const std::vector<std::string>& more) const {
  std::vector<std::string> words = {BinaryOf("holdfast-" + instance.service), "--data",
                                    instance.folder, "--demo=empty"};
  std::vector<std::string> brokers;
  if (const auto front = brokers_of_.find(instance.ordinal); front != brokers_of_.end()) {
    for (const auto& proxy : front->second) brokers.push_back(proxy->address());
  }
  std::vector<std::string> settings = {
      "listen.grpc_port=" + instance.port,
      "listen.admin_port=0",
      "listen.replace_taken_ports=true",
      "kafka.bootstrap=" + (brokers.empty() ? broker_.bootstrap() : absl::StrJoin(brokers, ",")),
      absl::StrCat("kafka.partitions=", kPartitions),
      absl::StrCat("kafka.replication=", copies_),
      absl::StrCat("instance.ordinal=", instance.ordinal),
      absl::StrCat("instance.replicas=", kReplicas),
      absl::StrCat("instance.heartbeat_timeout_ms=", kTimeoutMs),
      "instance.doors=" + doors_,
      "instance.door=" + instance.door,
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
  // By position and digest; a barrier's commit may still come between here too.
  std::set<std::string> views;
  (void)Await([&] {
    views.clear();
    for (const Instance& instance : instances_) {
      if (instance.service != service) continue;
      const Said verified = RunAt(instance, tenant, {"projection", "verify", "--all", "-o", "csv"});
      views.insert(verified.code == 0 ? verified.out : instance.folder + ": " + verified.err);
    }
    return views.size() == 1;
  });
  const bool equal = views.size() == 1 && views.begin()->find(",NO") == std::string::npos;
  if (!equal) {
    violations.push_back(
        absl::StrCat("the views of ", service, " differ: ", absl::StrJoin(views, " | ")));
  }
}

// What the instances themselves found when they compared what they had folded.
void DeploymentHouse::CheckDigests(std::vector<std::string>& violations) const {
  for (const auto& [folder, process] : processes_) {
    const std::vector<std::string> page = absl::StrSplit(process->AdminPage("/metrics"), '\n');
    for (const std::string& line : page) {
      if (line.starts_with("holdfast_fold_digest_mismatch_total{") && !line.ends_with(" 0"))
        violations.push_back(absl::StrCat(folder, ": ", line));
    }
  }
}

// Each acknowledged site is there once, each unknown one at most once.
void DeploymentHouse::CheckSites(const LoadRecord& load, const std::string& tenant,
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
    return std::ranges::all_of(of(load.acknowledged),
                               [&](const auto& name) { return occurs(name) == 1; });
  });
  for (const std::string& name : of(load.acknowledged)) {
    if (occurs(name) == 1) continue;
    violations.push_back(absl::StrCat("acknowledged, and there ", occurs(name), " times: ", name));
  }
  for (const std::string& name : of(load.unknown)) {
    if (occurs(name) > 1) violations.push_back("unknown, and there twice: " + name);
  }
}

std::vector<std::string> DeploymentHouse::Violations(const LoadRecord& load) const {
  std::vector<std::string> violations(load.failures.begin(), load.failures.end());
  std::set<std::string> tenants;
  for (const auto& [tenant, names] : load.acknowledged) tenants.insert(tenant);
  for (const auto& [tenant, names] : load.unknown) tenants.insert(tenant);
  for (const std::string& tenant : tenants) {
    CheckSites(load, tenant, violations);
    for (const char* service : {"initiative", "metrics", "projection"}) {
      CheckInstances(service, tenant, violations);
    }
  }
  CheckDigests(violations);
  return violations;
}

}  // namespace holdfast::flow
