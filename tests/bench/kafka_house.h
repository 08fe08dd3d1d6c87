// What the scenarios of the deployment's journal share: a broker, topics on it, an engine above it,
// and the same bytes through librdkafka alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "bench.h"
#include "closed_loop.h"
#include "engine.h"
#include "histogram.h"
#include "raw_kafka.h"

namespace holdfast::journal {
class KafkaJournal;
}
namespace holdfast::testing {
class KafkaBroker;
}

namespace holdfast::bench {

class KafkaHouse {
 public:
  // kUnavailable where Kafka is not on this machine: ./dev bench fetches it.
  static absl::StatusOr<std::unique_ptr<KafkaHouse>> Open(int nodes);
  ~KafkaHouse();

  testing::KafkaBroker& broker() { return *broker_; }
  const std::string& bootstrap() const;
  std::string durability() const;
  // A topic of one partition below a new prefix, made as a journal's are.
  absl::StatusOr<std::string> NewPrefix();
  static std::string TopicOf(const std::string& prefix);
  absl::StatusOr<std::unique_ptr<journal::KafkaJournal>> OpenJournal(const std::string& prefix);
  absl::StatusOr<std::unique_ptr<Engine>> OpenEngine(const std::string& prefix,
                                                     const std::string& folder);

 private:
  explicit KafkaHouse(std::unique_ptr<testing::KafkaBroker> broker);
  const std::unique_ptr<testing::KafkaBroker> broker_;
  int prefixes_ = 0;
};

// Adds no figure and says why, where there is no broker; else runs the scenario with it.
absl::Status WithBroker(Bench& bench, int nodes, const Row& row,
                        const std::function<absl::Status(KafkaHouse&)>& scenario);

// Given records, one after the other and again from the first, by one producer.
class RawLoad {
 public:
  RawLoad(std::unique_ptr<RawProducer> producer, std::vector<std::string> records);

  absl::StatusOr<LoopResult> Load(std::size_t in_flight, absl::Duration duration);
  absl::StatusOr<Histogram> Steadily(double per_second, absl::Duration duration);

 private:
  void Send(absl::AnyInvocable<void(absl::Status)> done);

  const std::unique_ptr<RawProducer> producer_;
  const std::vector<std::string> records_;
  absl::Mutex mutex_;
  std::size_t next_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Writes the records in their order. Answers once all are acknowledged.
absl::Status CopyRecords(RawProducer& producer, const std::vector<std::string>& records,
                         std::size_t from, std::size_t count);

}  // namespace holdfast::bench
