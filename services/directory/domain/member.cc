#include "directory/domain/member.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "directory/domain/agency.h"
#include "directory/domain/member_rules.h"
#include "directory/domain/same.h"

namespace holdfast::directory {
namespace {

using Refusal = v1::Refusal;
using State = v1::MemberState;

constexpr char kAdministrator[] = "administrator";

// Everybody else who administers for good.
template <class Command>
void CountAdministrators(Command& command, const Neighbours& neighbours) {
  std::uint32_t others = 0;
  for (const std::string& id : neighbours.Holding(Member::kStream, kAdministrator)) {
    if (id != command.member_id()) ++others;
  }
  command.mutable_resolved()->set_other_administrators(others);
}

v1::MemberEnrolled EnrolledBy(const v1::EnrolMember& command, const DecisionContext& context) {
  v1::MemberEnrolled enrolled;
  enrolled.set_member_id(std::string(context.stream_id));
  enrolled.set_agency(command.agency());
  enrolled.set_subject_mac(command.subject_mac());
  if (command.has_name()) {
    *enrolled.mutable_name() = command.name();
    *enrolled.mutable_label() = LabelFor(command.agency());
  }
  return enrolled;
}

}  // namespace

std::string Member::SubjectTag(std::string_view subject_mac) {
  return absl::StrCat("subject:", absl::BytesToHexString(
                                      absl::string_view(subject_mac.data(), subject_mac.size())));
}

Member::Decision Member::Decide(const State& now, const v1::EnrolMember& command,
                                const DecisionContext& context) {
  if (command.agency().empty()) return Refuse(Refusal::REQUIRED, "agency");
  if (command.subject_mac().empty()) return Refuse(Refusal::REQUIRED, "subject_mac");
  if (IsMember(now) && now.agency() == command.agency() &&
      now.subject_mac() == command.subject_mac())
    return {};
  if (now.life() != State::LIFE_UNSPECIFIED)
    return Refuse(Refusal::WRONG_STATE, "member_id", "an id that no member has had");
  if (!command.resolved().unknown().empty()) return Refuse(Refusal::AGENCY_UNKNOWN, "agency");
  Facts<Event, Refusal::Code> facts(EnrolledBy(command, context));
  facts.Unless(SubjectTag(command.subject_mac()), Refusal::SUBJECT_TAKEN, "subject_mac");
  return facts;
}

Member::Decision Member::Decide(const State& now, const v1::SuspendMember& command,
                                const DecisionContext&) {
  if (now.life() == State::SUSPENDED) return {};
  if (now.life() != State::ACTIVE) return NotAMember(now);
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  if (auto last = LastAdministrator(now, command.resolved())) return *std::move(last);
  v1::MemberSuspended suspended;
  suspended.set_reason(command.reason());
  return suspended;
}

Member::Decision Member::Decide(const State& now, const v1::ResumeMember& command,
                                const DecisionContext& context) {
  if (now.life() == State::ACTIVE) return {};
  if (now.life() != State::SUSPENDED) return NotAMember(now);
  if (auto self = SelfGrant(context)) return *std::move(self);
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  v1::MemberResumed resumed;
  resumed.set_reason(command.reason());
  return resumed;
}

Member::Decision Member::Decide(const State& now, const v1::RecordDeparture& command,
                                const DecisionContext&) {
  if (now.life() == State::LEFT) return {};
  if (!IsMember(now)) return NotAMember(now);
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  if (auto last = LastAdministrator(now, command.resolved())) return *std::move(last);
  v1::MemberLeft left;
  left.set_reason(command.reason());
  return left;
}

Member::Decision Member::Decide(const State& now, const v1::CorrectMember& command,
                                const DecisionContext& context) {
  if (!IsMember(now)) return NotAMember(now);
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  if (command.agency().empty() == !command.has_name())
    return Refuse(Refusal::REQUIRED, "agency", "the agency or the name, one at a time");
  v1::MemberCorrected corrected;
  corrected.set_member_id(std::string(context.stream_id));
  corrected.set_reason(command.reason());
  if (command.has_name()) {
    corrected.set_field("name");
    *corrected.mutable_name() = command.name();
    *corrected.mutable_label() = LabelFor(now.agency());
    return corrected;
  }
  // Whose data a member opens follows from the agency.
  if (auto self = SelfGrant(context)) return *std::move(self);
  if (command.agency() == now.agency()) return {};
  if (!command.resolved().unknown().empty()) return Refuse(Refusal::AGENCY_UNKNOWN, "agency");
  corrected.set_field("agency");
  corrected.set_agency(command.agency());
  return corrected;
}

void Member::Resolve(v1::EnrolMember& command, const Neighbours& neighbours) {
  command.mutable_resolved()->Clear();
  Agency::Look(command.agency(), neighbours, *command.mutable_resolved());
}

void Member::Resolve(v1::CorrectMember& command, const Neighbours& neighbours) {
  command.mutable_resolved()->Clear();
  if (!command.agency().empty())
    Agency::Look(command.agency(), neighbours, *command.mutable_resolved());
}

void Member::Resolve(v1::GrantRole& command, const Neighbours& neighbours) {
  CountAdministrators(command, neighbours);
}
void Member::Resolve(v1::RevokeRole& command, const Neighbours& neighbours) {
  CountAdministrators(command, neighbours);
}
void Member::Resolve(v1::SuspendMember& command, const Neighbours& neighbours) {
  CountAdministrators(command, neighbours);
}
void Member::Resolve(v1::RecordDeparture& command, const Neighbours& neighbours) {
  CountAdministrators(command, neighbours);
}

void Member::Evolve(State& state, const v1::MemberEnrolled& event) {
  state.set_life(State::ACTIVE);
  state.set_agency(event.agency());
  state.set_subject_mac(event.subject_mac());
}

void Member::Evolve(State& state, const v1::MemberSuspended&) {
  state.set_life(State::SUSPENDED);
}

void Member::Evolve(State& state, const v1::MemberResumed&) {
  state.set_life(State::ACTIVE);
}

void Member::Evolve(State& state, const v1::MemberLeft&) {
  state.set_life(State::LEFT);
}

void Member::Evolve(State& state, const v1::MemberCorrected& event) {
  if (!event.agency().empty()) state.set_agency(event.agency());
}

std::vector<std::string> Member::Tags(const State& state) {
  if (!IsMember(state)) return {};
  std::vector<std::string> tags = {SubjectTag(state.subject_mac()), Agency::TagOf(state.agency())};
  if (AdministersForGood(state)) tags.emplace_back(kAdministrator);
  return tags;
}

}  // namespace holdfast::directory
