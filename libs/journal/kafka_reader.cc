#include "journal/kafka_reader.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/status_macros.h"
#include "journal/kafka_client.h"
#include "observability/log.h"

namespace holdfast::journal::kafka {
namespace {

// Of what is kept in front of the caller; more waits in librdkafka, within its own bounds.
constexpr std::size_t kMaxKept = 1'000;
constexpr std::size_t kMaxReadBytes = std::size_t{4} << 20U;

std::string_view PayloadOf(const rd_kafka_message_t& message) {
  if (message.payload == nullptr) return {};
  return {static_cast<const char*>(message.payload), message.len};
}

// The lock that guards the reader is held while Read waits; librdkafka's threads take `stir_mutex_`
// and the bell's only.
class KafkaReader final : public Reader, public Listener {
 public:
  KafkaReader(const ReaderOptions& options, std::shared_ptr<PartitionLog> log, Offset from,
              Bell& bell, Undertaker& undertaker)
      : options_(options),
        log_(std::move(log)),
        bell_(bell),
        undertaker_(undertaker),
        next_(from) {}
  ~KafkaReader() override;

  absl::Status Start();
  absl::StatusOr<std::vector<StoredRecord>> Read(std::size_t max_records) override;
  void NotifyWhenMore(absl::AnyInvocable<void()> more) override;

  bool HasMore() override;
  bool IsSilent() override;
  void HearEnd(Offset end) override;
  const PartitionLog& log() const override { return *log_; }

 private:
  // The last record that was taken from the broker.
  struct Last {
    Offset offset = 0;
    Hash hash;
  };

  void Drain() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool MayBeAnotherHistory() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool AcceptAll(const std::vector<Message>& messages) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Accept(const rd_kafka_message_t& message) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AcceptRecord(Offset offset, std::string_view bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void AcceptEnd(Offset end) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Compare(Offset offset, std::string_view bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Survey(const rd_kafka_message_t& message) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OpenAgain() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Drop() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool AtEnd() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The record from which on a consumer reads.
  Offset Before() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<std::vector<StoredRecord>> ReadOrWait(std::size_t max_records)
      ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<StoredRecord> Give(std::size_t max_records) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Lose(Offset offset, std::string_view how) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // When a word that the log ends too early is asked for again.
  absl::Duration Settled() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return *short_since_ + options_.end_settles;
  }
  bool Settling() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return short_since_ && opened_at_ < Settled();
  }
  void Stir();
  bool AwaitStir(absl::Duration until);

  const ReaderOptions options_;
  const std::shared_ptr<PartitionLog> log_;
  Bell& bell_;
  Undertaker& undertaker_;

  absl::Mutex mutex_;
  std::unique_ptr<Consumer> consumer_ ABSL_GUARDED_BY(mutex_);
  std::uint64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;  // consumers before it
  std::deque<StoredRecord> kept_ ABSL_GUARDED_BY(mutex_);
  Offset next_ ABSL_GUARDED_BY(mutex_);            // every record below was taken
  bool end_seen_ ABSL_GUARDED_BY(mutex_) = false;  // the broker said that `next_` is the end
  std::optional<Last> last_ ABSL_GUARDED_BY(mutex_);
  bool comparing_ ABSL_GUARDED_BY(mutex_) = false;         // `last_` comes again first
  std::optional<Offset> missing_ ABSL_GUARDED_BY(mutex_);  // the broker says that it has none
  // Since when the log has seemed to end before a record that must be there.
  std::optional<absl::Duration> short_since_ ABSL_GUARDED_BY(mutex_);
  absl::Duration opened_at_ ABSL_GUARDED_BY(mutex_);
  bool fresh_ ABSL_GUARDED_BY(mutex_) = true;     // nothing has come from this consumer yet
  absl::Status damage_ ABSL_GUARDED_BY(mutex_);   // for good
  absl::Status trouble_ ABSL_GUARDED_BY(mutex_);  // to be told once
  bool heard_ ABSL_GUARDED_BY(mutex_) = true;     // something came since IsSilent was asked

  absl::Mutex stir_mutex_;
  absl::CondVar stir_;
  bool stirred_ ABSL_GUARDED_BY(stir_mutex_) = false;
};

KafkaReader::~KafkaReader() {
  bell_.Forget(*this);
  const absl::MutexLock lock(&mutex_);
  Drop();
}

absl::Status KafkaReader::Start() {
  const absl::MutexLock lock(&mutex_);
  OpenAgain();
  return trouble_;
}

absl::StatusOr<std::vector<StoredRecord>> KafkaReader::Read(std::size_t max_records) {
  absl::StatusOr<std::vector<StoredRecord>> read = ReadOrWait(max_records);
  // While this waited, the bell could not ask.
  bell_.Ring(*this);
  return read;
}

absl::StatusOr<std::vector<StoredRecord>> KafkaReader::ReadOrWait(std::size_t max_records) {
  const absl::MutexLock lock(&mutex_);
  absl::Duration until = SystemClock().SinceBoot() + options_.read_timeout;
  while (true) {
    Drain();
    if (!kept_.empty()) return Give(max_records);
    RETURN_IF_ERROR(damage_);
    RETURN_IF_ERROR(std::exchange(trouble_, absl::OkStatus()));
    if (AtEnd()) return std::vector<StoredRecord>();
    if (short_since_) until = std::max(until, Settled() + options_.read_timeout);
    if (!AwaitStir(Settling() ? std::min(until, Settled()) : until) &&
        SystemClock().SinceBoot() >= until) {
      return absl::UnavailableError(absl::StrCat("read ", log_->topic(), "/", log_->id().partition,
                                                 ": the broker does not answer"));
    }
  }
}

void KafkaReader::NotifyWhenMore(absl::AnyInvocable<void()> more) {
  bell_.Await(*this, std::move(more));
}

bool KafkaReader::HasMore() {
  if (!mutex_.TryLock()) return false;  // Read rings when it is done
  Drain();
  const bool more = !kept_.empty() || !damage_.ok() || !trouble_.ok();
  mutex_.Unlock();
  return more;
}

bool KafkaReader::IsSilent() {
  if (!mutex_.TryLock()) return false;
  const bool silent = !heard_;
  heard_ = false;
  mutex_.Unlock();
  return silent;
}

void KafkaReader::HearEnd(Offset end) {
  if (!mutex_.TryLock()) return;
  Drain();
  const bool behind = damage_.ok() && kept_.empty() && next_ < end;
  if (behind) {
    log::Warn("kafka_reader_silent", log::Context(log_->id().context),
              log::Partition(log_->id().partition), log::Offset(next_));
    OpenAgain();
  }
  mutex_.Unlock();
  bell_.Ring(*this);
}

// Takes what has come.
void KafkaReader::Drain() {
  {
    const absl::MutexLock lock(&stir_mutex_);
    stirred_ = false;
  }
  if (!damage_.ok()) return;
  if (consumer_ == nullptr || (Settling() && SystemClock().SinceBoot() >= Settled())) OpenAgain();
  while (consumer_ != nullptr && kept_.size() < kMaxKept) {
    const std::vector<Message> messages = consumer_->Take(kMaxKept);
    if (messages.empty()) return;
    heard_ = true;
    if (MayBeAnotherHistory()) return OpenAgain();
    if (!AcceptAll(messages)) return;
  }
}

// What comes behind a lost connection counts once the last record was found unchanged.
bool KafkaReader::MayBeAnotherHistory() {
  const bool lost = consumer_->TakeLostConnection() && !fresh_;
  fresh_ = false;
  return lost && last_.has_value();
}

// False where the consumer is another since.
bool KafkaReader::AcceptAll(const std::vector<Message>& messages) {
  const std::uint64_t consumer = dropped_;
  for (const Message& message : messages) {
    Accept(*message);
    if (consumer != dropped_) return false;
  }
  if (!kept_.empty() && (!last_ || last_->offset != kept_.back().offset))
    last_ = Last{kept_.back().offset, Sha256Of(kept_.back().bytes)};
  return true;
}

void KafkaReader::Accept(const rd_kafka_message_t& message) {
  const Offset offset = message.offset < 0 ? next_ : static_cast<Offset>(message.offset);
  if (missing_) return Survey(message);
  switch (message.err) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return AcceptRecord(offset, PayloadOf(message));
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      return AcceptEnd(offset);
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
      missing_ = Before();
      return OpenAgain();
    case RD_KAFKA_RESP_ERR__BAD_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
      return Lose(offset, "its checksum is another");
    default:
      trouble_ = StatusOf(message.err, absl::StrCat("read ", log_->topic()));
      return Drop();
  }
}

void KafkaReader::AcceptRecord(Offset offset, std::string_view bytes) {
  if (comparing_) return Compare(offset, bytes);
  short_since_.reset();
  if (offset < next_) {
    last_ = Last{offset, Sha256Of(bytes)};
    return;
  }
  kept_.push_back({offset, std::string(bytes)});
  next_ = offset + 1;
  end_seen_ = false;
  log_->Know(next_);
}

void KafkaReader::AcceptEnd(Offset end) {
  if (!comparing_ && end >= next_) {
    short_since_.reset();
    next_ = end;
    end_seen_ = true;
    return;
  }
  const absl::Duration now = SystemClock().SinceBoot();
  if (!short_since_) short_since_ = now;
  if (now >= Settled()) Lose(Before(), absl::StrCat("the log ends at ", end, " without it"));
}

void KafkaReader::Compare(Offset offset, std::string_view bytes) {
  if (offset == last_->offset && Sha256Of(bytes) == last_->hash) {
    comparing_ = false;
    short_since_.reset();
    return;
  }
  Lose(last_->offset, "it was read and is another now");
}

// The broker does not hold a record that must be there: what does it hold?
void KafkaReader::Survey(const rd_kafka_message_t& message) {
  const bool record = message.err == RD_KAFKA_RESP_ERR_NO_ERROR;
  if (!record && message.err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    trouble_ = StatusOf(message.err, absl::StrCat("read ", log_->topic()));
    return Drop();
  }
  const std::int64_t begin = message.offset;
  const std::int64_t end = std::max(consumer_->KnownEnd().value_or(begin), begin);
  const auto missing = static_cast<std::int64_t>(*missing_);
  if (begin <= missing && missing < end) {  // it is there again
    missing_.reset();
    return OpenAgain();
  }
  Lose(*missing_, absl::StrCat("the log begins at ", begin, " and ends at ", end));
}

// Another consumer, from the record before the next on: so that it comes again and is compared, and
// because a broker answers at once where there is a record, and tells the end with it.
void KafkaReader::OpenAgain() {
  Drop();
  comparing_ = last_.has_value();
  fresh_ = true;
  end_seen_ = false;
  opened_at_ = SystemClock().SinceBoot();
  const std::int64_t from =
      missing_ ? RD_KAFKA_OFFSET_BEGINNING : static_cast<std::int64_t>(Before());
  auto opened = Consumer::Open(
      options_.consumer, {{log_->topic(), static_cast<std::int32_t>(log_->id().partition), from}},
      [this] { Stir(); });
  if (opened.ok()) {
    consumer_ = *std::move(opened);
  } else {
    trouble_ = opened.status();
  }
}

void KafkaReader::Drop() {
  if (consumer_ == nullptr) return;
  ++dropped_;
  consumer_->Silence();
  undertaker_.Bury([old = std::exchange(consumer_, nullptr)] {});
}

// The broker's word may be older than what this process had acknowledged.
bool KafkaReader::AtEnd() const {
  if (consumer_ == nullptr || comparing_ || missing_ || short_since_) return false;
  const bool told = end_seen_ || consumer_->KnownEnd() == static_cast<std::int64_t>(next_);
  return told && next_ >= log_->known_end();
}

Offset KafkaReader::Before() const {
  if (last_) return last_->offset;
  return next_ == 0 ? 0 : next_ - 1;
}

std::vector<StoredRecord> KafkaReader::Give(std::size_t max_records) {
  std::vector<StoredRecord> records;
  std::size_t bytes = 0;
  while (!kept_.empty() && records.size() < max_records && bytes < kMaxReadBytes) {
    bytes += kept_.front().bytes.size();
    records.push_back(std::move(kept_.front()));
    kept_.pop_front();
  }
  return records;
}

// For good, and for the whole process.
void KafkaReader::Lose(Offset offset, std::string_view how) {
  damage_ = absl::DataLossError(absl::StrCat(
      "record ", offset, " of ", log_->topic(), "/", log_->id().partition, " is lost: ",
      absl::string_view(how.data(), how.size()), "; restore the topic from a backup"));
  log_->Damage(offset, damage_);
  Drop();
}

// On a thread of librdkafka, under its locks.
void KafkaReader::Stir() {
  {
    const absl::MutexLock lock(&stir_mutex_);
    stirred_ = true;
    stir_.SignalAll();
  }
  bell_.Ring(*this);
}

bool KafkaReader::AwaitStir(absl::Duration until) {
  const absl::MutexLock lock(&stir_mutex_);
  while (!stirred_) {
    const absl::Duration left = until - SystemClock().SinceBoot();
    if (left <= absl::ZeroDuration()) return false;
    stir_.WaitWithTimeout(&stir_mutex_, left);
  }
  return true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Reader>> OpenKafkaReader(const ReaderOptions& options,
                                                        std::shared_ptr<PartitionLog> log,
                                                        Offset from, Bell& bell,
                                                        Undertaker& undertaker) {
  auto reader = std::make_unique<KafkaReader>(options, std::move(log), from, bell, undertaker);
  RETURN_IF_ERROR(reader->Start());
  return reader;
}

}  // namespace holdfast::journal::kafka
