// Topics of the journal: made, described, and compared with what the journal needs to be the only
// truth. These calls wait, at most `limit`; they are for the start, never for the way of a command.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "journal/kafka_client.h"

namespace holdfast::journal::kafka {

struct TopicShape {
  std::uint32_t partitions = 0;
  std::uint32_t replication = 0;  // of the partition that has the fewest copies
};

// kNotFound where there is no such topic; kUnavailable where the broker does not answer.
absl::StatusOr<TopicShape> DescribeTopic(rd_kafka_t* client, const std::string& topic,
                                         absl::Duration limit);

// The names of all topics of the cluster.
absl::StatusOr<std::vector<std::string>> ListTopics(rd_kafka_t* client, absl::Duration limit);

// The settings that a topic of the journal is made with. deploy/kafka/topics.json says the same.
Settings JournalTopicSettings(std::uint32_t replication);

// kAlreadyExists where the topic is there.
absl::Status CreateTopic(rd_kafka_t* client, const std::string& topic, const TopicShape& shape,
                         const Settings& settings, absl::Duration limit);

// kNotFound where it is not there.
absl::Status DeleteTopic(rd_kafka_t* client, const std::string& topic, absl::Duration limit);

// kFailedPrecondition naming topic, setting, what was found and what is wanted, where a setting
// could lose records or refuse them.
absl::Status CompareTopic(const std::string& topic, const TopicShape& found,
                          const TopicShape& wanted);
absl::Status CompareSettings(const std::string& topic, const Settings& found,
                             std::uint32_t replication);
absl::StatusOr<Settings> SettingsOf(rd_kafka_t* client, const std::string& topic,
                                    absl::Duration limit);

}  // namespace holdfast::journal::kafka
