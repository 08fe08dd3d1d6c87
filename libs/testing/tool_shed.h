// The deciders of the tool shed: the small world in which tests of the engine happen.
//
//   tool     (nothing) --Register--> in the shed --Lend--> out --Return--> in the shed; overdue by
//   timer member   (nothing) --Enrol--> enrolled --Suspend--> suspended ledger   counts a member's
//   loans, in another context, told by the reactor `note-loans`
//
// Pure, like every decider.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "holdfast/testing/v1/events.pb.h"
#include "holdfast/testing/v1/shed.pb.h"
#include "holdfast/testing/v1/state.pb.h"

#include "eventsourcing/decider.h"
#include "eventsourcing/event_meta.h"
#include "eventsourcing/reactor.h"

namespace holdfast::testing {

struct Tool {
  static constexpr std::string_view kStream = "tool";
  using State = v1::ToolState;
  using Command = std::variant<v1::RegisterTool, v1::LendTool, v1::ReturnTool, v1::NoteOverdue>;
  using Event = std::variant<v1::ToolRegistered, v1::ToolLent, v1::ToolReturned, v1::LoanOverdue>;
  using Refusal = v1::Refusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  static Decision Decide(const State& now, const v1::RegisterTool& command, const DecisionContext&);
  static Decision Decide(const State& now, const v1::LendTool& command,
                         const DecisionContext& context);
  static Decision Decide(const State& now, const v1::ReturnTool& command, const DecisionContext&);
  static Decision Decide(const State& now, const v1::NoteOverdue& command, const DecisionContext&);

  static void Evolve(State& state, const v1::ToolRegistered& event);
  static void Evolve(State& state, const v1::ToolLent& event);
  static void Evolve(State& state, const v1::ToolReturned& event);
  static void Evolve(State& state, const v1::LoanOverdue& event);

  // What the rule of lending reads: the member, and how many tools the member has.
  static void Resolve(v1::LendTool& command, const Neighbours& neighbours);
  template <class Other>
  static void Resolve(Other&, const Neighbours&) {}
  // "overdue" when a tool is not back in time.
  static std::vector<DueAt> Due(const State& state);
  static std::optional<Command> OnDue(const State& state, const DueAt& due);
  // The label is unique; `out:<member>` finds a member's tools.
  static std::vector<std::string> Tags(const State& state);
};
static_assert(Decider<Tool>);

struct Member {
  static constexpr std::string_view kStream = "member";
  using State = v1::MemberState;
  using Command = std::variant<v1::EnrolMember, v1::SuspendMember>;
  using Event = std::variant<v1::MemberEnrolled, v1::MemberSuspended>;
  using Refusal = v1::Refusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  static Decision Decide(const State& now, const v1::EnrolMember& command, const DecisionContext&);
  static Decision Decide(const State& now, const v1::SuspendMember& command,
                         const DecisionContext&);
  static void Evolve(State& state, const v1::MemberEnrolled& event);
  static void Evolve(State& state, const v1::MemberSuspended& event);
};
static_assert(Decider<Member>);

struct Ledger {
  static constexpr std::string_view kStream = "ledger";
  using State = v1::LedgerState;
  using Command = std::variant<v1::NoteLoan, v1::NoteVisit, v1::CloseLedger>;
  using Event = std::variant<v1::LoanNoted, v1::VisitNoted, v1::LedgerClosed>;
  using Refusal = v1::Refusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  static Decision Decide(const State& now, const v1::NoteLoan& command, const DecisionContext&);
  static Decision Decide(const State& now, const v1::NoteVisit& command, const DecisionContext&);
  static Decision Decide(const State& now, const v1::CloseLedger& command, const DecisionContext&);
  static void Evolve(State& state, const v1::LoanNoted& event);
  static void Evolve(State&, const v1::VisitNoted&) {}
  static void Evolve(State& state, const v1::LedgerClosed& event);
};
static_assert(Decider<Ledger>);

// Tells the ledger of each loan.
struct NoteLoans {
  static constexpr std::string_view kReactor = "note-loans";
  using Event = std::variant<v1::ToolLent>;
  static std::vector<eventsourcing::Reaction> React(const v1::ToolLent& event,
                                                    const EventMeta& meta);
};
static_assert(eventsourcing::Reactor<NoteLoans>);

}  // namespace holdfast::testing
