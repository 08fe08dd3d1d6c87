#include <cstddef>
#include <iterator>
#include <utility>

#include "base/clock.h"
#include "base/status_macros.h"
#include "journal/kafka_client.h"
#include "journal/kafka_undertaker.h"
#include "journal/topic_client.h"

namespace holdfast::journal {
namespace {

using Headers = std::unique_ptr<rd_kafka_headers_t, kafka::Destroyer<rd_kafka_headers_destroy>>;

// How long one poll waits before it looks at the time.
constexpr absl::Duration kPoll = absl::Milliseconds(50);
constexpr absl::Duration kRoomPatience = absl::Seconds(10);

kafka::Settings SenderSettings(const TopicSenderOptions& options) {
  return {
      {"enable.idempotence", "true"},
      {"acks", "all"},
      // Other people's clients read these topics, and some know no other compression.
      {"compression.type", "gzip"},
      {"linger.ms", "5"},
      {"message.timeout.ms", std::to_string(kafka::Milliseconds(options.message_timeout))},
      {"message.max.bytes", std::to_string(kMaxTopicRecordBytes)},
      {"queue.buffering.max.messages", "100000"},
      {"queue.buffering.max.kbytes", "262144"},
      // As every client in Java: who knows the key finds the partition.
      {"partitioner", "murmur2_random"},
  };
}

Headers HeadersOf(const TopicRecord& record) {
  Headers headers(rd_kafka_headers_new(record.headers.size()));
  for (const TopicHeader& header : record.headers) {
    rd_kafka_header_add(headers.get(), header.name.data(), std::ssize(header.name),
                        header.value ? header.value->data() : nullptr,
                        header.value ? std::ssize(*header.value) : 0);
  }
  return headers;
}

rd_kafka_vu_t Bytes(rd_kafka_vtype_t type, const std::optional<std::string>& bytes) {
  rd_kafka_vu_t field{};
  field.vtype = type;
  // librdkafka copies the bytes (MSG_F_COPY), and writes to none.
  field.u.mem.ptr = bytes ? const_cast<char*>(bytes->data()) : nullptr;
  field.u.mem.size = bytes ? bytes->size() : 0;
  return field;
}

// Delivery reports come on the thread that polls: the sender's own.
struct Reports {
  std::size_t waiting = 0;
  absl::Status first_error;

  static void OnDelivery(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* opaque) {
    Reports& reports = *static_cast<Reports*>(opaque);
    --reports.waiting;
    if (reports.first_error.ok()) reports.first_error = kafka::StatusOf(message->err, "send");
  }
};

class KafkaSender final : public TopicSender {
 public:
  ~KafkaSender() override {
    if (client_ == nullptr) return;
    // What is queued would keep the handle for as long as the broker is away.
    rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                      RD_KAFKA_PURGE_F_NON_BLOCKING);
    undertaker_.Bury([client = client_.release(), reports = std::move(reports_)] {
      const kafka::Client ends(client);
    });
  }

  absl::Status Open(const TopicSenderOptions& options) {
    ASSIGN_OR_RETURN(kafka::Configuration configuration,
                     kafka::Configure(options.bootstrap, SenderSettings(options)));
    rd_kafka_conf_set_opaque(configuration.get(), reports_.get());
    rd_kafka_conf_set_dr_msg_cb(configuration.get(), Reports::OnDelivery);
    ASSIGN_OR_RETURN(client_, kafka::Open(RD_KAFKA_PRODUCER, std::move(configuration)));
    return absl::OkStatus();
  }

  absl::Status Send(const std::string& topic, const TopicRecord& record) override {
    const absl::Duration until = SystemClock().SinceBoot() + kRoomPatience;
    while (true) {
      const absl::Status sent = Produce(topic, record);
      if (!absl::IsResourceExhausted(sent)) return sent;
      if (SystemClock().SinceBoot() >= until) {
        return absl::UnavailableError("send: the broker takes nothing");
      }
      rd_kafka_poll(client_.get(), kafka::Milliseconds(kPoll));
    }
  }

  absl::Status AwaitConfirmed(absl::Duration limit) override {
    const absl::Duration until = SystemClock().SinceBoot() + limit;
    while (reports_->waiting > 0) {
      rd_kafka_poll(client_.get(), kafka::Milliseconds(kPoll));
      RETURN_IF_ERROR(reports_->first_error);
      if (reports_->waiting > 0 && SystemClock().SinceBoot() >= until) {
        return absl::DeadlineExceededError("send: not confirmed yet");
      }
    }
    return reports_->first_error;
  }

 private:
  absl::Status Produce(const std::string& topic, const TopicRecord& record) {
    Headers headers = HeadersOf(record);
    rd_kafka_vu_t fields[5]{};
    fields[0].vtype = RD_KAFKA_VTYPE_TOPIC;
    fields[0].u.cstr = topic.c_str();
    fields[1] = Bytes(RD_KAFKA_VTYPE_VALUE, record.value);
    fields[2] = Bytes(RD_KAFKA_VTYPE_KEY, record.key);
    fields[3].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    fields[3].u.i = RD_KAFKA_MSG_F_COPY;
    fields[4].vtype = RD_KAFKA_VTYPE_HEADERS;
    fields[4].u.headers = headers.get();
    const kafka::Error error(rd_kafka_produceva(client_.get(), fields, std::size(fields)));
    if (error != nullptr) return kafka::StatusOf(rd_kafka_error_code(error.get()), "send");
    // The message has them now.
    static_cast<void>(headers.release());  // NOLINT(bugprone-unused-return-value)
    ++reports_->waiting;
    return absl::OkStatus();
  }

  kafka::Undertaker undertaker_;
  // Shared with the handle, which may outlive this.
  std::shared_ptr<Reports> reports_ = std::make_shared<Reports>();
  kafka::Client client_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TopicSender>> OpenTopicSender(const TopicSenderOptions& options) {
  auto sender = std::make_unique<KafkaSender>();
  RETURN_IF_ERROR(sender->Open(options));
  return std::unique_ptr<TopicSender>(std::move(sender));
}

}  // namespace holdfast::journal
