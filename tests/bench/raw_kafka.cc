#include "raw_kafka.h"

#include <array>
#include <utility>

#include <librdkafka/rdkafka.h>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status_macros.h"

namespace holdfast::bench {
namespace {

using journal::kafka::Configuration;
using journal::kafka::Configure;
using journal::kafka::StatusOf;
using Done = absl::AnyInvocable<void(absl::Status)>;

constexpr int kPollMs = 100;
constexpr int kFlushMs = 10'000;
constexpr std::size_t kBatch = 1'000;
constexpr absl::Duration kPatience = absl::Minutes(1);

}  // namespace

absl::StatusOr<std::unique_ptr<RawProducer>> RawProducer::Open(const std::string& bootstrap,
                                                               const std::string& topic) {
  std::unique_ptr<RawProducer> producer(new RawProducer());
  ASSIGN_OR_RETURN(Configuration configuration,
                   Configure(bootstrap, {{"enable.idempotence", "true"},
                                         {"acks", "all"},
                                         {"compression.type", "zstd"},
                                         {"linger.ms", "0"},
                                         {"queue.buffering.max.messages", "100000"}}));
  rd_kafka_conf_set_dr_msg_cb(configuration.get(), OnDelivery);
  ASSIGN_OR_RETURN(producer->client_,
                   journal::kafka::Open(RD_KAFKA_PRODUCER, std::move(configuration)));
  producer->topic_.reset(rd_kafka_topic_new(producer->client_.get(), topic.c_str(), nullptr));
  if (producer->topic_ == nullptr) return StatusOf(rd_kafka_last_error(), "open topic");
  producer->thread_ = std::thread([self = producer.get()] {
    while (!self->stop_.load()) rd_kafka_poll(self->client_.get(), kPollMs);
  });
  return producer;
}

RawProducer::~RawProducer() {
  if (thread_.joinable()) {
    rd_kafka_flush(client_.get(), kFlushMs);
    stop_.store(true);
    thread_.join();
  }
  topic_.reset();
}

void RawProducer::Produce(std::string_view record, Done done) {
  auto waiting = std::make_unique<Done>(std::move(done));
  auto* const bytes = const_cast<char*>(record.data());  // copied, and not written to
  if (rd_kafka_produce(topic_.get(), 0, RD_KAFKA_MSG_F_COPY, bytes, record.size(), nullptr, 0,
                       waiting.get()) == 0) {
    static_cast<void>(waiting.release());  // the report has it
    return;
  }
  (*waiting)(StatusOf(rd_kafka_last_error(), "raw append"));
}

void RawProducer::OnDelivery(rd_kafka_t* /*client*/, const rd_kafka_message_t* message,
                             void* /*opaque*/) {
  const std::unique_ptr<Done> done(static_cast<Done*>(message->_private));
  (*done)(StatusOf(message->err, "raw append"));
}

absl::StatusOr<double> RawConsumeRate(const std::string& bootstrap, const std::string& topic,
                                      std::uint64_t records) {
  ASSIGN_OR_RETURN(Configuration configuration,
                   Configure(bootstrap, {{"check.crcs", "true"},
                                         {"isolation.level", "read_committed"},
                                         {"fetch.message.max.bytes", "4456448"},
                                         {"queued.min.messages", "10000000"},
                                         {"queued.max.messages.kbytes", "2097151"}}));
  ASSIGN_OR_RETURN(const journal::kafka::Client client,
                   journal::kafka::Open(RD_KAFKA_CONSUMER, std::move(configuration)));
  const journal::kafka::TopicHandle handle(
      rd_kafka_topic_new(client.get(), topic.c_str(), nullptr));
  if (handle == nullptr) return StatusOf(rd_kafka_last_error(), "open topic");
  const absl::Time began = absl::Now();
  if (rd_kafka_consume_start(handle.get(), 0, RD_KAFKA_OFFSET_BEGINNING) != 0)
    return StatusOf(rd_kafka_last_error(), "read partition");
  std::uint64_t read = 0;
  while (read < records && absl::Now() - began < kPatience) {
    std::array<rd_kafka_message_t*, kBatch> some{};
    const auto count = rd_kafka_consume_batch(handle.get(), 0, kPollMs, some.data(), some.size());
    for (std::size_t i = 0; count > 0 && i < static_cast<std::size_t>(count); ++i) {
      const journal::kafka::Message message(some.at(i));
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) ++read;
    }
  }
  const absl::Duration took = absl::Now() - began;
  rd_kafka_consume_stop(handle.get(), 0);
  if (read < records) return absl::DeadlineExceededError("the topic has fewer records");
  return static_cast<double>(read) / absl::ToDoubleSeconds(took);
}

}  // namespace holdfast::bench
