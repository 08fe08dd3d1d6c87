// A deployment as processes of their own on a real broker, and a load on it that knows what it was
// answered.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "command_line.h"
#include "flow_house.h"
#include "standalone_process.h"

namespace holdfast::cli {
class Session;
}

namespace holdfast::initiative::v1 {
class CreateSite;
}

namespace holdfast::testing {
class KafkaBroker;
}

namespace holdfast::type::v1 {
class Receipt;
}

namespace holdfast::flow {

struct Instance {
  std::string service;  // "initiative"
  int ordinal = 0;
  std::string port;
  std::string folder;
};

// Sites are created, one after the other by each of some clients, each command under a key of its
// own; now and then one that was answered is sent again.
class Load {
 public:
  Load(std::string doors, std::vector<std::string> tenants, int clients = 2);
  ~Load();
  // Waits until so many more were acknowledged: what came meanwhile was lived through.
  void AwaitMore(int acknowledged);
  // Waits for the answers that are due.
  void Stop();

  // What follows is read once it has stopped. Names of sites by tenant.
  const std::map<std::string, std::set<std::string>>& acknowledged() const { return acknowledged_; }
  // Never answered with yes or no within two minutes: they may stand, once.
  const std::map<std::string, std::set<std::string>>& unknown() const { return unknown_; }
  // Answers that a client must not see: neither a receipt nor "not now".
  const std::set<std::string>& failures() const { return failures_; }
  int issued() const { return issued_.load(); }
  // As if it had been acknowledged: so that a test sees what is found then.
  void Pretend(const std::string& tenant, const std::string& name) {
    acknowledged_[tenant].insert(name);
  }
  // From the first try of a command to its answer.
  absl::Duration longest() const { return longest_; }

 private:
  void Go(std::size_t client);
  static absl::Status Insist(cli::Session& session, const initiative::v1::CreateSite& create,
                             const std::string& key, type::v1::Receipt& receipt);
  void SendAgain(cli::Session& session, const initiative::v1::CreateSite& create,
                 const std::string& key, const type::v1::Receipt& first);
  void Note(const std::string& tenant, const std::string& name, const absl::Status& answer,
            absl::Duration took);

  const std::string doors_;
  const std::vector<std::string> tenants_;
  const int round_;
  std::atomic<bool> stop_{false};
  std::atomic<int> issued_{0};
  std::atomic<int> answered_{0};  // with a receipt
  absl::Mutex mutex_;
  std::map<std::string, std::set<std::string>> acknowledged_;
  std::map<std::string, std::set<std::string>> unknown_;
  std::set<std::string> failures_;
  absl::Duration longest_;
  std::vector<std::jthread> threads_;
};

// A fault lasts for so long; nothing else tells its end.
void LetPass(absl::Duration duration);

class DeploymentHouse {
 public:
  static constexpr int kReplicas = 2;
  static constexpr char kTimeoutMs[] = "2000";

  DeploymentHouse(std::string_view name, testing::KafkaBroker& broker);
  // Makes the topics, starts two instances of each service, waits for them. False, and the running
  // test failed, where that does not work.
  bool Open();

  const std::string& root() const { return root_; }
  const std::string& doors() const { return doors_; }
  const std::vector<Instance>& instances() const { return instances_; }

  void Begin(const Instance& instance);
  StandaloneProcess& ProcessOf(const Instance& instance) { return *processes_.at(instance.folder); }
  // The command line of an instance, with further settings.
  std::vector<std::string> WordsOf(const Instance& instance,
                                   const std::vector<std::string>& more = {}) const;

  Said Run(const std::string& tenant, Words words) const;
  Said RunAt(const Instance& instance, const std::string& tenant, Words words) const;
  // Of the initiative, that decides for the tenant now. The running test fails where none does.
  Instance OwnerOf(const std::string& tenant) const;

  // Sentences, a line each; empty where every promise was kept: each acknowledged site is there
  // once, each unknown one at most once, the journals are whole, every instance reads the same
  // digests from them, and every view equals a fold.
  std::vector<std::string> Violations(const Load& load) const;

 private:
  void CheckSites(const Load& load, const std::string& tenant,
                  std::vector<std::string>& violations) const;
  void CheckInstances(const std::string& service, const std::string& tenant,
                      std::vector<std::string>& violations) const;

  const std::string root_;
  testing::KafkaBroker& broker_;
  std::string doors_;
  std::vector<Instance> instances_;
  std::map<std::string, std::unique_ptr<StandaloneProcess>> processes_;
};

}  // namespace holdfast::flow
