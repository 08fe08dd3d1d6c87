// The control channel of a deployment: one topic of one partition, read from its end.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "journal/control_channel.h"

namespace holdfast::journal {

struct KafkaControlOptions {
  std::string bootstrap;  // host:port, several by commas
  std::string topic = "holdfast.control";
};

// Connects to nothing yet, and never waits for a broker: while there is none, nothing is heard.
absl::StatusOr<std::unique_ptr<ControlChannel>> OpenKafkaControl(
    const KafkaControlOptions& options);

}  // namespace holdfast::journal
