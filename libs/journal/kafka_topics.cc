#include "journal/kafka_topics.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace holdfast::journal::kafka {
namespace {

using Metadata = std::unique_ptr<const rd_kafka_metadata_t, Destroyer<rd_kafka_metadata_destroy>>;
using AdminOptions =
    std::unique_ptr<rd_kafka_AdminOptions_t, Destroyer<rd_kafka_AdminOptions_destroy>>;
using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, Destroyer<rd_kafka_NewTopic_destroy>>;
using DoomedTopic =
    std::unique_ptr<rd_kafka_DeleteTopic_t, Destroyer<rd_kafka_DeleteTopic_destroy>>;
using Resource =
    std::unique_ptr<rd_kafka_ConfigResource_t, Destroyer<rd_kafka_ConfigResource_destroy>>;

// A setting without which records could be lost or refused. A number may be larger where `or_more`.
struct Needed {
  std::string_view name;
  std::string_view value;
  bool or_more = false;
};

constexpr std::array kNeeded = {
    Needed{"cleanup.policy", "delete"},
    Needed{"retention.ms", "-1"},
    Needed{"retention.bytes", "-1"},
    Needed{"unclean.leader.election.enable", "false"},
    Needed{"max.message.bytes", "1114112", true},
};
constexpr Needed kInSync{"min.insync.replicas", "2", true};

// What is written when a topic is made and costs nothing where it is otherwise.
constexpr std::array kWanted = {
    Needed{"message.timestamp.type", "CreateTime"},
    Needed{"compression.type", "producer"},
};

bool NeedsTwoInSync(std::uint32_t replication) {
  return replication >= 3;
}

bool Satisfies(std::string_view found, const Needed& needed) {
  if (found == needed.value) return true;
  std::int64_t has = 0;
  std::int64_t wants = 0;
  return needed.or_more && absl::SimpleAtoi(absl::string_view(found.data(), found.size()), &has) &&
         absl::SimpleAtoi(absl::string_view(needed.value.data(), needed.value.size()), &wants) &&
         has > wants;
}

absl::Status Compare(const std::string& topic, const Settings& found, const Needed& needed) {
  const auto setting = std::ranges::find(found, needed.name, &Settings::value_type::first);
  const std::string value = setting == found.end() ? "nothing" : setting->second;
  if (setting != found.end() && Satisfies(value, needed)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("topic ", topic, " has ", std::string(needed.name), "=", value,
                   ", and the journal needs ", std::string(needed.value),
                   needed.or_more ? " or more" : "", ": set it on the broker and start again"));
}

AdminOptions LimitOf(rd_kafka_t* client, rd_kafka_admin_op_t operation, absl::Duration limit) {
  AdminOptions options(rd_kafka_AdminOptions_new(client, operation));
  std::array<char, 256> why{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), Milliseconds(limit), why.data(),
                                            why.size());
  return options;
}

// The result of an operation, or why there is none.
absl::StatusOr<Event> ResultOf(rd_kafka_queue_t* queue, std::string_view doing,
                               absl::Duration limit) {
  // The operation has its own limit; this one is for a client that forgets it.
  Event event(rd_kafka_queue_poll(queue, Milliseconds(limit + absl::Seconds(1))));
  if (event == nullptr) return StatusOf(RD_KAFKA_RESP_ERR__TIMED_OUT, doing);
  RETURN_IF_ERROR(StatusOf(rd_kafka_event_error(event.get()), doing));
  return event;
}

}  // namespace

absl::StatusOr<TopicShape> DescribeTopic(rd_kafka_t* client, const std::string& topic,
                                         absl::Duration limit) {
  const std::string doing = absl::StrCat("describe topic ", topic);
  const TopicHandle handle(rd_kafka_topic_new(client, topic.c_str(), nullptr));
  if (handle == nullptr) return StatusOf(rd_kafka_last_error(), doing);
  const rd_kafka_metadata_t* raw = nullptr;
  RETURN_IF_ERROR(
      StatusOf(rd_kafka_metadata(client, 0, handle.get(), &raw, Milliseconds(limit)), doing));
  const Metadata metadata(raw);
  if (metadata->topic_cnt != 1) return absl::UnavailableError(doing + ": no answer for it");
  const rd_kafka_metadata_topic_t& found = metadata->topics[0];
  RETURN_IF_ERROR(StatusOf(found.err, doing));
  TopicShape shape;
  shape.partitions = static_cast<std::uint32_t>(found.partition_cnt);
  for (int p = 0; p < found.partition_cnt; ++p) {
    const auto copies = static_cast<std::uint32_t>(found.partitions[p].replica_cnt);
    shape.replication = p == 0 ? copies : std::min(shape.replication, copies);
  }
  return shape;
}

absl::StatusOr<std::vector<std::string>> ListTopics(rd_kafka_t* client, absl::Duration limit) {
  const rd_kafka_metadata_t* raw = nullptr;
  RETURN_IF_ERROR(
      StatusOf(rd_kafka_metadata(client, 1, nullptr, &raw, Milliseconds(limit)), "list topics"));
  const Metadata metadata(raw);
  std::vector<std::string> names;
  for (int i = 0; i < metadata->topic_cnt; ++i) names.emplace_back(metadata->topics[i].topic);
  return names;
}

Settings JournalTopicSettings(std::uint32_t replication) {
  Settings settings;
  for (const Needed& needed : kNeeded) settings.emplace_back(needed.name, needed.value);
  if (NeedsTwoInSync(replication)) settings.emplace_back(kInSync.name, kInSync.value);
  for (const Needed& wanted : kWanted) settings.emplace_back(wanted.name, wanted.value);
  return settings;
}

absl::Status CreateTopic(rd_kafka_t* client, const std::string& topic, const TopicShape& shape,
                         const Settings& settings, absl::Duration limit) {
  const std::string doing = absl::StrCat("make topic ", topic);
  std::array<char, 256> why{};
  const NewTopic made(rd_kafka_NewTopic_new(topic.c_str(), static_cast<int>(shape.partitions),
                                            static_cast<int>(shape.replication), why.data(),
                                            why.size()));
  if (made == nullptr) return absl::InvalidArgumentError(absl::StrCat(doing, ": ", why.data()));
  for (const auto& [name, value] : settings)
    rd_kafka_NewTopic_set_config(made.get(), name.c_str(), value.c_str());
  const Queue queue(rd_kafka_queue_new(client));
  const AdminOptions options = LimitOf(client, RD_KAFKA_ADMIN_OP_CREATETOPICS, limit);
  rd_kafka_NewTopic_t* topics[] = {made.get()};
  rd_kafka_CreateTopics(client, topics, 1, options.get(), queue.get());
  ASSIGN_OR_RETURN(const Event event, ResultOf(queue.get(), doing, limit));
  std::size_t count = 0;
  const rd_kafka_topic_result_t* const* const results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  if (count != 1) return absl::UnavailableError(doing + ": no answer for it");
  const rd_kafka_resp_err_t error = rd_kafka_topic_result_error(results[0]);
  if (error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
    return absl::AlreadyExistsError(absl::StrCat("topic ", topic, " is there"));
  if (error == RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR) {
    return absl::FailedPreconditionError(
        absl::StrCat(doing, ": ", shape.replication,
                     " copies are wanted and the cluster has fewer brokers: set `replication`"));
  }
  return StatusOf(error, doing);
}

absl::Status DeleteTopic(rd_kafka_t* client, const std::string& topic, absl::Duration limit) {
  const std::string doing = absl::StrCat("delete topic ", topic);
  const DoomedTopic doomed(rd_kafka_DeleteTopic_new(topic.c_str()));
  const Queue queue(rd_kafka_queue_new(client));
  const AdminOptions options = LimitOf(client, RD_KAFKA_ADMIN_OP_DELETETOPICS, limit);
  rd_kafka_DeleteTopic_t* topics[] = {doomed.get()};
  rd_kafka_DeleteTopics(client, topics, 1, options.get(), queue.get());
  ASSIGN_OR_RETURN(const Event event, ResultOf(queue.get(), doing, limit));
  std::size_t count = 0;
  const rd_kafka_topic_result_t* const* const results =
      rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event.get()), &count);
  if (count != 1) return absl::UnavailableError(doing + ": no answer for it");
  return StatusOf(rd_kafka_topic_result_error(results[0]), doing);
}

absl::Status CompareTopic(const std::string& topic, const TopicShape& found,
                          const TopicShape& wanted) {
  if (wanted.partitions != 0 && found.partitions != wanted.partitions) {
    return absl::FailedPreconditionError(absl::StrCat(
        "topic ", topic, " has ", found.partitions, " partitions and ", wanted.partitions,
        " are configured: the number is fixed for ever, so configure ", found.partitions));
  }
  if (found.replication < wanted.replication) {
    return absl::FailedPreconditionError(absl::StrCat(
        "topic ", topic, " has replication=", found.replication, ", and the journal needs ",
        wanted.replication, ": reassign its partitions on the broker, or configure `replication`"));
  }
  return absl::OkStatus();
}

absl::Status CompareSettings(const std::string& topic, const Settings& found,
                             std::uint32_t replication) {
  for (const Needed& needed : kNeeded) RETURN_IF_ERROR(Compare(topic, found, needed));
  return NeedsTwoInSync(replication) ? Compare(topic, found, kInSync) : absl::OkStatus();
}

absl::StatusOr<Settings> SettingsOf(rd_kafka_t* client, const std::string& topic,
                                    absl::Duration limit) {
  const std::string doing = absl::StrCat("read the settings of topic ", topic);
  const Resource asked(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  const Queue queue(rd_kafka_queue_new(client));
  const AdminOptions options = LimitOf(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, limit);
  rd_kafka_ConfigResource_t* resources[] = {asked.get()};
  rd_kafka_DescribeConfigs(client, resources, 1, options.get(), queue.get());
  ASSIGN_OR_RETURN(const Event event, ResultOf(queue.get(), doing, limit));
  std::size_t count = 0;
  const rd_kafka_ConfigResource_t* const* const results = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  if (count != 1) return absl::UnavailableError(doing + ": no answer for it");
  RETURN_IF_ERROR(StatusOf(rd_kafka_ConfigResource_error(results[0]), doing));
  const rd_kafka_ConfigEntry_t* const* const entries =
      rd_kafka_ConfigResource_configs(results[0], &count);
  Settings settings;
  for (std::size_t i = 0; i < count; ++i) {
    const char* const value = rd_kafka_ConfigEntry_value(entries[i]);
    settings.emplace_back(rd_kafka_ConfigEntry_name(entries[i]), value == nullptr ? "" : value);
  }
  return settings;
}

}  // namespace holdfast::journal::kafka
