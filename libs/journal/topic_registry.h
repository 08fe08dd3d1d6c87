// The registry of topics (deploy/kafka/topics.json) against a broker: what is missing, and what is
// otherwise than the registry says.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace holdfast::config::v1 {
class TopicRegistry;
}

namespace holdfast::journal {

// What the registry's names and numbers stand for in one deployment.
struct TopicScope {
  std::vector<std::string> tenants;  // none: topics of a tenant are left out
  // Instead of the registry's, where they are not 0: of a small cluster. Replication bounds
  // min.insync.replicas, too.
  std::uint32_t journal_partitions = 0;
  std::uint32_t replication = 0;
};

struct WantedTopic {
  std::string name;
  std::uint32_t partitions = 0;
  bool partitions_fixed = false;
  std::uint32_t replication = 0;
  std::vector<std::pair<std::string, std::string>> settings;
};

// kInvalidArgument with a sentence where it is no registry.
absl::StatusOr<config::v1::TopicRegistry> ReadTopicRegistry(std::string_view json);
// With <context> and <tenant> replaced; in the registry's order.
std::vector<WantedTopic> WantedTopics(const config::v1::TopicRegistry& registry,
                                      const TopicScope& scope);

struct TopicFinding {
  enum class Kind { kAsWanted, kMissing, kDiffers };
  std::string topic;
  Kind kind = Kind::kAsWanted;
  std::string what;    // "partitions", "replication", or the name of a setting
  std::string found;   // of one that differs
  std::string wanted;  // "24 partitions, 3 copies" of one that is missing
};

// Asks the broker only. kUnavailable where it does not answer within `limit`.
absl::StatusOr<std::vector<TopicFinding>> CompareTopics(const std::string& bootstrap,
                                                        const std::vector<WantedTopic>& wanted,
                                                        absl::Duration limit);
// Makes those that are missing, and changes nothing that is there. How many it made.
absl::StatusOr<int> MakeMissingTopics(const std::string& bootstrap,
                                      const std::vector<WantedTopic>& wanted, absl::Duration limit);

}  // namespace holdfast::journal
