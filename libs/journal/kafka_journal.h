// The journal of a deployment: one Kafka topic a context, one idempotent producer a writer, one
// consumer a reader, over librdkafka's C API.
//
//   Append -> producer -> all in-sync copies -> callback            (kafka_writer.h)
//   Read   <- consumer, from given offsets, no group                (kafka_reader.h)
//            a bell tells readers of more and wakes silent ones     (kafka_bell.h)
//
// Offsets are Kafka's own: they rise, with gaps. An acknowledged record stands in every in-sync
// copy; that does not mean that any has synced it to disk. No transactions.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "journal/journal.h"

namespace holdfast::config::v1 {
class KafkaJournal;
}

namespace holdfast::journal {

struct KafkaJournalOptions {
  std::string bootstrap;  // host:port, several by commas
  // Of every context; another number on the broker is refused. 0: whatever the topic has.
  std::uint32_t partitions = 24;
  std::uint32_t replication = 3;
  std::string topic_prefix = "holdfast.journal.";
  absl::Duration linger = absl::ZeroDuration();
  absl::Duration message_timeout = absl::Minutes(2);
  absl::Duration read_timeout = absl::Seconds(5);
  // Of questions about topics.
  absl::Duration admin_timeout = absl::Seconds(10);
  // How long a broker may hold back its answer to a read while there is nothing.
  absl::Duration fetch_wait = absl::Milliseconds(500);
  // For how long a new leader may show an earlier end than the old one, before that is a loss. An
  // actor's `reader_lag` is no less.
  absl::Duration end_settles = absl::Seconds(10);
  // How often the ends of partitions are compared with what silent readers have read.
  absl::Duration watch_interval = absl::Seconds(30);
  // Unconfirmed, of one writer: the next is refused with kResourceExhausted, and ends it. Actors
  // have smaller bounds of their own.
  std::uint32_t queue_records = 100'000;
  // False for a cluster that cannot tell its topics' settings: librdkafka's mock.
  bool compare_settings = true;
  // True for who fills the topics: see BeginFilling.
  bool fills = false;
};

KafkaJournalOptions KafkaJournalOptionsOf(const config::v1::KafkaJournal& config);

// Thread-safe. Destroy writers and readers first.
class KafkaJournal final : public Journal {
 public:
  // Connects to nothing yet: a broker that is away is told by the first use of a context.
  // kInvalidArgument where an option cannot be.
  static absl::StatusOr<std::unique_ptr<KafkaJournal>> Open(const KafkaJournalOptions& options);
  ~KafkaJournal() override;

  // Makes the context's topic, or finds it. kFailedPrecondition where it has another number of
  // partitions, or settings that could lose records. kInvalidArgument for a name that is not
  // [a-z][a-z0-9-]{0,39} (Kafka's own metrics cannot tell '_' from '.'), or no partitions.
  absl::Status CreateContext(const std::string& context, std::uint32_t partitions);

  // Between these two the topics hold a part of a journal that is copied here: a journal that was
  // not opened to fill them refuses every context (kFailedPrecondition), also where the one that
  // filled was killed. A topic beside them says so. Each may be called again.
  absl::Status BeginFilling();
  absl::Status EndFilling();

  // Every context that has a topic on the broker, in order of their names. Asks the broker.
  absl::StatusOr<std::vector<std::string>> Contexts();

  // The first use of a context asks the broker, and compares its topic with what is needed:
  // kFailedPrecondition naming topic, setting, what was found and what is wanted.
  absl::StatusOr<std::uint32_t> Partitions(const std::string& context) override;
  absl::StatusOr<std::unique_ptr<Writer>> OpenWriter(const PartitionId& partition) override;
  absl::StatusOr<std::unique_ptr<Reader>> OpenReader(const PartitionId& partition,
                                                     Offset from) override;
  // Always well: nothing makes it refuse appends until a restart. A broker that is away is told by
  // appends and reads, which succeed again when it is back.
  absl::Status Health() const override;
  // What a reader of this process met: the next process meets it again.
  absl::Status PartitionHealth(const PartitionId& partition) const override;

 private:
  struct State;
  explicit KafkaJournal(std::unique_ptr<State> state);

  const std::unique_ptr<State> state_;
};

}  // namespace holdfast::journal
