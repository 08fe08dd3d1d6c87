#include "journal/embedded_journal.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include <pthread.h>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/status_macros.h"
#include "journal/embedded_log.h"
#include "observability/log.h"
#include "observability/metrics.h"
#include "storage/store.h"

namespace holdfast::journal {
namespace {

constexpr std::size_t kMaxReadBytes = std::size_t{4} << 20U;
// After a group commit the next one waits for those who were just answered to come again, as long
// as they keep coming: a sync's time at most, and no longer than this part of it for the next one.
// Else the appends in flight fall into two halves, each of which waits for the sync of the other.
constexpr int kGatherPart = 2;

absl::Status Aborted() {
  return absl::AbortedError("an earlier append of this writer failed: open another writer");
}

bool IsContextName(std::string_view name) {
  return !name.empty() && name.size() <= 40 && name[0] >= 'a' && name[0] <= 'z' &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

}  // namespace

struct EmbeddedJournal::State {
  // One partition. `next_offset` belongs to the writer thread.
  struct Log {
    PartitionId id;
    std::string prefix;
    Offset next_offset = 0;
    std::atomic<Offset> durable_end = 0;  // every record below may be read
    absl::Mutex mutex;
    absl::Status damage ABSL_GUARDED_BY(mutex);  // what a reader met

    absl::Status Damage() {
      const absl::MutexLock lock(&mutex);
      return damage;
    }
    metrics::Histogram append_seconds;
    std::unique_ptr<metrics::Registry::Callback> end_metric;
  };
  // One append between Append and its callback.
  struct Item {
    EmbeddedWriter* writer = nullptr;  // null once the writer is destroyed
    Log* log = nullptr;
    std::string record;
    Writer::Appended done;
    absl::Status refused;  // not OK: nothing is written
    absl::StatusOr<Offset> result = absl::UnknownError("");
  };

  absl::Status Load();
  absl::Status AddContext(const std::string& context, std::uint32_t partitions);
  absl::StatusOr<Log*> Find(const PartitionId& partition);
  void Run();
  void Gather() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex);
  void WriteInFlight();
  void WriteGroup(std::span<Item> group);
  absl::StatusOr<Offset> Put(const Item& item);
  void Freeze(const absl::Status& why);
  void FreezePartition(Log& log, Offset at, const absl::Status& damage);
  void Deliver();
  void Notify();
  void Enqueue(Item item);
  void Forget(EmbeddedWriter& writer);
  void Await(EmbeddedReader& reader, absl::AnyInvocable<void()> more);
  void Forget(EmbeddedReader& reader);
  bool OnWriterThread() const { return std::this_thread::get_id() == thread.get_id(); }

  EmbeddedJournalOptions options;
  std::unique_ptr<storage::Store> store;

  mutable absl::Mutex mutex;
  absl::CondVar work;       // the writer thread has something to do
  absl::CondVar delivered;  // a round of callbacks is over
  std::map<PartitionId, std::unique_ptr<Log>> logs ABSL_GUARDED_BY(mutex);
  std::map<std::string, std::uint32_t> contexts ABSL_GUARDED_BY(mutex);
  std::vector<Item> queue ABSL_GUARDED_BY(mutex);
  absl::Duration queued_since ABSL_GUARDED_BY(mutex);  // of the oldest in the queue
  std::map<EmbeddedReader*, absl::AnyInvocable<void()>> waiting ABSL_GUARDED_BY(mutex);
  bool stopping ABSL_GUARDED_BY(mutex) = false;
  bool idle ABSL_GUARDED_BY(mutex) = false;
  std::size_t wanted ABSL_GUARDED_BY(mutex) = 0;  // wake the writer thread at so many
  absl::Status health ABSL_GUARDED_BY(mutex);
  // Callbacks run outside the lock; while they do, this says so and others wait.
  bool delivering ABSL_GUARDED_BY(mutex) = false;
  EmbeddedReader* notifying ABSL_GUARDED_BY(mutex) = nullptr;

  // What is being written. Changed by the writer thread under the lock while `delivering` is false,
  // and without it, by that thread alone, while it is true.
  std::vector<Item> in_flight;

  // Of the writer thread.
  absl::Status frozen;
  std::size_t expected = 0;     // how many come when all who were answered last come again
  absl::Duration gather_until;  // and until when they are awaited
  absl::Duration last_sync;
  storage::Batch batch;
  std::string key;
  metrics::Histogram fsync_seconds = metrics::Process().GetHistogram(metrics::kFsyncSeconds);
  metrics::Counter group_records = metrics::Process().GetCounter(metrics::kGroupRecords);
  metrics::Gauge frozen_gauge = metrics::Process().GetGauge(metrics::kJournalFrozen);
  std::thread thread;
};

class EmbeddedJournal::EmbeddedWriter final : public Writer {
 public:
  EmbeddedWriter(State& state, State::Log& log) : state_(state), log_(log) {}
  ~EmbeddedWriter() override { state_.Forget(*this); }

  void Append(std::string record, Appended done) override {
    State::Item item;
    item.writer = this;
    item.log = &log_;
    if (refused_) {
      item.refused = Aborted();
    } else if (record.size() > kMaxRecordBytes) {
      item.refused = absl::InvalidArgumentError("the record is larger than 1 MiB: make it smaller");
      refused_ = true;
    }
    item.record = std::move(record);
    item.done = std::move(done);
    state_.Enqueue(std::move(item));
  }

  // Of the writer thread: an append failed.
  bool dead = false;

 private:
  State& state_;
  State::Log& log_;
  bool refused_ = false;
};

class EmbeddedJournal::EmbeddedReader final : public Reader {
 public:
  EmbeddedReader(State& state, State::Log& log, Offset from)
      : state_(state), log_(log), next_(from) {}
  ~EmbeddedReader() override { state_.Forget(*this); }

  absl::StatusOr<std::vector<StoredRecord>> Read(std::size_t max_records) override {
    RETURN_IF_ERROR(damage_);
    std::vector<StoredRecord> records;
    const Offset end = log_.durable_end.load(std::memory_order_acquire);
    if (next() >= end || max_records == 0) return records;
    records.reserve(std::min<std::size_t>({max_records, end - next(), 4'096}));
    std::size_t bytes = 0;
    Offset at = next();
    std::optional<std::string> after;
    if (at > 0) after = LogKey(log_.prefix, at - 1);
    const absl::Status scanned = state_.store->Scan(
        kLogFamily, log_.prefix, after, [&](std::string_view key, std::string_view value) {
          const std::optional<Offset> offset = OffsetOfKey(log_.prefix, key);
          if (offset == end) return false;
          const std::optional<std::string_view> record = CheckedRecord(value);
          damage_ = DamageAt(at, offset, record);
          if (!damage_.ok()) return false;
          records.push_back({at, std::string(*record)});
          ++at;
          bytes += record->size();
          return records.size() < max_records && bytes < kMaxReadBytes;
        });
    if (absl::IsDataLoss(scanned)) {
      damage_ = DamagedRecord(log_.id, at, "its block cannot be read");
    } else {
      RETURN_IF_ERROR(scanned);
    }
    if (damage_.ok() && records.empty()) damage_ = DamagedRecord(log_.id, at, "it is missing");
    next_.store(at, std::memory_order_release);
    if (damage_.ok()) return records;
    state_.FreezePartition(log_, at, damage_);
    // What stands before the damage is given first.
    if (records.empty()) return damage_;
    return records;
  }

  void NotifyWhenMore(absl::AnyInvocable<void()> more) override {
    state_.Await(*this, std::move(more));
  }

  bool HasMore() const { return next() < log_.durable_end.load(std::memory_order_acquire); }

 private:
  Offset next() const { return next_.load(std::memory_order_acquire); }
  // Of what was found where the record `at` belongs.
  absl::Status DamageAt(Offset at, std::optional<Offset> offset,
                        std::optional<std::string_view> record) const {
    if (offset != at) return DamagedRecord(log_.id, at, "it is missing");
    if (!record) return DamagedRecord(log_.id, at, "its checksum is another");
    return absl::OkStatus();
  }

  State& state_;
  State::Log& log_;
  std::atomic<Offset> next_;
  absl::Status damage_;
};

absl::Status EmbeddedJournal::State::Load() {
  storage::StoreOptions store_options;
  store_options.folder = options.folder;
  store_options.families = {std::string(kLogFamily), std::string(kMetaFamily)};
  store_options.profile = storage::Profile::kLog;
  store_options.metrics_name = "journal";
  store_options.disk_hook = options.disk_hook;
  store_options.read_only = options.read_only;
  auto opened = storage::Store::Open(store_options);
  if (absl::IsDataLoss(opened.status())) {
    return absl::DataLossError(absl::StrCat(opened.status().message(), "; ",
                                            WhatCanBeRead(options.folder),
                                            " restore the journal from a backup"));
  }
  ASSIGN_OR_RETURN(store, std::move(opened));
  ASSIGN_OR_RETURN(const auto known, ReadContexts(*store));
  const absl::MutexLock lock(&mutex);
  for (const auto& [context, partitions] : known) {
    RETURN_IF_ERROR(AddContext(context, partitions));
  }
  if (!options.read_only) return absl::OkStatus();
  frozen = ErrorWithReason(absl::StatusCode::kUnavailable, "READ_ONLY",
                           "The journal was opened for reading only.");
  health = frozen;
  return absl::OkStatus();
}

absl::Status EmbeddedJournal::State::AddContext(const std::string& context,
                                                std::uint32_t partitions)
    ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
  for (std::uint32_t p = 0; p < partitions; ++p) {
    auto log = std::make_unique<Log>();
    log->id = {context, p};
    log->prefix = LogPrefix(log->id);
    if (!options.read_only) RETURN_IF_ERROR(CheckNotedDamage(*store, log->id));
    ASSIGN_OR_RETURN(log->next_offset,
                     VerifyTail(*store, log->id, options.read_only ? 0 : options.verify_bytes));
    log->durable_end = log->next_offset;
    log->append_seconds = metrics::Process().GetHistogram(metrics::kAppendSeconds, {context});
    log->end_metric = metrics::Process().Read(
        metrics::kJournalEndOffset, {context, std::to_string(p)},
        [raw = log.get()] { return static_cast<double>(raw->durable_end.load()); });
    logs.emplace(log->id, std::move(log));
  }
  contexts.emplace(context, partitions);
  return absl::OkStatus();
}

absl::StatusOr<EmbeddedJournal::State::Log*> EmbeddedJournal::State::Find(
    const PartitionId& partition) {
  const absl::MutexLock lock(&mutex);
  if (const auto found = logs.find(partition); found != logs.end()) return found->second.get();
  if (!contexts.contains(partition.context))
    return absl::NotFoundError(absl::StrCat("the journal has no context ", partition.context));
  return absl::InvalidArgumentError(absl::StrCat("there is no partition ", NameOf(partition)));
}

void EmbeddedJournal::State::Enqueue(Item item) {
  const absl::MutexLock lock(&mutex);
  if (queue.empty()) queued_since = SystemClock().SinceBoot();
  queue.push_back(std::move(item));
  if (idle || queue.size() == wanted) {
    idle = false;
    work.Signal();
  }
}

void EmbeddedJournal::State::Gather() {
  std::size_t before = 0;
  while (queue.size() > before && queue.size() < expected && !stopping) {
    const absl::Duration left = gather_until - SystemClock().SinceBoot();
    if (left <= absl::ZeroDuration()) break;
    before = queue.size();
    wanted = expected;
    work.WaitWithTimeout(&mutex, std::min(left, last_sync / kGatherPart));
  }
  wanted = 0;
}

void EmbeddedJournal::State::Await(EmbeddedReader& reader, absl::AnyInvocable<void()> more) {
  const absl::MutexLock lock(&mutex);
  waiting.insert_or_assign(&reader, std::move(more));
  if (idle && reader.HasMore()) {
    idle = false;
    work.Signal();
  }
}

// The writer thread: one round is one or more group commits of what was queued, their callbacks,
// and the notices of readers that have something to read.
void EmbeddedJournal::State::Run() {
  pthread_setname_np(pthread_self(), "journal");
  while (true) {
    absl::Duration since;
    {
      const absl::MutexLock lock(&mutex);
      const auto anyone = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
        return std::ranges::any_of(waiting, [](const auto& w) { return w.first->HasMore(); });
      };
      while (queue.empty() && !stopping && !anyone()) {
        idle = true;
        work.Wait(&mutex);
      }
      idle = false;
      if (queue.empty() && stopping) return;
      Gather();
      in_flight.swap(queue);
      since = queued_since;
    }
    WriteInFlight();
    if (!in_flight.empty()) {
      // Of the record that waited longest.
      in_flight.front().log->append_seconds.Observe(SystemClock().SinceBoot() - since);
      Deliver();
    }
    Notify();
  }
}

// Groups are cut by count and bytes; items of destroyed writers are written all the same.
void EmbeddedJournal::State::WriteInFlight() {
  std::size_t begin = 0;
  while (begin < in_flight.size()) {
    std::size_t end = begin;
    std::size_t bytes = 0;
    while (end < in_flight.size() && end - begin < options.group_max_records &&
           (end == begin || bytes + in_flight[end].record.size() <= options.group_max_bytes)) {
      bytes += in_flight[end].record.size();
      ++end;
    }
    WriteGroup(std::span(in_flight).subspan(begin, end - begin));
    begin = end;
  }
}

// The record's offset in the batch, or why it is not written.
absl::StatusOr<Offset> EmbeddedJournal::State::Put(const Item& item) {
  RETURN_IF_ERROR(item.refused);
  RETURN_IF_ERROR(frozen);
  Log& log = *item.log;
  RETURN_IF_ERROR(log.Damage());
  const Offset offset = log.next_offset++;
  key = log.prefix;
  AppendBigEndian64(key, offset);
  const std::string checksum = RecordChecksum(item.record);
  const std::string_view value[] = {checksum, item.record};
  batch.PutParts(kLogFamily, key, value);
  return offset;
}

void EmbeddedJournal::State::WriteGroup(std::span<Item> group) {
  batch.Clear();
  std::size_t written = 0;
  for (Item& item : group) {
    item.result = Put(item);
    if (item.result.ok()) ++written;
  }
  if (written == 0) return;
  const absl::Duration began = SystemClock().SinceBoot();
  const absl::Status status = store->Write(batch, storage::Sync::kYes);
  last_sync = SystemClock().SinceBoot() - began;
  fsync_seconds.Observe(last_sync);
  if (!status.ok()) {
    Freeze(status);
    for (Item& item : group) {
      if (item.result.ok()) item.result = frozen;
    }
    return;
  }
  group_records.Increment(static_cast<double>(written));
  for (const Item& item : group) {
    if (item.result.ok()) item.log->durable_end.store(*item.result + 1, std::memory_order_release);
  }
}

// Every writer of the journal: a write failed.
void EmbeddedJournal::State::Freeze(const absl::Status& why) {
  frozen =
      absl::IsDataLoss(why)
          ? ErrorWithReason(absl::StatusCode::kDataLoss, "PARTITION_FROZEN",
                            "The journal takes no more records, because a file of it is damaged. "
                            "Find out what is, by holdfast journal verify, and restore the journal "
                            "from a backup.")
          : ErrorWithReason(absl::StatusCode::kUnavailable, "READ_ONLY",
                            "The journal takes no more records, because the disk refused a write. "
                            "What was acknowledged is safe. Make room or replace the disk, and "
                            "start again.");
  frozen_gauge.Set(1);
  log::Error("journal_frozen", log::Code(absl::StatusCodeToString(why.code()).c_str()),
             log::Reason(ReasonOf(frozen)));
  const absl::MutexLock lock(&mutex);
  health = WithContext(frozen, std::string_view(why.message().data(), why.message().size()));
}

// Of any reader's thread. One partition: history cannot be read on at `at`.
void EmbeddedJournal::State::FreezePartition(Log& log, Offset at, const absl::Status& damage) {
  {
    const absl::MutexLock lock(&log.mutex);
    if (!log.damage.ok()) return;
    log.damage = damage;
  }
  log::Error("record_damaged", log::Context(log.id.context), log::Partition(log.id.partition),
             log::Offset(at));
  if (options.read_only) return;
  // What cannot be noted is met again by the next reader.
  if (!NoteDamage(*store, log.id, at).ok())
    log::Warn("damage_not_noted", log::Context(log.id.context), log::Partition(log.id.partition));
}

// Calls the callbacks of what was written, in order.
void EmbeddedJournal::State::Deliver() {
  {
    const absl::MutexLock lock(&mutex);
    delivering = true;
  }
  // A callback may destroy a writer, whose later items then lose their callbacks (Forget).
  for (std::size_t i = 0; i < in_flight.size(); ++i) {
    Item& item = in_flight[i];
    if (item.writer == nullptr) continue;
    if (!item.result.ok() && item.refused.ok()) {
      if (item.writer->dead) item.result = Aborted();
      item.writer->dead = true;
    }
    Writer::Appended done = std::move(item.done);
    item.writer = nullptr;
    std::string().swap(item.record);  // freed here, not under the lock
    std::move(done)(std::move(item.result));
  }
  const absl::MutexLock lock(&mutex);
  expected = in_flight.size() + queue.size();
  gather_until = SystemClock().SinceBoot() + last_sync;
  in_flight.clear();
  delivering = false;
  delivered.SignalAll();
}

void EmbeddedJournal::State::Notify() {
  while (true) {
    absl::AnyInvocable<void()> more;
    {
      const absl::MutexLock lock(&mutex);
      const auto found =
          std::ranges::find_if(waiting, [](const auto& waiter) { return waiter.first->HasMore(); });
      if (found == waiting.end()) return;
      more = std::move(found->second);
      notifying = found->first;
      waiting.erase(found);
    }
    std::move(more)();
    more = nullptr;
    const absl::MutexLock lock(&mutex);
    notifying = nullptr;
    delivered.SignalAll();
  }
}

void EmbeddedJournal::State::Forget(EmbeddedWriter& writer) {
  std::vector<Writer::Appended> cancelled;
  {
    const absl::MutexLock lock(&mutex);
    while (delivering && !OnWriterThread()) delivered.Wait(&mutex);
    for (std::vector<Item>* const items : {&in_flight, &queue}) {
      for (Item& item : *items) {
        if (item.writer != &writer) continue;
        item.writer = nullptr;
        cancelled.push_back(std::move(item.done));
      }
    }
  }
  for (Writer::Appended& done : cancelled) {
    std::move(done)(absl::CancelledError("the writer was closed: the record may stand or not"));
  }
}

void EmbeddedJournal::State::Forget(EmbeddedReader& reader) {
  absl::AnyInvocable<void()> dropped;  // destroyed outside the lock
  const absl::MutexLock lock(&mutex);
  while (notifying == &reader && !OnWriterThread()) delivered.Wait(&mutex);
  if (const auto found = waiting.find(&reader); found != waiting.end()) {
    dropped = std::move(found->second);
    waiting.erase(found);
  }
}

EmbeddedJournal::EmbeddedJournal(std::unique_ptr<State> state) : state_(std::move(state)) {
  state_->thread = std::thread([raw = state_.get()] { raw->Run(); });
}

EmbeddedJournal::~EmbeddedJournal() {
  {
    const absl::MutexLock lock(&state_->mutex);
    state_->stopping = true;
    state_->work.Signal();
  }
  state_->thread.join();
}

absl::StatusOr<std::unique_ptr<EmbeddedJournal>> EmbeddedJournal::Open(
    const EmbeddedJournalOptions& options) {
  auto state = std::make_unique<State>();
  state->options = options;
  if (const absl::Status loaded = state->Load(); !loaded.ok())
    return WithContext(loaded, "open journal");
  return std::unique_ptr<EmbeddedJournal>(new EmbeddedJournal(std::move(state)));
}

absl::Status EmbeddedJournal::CreateContext(const std::string& context, std::uint32_t partitions) {
  if (!IsContextName(context) || partitions == 0) {
    return absl::InvalidArgumentError(
        "a context is named [a-z][a-z0-9_]{0,39} and has at least one partition");
  }
  const absl::MutexLock lock(&state_->mutex);
  if (const auto found = state_->contexts.find(context); found != state_->contexts.end()) {
    if (found->second == partitions) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrCat(
        "context ", context, " was created with ", found->second, " partitions and ", partitions,
        " are configured: the number is fixed for ever, so configure ", found->second));
  }
  RETURN_IF_ERROR(state_->health);
  RETURN_IF_ERROR(WriteContext(*state_->store, context, partitions));
  return state_->AddContext(context, partitions);
}

absl::StatusOr<std::uint32_t> EmbeddedJournal::Partitions(const std::string& context) {
  const absl::MutexLock lock(&state_->mutex);
  const auto found = state_->contexts.find(context);
  if (found == state_->contexts.end())
    return absl::NotFoundError(absl::StrCat("the journal has no context ", context));
  return found->second;
}

absl::StatusOr<std::unique_ptr<Writer>> EmbeddedJournal::OpenWriter(const PartitionId& partition) {
  ASSIGN_OR_RETURN(State::Log* const log, state_->Find(partition));
  return std::make_unique<EmbeddedWriter>(*state_, *log);
}

absl::StatusOr<std::unique_ptr<Reader>> EmbeddedJournal::OpenReader(const PartitionId& partition,
                                                                    Offset from) {
  ASSIGN_OR_RETURN(State::Log* const log, state_->Find(partition));
  return std::make_unique<EmbeddedReader>(*state_, *log, from);
}

absl::Status EmbeddedJournal::Health() const {
  const absl::MutexLock lock(&state_->mutex);
  return state_->health;
}

absl::Status EmbeddedJournal::PartitionHealth(const PartitionId& partition) const {
  ASSIGN_OR_RETURN(State::Log* const log, state_->Find(partition));
  RETURN_IF_ERROR(log->Damage());
  const absl::MutexLock lock(&state_->mutex);
  return absl::IsDataLoss(state_->health) ? state_->health : absl::OkStatus();
}

void EmbeddedJournal::ForgetCache() {
  state_->store->ForgetCache();
}

std::vector<PartitionId> EmbeddedJournal::AllPartitions() const {
  const absl::MutexLock lock(&state_->mutex);
  std::vector<PartitionId> all;
  for (const auto& [id, log] : state_->logs) all.push_back(id);
  return all;
}

absl::Status EmbeddedJournal::Backup(const std::string& folder) const {
  return state_->store->Checkpoint(folder);
}

}  // namespace holdfast::journal
