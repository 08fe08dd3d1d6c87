// The clients: each sends one command after another, and repeats under the same id until it is
// answered for good.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "accepted_history.h"
#include "base/random.h"
#include "history.h"
#include "node.h"
#include "testing/virtual_time.h"

namespace holdfast::simulation {

struct Network {
  double loss = 0;                                // of a request, and of a response
  absl::Duration delay = absl::Milliseconds(20);  // at most
  absl::Duration late = absl::Seconds(5);         // of one in fifty, while there is loss
};

class Clients {
 public:
  struct Parts {
    testing::VirtualTime* time = nullptr;
    Random* random = nullptr;
    std::vector<std::unique_ptr<Node>>* nodes = nullptr;
    History* history = nullptr;
    Network* network = nullptr;
    // Told when an answer leaves a node: how far accepted history goes for the tenant.
    std::function<std::uint64_t(const TenantOf&)> accepted_seq;
    int operations = 0;
  };
  Clients(Parts parts, int count);

  bool done() const { return busy_ == 0; }

 private:
  void Next(int client);
  void Try(int client, std::size_t operation);
  void Deliver(std::size_t attempt);
  void Return(std::size_t attempt, eventsourcing::CommandAnswer answer);
  void Answered(int client, std::size_t attempt, const eventsourcing::CommandAnswer& answer);
  void After(absl::Duration delay, std::function<void()> work);
  absl::Duration Delay();
  bool Lost();
  int ChooseNode(const Operation& what);
  Operation AnyOperation();
  std::string Pick(std::initializer_list<const char*> from);

  const Parts parts_;
  std::unique_ptr<Executor> executor_;
  std::vector<int> left_;            // operations of each client
  std::vector<std::size_t> trying_;  // the latest attempt of each client; older answers are ignored
  std::vector<int> client_of_;       // by attempt
  std::map<TenantOf, std::uint64_t> told_;
  int busy_ = 0;
};

}  // namespace holdfast::simulation
