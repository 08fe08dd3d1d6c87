// The contexts that a process owns: where their commands are decided, and the reactors that listen
// to others.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "holdfast/config/v1/config.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventsourcing/reactor.h"
#include "eventsourcing/stream_type.h"

namespace holdfast {
class Clock;
class Random;
}  // namespace holdfast

namespace holdfast::eventsourcing {
class CommandSink;
class ContextStore;
class Heartbeats;
}  // namespace holdfast::eventsourcing

namespace holdfast::journal {
class Journal;
}

namespace holdfast::eventsourcing {
class Upcasters;
}

namespace holdfast::security {
class KeyVault;
}

namespace holdfast::app {

struct ContextParts {
  std::string name;  // "initiative"
  std::vector<eventsourcing::StreamType> streams;
  std::vector<eventsourcing::ReactorType>
      reactors;  // of other contexts' events, with commands of this one
};

// Thread-safe.
class Contexts {
 public:
  struct Parts {
    journal::Journal* journal = nullptr;  // has every context already
    Clock* clock = nullptr;
    Random* random = nullptr;
    std::string folder;                       // derived state
    std::string mac_key;                      // the file of the key of command MACs
    security::KeyVault* key_vault = nullptr;  // null: nothing personal is taken
    const eventsourcing::Upcasters* upcasters = nullptr;
    eventsourcing::Heartbeats* heartbeats = nullptr;   // null: this process is the only one
    absl::Duration reader_lag = absl::ZeroDuration();  // of the journal's readers
    config::v1::Actor actor;
    std::map<std::string, config::v1::Quota> quotas;  // of tenants that have their own
    // What the directory says of a tenant, which counts before these. Thread-safe.
    std::function<std::optional<config::v1::Quota>(const std::string& tenant)> quota_of;
    std::vector<ContextParts> contexts;
  };

  // Folds every partition to its end and begins to own it. Errors are sentences.
  static absl::StatusOr<std::unique_ptr<Contexts>> Open(Parts parts);
  virtual ~Contexts() = default;

  // Where its commands go in. Null for a context that is not of this process.
  virtual eventsourcing::CommandSink* Find(const std::string& context) = 0;
  // What decides them, for what is asked of the store itself. Null likewise.
  virtual eventsourcing::ContextStore* StoreOf(const std::string& context) = 0;

  // OK while every loop has gone round within 30 s.
  virtual absl::Status Live() const = 0;
  // OK while every partition takes commands, or follows.
  virtual absl::Status Ready() const = 0;

  // Takes no more; answers what was taken. Blocks until then or `deadline`.
  virtual void Drain(absl::Time deadline) = 0;
};

}  // namespace holdfast::app
