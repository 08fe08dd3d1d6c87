#include "testing/tool_shed.h"

#include <algorithm>
#include <utility>

#include "base/timestamps.h"

namespace holdfast::testing {
namespace {

constexpr absl::Duration kLongLoan = absl::Hours(24 * 28);

}  // namespace

Tool::Decision Tool::Decide(const State& now, const v1::RegisterTool& command,
                            const DecisionContext&) {
  if (command.label().empty()) return Refuse(Refusal::REQUIRED, "label", "must be given");
  if (now.label() == command.label()) return {};
  if (!now.label().empty()) return Refuse(Refusal::WRONG_STATE);
  v1::ToolRegistered registered;
  registered.set_label(command.label());
  if (command.has_donor()) {
    *registered.mutable_donor() = command.donor();
    registered.mutable_handling()->set_class_(options::v1::DataClass::COMMUNITY);
    registered.set_tool_id(command.tool_id());
  }
  holdfast::Facts<Event, Refusal::Code> facts(std::move(registered));
  facts.Unless("label:" + command.label(), Refusal::LABEL_TAKEN, "label");
  return facts;
}

Tool::Decision Tool::Decide(const State& now, const v1::LendTool& command,
                            const DecisionContext& context) {
  if (now.label().empty()) return Refuse(Refusal::WRONG_STATE);
  if (!now.lent_to().empty()) {
    if (now.lent_to() == command.member_id()) return {};
    return Refuse(Refusal::WRONG_STATE);
  }
  const v1::LendTool::Resolved& seen = command.resolved();
  if (!seen.enrolled()) return Refuse(Refusal::NOT_ENROLLED, "member_id", "must be enrolled");
  if (seen.suspended()) return Refuse(Refusal::SUSPENDED, "member_id");
  if (seen.tools_out() >= seen.limit()) return Refuse(Refusal::TOO_MANY_TOOLS, "member_id");
  v1::ToolLent lent;
  lent.set_member_id(command.member_id());
  *lent.mutable_due_at() = command.due_at();
  lent.set_tools_out(seen.tools_out());
  holdfast::Facts<Event, Refusal::Code> facts;
  if (ToTime(command.due_at()) - context.now > kLongLoan) {
    lent.add_warnings(v1::Warning::LONG_LOAN);
    facts.Warn("LONG_LOAN");
  }
  facts.Add(std::move(lent));
  return facts;
}

Tool::Decision Tool::Decide(const State& now, const v1::ReturnTool&, const DecisionContext&) {
  if (now.label().empty()) return Refuse(Refusal::WRONG_STATE);
  if (now.lent_to().empty()) return {};
  return v1::ToolReturned();
}

Tool::Decision Tool::Decide(const State& now, const v1::NoteOverdue& command,
                            const DecisionContext&) {
  if (now.lent_to().empty() || now.overdue() || ToTime(now.due_at()) != ToTime(command.due_at())) {
    return {};
  }
  v1::LoanOverdue overdue;
  *overdue.mutable_due_at() = now.due_at();
  return overdue;
}

void Tool::Evolve(State& state, const v1::ToolRegistered& event) {
  state.set_label(event.label());
}

void Tool::Evolve(State& state, const v1::ToolLent& event) {
  state.set_lent_to(event.member_id());
  *state.mutable_due_at() = event.due_at();
  state.set_overdue(false);
  state.set_loans(state.loans() + 1);
}

void Tool::Evolve(State& state, const v1::ToolReturned&) {
  state.clear_lent_to();
  state.clear_due_at();
  state.set_overdue(false);
}

void Tool::Evolve(State& state, const v1::LoanOverdue&) {
  state.set_overdue(true);
}

void Tool::Resolve(v1::LendTool& command, const Neighbours& neighbours) {
  v1::LendTool::Resolved& seen = *command.mutable_resolved();
  if (const Member::State* member = neighbours.Find<Member>(command.member_id())) {
    seen.set_enrolled(member->enrolled());
    seen.set_suspended(member->suspended());
    seen.set_limit(member->limit());
  }
  seen.set_tools_out(
      static_cast<std::uint32_t>(neighbours.Holding(kStream, "out:" + command.member_id()).size()));
}

std::vector<DueAt> Tool::Due(const State& state) {
  if (state.lent_to().empty() || state.overdue() || !state.has_due_at()) return {};
  return {{"overdue", ToTime(state.due_at())}};
}

std::optional<Tool::Command> Tool::OnDue(const State& state, const DueAt&) {
  v1::NoteOverdue note;
  *note.mutable_due_at() = state.due_at();
  return note;
}

std::vector<std::string> Tool::Tags(const State& state) {
  std::vector<std::string> tags;
  if (!state.label().empty()) tags.push_back("label:" + state.label());
  if (!state.lent_to().empty()) tags.push_back("out:" + state.lent_to());
  return tags;
}

Member::Decision Member::Decide(const State& now, const v1::EnrolMember& command,
                                const DecisionContext&) {
  if (now.suspended()) return Refuse(Refusal::SUSPENDED);
  if (now.enrolled() && now.limit() == command.limit()) return {};
  v1::MemberEnrolled enrolled;
  enrolled.set_limit(command.limit());
  return enrolled;
}

Member::Decision Member::Decide(const State& now, const v1::SuspendMember&,
                                const DecisionContext&) {
  if (!now.enrolled()) return Refuse(Refusal::NOT_ENROLLED);
  if (now.suspended()) return {};
  return v1::MemberSuspended();
}

void Member::Evolve(State& state, const v1::MemberEnrolled& event) {
  state.set_enrolled(true);
  state.set_limit(event.limit());
}

void Member::Evolve(State& state, const v1::MemberSuspended&) {
  state.set_suspended(true);
}

Ledger::Decision Ledger::Decide(const State& now, const v1::NoteLoan& command,
                                const DecisionContext&) {
  if (now.closed()) return Refuse(Refusal::LEDGER_CLOSED);
  if (command.tool_id() == "spare") return {};  // a tool that nobody counts
  v1::LoanNoted noted;
  noted.set_tool_id(command.tool_id());
  noted.set_shed_seq(command.shed_seq());
  return noted;
}

Ledger::Decision Ledger::Decide(const State& now, const v1::NoteVisit& command,
                                const DecisionContext&) {
  if (now.closed()) return Refuse(Refusal::LEDGER_CLOSED);
  v1::VisitNoted noted;
  noted.set_member_id(command.member_id());
  if (command.has_visitor()) *noted.mutable_visitor() = command.visitor();
  if (command.has_address()) *noted.mutable_address() = command.address();
  noted.mutable_handling()->set_class_(options::v1::DataClass::COMMUNITY);
  return noted;
}

Ledger::Decision Ledger::Decide(const State& now, const v1::CloseLedger&, const DecisionContext&) {
  if (now.closed()) return {};
  return v1::LedgerClosed();
}

void Ledger::Evolve(State& state, const v1::LoanNoted& event) {
  state.set_loans(state.loans() + 1);
  state.set_last_shed_seq(std::max(state.last_shed_seq(), event.shed_seq()));
}

void Ledger::Evolve(State& state, const v1::LedgerClosed&) {
  state.set_closed(true);
}

std::vector<eventsourcing::Reaction> NoteLoans::React(const v1::ToolLent& event,
                                                      const EventMeta& meta) {
  v1::NoteLoan note;
  note.set_member_id(event.member_id());
  note.set_tool_id(std::string(meta.stream_id));
  note.set_shed_seq(meta.seq);
  std::vector<eventsourcing::Reaction> reactions;
  reactions.push_back(eventsourcing::Reaction::Of(std::move(note)));
  return reactions;
}

}  // namespace holdfast::testing
