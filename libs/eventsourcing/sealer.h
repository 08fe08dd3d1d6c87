// Where personal fields leave an event before it is written, and where they would come back.
#pragma once

#include "absl/status/status.h"

namespace google::protobuf {
class Message;
}
namespace holdfast::journal::v1 {
class EventRecord;
}

namespace holdfast::eventsourcing {

class Sealer {
 public:
  virtual ~Sealer() = default;
  // May a command that names a person be taken at all? Asked before it is decided.
  virtual absl::Status Admit(google::protobuf::Message& command) = 0;
  // Moves every personal field out of `event` into `record.sealed`: what is left is what the
  // journal keeps as payload, and what Evolve sees.
  virtual absl::Status Seal(google::protobuf::Message& event, journal::v1::EventRecord& record) = 0;
};

// Seals nothing, and so refuses everything personal: no plain name ever stands in a journal.
class NoSealer final : public Sealer {
 public:
  absl::Status Admit(google::protobuf::Message& command) override;
  absl::Status Seal(google::protobuf::Message& event, journal::v1::EventRecord& record) override;
};

}  // namespace holdfast::eventsourcing
