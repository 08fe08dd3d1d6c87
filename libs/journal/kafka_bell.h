// The thread that tells readers of Kafka when there is more, and watches over those that hear
// nothing.
//
//   librdkafka: something came --Ring--> bell's thread: reader, is it a record? --> its callback
//
// A consumer of librdkafka can fall silent for good while the partition grows. So every interval
// the bell asks, by a handle of its own, where the partitions of silent readers end, and a reader
// that lies behind opens its consumer again. Nobody waits for the answers.
#pragma once

#include <cstdint>
#include <memory>
#include <thread>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "journal/kafka_consumer.h"
#include "journal/kafka_partition_log.h"
#include "journal/kafka_undertaker.h"

namespace holdfast::journal::kafka {

// What the bell asks of a reader, on its own thread. None waits.
class Listener {
 public:
  virtual ~Listener() = default;
  // True where Read would give a record or an error.
  virtual bool HasMore() = 0;
  // True where nothing has come since this was asked before.
  virtual bool IsSilent() = 0;
  // Where the partition really ends.
  virtual void HearEnd(Offset end) = 0;
  virtual const PartitionLog& log() const = 0;
};

// Thread-safe.
class Bell {
 public:
  // `undertaker` outlives the bell.
  Bell(const ConsumerOptions& options, absl::Duration watch_interval, Undertaker& undertaker);
  ~Bell();
  Bell(const Bell&) = delete;
  Bell& operator=(const Bell&) = delete;

  // Calls `more` once when the listener has more. Replaces an earlier request.
  void Await(Listener& listener, absl::AnyInvocable<void()> more);
  // The listener may have more.
  void Ring(Listener& listener);
  // Afterwards nothing of the listener is called, nor running, unless this is called by its own
  // callback.
  void Forget(Listener& listener);

 private:
  struct State;

  const std::unique_ptr<State> state_;
  std::thread thread_;
};

}  // namespace holdfast::journal::kafka
