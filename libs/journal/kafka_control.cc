#include "journal/kafka_control.h"

#include <memory>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "journal/kafka_client.h"
#include "journal/kafka_consumer.h"
#include "journal/kafka_undertaker.h"

namespace holdfast::journal {
namespace {

constexpr std::size_t kTakeAtOnce = 100;
constexpr absl::Duration kLookAgain = absl::Milliseconds(200);
constexpr absl::Duration kOpenAgain = absl::Seconds(1);
constexpr absl::Duration kFetchWait = absl::Milliseconds(500);

// A word that is old says nothing: it is not sent again for long.
const kafka::Settings& ProducerSettings() {
  static const kafka::Settings settings = {
      {"acks", "1"},
      {"linger.ms", "0"},
      {"message.timeout.ms", "2000"},
      {"message.send.max.retries", "0"},
      {"queue.buffering.max.messages", "1000"},
  };
  return settings;
}

class KafkaControl final : public ControlChannel {
 public:
  explicit KafkaControl(KafkaControlOptions options) : options_(std::move(options)) {}

  ~KafkaControl() override {
    {
      const absl::MutexLock lock(&mutex_);
      ended_ = true;
    }
    if (thread_.joinable()) thread_.join();
    Bury();
    undertaker_.Bury([topic = topic_.release(), producer = producer_.release()] {
      const kafka::TopicHandle topic_ends(topic);
      const kafka::Client producer_ends(producer);
    });
  }

  absl::Status Open() {
    ASSIGN_OR_RETURN(kafka::Configuration configuration,
                     kafka::Configure(options_.bootstrap, ProducerSettings()));
    ASSIGN_OR_RETURN(producer_, kafka::Open(RD_KAFKA_PRODUCER, std::move(configuration)));
    topic_.reset(rd_kafka_topic_new(producer_.get(), options_.topic.c_str(), nullptr));
    if (topic_ == nullptr) return kafka::StatusOf(rd_kafka_last_error(), "open topic");
    return absl::OkStatus();
  }

  void Send(std::string message) override {
    // Copied by librdkafka; where its queue is full the word is lost, as the contract allows.
    static_cast<void>(rd_kafka_produce(topic_.get(), 0, RD_KAFKA_MSG_F_COPY, message.data(),
                                       message.size(), nullptr, 0, nullptr));
    rd_kafka_poll(producer_.get(), 0);
  }

  void Listen(Heard heard) override {
    thread_ = std::thread([this, heard = std::move(heard)] { Run(heard); });
  }

 private:
  void Run(const Heard& heard) {
    while (!Ended(kLookAgain)) {
      rd_kafka_poll(producer_.get(), 0);
      if (consumer_ == nullptr && !OpenConsumer()) {
        if (Ended(kOpenAgain)) return;
        continue;
      }
      if (!TakeAll(heard)) Bury();
    }
  }

  bool OpenConsumer() {
    auto opened =
        kafka::Consumer::Open({options_.bootstrap, kFetchWait},
                              {{options_.topic, 0, RD_KAFKA_OFFSET_END}}, [this] { Stir(); });
    if (!opened.ok()) return false;
    consumer_ = *std::move(opened);
    return true;
  }

  // False where the consumer is of no more use: another one begins at the end.
  bool TakeAll(const Heard& heard) {
    while (true) {
      const std::vector<kafka::Message> messages = consumer_->Take(kTakeAtOnce);
      if (messages.empty()) return true;
      for (const kafka::Message& message : messages) {
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) continue;
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
        heard({static_cast<const char*>(message->payload), message->len});
      }
    }
  }

  // On a thread of librdkafka, under its locks.
  void Stir() {
    const absl::MutexLock lock(&mutex_);
    stirred_ = true;
  }

  // Waits until something came, at most so long. True once it ends.
  bool Ended(absl::Duration most) {
    const absl::MutexLock lock(&mutex_);
    const auto anything = [this]()
                              ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return ended_ || stirred_; };
    mutex_.AwaitWithTimeout(absl::Condition(&anything), most);
    stirred_ = false;
    return ended_;
  }

  void Bury() {
    if (consumer_ == nullptr) return;
    consumer_->Silence();
    undertaker_.Bury([consumer = std::shared_ptr<kafka::Consumer>(std::move(consumer_))] {});
  }

  const KafkaControlOptions options_;
  kafka::Undertaker undertaker_;
  kafka::Client producer_;
  kafka::TopicHandle topic_;
  std::unique_ptr<kafka::Consumer> consumer_;  // of the thread
  absl::Mutex mutex_;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool stirred_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ControlChannel>> OpenKafkaControl(
    const KafkaControlOptions& options) {
  auto control = std::make_unique<KafkaControl>(options);
  RETURN_IF_ERROR(control->Open());
  return std::unique_ptr<ControlChannel>(std::move(control));
}

}  // namespace holdfast::journal
