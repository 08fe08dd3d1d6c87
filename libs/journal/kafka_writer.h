// A writer of one partition on Kafka: one idempotent producer, thrown away at its first error.
//
//   Append -> librdkafka's queue -> broker, all in-sync copies -> delivery report -> callback, in
//   order, on the producer's polling thread
//
// After a record that failed a producer goes on, and records behind it may succeed; so its first
// error ends it here, and everything later is answered kAborted.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "journal/journal.h"
#include "journal/kafka_partition_log.h"
#include "journal/kafka_undertaker.h"

namespace holdfast::journal::kafka {

struct ProducerOptions {
  std::string bootstrap;
  absl::Duration linger;
  absl::Duration message_timeout;
  std::uint32_t queue_records = 0;
};

// `undertaker` outlives the writer.
absl::StatusOr<std::unique_ptr<Writer>> OpenKafkaWriter(const ProducerOptions& options,
                                                        std::shared_ptr<PartitionLog> log,
                                                        Undertaker& undertaker);

}  // namespace holdfast::journal::kafka
