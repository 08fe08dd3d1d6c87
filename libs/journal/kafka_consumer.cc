#include "journal/kafka_consumer.h"

#include <utility>

#include <unistd.h>

#include "base/status_macros.h"

namespace holdfast::journal::kafka {
namespace {

Settings ConsumerSettings(const ConsumerOptions& options) {
  return {
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"auto.offset.reset", "error"},
      {"check.crcs", "true"},
      {"isolation.level", "read_committed"},
      {"enable.partition.eof", "true"},
      {"fetch.wait.max.ms", std::to_string(Milliseconds(options.fetch_wait))},
      {"fetch.error.backoff.ms", "100"},
      {"fetch.message.max.bytes", std::to_string(4 * kMaxMessageBytes)},
      // Bytes alone bound what is fetched ahead. librdkafka 2.0 looks only each second whether a
      // queue that was full has room again (its issue 2879), so one that fills often reads slowly.
      {"queued.min.messages", "1000000"},
      {"queued.max.messages.kbytes", "16384"},
  };
}

}  // namespace

absl::StatusOr<std::unique_ptr<Consumer>> Consumer::Open(const ConsumerOptions& options,
                                                         const std::vector<ReadFrom>& from,
                                                         absl::AnyInvocable<void()> stirred) {
  std::unique_ptr<Consumer> consumer(new Consumer(std::move(stirred)));
  RETURN_IF_ERROR(consumer->Start(options, from));
  return consumer;
}

absl::Status Consumer::Start(const ConsumerOptions& options, const std::vector<ReadFrom>& from) {
  ASSIGN_OR_RETURN(Configuration configuration,
                   Configure(options.bootstrap, ConsumerSettings(options)));
  rd_kafka_conf_set_opaque(configuration.get(), this);
  rd_kafka_conf_set_closesocket_cb(configuration.get(), OnClose);
  ASSIGN_OR_RETURN(client_, kafka::Open(RD_KAFKA_CONSUMER, std::move(configuration)));
  queue_.reset(rd_kafka_queue_new(client_.get()));
  rd_kafka_queue_cb_event_enable(queue_.get(), OnEvent, this);
  if (!from.empty()) first_ = from.front();
  for (const ReadFrom& one : from) {
    TopicHandle topic(rd_kafka_topic_new(client_.get(), one.topic.c_str(), nullptr));
    if (topic == nullptr) return StatusOf(rd_kafka_last_error(), "open topic");
    if (rd_kafka_consume_start_queue(topic.get(), one.partition, one.offset, queue_.get()) != 0)
      return StatusOf(rd_kafka_last_error(), "read partition");
    topics_.push_back(std::move(topic));
  }
  return absl::OkStatus();
}

// rd_kafka_consume_stop waits without limit for the broker's thread; destroying does as much.
Consumer::~Consumer() {
  if (queue_ != nullptr) Silence();
  queue_.reset();
  topics_.clear();
  client_.reset();
}

std::vector<Message> Consumer::Take(std::size_t max) {
  // Errors of the client itself, which are logged: they would pile up.
  rd_kafka_poll(client_.get(), 0);
  std::vector<rd_kafka_message_t*> taken(max);
  const auto count = rd_kafka_consume_batch_queue(queue_.get(), 0, taken.data(), max);
  std::vector<Message> messages;
  for (std::ptrdiff_t i = 0; i < count; ++i)
    messages.emplace_back(taken[static_cast<std::size_t>(i)]);
  return messages;
}

std::optional<std::int64_t> Consumer::KnownEnd() const {
  std::int64_t low = 0;
  std::int64_t high = 0;
  const rd_kafka_resp_err_t error = rd_kafka_get_watermark_offsets(
      client_.get(), first_.topic.c_str(), first_.partition, &low, &high);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR || high < 0) return std::nullopt;
  return high;
}

void Consumer::Silence() {
  rd_kafka_queue_cb_event_enable(queue_.get(), nullptr, nullptr);
}

void Consumer::OnEvent(rd_kafka_t* /*client*/, void* opaque) {
  static_cast<Consumer*>(opaque)->stirred_();
}

int Consumer::OnClose(int socket, void* opaque) {
  static_cast<Consumer*>(opaque)->lost_connection_.store(true, std::memory_order_release);
  return close(socket);
}

}  // namespace holdfast::journal::kafka
