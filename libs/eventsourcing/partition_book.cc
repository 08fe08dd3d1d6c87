#include "eventsourcing/partition_book.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <google/protobuf/descriptor.pb.h>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "base/timestamps.h"
#include "eventsourcing/tenant_places.h"
#include "observability/log.h"

namespace holdfast::eventsourcing {
namespace {

using google::protobuf::Message;

// A decider's Evolve is ours and throws nothing, but what it calls may.
absl::Status Evolve(const StreamType& type, Message& state, const Message& event) {
  try {
    type.evolve(state, event);
    return absl::OkStatus();
  } catch (const std::exception&) {
    return absl::DataLossError(
        absl::StrCat("the fold of ", event.GetDescriptor()->full_name(), " failed"));
  }
}

bool Knows(const StreamType& type, const Message& event) {
  return std::find(type.events.begin(), type.events.end(), event.GetDescriptor()) !=
         type.events.end();
}

std::unique_ptr<Message> CopyOf(const Message& message) {
  std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  return copy;
}

template <class T>
bool Contains(const std::vector<T>& list, const T& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

bool WithinWindow(const FirstReceipt& first, std::uint64_t seq, absl::Time at) {
  return seq - first.seq < kDedupeCommands || at - first.recorded_at < kDedupeAge;
}

// Of the shapes of all states: where one has changed, the log is folded again.
Hash FingerprintOf(const StreamTypes& streams) {
  Sha256 sha256;
  for (const StreamType& type : streams.all()) {
    google::protobuf::DescriptorProto shape;
    type.state_prototype->GetDescriptor()->CopyTo(&shape);
    sha256.Update(type.kind).Update(shape.SerializeAsString());
  }
  return sha256.Finish();
}

}  // namespace

PartitionBook::PartitionBook(BookOptions options, std::unique_ptr<StateStore> store)
    : options_(std::move(options)),
      store_(std::move(store)),
      codec_(*options_.upcasters, options_.context),
      fingerprint_(FingerprintOf(*options_.streams)),
      fold_(options_.digests, options_.protocol.fold),
      digest_reader_(options_.digest_reader) {}

PartitionBook::~PartitionBook() = default;

// --- Opening.

absl::Status PartitionBook::Open() {
  if (options_.places != nullptr) options_.places->Forget(options_.partition);
  absl::Status loaded = Load();
  if (loaded.ok()) digest_reader_.Follow(fold_.state());
  const bool fold_anew = absl::IsFailedPrecondition(loaded) || absl::IsDataLoss(loaded);
  if (loaded.ok() || !fold_anew) return loaded;
  log::Info("state_folded_anew", log::Context(options_.context));
  if (options_.places != nullptr) options_.places->Forget(options_.partition);
  tenants_.clear();
  timers_.clear();
  latest_tenant_ = nullptr;
  last_.reset();
  fold_ = PartitionFold(options_.digests, options_.protocol.fold);
  return store_->Clear();
}

// kFailedPrecondition, or kDataLoss where the store is damaged: the log must be folded anew.
absl::Status PartitionBook::Load() {
  ASSIGN_OR_RETURN(const std::optional<std::string> bytes, store_->Get(layout::PartitionKey()));
  if (!bytes) return absl::OkStatus();
  const std::optional<PartitionRow> row = layout::ReadPartitionRow(*bytes);
  if (!row || row->fingerprint != fingerprint_)
    return absl::FailedPreconditionError("the states have another shape");
  RETURN_IF_ERROR(fold_.Restore(row->fold));
  last_ = row->last;
  std::vector<std::pair<std::string, TenantRow>> rows;
  bool readable = true;
  const std::string prefix = layout::TenantPrefix();
  RETURN_IF_ERROR(store_->Scan(prefix, [&](std::string_view key, std::string_view value) {
    std::optional<TenantRow> tenant = layout::ReadTenantRow(value);
    readable = readable && tenant.has_value() && !tenant->frozen;
    if (readable) rows.emplace_back(key.substr(prefix.size()), *tenant);
    return readable;
  }));
  // A frozen tenant may be understood by this version of the program: its history is tried again.
  if (!readable) return absl::FailedPreconditionError("a tenant is frozen, or not readable");
  for (const auto& [name, tenant] : rows) RETURN_IF_ERROR(LoadTenant(name, tenant));
  return absl::OkStatus();
}

absl::Status PartitionBook::LoadTenant(std::string_view name, const TenantRow& row) {
  fold_.RestoreHead(name, row.head);
  TenantEntry& tenant = Tenant(name);
  tenant.recorded_at = tenant.accepted_recorded_at = row.recorded_at;
  tenant.closings = row.closings;
  tenant.moved_to = row.moved_to;
  ShowPlace(tenant);
  const std::string dues = layout::DuePrefix(name);
  bool readable = true;
  RETURN_IF_ERROR(store_->Scan(dues, [&](std::string_view key, std::string_view) {
    const std::optional<layout::StreamDue> due = layout::ReadDueKey(key.substr(dues.size()));
    readable = readable && due.has_value();
    if (readable) timers_.insert({due->due.at, tenant.name, due->stream, due->due.kind});
    return readable;
  }));
  const std::string marks = layout::MarkPrefix(name);
  RETURN_IF_ERROR(store_->Scan(marks, [&](std::string_view key, std::string_view value) {
    const std::optional<layout::ReactorSource> of = layout::ReadMarkKey(key.substr(marks.size()));
    const std::optional<ReactionMark> mark = layout::ReadReactionMark(value);
    readable = readable && of.has_value() && mark.has_value();
    if (readable) tenant.marks[{of->reactor, of->source}] = {*mark, *mark, false};
    return readable;
  }));
  if (!readable) return absl::FailedPreconditionError("the store is not readable");
  return absl::OkStatus();
}

absl::Status PartitionBook::CheckLast(std::string_view record) const {
  if (!last_) return absl::OkStatus();
  Hash hash{};
  if (last_->is_chain_hash) {
    journal::v1::Record parsed;
    journal::v1::Commit commit;
    Hash prev_hash{};
    if (parsed.ParseFromArray(record.data(), static_cast<int>(record.size())) &&
        commit.ParseFromString(parsed.commit()) && commit.prev_hash().size() == prev_hash.size()) {
      std::copy(commit.prev_hash().begin(), commit.prev_hash().end(), prev_hash.begin());
      hash = journal::ChainHash(prev_hash, parsed.commit());
    }
  } else {
    hash = Sha256Of(record);
  }
  if (hash == last_->hash) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("the record at offset ", last_->offset,
                                          " is not the one that was folded: history has changed"));
}

// --- The log.

absl::StatusOr<journal::Folded> PartitionBook::Apply(journal::Offset offset,
                                                     std::string_view record) {
  ASSIGN_OR_RETURN(journal::Folded folded, fold_.Apply(offset, record));
  digest_reader_.Follow(fold_.state());
  ++unflushed_;
  last_ = LastRecord{offset, false, {}};
  const bool applied = folded.accepted() || !options_.protocol.skip_void;
  if (folded.kind == journal::RecordKind::kCommit && applied) {
    ApplyCommit(folded);
    if (folded.accepted()) last_ = LastRecord{offset, true, folded.hash};
  } else if (folded.accepted() && !folded.tenant.empty()) {
    ApplyMove(folded);
  }
  if (!last_->is_chain_hash) last_->hash = Sha256Of(record);
  return folded;
}

// The tenant was closed, or opened.
void PartitionBook::ApplyMove(const journal::Folded& folded) {
  TenantEntry& tenant = Tenant(folded.tenant);
  tenant.receiving = folded.kind == journal::RecordKind::kTenantClosed;
  if (folded.to_partition) {
    ++tenant.closings;
    tenant.moved_to = *folded.to_partition;
  }
  MarkDirty(tenant);
  ShowPlace(tenant);
}

bool PartitionBook::IsHere(const TenantEntry& tenant) const {
  return !tenant.receiving && (tenant.home || fold_.Knows(tenant.name));
}

// Who never moved needs no sign.
void PartitionBook::ShowPlace(const TenantEntry& tenant) const {
  if (options_.places == nullptr) return;
  if (tenant.home && !tenant.receiving && tenant.closings == 0) return;
  TenantStand stand;
  stand.open = IsHere(tenant);
  if (tenant.closings > 0) stand.moved_to = tenant.moved_to;
  stand.closings = tenant.closings;
  options_.places->Set(options_.partition, tenant.name, stand);
}

void PartitionBook::ApplyCommit(const journal::Folded& folded) {
  const journal::v1::Commit& commit = *folded.commit;
  TenantEntry& tenant = Tenant(folded.tenant);
  tenant.accepted_recorded_at = std::max(tenant.accepted_recorded_at, ToTime(commit.recorded_at()));
  tenant.recorded_at = std::max(tenant.recorded_at, tenant.accepted_recorded_at);
  tenant.policy_epoch.Join({commit.policy_epoch().own(), commit.policy_epoch().operator_()});
  const journal::TenantHead head = fold_.HeadOf(folded.tenant);
  tenant.seq = tenant.accepted_seq = head.seq;
  tenant.head = head.hash;
  if (std::exchange(tenant.receiving, head.receiving) != head.receiving) ShowPlace(tenant);
  MarkDirty(tenant);
  if (!tenant.frozen.ok()) return;
  absl::Status fine = Admit(tenant, commit);
  if (fine.ok()) fine = EvolveCommit(tenant, commit);
  if (!fine.ok()) return Freeze(tenant, fine);
  Remember(tenant, commit);
}

// Whether the writer that made this commit kept the rules that the fold does not check.
absl::Status PartitionBook::Admit(TenantEntry& tenant, const journal::v1::Commit& commit) {
  const std::optional<Uuid> id = UuidFromBytes(commit.command_id());
  if (!id) return absl::DataLossError("a commit has no command id");
  if (!options_.protocol.dedupe || !options_.protocol.skip_void) return absl::OkStatus();
  ASSIGN_OR_RETURN(const CommandWindow::Command* const before,
                   Find(tenant, *id, ToTime(commit.recorded_at())));
  if (before == nullptr || before->ticket != 0) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("the command of seq ", commit.seq(),
                                          " was accepted before, at seq ", before->receipt.seq));
}

absl::Status PartitionBook::EvolveCommit(TenantEntry& tenant, const journal::v1::Commit& commit) {
  const StreamType* type = options_.streams->OfStream(commit.stream());
  const std::size_t slash = commit.stream().find('/');
  if (type == nullptr || slash == std::string::npos) {
    return absl::DataLossError(
        absl::StrCat("the stream of seq ", commit.seq(), " is of no kind that this version knows"));
  }
  ASSIGN_OR_RETURN(StreamEntry * stream, Stream(tenant, *type, commit.stream().substr(slash + 1)));
  if (commit.version() != stream->version + 1 && options_.protocol.skip_void) {
    return absl::DataLossError(absl::StrCat("the version at seq ", commit.seq(),
                                            " does not follow the stream's ", stream->version));
  }
  // Where an event cannot be folded, a half-folded state is left: nobody reads that of a frozen
  // tenant.
  for (const journal::v1::EventRecord& record : commit.events()) {
    absl::StatusOr<std::unique_ptr<Message>> event =
        codec_.Decode(commit, record, Sealed::kLeftOut);
    absl::Status evolved = event.status();
    if (evolved.ok() && !Knows(*type, **event)) {
      evolved = absl::DataLossError(absl::StrCat("event type ", record.type(), " at seq ",
                                                 commit.seq(), " is no event of ", type->kind));
    }
    if (evolved.ok()) evolved = Evolve(*type, *stream->accepted, **event);
    RETURN_IF_ERROR(evolved);
  }
  stream->version = commit.version();
  if (stream->in_flight == 0) {
    stream->speculative.reset();
    stream->speculative_version = stream->version;
  }
  Accepted(*stream);
  return absl::OkStatus();
}

void PartitionBook::Remember(TenantEntry& tenant, const journal::v1::Commit& commit) {
  FirstReceipt first;
  first.seq = commit.seq();
  first.version = commit.version();
  first.recorded_at = ToTime(commit.recorded_at());
  first.mac.key = commit.mac_key();
  if (commit.command_mac().size() == first.mac.mac.size()) {
    std::copy(commit.command_mac().begin(), commit.command_mac().end(), first.mac.mac.begin());
  }
  first.stream = commit.stream();
  first.warnings.assign(commit.warnings().begin(), commit.warnings().end());
  tenant.commands.Add(*UuidFromBytes(commit.command_id()), std::move(first), 0);
  if (commit.has_caused_by() && options_.protocol.marks_from_journal)
    MarkReaction(tenant, commit.caused_by());
}

void PartitionBook::MarkReaction(TenantEntry& tenant, const type::v1::CausedBy& caused_by) {
  TenantMark& mark = tenant.marks[{caused_by.reactor(), caused_by.context()}];
  const ReactionMark reached{caused_by.seq(), caused_by.event(), caused_by.command()};
  mark.accepted = std::max(mark.accepted, reached);
  mark.speculative = std::max(mark.speculative, mark.accepted);
  mark.dirty = true;
}

void PartitionBook::Freeze(TenantEntry& tenant, const absl::Status& why) {
  log::Error("tenant_frozen", log::Tenant(tenant.name), log::Context(options_.context),
             log::Seq(tenant.accepted_seq));
  tenant.frozen = ErrorWithReason(
      absl::StatusCode::kDataLoss, "TENANT_FROZEN",
      absl::StrCat("The history of this tenant cannot be read on, so nothing more is taken: ",
                   why.message(), ". Tell the operator."));
  ++frozen_tenants_;
}

journal::Outcome PartitionBook::ApplyOwn(journal::Offset offset, const journal::WriterId& writer,
                                         OwnDecision& own) {
  TenantEntry& tenant = *own.tenant;
  const journal::Outcome outcome =
      fold_.ApplyOwn(offset, own.record, {writer, tenant.name, own.seq, own.prev_hash, own.hash},
                     own.stream->name, own.version);
  digest_reader_.Follow(fold_.state());
  ++unflushed_;
  if (outcome != journal::Outcome::kAccepted) {
    last_.reset();  // its bytes are gone; the next record is checked again
    if (tenant.last_ticket == own.ticket) tenant.last_ticket = 0;
    tenant.commands.Drop(own.command);
    return outcome;
  }
  last_ = LastRecord{offset, true, own.hash};
  StreamEntry& stream = *own.stream;
  for (const auto& event : own.events) {
    const absl::Status evolved = Evolve(*stream.type, *stream.accepted, *event);
    if (!evolved.ok()) Freeze(tenant, evolved);  // it went well on the speculative state
  }
  ++stream.version;
  --stream.in_flight;
  tenant.accepted_recorded_at = own.recorded_at;
  tenant.accepted_seq = own.seq;
  if (tenant.last_ticket == own.ticket) tenant.last_ticket = 0;
  tenant.commands.Accept(own.command);
  MarkDirty(tenant);
  if (own.mark != nullptr) {
    own.mark->accepted = std::max(own.mark->accepted, own.reaction);
    own.mark->dirty = true;
  }
  Accepted(stream);
  return outcome;
}

// The accepted state of the stream has changed.
void PartitionBook::Accepted(StreamEntry& stream) {
  if (!stream.dirty) {
    stream.dirty = true;
    dirty_streams_.push_back(&stream);
  }
  std::vector<DueAt> due = stream.type->due(*stream.accepted);
  if (due != stream.due) {
    for (const DueAt& old : stream.due)
      timers_.erase({old.at, stream.tenant->name, stream.name, old.kind});
    for (const DueAt& now : due)
      timers_.insert({now.at, stream.tenant->name, stream.name, now.kind});
    stream.due = std::move(due);
  }
  Relist(stream);
}

// --- Streams, tags, commands.

TenantEntry& PartitionBook::Tenant(std::string_view name) {
  if (latest_tenant_ != nullptr && latest_tenant_->name == name) return *latest_tenant_;
  auto found = tenants_.find(name);
  if (found == tenants_.end()) {
    auto tenant = std::make_unique<TenantEntry>();
    tenant->name = std::string(name);
    tenant->home = options_.partitions == 0 ||
                   journal::PartitionOf(tenant->name, options_.partitions) == options_.partition;
    const journal::TenantHead head = fold_.HeadOf(name);
    tenant->seq = tenant->accepted_seq = head.seq;
    tenant->head = head.hash;
    tenant->receiving = head.receiving;
    found = tenants_.emplace(tenant->name, std::move(tenant)).first;
  }
  latest_tenant_ = found->second.get();
  return *latest_tenant_;
}

absl::StatusOr<StreamEntry*> PartitionBook::Stream(TenantEntry& tenant, const StreamType& type,
                                                   std::string_view id) {
  buffer_.assign(type.kind).append("/").append(id);
  const auto known = tenant.streams.find(buffer_);
  if (known != tenant.streams.end()) {
    used_.splice(used_.begin(), used_, known->second->place);
    return known->second.get();
  }
  auto stream = std::make_unique<StreamEntry>();
  stream->tenant = &tenant;
  stream->type = &type;
  stream->name = buffer_;
  stream->accepted.reset(type.state_prototype->New());
  ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                   store_->Get(layout::StateKey(tenant.name, stream->name)));
  if (stored) {
    if (stored->size() < 8 || !stream->accepted->ParseFromArray(
                                  stored->data() + 8, static_cast<int>(stored->size() - 8))) {
      return absl::UnavailableError(
          "a stored state cannot be read: remove the state folder, and "
          "it is folded again from the journal");
    }
    stream->version = stream->speculative_version = ReadBigEndian64(*stored);
    stream->stored_tags = type.tags(*stream->accepted);
    stream->stored_due = stream->due = type.due(*stream->accepted);
  }
  used_.push_front(stream.get());
  stream->place = used_.begin();
  StreamEntry* entry = stream.get();
  tenant.streams.emplace(entry->name, std::move(stream));
  return entry;
}

void PartitionBook::Relist(StreamEntry& stream) {
  std::vector<std::string> tags;
  if (stream.pinned()) tags = stream.type->tags(stream.current());
  if (tags == stream.tags) return;
  auto& holders = stream.tenant->holders;
  for (const std::string& tag : stream.tags) {
    const auto found = holders.find(tag);
    if (found == holders.end()) continue;
    std::erase(found->second, &stream);
    if (found->second.empty()) holders.erase(found);
  }
  for (const std::string& tag : tags) holders[tag].push_back(&stream);
  stream.tags = std::move(tags);
}

absl::StatusOr<std::vector<std::string>> PartitionBook::Holders(TenantEntry& tenant,
                                                                std::string_view tag) {
  std::vector<std::string> streams;
  const std::string prefix = layout::TagPrefix(tenant.name, tag);
  RETURN_IF_ERROR(store_->Scan(prefix, [&](std::string_view key, std::string_view) {
    std::string name(key.substr(prefix.size()));
    const auto known = tenant.streams.find(name);
    if (known == tenant.streams.end() || !known->second->pinned())
      streams.push_back(std::move(name));
    return true;
  }));
  const auto lately = tenant.holders.find(std::string(tag));
  if (lately != tenant.holders.end()) {
    for (const StreamEntry* stream : lately->second) streams.push_back(stream->name);
    std::sort(streams.begin(), streams.end());
  }
  return streams;
}

absl::StatusOr<const CommandWindow::Command*> PartitionBook::Find(TenantEntry& tenant,
                                                                  const Uuid& id, absl::Time now) {
  ASSIGN_OR_RETURN(const CommandWindow::Command* const command,
                   tenant.commands.Find(*store_, tenant.name, id));
  if (command == nullptr || command->ticket != 0) return command;
  const bool within =
      WithinWindow(command->receipt, tenant.seq + 1, std::max(now, tenant.recorded_at));
  return within ? command : nullptr;
}

// --- Speculation.

absl::Status PartitionBook::Speculate(StreamEntry& stream,
                                      std::span<const std::unique_ptr<Message>> events) {
  if (stream.speculative == nullptr) {
    stream.speculative = CopyOf(*stream.accepted);
    stream.speculative_version = stream.version;
  }
  for (const auto& event : events)
    RETURN_IF_ERROR(Evolve(*stream.type, *stream.speculative, *event));
  ++stream.speculative_version;
  ++stream.in_flight;
  Relist(stream);
  return absl::OkStatus();
}

void PartitionBook::Respeculate(StreamEntry& stream,
                                std::span<const OwnDecision* const> in_flight) {
  stream.speculative = CopyOf(*stream.accepted);
  stream.speculative_version = stream.version;
  for (const OwnDecision* own : in_flight) {
    for (const auto& event : own->events) {
      const absl::Status evolved = Evolve(*stream.type, *stream.speculative, *event);
      if (!evolved.ok()) Freeze(*stream.tenant, evolved);
    }
    ++stream.speculative_version;
  }
  Relist(stream);
}

void PartitionBook::DropSpeculation() {
  for (auto& [name, tenant] : tenants_) {
    const journal::TenantHead head = fold_.HeadOf(name);
    tenant->seq = tenant->accepted_seq = head.seq;
    tenant->head = head.hash;
    tenant->receiving = head.receiving;
    tenant->moving = 0;
    tenant->recorded_at = tenant->accepted_recorded_at;
    tenant->last_ticket = 0;
    tenant->commands.DropInFlight();
    for (auto& [of, mark] : tenant->marks) mark.speculative = mark.accepted;
    for (auto& [stream_name, stream] : tenant->streams) {
      if (stream->in_flight == 0) continue;
      stream->in_flight = 0;
      stream->speculative.reset();
      stream->speculative_version = stream->version;
      Relist(*stream);
    }
  }
}

// --- The store.

void PartitionBook::MarkDirty(TenantEntry& tenant) {
  if (tenant.dirty) return;
  tenant.dirty = true;
  dirty_tenants_.push_back(&tenant);
}

void PartitionBook::PutStream(StreamEntry& stream) {
  const std::string& tenant = stream.tenant->name;
  buffer_.clear();
  AppendBigEndian64(buffer_, stream.version);
  stream.accepted->AppendToString(&buffer_);
  store_->Put(layout::StateKey(tenant, stream.name), buffer_);
  const std::vector<std::string> tags = stream.type->tags(*stream.accepted);
  for (const std::string& tag : stream.stored_tags) {
    if (!Contains(tags, tag)) store_->Delete(layout::TagPrefix(tenant, tag) + stream.name);
  }
  for (const std::string& tag : tags) {
    if (!Contains(stream.stored_tags, tag))
      store_->Put(layout::TagPrefix(tenant, tag) + stream.name, "");
  }
  for (const DueAt& due : stream.stored_due) {
    if (!Contains(stream.due, due)) store_->Delete(layout::DueKey(tenant, stream.name, due));
  }
  for (const DueAt& due : stream.due) {
    if (!Contains(stream.stored_due, due))
      store_->Put(layout::DueKey(tenant, stream.name, due), "");
  }
}

absl::Status PartitionBook::PutTenant(TenantEntry& tenant) {
  RETURN_IF_ERROR(
      tenant.commands.Put(*store_, tenant.name, tenant.accepted_seq, tenant.accepted_recorded_at));
  for (const auto& [of, mark] : tenant.marks) {
    if (mark.dirty)
      store_->Put(layout::MarkKey(tenant.name, of.first, of.second), layout::Encode(mark.accepted));
  }
  TenantRow row;
  row.head = fold_.HeadOf(tenant.name);
  row.recorded_at = tenant.accepted_recorded_at;
  row.frozen = !tenant.frozen.ok();
  row.closings = tenant.closings;
  row.moved_to = tenant.moved_to;
  store_->Put(layout::TenantKey(tenant.name), layout::Encode(row));
  return absl::OkStatus();
}

void PartitionBook::PutPartition() {
  store_->Put(layout::PartitionKey(),
              layout::Encode(PartitionRow{fingerprint_, fold_.state(), last_}));
}

absl::Status PartitionBook::Disown() {
  disowned_ = true;
  return store_->Clear();
}

absl::Status PartitionBook::Flush() {
  if (unflushed_ == 0 || disowned_) return absl::OkStatus();
  PutPartition();
  if (!options_.protocol.offset_with_states) {
    for (TenantEntry* tenant : dirty_tenants_) RETURN_IF_ERROR(PutTenant(*tenant));
    RETURN_IF_ERROR(store_->Commit());
  } else {
    for (TenantEntry* tenant : dirty_tenants_) RETURN_IF_ERROR(PutTenant(*tenant));
  }
  std::sort(dirty_streams_.begin(), dirty_streams_.end(),
            [](const StreamEntry* a, const StreamEntry* b) {
              return std::tie(a->tenant->name, a->name) < std::tie(b->tenant->name, b->name);
            });
  for (StreamEntry* stream : dirty_streams_) PutStream(*stream);
  RETURN_IF_ERROR(store_->Commit());
  for (TenantEntry* tenant : dirty_tenants_) {
    tenant->commands.Written();
    for (auto& [of, mark] : tenant->marks) mark.dirty = false;
    tenant->dirty = false;
  }
  for (StreamEntry* stream : dirty_streams_) {
    stream->dirty = false;
    stream->stored_tags = stream->type->tags(*stream->accepted);
    stream->stored_due = stream->due;
    Relist(*stream);
  }
  dirty_tenants_.clear();
  dirty_streams_.clear();
  unflushed_ = 0;
  return absl::OkStatus();
}

void PartitionBook::Trim() {
  // Pinned states are looked at in passing and kept.
  for (int looked = 0; used_.size() > options_.cached_states && looked < 256; ++looked) {
    StreamEntry* oldest = used_.back();
    if (oldest->pinned()) {
      used_.splice(used_.begin(), used_, oldest->place);
      continue;
    }
    used_.pop_back();
    const std::string name = oldest->name;
    oldest->tenant->streams.erase(name);
  }
}

}  // namespace holdfast::eventsourcing
