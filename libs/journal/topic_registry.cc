#include "journal/topic_registry.h"

#include <algorithm>
#include <utility>

#include <google/protobuf/util/json_util.h>

#include "holdfast/config/v1/kafka.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status_macros.h"
#include "journal/kafka_client.h"
#include "journal/kafka_topics.h"

namespace holdfast::journal {
namespace {

constexpr char kContext[] = "<context>";
constexpr char kTenant[] = "<tenant>";
constexpr char kInSync[] = "min.insync.replicas";

bool Names(const std::string& pattern, const char* what) {
  return pattern.find(what) != std::string::npos;
}

// The names that a pattern stands for.
std::vector<std::string> NamesOf(const std::string& pattern, const config::v1::TopicRegistry& of,
                                 const TopicScope& scope) {
  std::vector<std::string> names = {pattern};
  const auto expand = [&names](const char* what, const auto& values) {
    std::vector<std::string> more;
    for (const std::string& name : names) {
      for (const auto& value : values) more.push_back(absl::StrReplaceAll(name, {{what, value}}));
    }
    names = std::move(more);
  };
  if (Names(pattern, kContext)) expand(kContext, of.contexts());
  if (Names(pattern, kTenant)) expand(kTenant, scope.tenants);
  return names;
}

WantedTopic TopicOf(const config::v1::Topic& topic, std::string name, const TopicScope& scope) {
  WantedTopic wanted;
  wanted.name = std::move(name);
  wanted.partitions_fixed = topic.partitions_fixed();
  wanted.partitions = topic.partitions_fixed() && scope.journal_partitions > 0
                          ? scope.journal_partitions
                          : topic.partitions();
  wanted.replication = scope.replication > 0 ? scope.replication : topic.replication();
  for (const auto& setting : topic.settings()) {
    const bool too_many = setting.name() == kInSync && wanted.replication < 3;
    wanted.settings.emplace_back(setting.name(), too_many ? "1" : setting.value());
  }
  return wanted;
}

absl::StatusOr<kafka::Client> Connect(const std::string& bootstrap) {
  ASSIGN_OR_RETURN(kafka::Configuration configuration, kafka::Configure(bootstrap, {}));
  return kafka::Open(RD_KAFKA_PRODUCER, std::move(configuration));
}

TopicFinding Missing(const WantedTopic& topic) {
  return {topic.name, TopicFinding::Kind::kMissing, "", "",
          absl::StrCat(topic.partitions, " partitions, ", topic.replication, " copies")};
}

TopicFinding Differs(const WantedTopic& topic, std::string what, std::string found,
                     std::string wanted) {
  return {topic.name, TopicFinding::Kind::kDiffers, std::move(what), std::move(found),
          std::move(wanted)};
}

// More partitions of a topic whose number is not fixed are well, and so are more copies.
std::vector<TopicFinding> Compare(const WantedTopic& topic, const kafka::TopicShape& shape,
                                  const kafka::Settings& settings) {
  std::vector<TopicFinding> findings;
  const bool partitions = topic.partitions_fixed ? shape.partitions == topic.partitions
                                                 : shape.partitions >= topic.partitions;
  if (!partitions) {
    findings.push_back(Differs(topic, "partitions", absl::StrCat(shape.partitions),
                               absl::StrCat(topic.partitions)));
  }
  if (shape.replication < topic.replication) {
    findings.push_back(Differs(topic, "replication", absl::StrCat(shape.replication),
                               absl::StrCat(topic.replication)));
  }
  for (const auto& [name, value] : topic.settings) {
    const auto found = std::ranges::find_if(
        settings, [&name = name](const auto& setting) { return setting.first == name; });
    const std::string is = found == settings.end() ? "" : found->second;
    if (is != value) findings.push_back(Differs(topic, name, is, value));
  }
  if (findings.empty()) findings.push_back({topic.name, TopicFinding::Kind::kAsWanted, "", "", ""});
  return findings;
}

}  // namespace

absl::StatusOr<config::v1::TopicRegistry> ReadTopicRegistry(std::string_view json) {
  config::v1::TopicRegistry registry;
  google::protobuf::util::JsonParseOptions options;
  const auto read =
      google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &registry, options);
  if (!read.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the registry of topics cannot be read: ", std::string(read.message())));
  }
  if (registry.topics().empty() || registry.contexts().empty()) {
    return absl::InvalidArgumentError("the registry of topics names no topic, or no context");
  }
  return registry;
}

std::vector<WantedTopic> WantedTopics(const config::v1::TopicRegistry& registry,
                                      const TopicScope& scope) {
  std::vector<WantedTopic> wanted;
  for (const config::v1::Topic& topic : registry.topics()) {
    for (std::string& name : NamesOf(topic.name(), registry, scope)) {
      wanted.push_back(TopicOf(topic, std::move(name), scope));
    }
  }
  return wanted;
}

absl::StatusOr<std::vector<TopicFinding>> CompareTopics(const std::string& bootstrap,
                                                        const std::vector<WantedTopic>& wanted,
                                                        absl::Duration limit) {
  ASSIGN_OR_RETURN(const kafka::Client client, Connect(bootstrap));
  std::vector<TopicFinding> findings;
  for (const WantedTopic& topic : wanted) {
    const auto shape = kafka::DescribeTopic(client.get(), topic.name, limit);
    if (absl::IsNotFound(shape.status())) {
      findings.push_back(Missing(topic));
      continue;
    }
    RETURN_IF_ERROR(shape.status());
    const auto settings = kafka::SettingsOf(client.get(), topic.name, limit);
    if (absl::IsNotFound(settings.status())) {  // the broker that was asked has not heard of it yet
      findings.push_back(Missing(topic));
      continue;
    }
    RETURN_IF_ERROR(settings.status());
    for (TopicFinding& finding : Compare(topic, *shape, *settings)) {
      findings.push_back(std::move(finding));
    }
  }
  return findings;
}

absl::StatusOr<int> MakeMissingTopics(const std::string& bootstrap,
                                      const std::vector<WantedTopic>& wanted,
                                      absl::Duration limit) {
  ASSIGN_OR_RETURN(const kafka::Client client, Connect(bootstrap));
  int made = 0;
  for (const WantedTopic& topic : wanted) {
    const absl::Status created = kafka::CreateTopic(
        client.get(), topic.name, {topic.partitions, topic.replication}, topic.settings, limit);
    if (absl::IsAlreadyExists(created)) continue;
    RETURN_IF_ERROR(created);
    ++made;
  }
  return made;
}

}  // namespace holdfast::journal
