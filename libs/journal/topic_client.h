// Records of topics that are no journal: public events, commands from outside, dead letters.
//
//   Sender    one idempotent producer: sends, then waits until every in-sync copy has it
//   Receiver  a member of a consumer group: takes a record, and says when it is done with it
//
// Each is used by one thread. What is a journal goes through journal.h, and never through here.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace holdfast::journal {

struct TopicHeader {
  std::string name;
  std::optional<std::string> value;  // none: Kafka's null
  friend bool operator==(const TopicHeader&, const TopicHeader&) = default;
};

// Bytes as they stand; names of headers may occur more than once.
struct TopicRecord {
  std::optional<std::string> key;
  std::optional<std::string> value;  // none: Kafka's null, which a compacted topic forgets
  std::vector<TopicHeader> headers;
  friend bool operator==(const TopicRecord&, const TopicRecord&) = default;
};

struct ReceivedRecord {
  std::string topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  TopicRecord record;
};

// A dead letter is larger than the record that it keeps, which may be the largest there is.
inline constexpr std::size_t kMaxTopicRecordBytes = std::size_t{2} * 1'114'112;

class TopicSender {
 public:
  virtual ~TopicSender() = default;

  // Sends behind what was sent before, to the partition that Java's clients would choose by the
  // key. kInvalidArgument where it is too large, kNotFound where there is no such topic.
  virtual absl::Status Send(const std::string& topic, const TopicRecord& record) = 0;

  // Waits until everything that was sent stands in every in-sync copy. kDeadlineExceeded: not yet,
  // ask again. Any other error: some of it may stand and some not, the sender is of no more use.
  virtual absl::Status AwaitConfirmed(absl::Duration limit) = 0;
};

struct TopicSenderOptions {
  std::string bootstrap;
  // After so long without a broker what was sent fails.
  absl::Duration message_timeout = absl::Seconds(60);
};
absl::StatusOr<std::unique_ptr<TopicSender>> OpenTopicSender(const TopicSenderOptions& options);

class TopicReceiver {
 public:
  virtual ~TopicReceiver() = default;

  // The next record of the partitions that the group gave to this member; none where nothing came
  // in time. After an error the receiver is of no more use: another one begins behind what was
  // acknowledged.
  virtual absl::StatusOr<std::optional<ReceivedRecord>> Receive(absl::Duration limit) = 0;

  // Everything up to this record of its partition is done: no member of the group is given it
  // again once this returns. On an error it will be.
  virtual absl::Status Acknowledge(const ReceivedRecord& record) = 0;
};

struct TopicReceiverOptions {
  std::string bootstrap;
  std::string topic;
  std::string group;
  // The same at each start of one process: it gets its partitions back without waiting until the
  // group has noticed that it was gone.
  std::string member;
};
absl::StatusOr<std::unique_ptr<TopicReceiver>> OpenTopicReceiver(
    const TopicReceiverOptions& options);

// The newest value of each key of a compacted topic with one partition, as it stands now.
// kUnavailable where that could not be read within `limit`.
absl::StatusOr<std::map<std::string, std::string>> ReadCompactedTopic(const std::string& bootstrap,
                                                                      const std::string& topic,
                                                                      absl::Duration limit);

// kFailedPrecondition naming the first topic that is not there, and how it is made.
absl::Status RequireTopics(const std::string& bootstrap, const std::vector<std::string>& topics,
                           absl::Duration limit);

}  // namespace holdfast::journal
