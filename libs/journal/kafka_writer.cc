#include "journal/kafka_writer.h"

#include <atomic>
#include <cstddef>
#include <deque>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <pthread.h>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "journal/kafka_client.h"

namespace holdfast::journal::kafka {
namespace {

// How long the polling thread sleeps where nothing happens. It is woken by what does.
constexpr int kPollMs = 1'000;

Settings ProducerSettings(const ProducerOptions& options) {
  return {
      {"enable.idempotence", "true"},
      {"acks", "all"},
      {"compression.type", "zstd"},
      {"linger.ms", std::to_string(Milliseconds(options.linger))},
      {"message.timeout.ms", std::to_string(Milliseconds(options.message_timeout))},
      {"queue.buffering.max.messages", std::to_string(options.queue_records)},
      {"queue.buffering.max.kbytes", "262144"},
  };
}

absl::Status Aborted() {
  return absl::AbortedError("an earlier append of this writer failed: open another writer");
}

bool IsPurge(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__PURGE_QUEUE || error == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
}

// The producer, its polling thread, and the appends that are not answered yet. Kept by the writer,
// then by the undertaker until the handle is destroyed.
class Producer {
 public:
  explicit Producer(std::shared_ptr<PartitionLog> log) : log_(std::move(log)) {}
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  absl::Status Start(const ProducerOptions& options);
  void Append(const std::string& record, Writer::Appended done);
  // Answers everything that is not answered, and stops the thread soon.
  void Close();
  // Joins the thread and destroys the handle. Not on the thread.
  void End();

 private:
  // One append between Append and its callback.
  struct Item {
    Writer::Appended done;
    absl::Duration since;
    std::optional<absl::StatusOr<Offset>> answer;
  };

  static void OnDelivery(rd_kafka_t* client, const rd_kafka_message_t* message, void* opaque);
  static void OnError(rd_kafka_t* client, int error, const char* why, void* opaque);
  void Poll();
  void Deliver();
  std::optional<Item> Next();
  absl::StatusOr<Offset> AnswerOf(const rd_kafka_message_t& message)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Produce(const std::string& record, std::uint64_t number)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Admit(const std::string& record) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Fail(absl::Status cause) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool OnThread() const { return std::this_thread::get_id() == thread_.get_id(); }

  const std::shared_ptr<PartitionLog> log_;
  Client client_;
  TopicHandle topic_;
  Queue events_;  // what the thread polls
  std::thread thread_;
  std::atomic<bool> stop_ = false;

  absl::Mutex mutex_;
  absl::CondVar delivered_;
  std::deque<Item> items_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t first_ ABSL_GUARDED_BY(mutex_) = 0;  // the number of the first of them
  absl::Status cause_ ABSL_GUARDED_BY(mutex_);       // why nothing more is produced
  bool told_ ABSL_GUARDED_BY(mutex_) = false;        // a callback has had the first error
  bool delivering_ ABSL_GUARDED_BY(mutex_) = false;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

absl::Status Producer::Start(const ProducerOptions& options) {
  ASSIGN_OR_RETURN(Configuration configuration,
                   Configure(options.bootstrap, ProducerSettings(options)));
  rd_kafka_conf_set_opaque(configuration.get(), this);
  rd_kafka_conf_set_dr_msg_cb(configuration.get(), OnDelivery);
  rd_kafka_conf_set_error_cb(configuration.get(), OnError);
  ASSIGN_OR_RETURN(client_, Open(RD_KAFKA_PRODUCER, std::move(configuration)));
  topic_.reset(rd_kafka_topic_new(client_.get(), log_->topic().c_str(), nullptr));
  if (topic_ == nullptr) return StatusOf(rd_kafka_last_error(), "open topic");
  events_.reset(rd_kafka_queue_get_main(client_.get()));
  thread_ = std::thread([this] { Poll(); });
  return absl::OkStatus();
}

void Producer::Append(const std::string& record, Writer::Appended done) {
  {
    const absl::MutexLock lock(&mutex_);
    Item& item = items_.emplace_back();
    item.done = std::move(done);
    item.since = SystemClock().SinceBoot();
    absl::Status produced = Admit(record);
    if (produced.ok()) produced = Produce(record, first_ + items_.size() - 1);
    if (produced.ok()) return;
    // Nothing is wrong with what is in flight before it.
    if (cause_.ok()) cause_ = produced;
    item.answer = std::move(produced);
  }
  rd_kafka_queue_yield(events_.get());
}

absl::Status Producer::Admit(const std::string& record) const {
  RETURN_IF_ERROR(cause_);
  RETURN_IF_ERROR(log_->damage());
  if (record.size() > kMaxRecordBytes)
    return absl::InvalidArgumentError("the record is larger than 1 MiB: make it smaller");
  return absl::OkStatus();
}

// The number of the append is the message's opaque, so that a report that comes late finds nothing
// rather than something freed.
absl::Status Producer::Produce(const std::string& record, std::uint64_t number) {
  const auto partition = static_cast<std::int32_t>(log_->id().partition);
  // librdkafka copies the bytes, and writes to none.
  auto* const bytes = const_cast<char*>(record.data());
  auto* const opaque = reinterpret_cast<void*>(number);  // NOLINT(performance-no-int-to-ptr)
  if (rd_kafka_produce(topic_.get(), partition, RD_KAFKA_MSG_F_COPY, bytes, record.size(), nullptr,
                       0, opaque) == 0) {
    return absl::OkStatus();
  }
  return StatusOf(rd_kafka_last_error(), "append");
}

// What is in flight behind an error is answered kAborted whatever becomes of it; purged, it is
// answered soon.
void Producer::Fail(absl::Status cause) {
  cause_ = std::move(cause);
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                    RD_KAFKA_PURGE_F_NON_BLOCKING);
}

void Producer::OnDelivery(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* opaque) {
  Producer& self = *static_cast<Producer*>(opaque);
  const std::uint64_t number = reinterpret_cast<std::uintptr_t>(message->_private);
  const absl::MutexLock lock(&self.mutex_);
  if (number < self.first_ || number - self.first_ >= self.items_.size()) return;
  Item& item = self.items_[number - self.first_];
  if (!item.answer) item.answer = self.AnswerOf(*message);
}

absl::StatusOr<Offset> Producer::AnswerOf(const rd_kafka_message_t& message) {
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR && message.offset >= 0) {
    const auto offset = static_cast<Offset>(message.offset);
    log_->Know(offset + 1);
    return offset;
  }
  if (IsPurge(message.err) && !cause_.ok()) return cause_;
  absl::Status why = message.err == RD_KAFKA_RESP_ERR_NO_ERROR
                         ? absl::UnavailableError("append: the broker told no offset")
                         : StatusOf(message.err, "append");
  Fail(why);
  return why;
}

void Producer::OnError(rd_kafka_t* client, int error, const char* /*why*/, void* opaque) {
  if (error != RD_KAFKA_RESP_ERR__FATAL) return;
  Producer& self = *static_cast<Producer*>(opaque);
  const rd_kafka_resp_err_t cause = rd_kafka_fatal_error(client, nullptr, 0);
  const absl::MutexLock lock(&self.mutex_);
  self.Fail(absl::AbortedError(absl::StrCat(
      "append: the producer gave up: ", rd_kafka_err2str(cause), ": open another writer")));
}

void Producer::Poll() {
  pthread_setname_np(pthread_self(), "kafka-writer");
  while (!stop_.load(std::memory_order_acquire)) {
    rd_kafka_poll(client_.get(), kPollMs);
    Deliver();
  }
}

// Calls the callbacks whose turn it is.
void Producer::Deliver() {
  bool observed = false;
  while (std::optional<Item> item = Next()) {
    // Of the record that waited longest.
    if (item->answer->ok() && !std::exchange(observed, true))
      log_->append_seconds().Observe(SystemClock().SinceBoot() - item->since);
    std::move(item->done)(*std::move(item->answer));
    item.reset();
    const absl::MutexLock lock(&mutex_);
    delivering_ = false;
    delivered_.SignalAll();
  }
}

// The oldest append, where it has its answer. Of those with an error only the first has its own.
std::optional<Producer::Item> Producer::Next() {
  const absl::MutexLock lock(&mutex_);
  if (closed_ || items_.empty() || !items_.front().answer) return std::nullopt;
  std::optional<Item> item = std::move(items_.front());
  items_.pop_front();
  ++first_;
  if (told_) item->answer = Aborted();
  told_ = told_ || !item->answer->ok();
  delivering_ = true;
  return item;
}

void Producer::Close() {
  std::vector<Writer::Appended> cancelled;
  {
    const absl::MutexLock lock(&mutex_);
    closed_ = true;
    while (delivering_ && !OnThread()) delivered_.Wait(&mutex_);
    for (Item& item : items_) cancelled.push_back(std::move(item.done));
    first_ += items_.size();
    items_.clear();
  }
  for (Writer::Appended& done : cancelled) {
    std::move(done)(absl::CancelledError("the writer was closed: the record may stand or not"));
  }
  stop_.store(true, std::memory_order_release);
  rd_kafka_queue_yield(events_.get());
}

void Producer::End() {
  thread_.join();
  // What is queued would keep the handle for as long as the broker is away.
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  rd_kafka_poll(client_.get(), 0);  // their reports, which nobody waits for
  events_.reset();
  topic_.reset();
  client_.reset();
}

class KafkaWriter final : public Writer {
 public:
  KafkaWriter(std::shared_ptr<Producer> producer, Undertaker& undertaker)
      : producer_(std::move(producer)), undertaker_(undertaker) {}
  ~KafkaWriter() override {
    producer_->Close();
    undertaker_.Bury([producer = std::move(producer_)] { producer->End(); });
  }

  void Append(std::string record, Appended done) override {
    producer_->Append(record, std::move(done));
  }

 private:
  // Shared with its own thread's last moments: see Producer.
  std::shared_ptr<Producer> producer_;
  Undertaker& undertaker_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Writer>> OpenKafkaWriter(const ProducerOptions& options,
                                                        std::shared_ptr<PartitionLog> log,
                                                        Undertaker& undertaker) {
  auto producer = std::make_shared<Producer>(std::move(log));
  RETURN_IF_ERROR(producer->Start(options));
  return std::make_unique<KafkaWriter>(std::move(producer), undertaker);
}

}  // namespace holdfast::journal::kafka
