// One consumer handle of librdkafka that reads given partitions from given offsets: no group, no
// commits, no seek. Who wants to read elsewhere, or again, opens another.
//
// This is librdkafka's simple consumer: its assign() wants a group's name even where no group is
// joined, and then asks the broker for that group's coordinator for ever.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "journal/kafka_client.h"

namespace holdfast::journal::kafka {

struct ConsumerOptions {
  std::string bootstrap;
  // How long a broker may hold back an answer while there is nothing.
  absl::Duration fetch_wait;
};

struct ReadFrom {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;  // or RD_KAFKA_OFFSET_END
};

// Take is called by one thread at a time.
class Consumer {
 public:
  // `stirred` is called on a thread of librdkafka, under its locks, when there may be something to
  // take: it must not block, nor call into the consumer.
  static absl::StatusOr<std::unique_ptr<Consumer>> Open(const ConsumerOptions& options,
                                                        const std::vector<ReadFrom>& from,
                                                        absl::AnyInvocable<void()> stirred);
  // May hang: see Undertaker.
  ~Consumer();

  // What has come, at most so many; does not wait. A message without payload carries an error or
  // the end of a partition.
  std::vector<Message> Take(std::size_t max);

  // Where the first partition ended when its broker last answered; nothing before that. Asks
  // nobody: a broker holds an empty answer back, and so the word that a partition has ended.
  std::optional<std::int64_t> KnownEnd() const;

  // True where a connection was lost since this was asked before: what was taken since may come
  // from a broker with another history.
  bool TakeLostConnection() { return lost_connection_.exchange(false, std::memory_order_acq_rel); }

  // Afterwards `stirred` is not called, nor running.
  void Silence();

 private:
  explicit Consumer(absl::AnyInvocable<void()> stirred) : stirred_(std::move(stirred)) {}
  absl::Status Start(const ConsumerOptions& options, const std::vector<ReadFrom>& from);
  static void OnEvent(rd_kafka_t* client, void* opaque);
  static int OnClose(int socket, void* opaque);

  absl::AnyInvocable<void()> stirred_;
  std::atomic<bool> lost_connection_ = false;
  ReadFrom first_;
  Client client_;
  std::vector<TopicHandle> topics_;
  Queue queue_;
};

}  // namespace holdfast::journal::kafka
