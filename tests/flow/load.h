// A load on a deployment that knows what it was answered: in this process, or in one of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <sys/types.h>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace holdfast::initiative::v1 {
class CreateSite;
}

namespace holdfast::type::v1 {
class Receipt;
}

namespace holdfast::flow {

// A fault lasts for so long; nothing else tells its end.
void LetPass(absl::Duration duration);

// What became of the commands. Names of sites by tenant.
struct LoadRecord {
  using Names = std::map<std::string, std::set<std::string>>;
  Names acknowledged;
  // Never answered with yes or no within two minutes: they may stand, once.
  Names unknown;
  // Answers that a client must not see: neither a receipt nor "not now".
  std::set<std::string> failures;
  int issued = 0;
  // The longest from the first try of a command to its answer.
  absl::Duration longest;

  void Add(const LoadRecord& other);
  std::size_t AcknowledgedCount() const;
  std::size_t UnknownCount() const;
};

// Sends one command and answers what came of it: kUnavailable, kDeadlineExceeded, kCancelled where
// that is not known, and the same command may be sent again.
using CreateSiteCall = std::function<absl::Status(const initiative::v1::CreateSite&,
                                                  const std::string& key, type::v1::Receipt&)>;
// For one client of a tenant.
using Way = std::function<CreateSiteCall(const std::string& tenant)>;

// By gRPC to the instances, following to the owner.
Way ThroughDoors(std::string doors);
// By HTTP to a gateway on this machine.
Way ThroughGateway(std::uint16_t port);

// Sites are created, one after the other by each of some clients, each command under a key of its
// own; now and then one that was answered is sent again.
class Load {
 public:
  struct Note {
    std::string tenant;
    std::string name;
    absl::Status answer;
    absl::Duration took;
  };
  using Noted = std::function<void(const Note&)>;

  // `noted` is called with each, one at a time.
  Load(const Way& way, std::vector<std::string> tenants, int clients = 2, Noted noted = nullptr);
  ~Load();
  // Waits until so many more were acknowledged: what came meanwhile was lived through.
  void AwaitMore(int acknowledged);
  // Waits for the answers that are due.
  void Stop();
  // What follows is used once it has stopped.
  const LoadRecord& record() const { return record_; }

 private:
  void Go(const std::string& tenant, const CreateSiteCall& call);
  void SendAgain(const CreateSiteCall& call, const initiative::v1::CreateSite& create,
                 const std::string& key, const type::v1::Receipt& first);
  void Keep(const Note& note);

  const std::vector<std::string> tenants_;
  const Noted noted_;
  const int round_;
  std::atomic<bool> stop_{false};
  std::atomic<int> issued_{0};
  std::atomic<int> answered_{0};  // with a receipt
  absl::Mutex mutex_;             // of what follows, until it has stopped
  LoadRecord record_;
  std::vector<std::jthread> threads_;
};

// Adds what was noted to the record.
void Record(const Load::Note& note, LoadRecord& record);
// A line, without its end, by which a process tells another; and back, false where it is none.
std::string LineOf(const Load::Note& note);
bool ReadLine(const std::string& line, Load::Note& note);

// The same load in a process of its own (holdfast-flow-load), through a gateway: it goes on while
// the gateway, or this test, is away.
class SeparateLoad {
 public:
  SeparateLoad(std::uint16_t gateway, const std::vector<std::string>& tenants, int clients);
  ~SeparateLoad();
  void AwaitMore(int acknowledged);
  // Waits for the answers that are due. False where the process ended otherwise.
  bool Stop();
  // Once it has stopped.
  const LoadRecord& record() const { return record_; }

 private:
  void Read();

  pid_t pid_ = -1;
  int output_ = -1;
  absl::Mutex mutex_;  // of what follows, until it has stopped
  LoadRecord record_;
  std::jthread reads_;
};

}  // namespace holdfast::flow
