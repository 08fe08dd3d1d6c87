// What a partition's actor does with one command: dedupe, decide, evolve, seal, append.
#include <algorithm>
#include <exception>
#include <utility>

#include <google/protobuf/message.h>

#include "holdfast/journal/v1/journal.pb.h"

#include "base/check.h"
#include "base/civil_time.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "base/timestamps.h"
#include "eventsourcing/actor_metrics.h"
#include "eventsourcing/message_traits.h"
#include "eventsourcing/partition_actor.h"
#include "eventsourcing/refusals.h"

namespace holdfast::eventsourcing {
namespace {

using google::protobuf::Message;

constexpr std::size_t kMaxStreamId = 200;

ReactionMark MarkOf(const type::v1::CausedBy& caused_by) {
  return {caused_by.seq(), caused_by.event(), caused_by.command()};
}

}  // namespace

// The other streams of the tenant, as they are in this turn.
class PartitionActor::Surroundings final : public Neighbours {
 public:
  Surroundings(PartitionActor& actor, TenantEntry& tenant) : actor_(actor), tenant_(tenant) {}

  const Message* Find(std::string_view kind, std::string_view id) const override {
    const StreamType* type = actor_.options_.streams->OfKind(kind);
    HOLDFAST_CHECK(type != nullptr);  // a rule names a kind of another context
    if (id.empty()) return nullptr;
    const absl::StatusOr<StreamEntry*> stream = actor_.book_.Stream(tenant_, *type, id);
    if (!stream.ok()) {
      status_ = stream.status();
      return nullptr;
    }
    const bool in_flight = actor_.options_.protocol.read_neighbours_in_flight;
    const std::uint64_t version = in_flight ? (*stream)->speculative_version : (*stream)->version;
    if (version == 0) return nullptr;
    return in_flight ? &(*stream)->current() : (*stream)->accepted.get();
  }

  std::vector<std::string> Holding(std::string_view kind, std::string_view tag) const override {
    absl::StatusOr<std::vector<std::string>> streams = actor_.book_.Holders(tenant_, tag);
    if (!streams.ok()) {
      status_ = streams.status();
      return {};
    }
    std::vector<std::string> ids;
    for (const std::string& stream : *streams) {
      const std::size_t slash = stream.find('/');
      if (std::string_view(stream).substr(0, slash) == kind)
        ids.push_back(stream.substr(slash + 1));
    }
    return ids;
  }

  // Not OK where the store could not be read: then nothing may be decided.
  const absl::Status& status() const { return status_; }

 private:
  PartitionActor& actor_;
  TenantEntry& tenant_;
  mutable absl::Status status_;
};

void PartitionActor::Submit(CommandRequest request, CommandDone done) {
  HOLDFAST_CHECK(request.command != nullptr);
  absl::Status refused = inbox_.Push(request, done, options_.clock->SinceBoot());
  if (refused.ok()) return;
  metrics_->Answered(refused, absl::ZeroDuration());
  std::move(done)(std::move(refused));
}

std::string PartitionActor::OwnersDoor() const {
  return options_.ownership->AddressOf(book_.fold().state().owner);
}

absl::Status PartitionActor::MayAnswer() const {
  switch (phase_) {
    case Phase::kServing:
      return absl::OkStatus();
    case Phase::kFrozen:
      return frozen_;
    case Phase::kFollowing:
      return options_.protocol.only_owner_answers ? NotServing(NotOwner(OwnersDoor()))
                                                  : absl::OkStatus();
    case Phase::kCatchingUp:
    case Phase::kTakingOver:
      return options_.protocol.catch_up_before_serving ? NotServing(NotReady()) : absl::OkStatus();
    case Phase::kStopped:
      break;
  }
  return NotReady();
}

// The reason that a client can act on: a journal that takes nothing more is not owned by another.
absl::Status PartitionActor::NotServing(const absl::Status& why) const {
  return options_.journal->Health().ok() ? why : ReadOnly();
}

void PartitionActor::Decide(Arrived arrived, std::string_view timer_stream) {
  if (absl::Status may = MayAnswer(); !may.ok())
    return Answer(std::move(arrived.caller), std::move(may));
  Turn turn;
  turn.arrived = std::move(arrived);
  if (absl::Status admissible = Admissible(turn); !admissible.ok())
    return Answer(std::move(turn.arrived.caller), std::move(admissible));
  if (turn.arrived.request.caused_by ? ReactionRepeated(turn) : Repeated(turn)) return;
  if (absl::Status found = FindStream(turn, timer_stream); !found.ok())
    return Refuse(turn, std::move(found));
  DecideOn(turn);
}

// Whether the command can be taken at all, whatever history says.
absl::Status PartitionActor::Admissible(Turn& turn) {
  CommandRequest& request = turn.arrived.request;
  const absl::Time now = options_.clock->Now();
  if (request.deadline <= now) return DeadlinePassed();
  turn.tenant = &book_.Tenant(request.tenant);
  if (!turn.tenant->frozen.ok()) return turn.tenant->frozen;
  if (!book_.IsHere(*turn.tenant)) return TenantMoving();
  if (request.policy_epoch && !request.policy_epoch->Covers(turn.tenant->policy_epoch))
    return RightsBehind();
  turn.type = options_.streams->OfCommand(*request.command->GetDescriptor());
  if (turn.type == nullptr) return UnknownCommand(request.command->GetDescriptor()->full_name());
  turn.now = std::max(now, turn.tenant->recorded_at);
  absl::StatusOr<CommandMac::Mac> mac = macs_.Of(request.tenant, request.method, *request.command);
  if (!mac.ok()) return KeysUnavailable();
  turn.mac = *mac;
  return absl::OkStatus();
}

// True where it was answered: its first receipt, or a refusal of a reused id.
bool PartitionActor::Repeated(Turn& turn) {
  if (!options_.protocol.dedupe) return false;
  const absl::StatusOr<const CommandWindow::Command*> before =
      book_.Find(*turn.tenant, turn.arrived.request.command_id, turn.now);
  if (!before.ok()) {
    Answer(std::move(turn.arrived.caller), StateUnavailable(before.status()));
    return true;
  }
  if (*before == nullptr) return false;
  const CommandWindow::Command& first = **before;
  CommandAnswer answer = ReceiptOf(first.receipt);
  // Under another key nothing can be compared; the id alone decides.
  if (first.receipt.mac.key == turn.mac.key && first.receipt.mac.mac != turn.mac.mac)
    answer = CommandIdReused();
  if (first.ticket == 0) {
    Answer(std::move(turn.arrived.caller), std::move(answer));
  } else {
    const std::uint64_t oldest = next_ticket_ - in_flight_.size();
    in_flight_[first.ticket - oldest].waiting.push_back(
        {std::move(turn.arrived.caller), std::move(answer)});
  }
  return true;
}

// True where the reactor has worked beyond this: answered as a repetition, whatever its age.
bool PartitionActor::ReactionRepeated(Turn& turn) {
  const type::v1::CausedBy& caused_by = *turn.arrived.request.caused_by;
  const auto found = turn.tenant->marks.find({caused_by.reactor(), caused_by.context()});
  if (found == turn.tenant->marks.end() || MarkOf(caused_by) > found->second.speculative)
    return false;
  type::v1::Receipt receipt;
  receipt.mutable_position()->set_context(options_.partition.context);
  receipt.mutable_position()->set_seq(turn.tenant->seq);
  receipt.set_repeated(true);
  AnswerWhenTrue(turn, std::move(receipt));
  return true;
}

absl::Status PartitionActor::FindStream(Turn& turn, std::string_view timer_stream) {
  CommandRequest& request = turn.arrived.request;
  if (TraitsOf(*request.command->GetDescriptor()).personal)
    RETURN_IF_ERROR(options_.sealer->Admit(request));
  turn.stream_id =
      timer_stream.empty() ? turn.type->stream_id(*request.command) : std::string(timer_stream);
  if (turn.stream_id.empty() || turn.stream_id.size() > kMaxStreamId) {
    const auto* field = request.command->GetDescriptor()->FindFieldByNumber(1);
    return InvalidFields(
        {{field == nullptr ? "" : field->name(), "must name the stream, in at most 200 bytes"}});
  }
  absl::StatusOr<StreamEntry*> stream = book_.Stream(*turn.tenant, *turn.type, turn.stream_id);
  if (!stream.ok()) return StateUnavailable(stream.status());
  turn.stream = *stream;
  return absl::OkStatus();
}

void PartitionActor::DecideOn(Turn& turn) {
  const std::optional<std::uint64_t>& expected = turn.arrived.request.expected_version;
  const std::uint64_t actual = turn.stream->speculative_version;
  if (expected && *expected != actual) return Refuse(turn, VersionConflict(*expected, actual));
  absl::StatusOr<ErasedDecision> decision = Ask(turn);
  if (!decision.ok()) return Refuse(turn, decision.status());
  if (decision->refused) return Refuse(turn, RefusedByRule(decision->reasons));
  absl::StatusOr<const ErasedCondition*> broken = Broken(turn, *decision);
  if (!broken.ok()) return Refuse(turn, StateUnavailable(broken.status()));
  if (*broken != nullptr) return Refuse(turn, RefusedByRule({(*broken)->otherwise}));
  if (decision->events.empty()) return NothingHappens(turn);
  Write(turn, *turn.stream, std::move(decision->events), std::move(decision->warnings));
}

absl::StatusOr<ErasedDecision> PartitionActor::Ask(Turn& turn) {
  CommandRequest& request = turn.arrived.request;
  const DecisionContext context{turn.now, Today(turn.now), turn.stream_id, request.actor_ref,
                                request.agency};
  const Surroundings surroundings(*this, *turn.tenant);
  ErasedDecision decision;
  try {
    decision = turn.type->decide(turn.stream->current(), *request.command, context, surroundings);
  } catch (const std::exception&) {
    return DecisionFailed();
  }
  if (!surroundings.status().ok()) return StateUnavailable(surroundings.status());
  return decision;
}

// The first condition that another stream breaks, null where none is.
absl::StatusOr<const ErasedCondition*> PartitionActor::Broken(Turn& turn,
                                                              const ErasedDecision& decision) {
  for (const ErasedCondition& condition : decision.conditions) {
    ASSIGN_OR_RETURN(const std::vector<std::string> holders,
                     book_.Holders(*turn.tenant, condition.tag));
    const bool another =
        std::any_of(holders.begin(), holders.end(),
                    [&](const std::string& holder) { return holder != turn.stream->name; });
    if (another) return &condition;
  }
  return nullptr;
}

// A client is told why. A reaction has nobody to tell: what would be refused again is parked.
void PartitionActor::Refuse(Turn& turn, absl::Status why) {
  const bool again =
      absl::IsUnavailable(why) || absl::IsResourceExhausted(why) || absl::IsDeadlineExceeded(why);
  if (turn.arrived.request.caused_by && !again) return Park(turn, why);
  AnswerWhenTrue(turn, std::move(why));
}

void PartitionActor::Park(Turn& turn, const absl::Status& why) {
  const CommandRequest& request = turn.arrived.request;
  auto parked = std::make_unique<journal::v1::ReactionParked>();
  *parked->mutable_caused_by() = *request.caused_by;
  const std::string reason = ReasonOf(why);
  parked->set_reason(reason.empty() ? absl::StatusCodeToString(why.code()) : reason);
  parked->set_command_type(request.command->GetDescriptor()->full_name());
  const std::unique_ptr<Message> impersonal(request.command->New());
  impersonal->CopyFrom(*request.command);
  ClearPersonal(*impersonal);
  if (impersonal->ByteSizeLong() < journal::kMaxRecordBytes / 2)
    parked->set_command(impersonal->SerializeAsString());
  if (turn.stream != nullptr) parked->set_target_stream(turn.stream->name);
  absl::StatusOr<StreamEntry*> stream =
      book_.Stream(*turn.tenant, options_.streams->reactions(), request.caused_by->reactor());
  if (!stream.ok()) return AnswerWhenTrue(turn, StateUnavailable(stream.status()));
  Events events;
  events.push_back(std::move(parked));
  Write(turn, **stream, std::move(events), {"REACTION_PARKED"});
}

void PartitionActor::NothingHappens(Turn& turn) {
  if (turn.arrived.request.caused_by) {
    // The mark moves, so that no restart repeats the reaction against a newer state.
    absl::StatusOr<StreamEntry*> stream = book_.Stream(*turn.tenant, options_.streams->reactions(),
                                                       turn.arrived.request.caused_by->reactor());
    if (!stream.ok()) return AnswerWhenTrue(turn, StateUnavailable(stream.status()));
    return Write(turn, **stream, {}, {});
  }
  type::v1::Receipt receipt;
  receipt.set_stream(turn.stream->name);
  receipt.set_version(turn.stream->speculative_version);
  receipt.mutable_position()->set_context(options_.partition.context);
  receipt.mutable_position()->set_seq(turn.tenant->seq);
  receipt.set_already_so(true);
  AnswerWhenTrue(turn, std::move(receipt));
}

// --- Writing.

void PartitionActor::Write(Turn& turn, StreamEntry& stream, Events events,
                           std::vector<std::string> warnings) {
  if (phase_ != Phase::kServing) {
    return Answer(std::move(turn.arrived.caller), NotOwner(OwnersDoor()));
  }
  const bool parks = &stream != turn.stream;
  absl::Status built = BuildCommit(turn, stream, events, warnings);
  journal::EncodedCommit encoded;
  if (built.ok()) {
    encoded = journal::EncodeCommitRecord(self_, *commit_);
    if (encoded.record.size() > journal::kMaxRecordBytes) built = CommitTooLarge();
  }
  if (!built.ok()) {
    if (parks) return Answer(std::move(turn.arrived.caller), std::move(built));
    return Refuse(turn, std::move(built));
  }
  if (const absl::Status evolved = book_.Speculate(stream, events); !evolved.ok()) {
    RebuildSpeculation(stream);
    return AnswerWhenTrue(turn, DecisionFailed());
  }
  Append(turn, stream, std::move(events), std::move(warnings), std::move(encoded));
}

absl::Status PartitionActor::BuildCommit(const Turn& turn, const StreamEntry& stream,
                                         const Events& events,
                                         const std::vector<std::string>& warnings) {
  const CommandRequest& request = turn.arrived.request;
  journal::v1::Commit& commit = *commit_;
  commit.Clear();
  commit.set_format(journal::kCommitFormat);
  commit.set_tenant(turn.tenant->name);
  commit.set_seq(turn.tenant->seq + 1);
  commit.set_prev_hash(turn.tenant->head.data(), turn.tenant->head.size());
  commit.set_stream(stream.name);
  commit.set_version(stream.speculative_version + 1);
  commit.set_command_id(request.command_id.data(), request.command_id.size());
  commit.set_command_mac(turn.mac.mac.data(), turn.mac.mac.size());
  commit.set_mac_key(turn.mac.key);
  if (request.caused_by) *commit.mutable_caused_by() = *request.caused_by;
  *commit.mutable_recorded_at() = ToTimestamp(turn.now);
  commit.set_actor_ref(request.actor_ref);
  commit.set_agency(request.agency);
  commit.set_correlation_id(request.correlation_id.data(), request.correlation_id.size());
  commit.set_traceparent(request.traceparent);
  if (request.policy_epoch) {
    commit.mutable_policy_epoch()->set_own(request.policy_epoch->own);
    commit.mutable_policy_epoch()->set_operator_(request.policy_epoch->operators);
  }
  for (const std::string& warning : warnings) commit.add_warnings(warning);
  return BuildEvents(turn, events);
}

absl::Status PartitionActor::BuildEvents(const Turn& turn, const Events& events) {
  for (const auto& event : events) {
    journal::v1::EventRecord& record = *commit_->add_events();
    const Uuid id = NewUuidV7(turn.now, *options_.random);
    record.set_event_id(id.data(), id.size());
    const std::string& type = event->GetDescriptor()->full_name();
    record.set_type(type);
    record.set_schema_version(options_.upcasters->VersionOf(type));
    *record.mutable_occurred_at() = commit_->recorded_at();
    if (TraitsOf(*event->GetDescriptor()).personal) {
      const SealingPlace place{options_.partition.context, *commit_, turn.arrived.request};
      RETURN_IF_ERROR(options_.sealer->Seal(*event, place, record));
    }
    event->SerializeToString(record.mutable_payload());
  }
  return absl::OkStatus();
}

void PartitionActor::Append(Turn& turn, StreamEntry& stream, Events events,
                            std::vector<std::string> warnings, journal::EncodedCommit encoded) {
  TenantEntry& tenant = *turn.tenant;
  in_flight_.emplace_back();
  InFlight& one = in_flight_.back();
  OwnDecision& own = one.own;
  own.tenant = &tenant;
  own.stream = &stream;
  own.ticket = next_ticket_++;
  own.seq = tenant.seq + 1;
  own.version = stream.speculative_version;
  own.prev_hash = tenant.head;
  own.hash = journal::ChainHash(tenant.head, encoded.commit());
  own.recorded_at = turn.now;
  own.events = std::move(events);
  if (options_.digests) own.record = encoded.record;
  if (turn.arrived.request.caused_by) {
    const type::v1::CausedBy& caused_by = *turn.arrived.request.caused_by;
    own.mark = &tenant.marks[{caused_by.reactor(), caused_by.context()}];
    own.reaction = MarkOf(caused_by);
    own.mark->speculative = own.reaction;
  }
  tenant.seq = own.seq;
  tenant.head = own.hash;
  tenant.recorded_at = turn.now;
  if (turn.arrived.request.policy_epoch)
    tenant.policy_epoch.Join(*turn.arrived.request.policy_epoch);
  tenant.last_ticket = own.ticket;

  own.command = tenant.commands.Add(
      turn.arrived.request.command_id,
      {own.seq, own.version, turn.now, turn.mac, stream.name, std::move(warnings)}, own.ticket);
  one.caller = std::move(turn.arrived.caller);
  one.appended_at = options_.clock->SinceBoot();
  appended_at_ = one.appended_at;
  tail_.reset();
  if (!options_.protocol.answer_after_fold) Answer(std::exchange(one.caller, {}), OwnReceipt(own));
  writer_->Append(std::move(encoded.record),
                  [this, handle = handle_](absl::StatusOr<journal::Offset> offset) {
                    inbox_.Push({handle, std::move(offset)});
                  });
}

void PartitionActor::RebuildSpeculation(StreamEntry& stream) {
  std::vector<const OwnDecision*> of_stream;
  for (const InFlight& one : in_flight_) {
    if (one.own.stream == &stream) of_stream.push_back(&one.own);
  }
  book_.Respeculate(stream, of_stream);
}

// --- Answering.

// An answer that changes nothing holds when the history that it was decided on is accepted.
void PartitionActor::AnswerWhenTrue(Turn& turn, CommandAnswer answer) {
  const std::uint64_t ticket = turn.tenant->last_ticket;
  if (ticket != 0 && options_.protocol.refuse_on_accepted) {
    const std::uint64_t oldest = next_ticket_ - in_flight_.size();
    in_flight_[ticket - oldest].waiting.push_back(
        {std::move(turn.arrived.caller), std::move(answer)});
    return;
  }
  if (phase_ == Phase::kServing && !Sure()) answer = OwnerUnsure();
  Answer(std::move(turn.arrived.caller), std::move(answer));
}

// What the one who asked first is told.
type::v1::Receipt PartitionActor::OwnReceipt(const OwnDecision& own) const {
  type::v1::Receipt receipt = ReceiptOf(own.tenant->commands.At(own.command).receipt);
  receipt.clear_repeated();
  return receipt;
}

type::v1::Receipt PartitionActor::ReceiptOf(const FirstReceipt& first) const {
  type::v1::Receipt receipt;
  receipt.set_stream(first.stream);
  receipt.set_version(first.version);
  receipt.mutable_position()->set_context(options_.partition.context);
  receipt.mutable_position()->set_seq(first.seq);
  for (const std::string& warning : first.warnings) receipt.add_warnings(warning);
  receipt.set_repeated(true);
  return receipt;
}

absl::CivilDay PartitionActor::Today(absl::Time now) {
  if (now >= day_ends_ || now < day_begins_) {
    day_ = LondonDay(now);
    day_begins_ = LondonMidnight(day_);
    day_ends_ = LondonMidnight(day_ + 1);
  }
  return day_;
}

}  // namespace holdfast::eventsourcing
