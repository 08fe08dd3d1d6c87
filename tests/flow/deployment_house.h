// A deployment as processes of their own on a real broker. Where the broker has fronts, everything
// goes through proxies: each instance's door, and the way of the instances of one ordinal to each
// broker.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "command_line.h"
#include "fault_proxy.h"
#include "flow_house.h"
#include "load.h"
#include "standalone_process.h"

namespace holdfast::testing {
class KafkaBroker;
}

namespace holdfast::flow {

// One that nobody listened on a moment ago.
std::string FreePort();

struct Instance {
  std::string service;  // "initiative"
  int ordinal = 0;
  std::string port;
  std::string folder;
  std::string door;  // where others find it: its own, or a proxy's
};

class DeploymentHouse {
 public:
  static constexpr int kReplicas = 2;
  static constexpr char kTimeoutMs[] = "2000";
  static constexpr std::uint32_t kPartitions = 4;

  // `copies` of each topic; 0: one on every broker.
  DeploymentHouse(std::string_view name, testing::KafkaBroker& broker, int copies = 0);
  // Makes the topics, starts two instances of each service, waits for them. False, and the running
  // test failed, where that does not work.
  bool Open();
  // Before that: an instance lives in this folder instead of one of the house.
  void Place(const std::string& service, int ordinal, const std::string& folder);

  const std::string& root() const { return root_; }
  const std::string& doors() const { return doors_; }
  const std::vector<Instance>& instances() const { return instances_; }

  void Begin(const Instance& instance);
  StandaloneProcess& ProcessOf(const Instance& instance) { return *processes_.at(instance.folder); }
  // The command line of an instance, with further settings.
  std::vector<std::string> WordsOf(const Instance& instance,
                                   const std::vector<std::string>& more = {}) const;

  // The gateway, before all of them. False, and the running test failed, where it does not start.
  bool BeginGateway();
  StandaloneProcess& gateway() { return *gateway_; }
  std::uint16_t gateway_port() const { return gateway_port_; }

  // In front of an instance's door; null where nothing goes through proxies, as the others.
  FaultProxy* DoorOf(const Instance& instance) const;
  // Between the instances with this ordinal and each broker.
  const std::vector<std::unique_ptr<FaultProxy>>& BrokersOf(int ordinal) const;

  Said Run(const std::string& tenant, Words words) const;
  Said RunAt(const Instance& instance, const std::string& tenant, Words words) const;
  // Of the initiative, that decides for the tenant now. The running test fails where none does.
  Instance OwnerOf(const std::string& tenant) const;

  // Sentences, a line each; empty where every promise was kept: each acknowledged site is there
  // once, each unknown one at most once, the journals are whole, every instance reads the same
  // digests from them and none met another's that differs, every view equals a fold, and those of
  // two instances each other.
  std::vector<std::string> Violations(const LoadRecord& load) const;

 private:
  std::uint16_t PortOfDoor(const Instance& instance);
  bool OpenFronts();
  void CheckDigests(std::vector<std::string>& violations) const;
  void CheckSites(const LoadRecord& load, const std::string& tenant,
                  std::vector<std::string>& violations) const;
  void CheckInstances(const std::string& service, const std::string& tenant,
                      std::vector<std::string>& violations) const;

  const std::string root_;
  testing::KafkaBroker& broker_;
  const int copies_;
  std::map<std::string, std::string> placed_;  // folders, by service and ordinal
  std::string doors_;
  std::vector<Instance> instances_;
  std::map<std::string, std::unique_ptr<FaultProxy>> doors_of_;  // by folder
  std::map<int, std::vector<std::unique_ptr<FaultProxy>>> brokers_of_;
  std::uint16_t gateway_port_ = 0;
  std::unique_ptr<StandaloneProcess> gateway_;
  std::map<std::string, std::unique_ptr<StandaloneProcess>> processes_;
};

}  // namespace holdfast::flow
