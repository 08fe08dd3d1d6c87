#include "journal/simulated_journal.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <optional>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/executor.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "journal/embedded_log.h"

namespace holdfast::journal {
namespace {

constexpr Fault kAppendFaults[] = {
    Fault::kDelayed,       Fault::kResponseLost, Fault::kRecordFailed,  Fault::kTailLost,
    Fault::kTailReordered, Fault::kStoredTwice,  Fault::kOffsetsSkipped};
constexpr Fault kCloseFaults[] = {Fault::kLateAfterClose, Fault::kLostAtClose};
constexpr Fault kReadFaults[] = {Fault::kReaderStale};

absl::Status ReadOnly() {
  return ErrorWithReason(absl::StatusCode::kUnavailable, "READ_ONLY",
                         "The journal takes no more records, because the disk refused a write.");
}

}  // namespace

std::string_view NameOf(Fault fault) {
  constexpr std::string_view kNames[kFaultKinds] = {
      "delayed",      "response_lost",   "record_failed",    "tail_lost",     "tail_reordered",
      "stored_twice", "offsets_skipped", "late_after_close", "lost_at_close", "reader_stale"};
  return kNames[static_cast<std::size_t>(fault)];
}

struct SimulatedJournal::State : std::enable_shared_from_this<State> {
  // What is between a writer and the log. It goes on when its writer is closed.
  struct Producer {
    enum class Mode { kInOrder, kLosing, kReordering };
    // One record on its way. `number` counts the appends of this producer.
    struct Sent {
      std::uint64_t number = 0;
      std::string bytes;
      bool arrived = false;
      bool reordered = false;  // stored when it arrives, whatever of its kind is before it
      bool dropped = false;    // not stored
      bool twice = false;
      std::uint64_t skip = 0;             // offsets before it that hold nothing
      std::optional<absl::Status> fails;  // what its writer is told although it may be stored
    };
    struct Awaited {
      Writer::Appended done;
      std::optional<absl::StatusOr<Offset>> answer;
    };
    PartitionId partition;
    Mode mode = Mode::kInOrder;
    bool closed = false;
    bool held = false;     // late: nothing is stored while it is
    bool refused = false;  // an append was refused before it was sent
    bool dead = false;     // an error was answered
    std::uint64_t appended = 0;
    std::uint64_t answered = 0;
    std::deque<Sent> sent;
    std::deque<Awaited> awaited;  // the first is of number `answered`
  };
  struct Cursor {
    PartitionId partition;
    Offset next = 0;
    bool stale = false;
    absl::AnyInvocable<void()> more;
  };

  State(Executor& its_executor, SimulatedJournalOptions its_options)
      : executor(its_executor), options(std::move(its_options)), random(options.seed) {
    if (options.records == nullptr) options.records = std::make_shared<SimulatedRecords>();
  }

  absl::Status Find(const PartitionId& partition) const;
  std::optional<Fault> Draw(std::span<const Fault> of, const PartitionId& partition);
  absl::Duration Within(absl::Duration most) {
    return absl::Nanoseconds(static_cast<std::int64_t>(random.Below(
        static_cast<std::uint64_t>(std::max<std::int64_t>(1, absl::ToInt64Nanoseconds(most))))));
  }
  // Runs work(state) after the delay, if the journal is still there.
  template <class Work>
  void After(absl::Duration delay, Work work) {
    executor.PostAfter(delay, [weak = weak_from_this(), work = std::move(work)]() mutable {
      if (const auto state = weak.lock()) work(*state);
    });
  }

  void Append(const std::shared_ptr<Producer>& producer, std::string bytes, Writer::Appended done);
  absl::Status Refusal(const Producer& producer, std::string_view bytes) const;
  void Meet(Fault fault, Producer& producer, Producer::Sent& sent, absl::Duration& latency);
  void Arrive(const std::shared_ptr<Producer>& producer, std::uint64_t number);
  void StoreArrived(const std::shared_ptr<Producer>& producer);
  void Store(const std::shared_ptr<Producer>& producer, Producer::Sent sent);
  void Answer(Producer& producer, std::uint64_t number, absl::StatusOr<Offset> answer);
  void Close(const std::shared_ptr<Producer>& producer);
  void Wake(const PartitionId& partition);
  bool HasMore(const Cursor& cursor) const;

  Executor& executor;
  SimulatedJournalOptions options;
  SeededRandom random;
  std::vector<Happened> happened;
  bool healed = false;
  bool frozen = false;
  std::map<PartitionId, absl::Status> damage_met;
  std::vector<std::weak_ptr<Cursor>> cursors;
};

class SimulatedJournal::SimulatedWriter final : public Writer {
 public:
  SimulatedWriter(std::shared_ptr<State> state, const PartitionId& partition)
      : state_(std::move(state)), producer_(std::make_shared<State::Producer>()) {
    producer_->partition = partition;
  }
  ~SimulatedWriter() override { state_->Close(producer_); }

  void Append(std::string record, Appended done) override {
    state_->Append(producer_, std::move(record), std::move(done));
  }

 private:
  const std::shared_ptr<State> state_;  // a callback may destroy the journal's last user
  const std::shared_ptr<State::Producer> producer_;
};

class SimulatedJournal::SimulatedReader final : public Reader {
 public:
  SimulatedReader(std::shared_ptr<State> state, const PartitionId& partition, Offset from)
      : state_(std::move(state)), cursor_(std::make_shared<State::Cursor>()) {
    cursor_->partition = partition;
    cursor_->next = from;
    std::erase_if(state_->cursors, [](const auto& cursor) { return cursor.expired(); });
    state_->cursors.push_back(cursor_);
  }

  absl::StatusOr<std::vector<StoredRecord>> Read(std::size_t max_records) override {
    std::vector<StoredRecord> read;
    State::Cursor& cursor = *cursor_;
    if (cursor.stale) return read;
    if (state_->HasMore(cursor) && state_->Draw(kReadFaults, cursor.partition)) {
      cursor.stale = true;
      state_->After(state_->Within(state_->options.late),
                    [weak = std::weak_ptr(cursor_)](State& state) {
                      const auto stale = weak.lock();
                      if (!stale) return;
                      stale->stale = false;
                      state.Wake(stale->partition);
                    });
      return read;
    }
    const SimulatedRecords& records = *state_->options.records;
    const std::vector<StoredRecord>& log = records.partitions.at(cursor.partition);
    auto at = std::ranges::lower_bound(log, cursor.next, {}, &StoredRecord::offset);
    for (; at != log.end() && read.size() < max_records; ++at) {
      if (records.damaged.contains({cursor.partition, at->offset})) {
        const absl::Status damage = DamagedRecord(cursor.partition, at->offset, "simulated");
        state_->damage_met.emplace(cursor.partition, damage);
        if (read.empty()) return damage;
        break;
      }
      read.push_back(*at);
      cursor.next = at->offset + 1;
    }
    return read;
  }

  void NotifyWhenMore(absl::AnyInvocable<void()> more) override {
    cursor_->more = std::move(more);
    state_->Wake(cursor_->partition);
  }

 private:
  const std::shared_ptr<State> state_;
  const std::shared_ptr<State::Cursor> cursor_;
};

absl::Status SimulatedJournal::State::Find(const PartitionId& partition) const {
  if (options.records->partitions.contains(partition)) return absl::OkStatus();
  if (!options.records->contexts.contains(partition.context))
    return absl::NotFoundError(absl::StrCat("the journal has no context ", partition.context));
  return absl::InvalidArgumentError(absl::StrCat("there is no partition ", NameOf(partition)));
}

std::optional<Fault> SimulatedJournal::State::Draw(std::span<const Fault> of,
                                                   const PartitionId& partition) {
  if (options.fault_rate <= 0) return std::nullopt;
  constexpr std::uint64_t kParts = 1'000'000;
  const bool hit =
      static_cast<double>(random.Below(kParts)) < options.fault_rate * static_cast<double>(kParts);
  std::vector<Fault> possible;
  std::ranges::copy_if(of, std::back_inserter(possible), [this](Fault fault) {
    return options.kinds.empty() || options.kinds.contains(fault);
  });
  if (possible.empty()) return std::nullopt;
  const Fault fault = possible[random.Below(possible.size())];
  if (!hit || healed || happened.size() >= options.max_faults) return std::nullopt;
  happened.push_back({happened.size(), fault, partition});
  return fault;
}

void SimulatedJournal::State::Append(const std::shared_ptr<Producer>& producer, std::string bytes,
                                     Writer::Appended done) {
  const std::uint64_t number = producer->appended++;
  producer->awaited.push_back({std::move(done), std::nullopt});
  if (const absl::Status refused = Refusal(*producer, bytes); !refused.ok()) {
    producer->refused = true;
    After(Within(options.latency),
          [producer, number, refused](State& state) { state.Answer(*producer, number, refused); });
    return;
  }
  Producer::Sent sent;
  sent.number = number;
  sent.bytes = std::move(bytes);
  absl::Duration latency = Within(options.latency);
  if (const std::optional<Fault> fault = Draw(kAppendFaults, producer->partition)) {
    Meet(*fault, *producer, sent, latency);
  }
  if (producer->mode == Producer::Mode::kLosing) sent.dropped = true;
  if (producer->mode == Producer::Mode::kReordering) {
    sent.reordered = true;
    sent.dropped = random.Below(4) == 0;
    latency += Within(options.latency * 10);
  }
  producer->sent.push_back(std::move(sent));
  After(latency, [producer, number](State& state) { state.Arrive(producer, number); });
}

absl::Status SimulatedJournal::State::Refusal(const Producer& producer,
                                              std::string_view bytes) const {
  if (producer.dead || producer.refused) {
    return absl::AbortedError("an earlier append of this writer failed: open another writer");
  }
  if (bytes.size() > kMaxRecordBytes) {
    return absl::InvalidArgumentError("the record is larger than 1 MiB: make it smaller");
  }
  return frozen ? ReadOnly() : absl::OkStatus();
}

// What a fault makes of an append.
void SimulatedJournal::State::Meet(Fault fault, Producer& producer, Producer::Sent& sent,
                                   absl::Duration& latency) {
  const absl::Status failed = absl::UnavailableError("the journal did not answer in time");
  switch (fault) {
    case Fault::kDelayed:
      latency += Within(options.late);
      break;
    case Fault::kResponseLost:
      sent.fails = failed;
      break;
    case Fault::kRecordFailed:
      sent.fails = failed;
      sent.dropped = true;
      break;
    case Fault::kTailLost:
      sent.fails = failed;
      producer.mode = Producer::Mode::kLosing;
      break;
    case Fault::kTailReordered:
      sent.fails = failed;
      producer.mode = Producer::Mode::kReordering;
      break;
    case Fault::kStoredTwice:
      sent.twice = true;
      break;
    case Fault::kOffsetsSkipped:
      sent.skip = 1 + random.Below(3);
      break;
    case Fault::kLateAfterClose:
    case Fault::kLostAtClose:
    case Fault::kReaderStale:
      break;
  }
}

void SimulatedJournal::State::Arrive(const std::shared_ptr<Producer>& producer,
                                     std::uint64_t number) {
  const auto found = std::ranges::find(producer->sent, number, &Producer::Sent::number);
  if (found == producer->sent.end()) return;  // lost when its writer was closed
  found->arrived = true;
  if (!producer->held) StoreArrived(producer);
}

void SimulatedJournal::State::StoreArrived(const std::shared_ptr<Producer>& producer) {
  const auto next = [&sent = producer->sent] {
    // What was sent before the fault, and is acknowledged, keeps its order.
    if (!sent.empty() && !sent.front().reordered)
      return sent.front().arrived ? sent.begin() : sent.end();
    return std::ranges::find(sent, true, &Producer::Sent::arrived);
  };
  for (auto at = next(); at != producer->sent.end(); at = next()) {
    Producer::Sent sent = std::move(*at);
    producer->sent.erase(at);
    Store(producer, std::move(sent));
  }
}

void SimulatedJournal::State::Store(const std::shared_ptr<Producer>& producer,
                                    Producer::Sent sent) {
  std::vector<StoredRecord>& log = options.records->partitions.at(producer->partition);
  absl::StatusOr<Offset> answer = absl::UnavailableError("the journal did not answer in time");
  if (frozen) {
    answer = ReadOnly();
  } else if (!sent.dropped) {
    for (int copy = 0; copy < (sent.twice ? 2 : 1); ++copy) {
      const Offset offset = (log.empty() ? 0 : log.back().offset + 1) + std::exchange(sent.skip, 0);
      if (copy == 0) answer = offset;
      log.push_back({offset, sent.bytes});
    }
    Wake(producer->partition);
  }
  absl::Duration latency = Within(options.latency);
  if (sent.fails) {
    answer = *sent.fails;
    latency += Within(options.late);
  }
  After(latency, [producer, number = sent.number, answer = std::move(answer)](State& state) {
    state.Answer(*producer, number, answer);
  });
}

void SimulatedJournal::State::Answer(Producer& producer, std::uint64_t number,
                                     absl::StatusOr<Offset> answer) {
  if (producer.closed || number < producer.answered) return;
  producer.awaited[number - producer.answered].answer = std::move(answer);
  while (!producer.awaited.empty() && !producer.closed) {
    Producer::Awaited& first = producer.awaited.front();
    // After an error everything behind it has failed, whatever became of it.
    if (producer.dead && (!first.answer || first.answer->ok()))
      first.answer =
          absl::AbortedError("an earlier append of this writer failed: open another writer");
    if (!first.answer) return;
    Producer::Awaited done = std::move(first);
    producer.awaited.pop_front();
    ++producer.answered;
    if (!done.answer->ok()) producer.dead = true;
    std::move(done.done)(*std::move(done.answer));
  }
}

void SimulatedJournal::State::Close(const std::shared_ptr<Producer>& producer) {
  producer->closed = true;
  if (!producer->sent.empty()) {
    const std::optional<Fault> fault = Draw(kCloseFaults, producer->partition);
    if (fault == Fault::kLateAfterClose) {
      producer->held = true;
      After(Within(options.late), [producer](State& state) {
        producer->held = false;
        state.StoreArrived(producer);
      });
    }
    if (fault == Fault::kLostAtClose) {
      const std::uint64_t kept = random.Below(producer->sent.size());
      producer->sent.erase(producer->sent.begin() + static_cast<std::ptrdiff_t>(kept),
                           producer->sent.end());
    }
  }
  std::deque<Producer::Awaited> cancelled = std::exchange(producer->awaited, {});
  for (Producer::Awaited& awaited : cancelled) {
    std::move(awaited.done)(
        absl::CancelledError("the writer was closed: the record may stand or not"));
  }
}

bool SimulatedJournal::State::HasMore(const Cursor& cursor) const {
  const auto& log = options.records->partitions.at(cursor.partition);
  return !log.empty() && log.back().offset >= cursor.next;
}

void SimulatedJournal::State::Wake(const PartitionId& partition) {
  for (const std::weak_ptr<Cursor>& weak : cursors) {
    const std::shared_ptr<Cursor> cursor = weak.lock();
    if (!cursor || cursor->partition != partition || !cursor->more || cursor->stale) continue;
    if (!HasMore(*cursor)) continue;
    executor.Post([weak, more = std::exchange(cursor->more, nullptr)]() mutable {
      if (weak.lock()) std::move(more)();
    });
  }
}

SimulatedJournal::SimulatedJournal(Executor& executor, SimulatedJournalOptions options)
    : state_(std::make_shared<State>(executor, std::move(options))) {}
SimulatedJournal::~SimulatedJournal() = default;

absl::Status SimulatedJournal::CreateContext(const std::string& context, std::uint32_t partitions) {
  if (context.empty() || partitions == 0)
    return absl::InvalidArgumentError("a context has a name and at least one partition");
  SimulatedRecords& records = *state_->options.records;
  if (const auto found = records.contexts.find(context); found != records.contexts.end()) {
    if (found->second == partitions) return absl::OkStatus();
    return absl::FailedPreconditionError("the number of partitions is fixed for ever");
  }
  records.contexts.emplace(context, partitions);
  for (std::uint32_t p = 0; p < partitions; ++p) records.partitions[{context, p}];
  return absl::OkStatus();
}

absl::StatusOr<std::uint32_t> SimulatedJournal::Partitions(const std::string& context) {
  const auto found = state_->options.records->contexts.find(context);
  if (found == state_->options.records->contexts.end())
    return absl::NotFoundError(absl::StrCat("the journal has no context ", context));
  return found->second;
}

absl::StatusOr<std::unique_ptr<Writer>> SimulatedJournal::OpenWriter(const PartitionId& partition) {
  RETURN_IF_ERROR(state_->Find(partition));
  return std::make_unique<SimulatedWriter>(state_, partition);
}

absl::StatusOr<std::unique_ptr<Reader>> SimulatedJournal::OpenReader(const PartitionId& partition,
                                                                     Offset from) {
  RETURN_IF_ERROR(state_->Find(partition));
  return std::make_unique<SimulatedReader>(state_, partition, from);
}

absl::Status SimulatedJournal::Health() const {
  return state_->frozen ? ReadOnly() : absl::OkStatus();
}

absl::Status SimulatedJournal::PartitionHealth(const PartitionId& partition) const {
  const auto met = state_->damage_met.find(partition);
  return met == state_->damage_met.end() ? absl::OkStatus() : met->second;
}

void SimulatedJournal::Heal() {
  state_->healed = true;
}

void SimulatedJournal::Freeze() {
  state_->frozen = true;
}

void SimulatedJournal::Damage(const PartitionId& partition, Offset offset) {
  state_->options.records->damaged.emplace(partition, offset);
}

void SimulatedJournal::Truncate(const PartitionId& partition, Offset end) {
  std::erase_if(state_->options.records->partitions.at(partition),
                [end](const StoredRecord& record) { return record.offset >= end; });
}

const std::vector<SimulatedJournal::Happened>& SimulatedJournal::faults() const {
  return state_->happened;
}

const std::shared_ptr<SimulatedRecords>& SimulatedJournal::records() const {
  return state_->options.records;
}

}  // namespace holdfast::journal
