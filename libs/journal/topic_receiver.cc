#include <cstddef>
#include <iterator>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "journal/kafka_client.h"
#include "journal/kafka_consumer.h"
#include "journal/kafka_topics.h"
#include "journal/kafka_undertaker.h"
#include "journal/topic_client.h"

namespace holdfast::journal {
namespace {

using Partitions = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                   kafka::Destroyer<rd_kafka_topic_partition_list_destroy>>;

constexpr std::size_t kTakeAtOnce = 1000;
constexpr absl::Duration kFetchWait = absl::Milliseconds(100);
constexpr absl::Duration kLookAgain = absl::Milliseconds(10);
constexpr absl::Duration kTopicAgain = absl::Milliseconds(200);

kafka::Settings ReceiverSettings(const TopicReceiverOptions& options) {
  return {
      {"group.id", options.group},
      {"group.instance.id", options.member},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      // What was sent before anybody listened counts, too.
      {"auto.offset.reset", "earliest"},
      {"check.crcs", "true"},
      {"isolation.level", "read_committed"},
      {"session.timeout.ms", "10000"},
      {"fetch.wait.max.ms", std::to_string(kafka::Milliseconds(kFetchWait))},
      {"fetch.error.backoff.ms", "100"},
      {"queued.max.messages.kbytes", "16384"},
  };
}

std::optional<std::string> BytesOf(const void* bytes, std::size_t size) {
  if (bytes == nullptr) return std::nullopt;
  return std::string(static_cast<const char*>(bytes), size);
}

std::vector<TopicHeader> HeadersOf(const rd_kafka_message_t* message) {
  std::vector<TopicHeader> headers;
  rd_kafka_headers_t* raw = nullptr;
  if (rd_kafka_message_headers(message, &raw) != RD_KAFKA_RESP_ERR_NO_ERROR) return headers;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(raw, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    headers.push_back({name, BytesOf(value, size)});
  }
  return headers;
}

ReceivedRecord RecordOf(const rd_kafka_message_t* message) {
  ReceivedRecord received;
  received.topic = rd_kafka_topic_name(message->rkt);
  received.partition = message->partition;
  received.offset = message->offset;
  received.record.key = BytesOf(message->key, message->key_len);
  received.record.value = BytesOf(message->payload, message->len);
  received.record.headers = HeadersOf(message);
  return received;
}

Partitions One(const std::string& topic, std::int32_t partition, std::int64_t offset) {
  Partitions list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = offset;
  return list;
}

class KafkaReceiver final : public TopicReceiver {
 public:
  // Leaving a group waits for its coordinator, which may be away.
  ~KafkaReceiver() override {
    if (client_ == nullptr) return;
    undertaker_.Bury([client = client_.release()] {
      rd_kafka_consumer_close(client);
      const kafka::Client ends(client);
    });
  }

  absl::Status Open(const TopicReceiverOptions& options) {
    ASSIGN_OR_RETURN(kafka::Configuration configuration,
                     kafka::Configure(options.bootstrap, ReceiverSettings(options)));
    ASSIGN_OR_RETURN(client_, kafka::Open(RD_KAFKA_CONSUMER, std::move(configuration)));
    rd_kafka_poll_set_consumer(client_.get());
    const Partitions topic = One(options.topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_OFFSET_INVALID);
    return kafka::StatusOf(rd_kafka_subscribe(client_.get(), topic.get()), "join the group");
  }

  absl::StatusOr<std::optional<ReceivedRecord>> Receive(absl::Duration limit) override {
    const kafka::Message message(rd_kafka_consumer_poll(client_.get(), kafka::Milliseconds(limit)));
    if (message == nullptr) return std::nullopt;
    // What librdkafka mends itself (a broker that is away) comes as an error, too.
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka::StatusOf(message->err, "receive");
    return RecordOf(message.get());
  }

  absl::Status Acknowledge(const ReceivedRecord& record) override {
    const Partitions done = One(record.topic, record.partition, record.offset + 1);
    return kafka::StatusOf(rd_kafka_commit(client_.get(), done.get(), 0), "acknowledge");
  }

 private:
  kafka::Undertaker undertaker_;
  kafka::Client client_;
};

// True once the end of the partition was among the messages.
absl::StatusOr<bool> TakeNewest(const std::vector<kafka::Message>& messages,
                                std::map<std::string, std::string>& newest) {
  for (const kafka::Message& message : messages) {
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return true;
    RETURN_IF_ERROR(kafka::StatusOf(message->err, "read"));
    const std::string key = BytesOf(message->key, message->key_len).value_or("");
    if (std::optional<std::string> value = BytesOf(message->payload, message->len)) {
      newest[key] = *std::move(value);
    } else {
      newest.erase(key);
    }
  }
  return false;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TopicReceiver>> OpenTopicReceiver(
    const TopicReceiverOptions& options) {
  auto receiver = std::make_unique<KafkaReceiver>();
  RETURN_IF_ERROR(receiver->Open(options));
  return std::unique_ptr<TopicReceiver>(std::move(receiver));
}

absl::StatusOr<std::map<std::string, std::string>> ReadCompactedTopic(const std::string& bootstrap,
                                                                      const std::string& topic,
                                                                      absl::Duration limit) {
  const absl::Duration until = SystemClock().SinceBoot() + limit;
  kafka::Undertaker undertaker;
  ASSIGN_OR_RETURN(std::shared_ptr<kafka::Consumer> consumer,
                   kafka::Consumer::Open({bootstrap, kFetchWait},
                                         {{topic, 0, RD_KAFKA_OFFSET_BEGINNING}}, [] {}));
  std::map<std::string, std::string> newest;
  absl::StatusOr<bool> ended = false;
  while (ended.ok() && !*ended && SystemClock().SinceBoot() < until) {
    const std::vector<kafka::Message> messages = consumer->Take(kTakeAtOnce);
    if (messages.empty()) absl::SleepFor(kLookAgain);
    ended = TakeNewest(messages, newest);
  }
  consumer->Silence();
  undertaker.Bury([consumer = std::move(consumer)] {});
  RETURN_IF_ERROR(WithContext(ended.status(), absl::StrCat("topic ", topic)));
  if (*ended) return newest;
  return absl::UnavailableError(
      absl::StrCat("topic ", topic, " could not be read to its end: the broker does not answer"));
}

absl::Status RequireTopics(const std::string& bootstrap, const std::vector<std::string>& topics,
                           absl::Duration limit) {
  ASSIGN_OR_RETURN(kafka::Configuration configuration, kafka::Configure(bootstrap, {}));
  ASSIGN_OR_RETURN(const kafka::Client client,
                   kafka::Open(RD_KAFKA_PRODUCER, std::move(configuration)));
  const absl::Duration until = SystemClock().SinceBoot() + limit;
  for (const std::string& topic : topics) {
    absl::Status found = kafka::DescribeTopic(client.get(), topic, limit).status();
    // Brokers hear of a topic that was just made one after the other.
    while (absl::IsNotFound(found) && SystemClock().SinceBoot() < until) {
      absl::SleepFor(kTopicAgain);
      found = kafka::DescribeTopic(client.get(), topic, limit).status();
    }
    if (absl::IsNotFound(found)) {
      return absl::FailedPreconditionError(absl::StrCat(
          "topic ", topic,
          " is not there; make it with: holdfast kafka topics apply --for-tenant TENANT"));
    }
    RETURN_IF_ERROR(found);
  }
  return absl::OkStatus();
}

}  // namespace holdfast::journal
