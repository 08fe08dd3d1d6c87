// What librdkafka itself does with the same broker: the limit of what stands above it. Partition 0
// only. It writes with the settings of our own journal (libs/journal/kafka_writer.cc), and reads
// with room for a whole topic, so that it never waits for its own queue.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "journal/kafka_client.h"

namespace holdfast::bench {

// Idempotent, every in-sync copy acknowledges, no linger.
class RawProducer {
 public:
  static absl::StatusOr<std::unique_ptr<RawProducer>> Open(const std::string& bootstrap,
                                                           const std::string& topic);
  // Waits for what is under way.
  ~RawProducer();

  // `done` comes with the delivery report, on the polling thread.
  void Produce(std::string_view record, absl::AnyInvocable<void(absl::Status)> done);

 private:
  RawProducer() = default;
  static void OnDelivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque);

  journal::kafka::Client client_;
  journal::kafka::TopicHandle topic_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

// Records a second, checksums checked, from the first to the `records`-th.
absl::StatusOr<double> RawConsumeRate(const std::string& bootstrap, const std::string& topic,
                                      std::uint64_t records);

}  // namespace holdfast::bench
