// Where personal fields leave an event before it is written, and where they would come back.
#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace google::protobuf {
class Message;
}
namespace holdfast {
class Clock;
class Random;
}  // namespace holdfast
namespace holdfast::journal::v1 {
class Commit;
class EventRecord;
}  // namespace holdfast::journal::v1

namespace holdfast::eventsourcing {

struct CommandRequest;

// Where an event will stand: all that a sealed value is bound to. The commit has its tenant,
// stream, version and command id; the version is the one that the writer expects, so that a command
// that is decided again is sealed again.
struct SealingPlace {
  std::string_view context;
  const journal::v1::Commit& commit;
  const CommandRequest& request;
};

class Sealer {
 public:
  virtual ~Sealer() = default;
  // May a command that names a person be taken at all? Asked before it is decided; never waits for
  // anything.
  virtual absl::Status Admit(const CommandRequest& request) = 0;
  // Moves every personal value out of `event` into `record.sealed`: what is left, an empty Personal
  // in its place, is what the journal keeps as payload, and what Evolve sees. `record` has its id,
  // type and version.
  virtual absl::Status Seal(google::protobuf::Message& event, const SealingPlace& place,
                            journal::v1::EventRecord& record) = 0;
};

// Seals nothing, and so refuses everything personal: no plain name ever stands in a journal.
class NoSealer final : public Sealer {
 public:
  absl::Status Admit(const CommandRequest& request) override;
  absl::Status Seal(google::protobuf::Message& event, const SealingPlace& place,
                    journal::v1::EventRecord& record) override;
};

// Seals with the keys that were leased for the command (LeasingSink). Thread-safe.
class KeySealer final : public Sealer {
 public:
  // Both outlive the sealer; the random numbers are the operating system's.
  KeySealer(const Clock& clock, Random& random) : clock_(clock), random_(random) {}
  // kUnavailable (KEYS_UNAVAILABLE) where a lease is missing or has ended: asked again, it is
  // leased anew.
  absl::Status Admit(const CommandRequest& request) override;
  // kInternal where an event is about somebody whom its command does not name.
  absl::Status Seal(google::protobuf::Message& event, const SealingPlace& place,
                    journal::v1::EventRecord& record) override;

 private:
  const Clock& clock_;
  Random& random_;
};

}  // namespace holdfast::eventsourcing
