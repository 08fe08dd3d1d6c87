#include "eventsourcing/reactor_runner.h"

#include <utility>

#include <google/protobuf/message.h>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/strings/str_cat.h"
#include "base/hash.h"
#include "eventsourcing/command_ids.h"
#include "observability/log.h"

namespace holdfast::eventsourcing {
namespace {

constexpr std::size_t kReadAtOnce = 64;
constexpr std::size_t kMaxPending = 256;
constexpr absl::Duration kSaveEvery = absl::Seconds(10);

}  // namespace

ReactorRunner::ReactorRunner(ReactorRunnerOptions options)
    : options_(std::move(options)), codec_(*options_.upcasters, options_.source.context) {
  for (const ReactorType& reactor : options_.reactors) {
    for (const auto* event : reactor.events) wanted_.insert(event->full_name());
  }
}

ReactorRunner::~ReactorRunner() {
  *alive_ = false;
}

absl::AnyInvocable<void()> ReactorRunner::Guarded(absl::AnyInvocable<void()> work) {
  return [alive = alive_, work = std::move(work)]() mutable {
    if (*alive) std::move(work)();
  };
}

std::string ReactorRunner::CursorKey() const {
  return absl::StrCat("cursor/", options_.source.context, "/", options_.source.partition,
                      options_.cursor_of);
}

bool ReactorRunner::Carries(const std::string& tenant) const {
  return options_.carries == nullptr || options_.carries(tenant);
}

// Kept beside the cursor, which stands behind the closings that say so: u32be each.
void ReactorRunner::LoadLeads() {
  const auto saved = options_.cursors->Get(CursorKey() + "/leads");
  if (!saved.ok() || !saved->has_value()) return;
  for (std::string_view left = **saved; left.size() >= 4; left.remove_prefix(4))
    leads_.insert(ReadBigEndian32(left));
}

void ReactorRunner::SaveLeads() {
  if (leads_.empty()) return;
  std::string bytes;
  for (const std::uint32_t partition : leads_) AppendBigEndian32(bytes, partition);
  options_.cursors->Put(CursorKey() + "/leads", bytes);
}

void ReactorRunner::Start() {
  const absl::StatusOr<std::optional<std::string>> saved = options_.cursors->Get(CursorKey());
  absl::StatusOr<std::unique_ptr<AcceptedFeed>> feed = AcceptedFeed::Open(
      *options_.journal, options_.source, saved.ok() ? saved->value_or("") : "", options_.protocol);
  if (!feed.ok()) {
    options_.executor->PostAfter(options_.try_again, Guarded([this] { Start(); }));
    return;
  }
  feed_ = *std::move(feed);
  LoadLeads();
  saved_at_ = options_.clock->Now();
  Read();
}

void ReactorRunner::Stop() {
  Save(true);
  feed_.reset();
  *alive_ = false;
}

// Reads while there is room; comes back when there is more, or when there is room again.
void ReactorRunner::Read() {
  reading_ = false;
  if (feed_ == nullptr || !health_.ok()) return;
  // Now and then it waits until all is answered, so that the cursor can be saved.
  const bool save_first = pending_ > 0 && options_.clock->Now() - saved_at_ > kSaveEvery;
  if (pending_ >= kMaxPending || save_first) return;
  const absl::StatusOr<std::size_t> folded = feed_->AdvanceRecords(
      kReadAtOnce, [this](const journal::Folded& record) { return TakeRecord(record); });
  if (!folded.ok()) {
    if (!absl::IsDataLoss(folded.status())) {
      reading_ = true;
      return options_.executor->PostAfter(options_.try_again, Guarded([this] { Read(); }));
    }
    health_ = folded.status();
    log::Error("reactor_stopped", log::Context(options_.source.context),
               log::Partition(options_.source.partition));
    return;
  }
  reading_ = true;
  auto again = Guarded([this] { Read(); });
  if (*folded > 0) {
    moved_ = true;
    Save(false);
    return options_.executor->Post(std::move(again));
  }
  Save(false);
  feed_->NotifyWhenMore([executor = options_.executor, again = std::move(again)]() mutable {
    executor->Post(std::move(again));
  });
}

// False where there is no room for more.
bool ReactorRunner::TakeRecord(const journal::Folded& folded) {
  const std::string tenant(folded.tenant);
  if (tenant.empty() || !Carries(tenant)) return true;
  if (folded.to_partition) leads_.insert(*folded.to_partition);
  return folded.kind != journal::RecordKind::kCommit || Take(*folded.commit);
}

bool ReactorRunner::Take(const journal::v1::Commit& commit) {
  for (int i = 0; i < commit.events_size(); ++i) {
    const journal::v1::EventRecord& record = commit.events(i);
    if (options_.upcasters->empty() && !wanted_.contains(record.type())) continue;
    const absl::StatusOr<std::unique_ptr<google::protobuf::Message>> event =
        codec_.Decode(commit, record, Sealed::kPutBack);
    if (!event.ok()) {
      health_ = event.status();
      log::Error("reactor_stopped", log::Context(options_.source.context),
                 log::Tenant(commit.tenant()), log::Seq(commit.seq()));
      return false;
    }
    if (wanted_.contains((*event)->GetDescriptor()->full_name())) React(commit, i, **event);
  }
  return pending_ < kMaxPending;
}

void ReactorRunner::React(const journal::v1::Commit& commit, int index,
                          const google::protobuf::Message& event) {
  EventMeta meta = MetaOf(commit);
  SetEvent(meta, commit, index);
  for (const ReactorType& reactor : options_.reactors) {
    bool listens = false;
    for (const auto* type : reactor.events) listens |= type == event.GetDescriptor();
    if (!listens) continue;
    std::vector<Reaction> reactions = reactor.react(event, meta);
    for (std::size_t i = 0; i < reactions.size(); ++i) {
      type::v1::CausedBy caused_by;
      caused_by.set_reactor(reactor.name);
      caused_by.set_context(options_.source.context);
      caused_by.set_seq(commit.seq());
      caused_by.set_event(meta.index);
      caused_by.set_command(static_cast<std::uint32_t>(i));
      Add(commit, std::move(caused_by), std::move(reactions[i]));
    }
  }
}

void ReactorRunner::Add(const journal::v1::Commit& commit, type::v1::CausedBy caused_by,
                        Reaction reaction) {
  Pending pending;
  CommandRequest& request = pending.request;
  request.tenant = commit.tenant();
  request.method = "reaction/" + caused_by.reactor();
  request.command_id = ReactionCommandId(commit.tenant(), caused_by);
  request.actor_ref = "reactor";
  request.agency = commit.agency();
  request.correlation_id = UuidFromBytes(commit.correlation_id()).value_or(Uuid{});
  request.traceparent = commit.traceparent();
  request.caused_by = std::move(caused_by);
  pending.command = std::move(reaction.command);
  const StreamType* type = options_.streams->OfCommand(*pending.command->GetDescriptor());
  if (type != nullptr && type->stream_id(*pending.command).empty())
    SetFirstField(*pending.command, ToString(request.command_id));
  std::deque<Pending>& queue = queues_[request.tenant];
  const std::string tenant = request.tenant;
  queue.push_back(std::move(pending));
  ++pending_;
  if (queue.size() == 1) Send(tenant);
}

void ReactorRunner::Send(const std::string& tenant) {
  const Pending& pending = queues_.at(tenant).front();
  CommandRequest request;
  request.tenant = pending.request.tenant;
  request.method = pending.request.method;
  request.command_id = pending.request.command_id;
  request.actor_ref = pending.request.actor_ref;
  request.agency = pending.request.agency;
  request.correlation_id = pending.request.correlation_id;
  request.traceparent = pending.request.traceparent;
  request.caused_by = pending.request.caused_by;
  request.command.reset(pending.command->New());
  request.command->CopyFrom(*pending.command);
  // The answer comes on the target's thread.
  options_.target->Submit(std::move(request), [this, alive = alive_, executor = options_.executor,
                                               tenant](CommandAnswer answer) mutable {
    executor->Post([this, alive = std::move(alive), tenant, answer = std::move(answer)] {
      if (*alive) Answered(tenant, answer);
    });
  });
}

void ReactorRunner::Answered(const std::string& tenant, const CommandAnswer& answer) {
  const auto queue = queues_.find(tenant);
  if (!answer.ok() && Carries(tenant)) {
    options_.executor->PostAfter(options_.try_again, Guarded([this, tenant] { Send(tenant); }));
    return;
  }
  if (answer.ok()) {
    queue->second.pop_front();
    --pending_;
  } else {  // it has moved away: where it is, its commits are read too
    pending_ -= queue->second.size();
    queue->second.clear();
  }
  if (queue->second.empty()) {
    queues_.erase(queue);
  } else {
    Send(tenant);
  }
  Save(false);
  if (!reading_) {
    reading_ = true;
    options_.executor->Post(Guarded([this] { Read(); }));
  }
}

// What was read is answered, so it need not be read again.
void ReactorRunner::Save(bool at_once) {
  const bool answered = pending_ == 0 || !options_.protocol.cursor_behind_answers;
  if (!answered || !moved_ || feed_ == nullptr || !health_.ok()) return;
  const absl::Time now = options_.clock->Now();
  if (!at_once && now - saved_at_ < kSaveEvery) return;
  saved_at_ = now;
  moved_ = false;
  options_.cursors->Put(CursorKey(), feed_->Save());
  SaveLeads();
  if (!options_.cursors->Commit().ok())
    log::Warn("cursor_not_saved", log::Context(options_.source.context));
}

}  // namespace holdfast::eventsourcing
