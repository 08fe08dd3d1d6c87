// A reader of one partition on Kafka.
//
// It knows the end when the broker has said so, and when it has read whatever was acknowledged in
// this process: until then Read waits, at most `read_timeout` (and for `end_settles` before, while
// the log seems to end too early), and answers kUnavailable. It begins with the record before the
// one that is wanted, and after a lost connection with the last one it read: where that is missing,
// or is another now, history was lost (kDataLoss, for good, told to the whole process by the
// partition's log).
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "journal/journal.h"
#include "journal/kafka_bell.h"
#include "journal/kafka_consumer.h"
#include "journal/kafka_partition_log.h"
#include "journal/kafka_undertaker.h"

namespace holdfast::journal::kafka {

struct ReaderOptions {
  ConsumerOptions consumer;
  absl::Duration read_timeout;
  // A new leader may for a moment show an earlier end than the old one did. A record that must be
  // there and is beyond the end for longer is lost.
  absl::Duration end_settles;
};

// `bell` and `undertaker` outlive the reader.
absl::StatusOr<std::unique_ptr<Reader>> OpenKafkaReader(const ReaderOptions& options,
                                                        std::shared_ptr<PartitionLog> log,
                                                        Offset from, Bell& bell,
                                                        Undertaker& undertaker);

}  // namespace holdfast::journal::kafka
