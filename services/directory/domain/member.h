// A member: one person's place in the partnership, and what it lets them do.
//
//   (nothing) --Enrol--> active <--Resume-- suspended
//                          └---Suspend--->      │
//                          └──────RecordDeparture┴──> left, for good
//
// The id is the pseudonym that commits carry, so an act of `id` on itself is seen here.
// The rules: member.cc (coming, going), member_rights.cc (what a member may do).
// Pure: no clock, no I/O, no randomness; a name is copied, never looked into.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "holdfast/directory/v1/administration.pb.h"
#include "holdfast/directory/v1/events.pb.h"
#include "holdfast/directory/v1/refusal.pb.h"
#include "holdfast/directory/v1/state.pb.h"

#include "eventsourcing/decider.h"

namespace holdfast::directory {

struct Member {
  static constexpr std::string_view kStream = "member";
  using State = v1::MemberState;
  using Command =
      std::variant<v1::EnrolMember, v1::GrantRole, v1::RevokeRole, v1::SetAreas, v1::SetClearance,
                   v1::JoinCompartment, v1::LeaveCompartment, v1::RecordTraining, v1::SuspendMember,
                   v1::ResumeMember, v1::RecordDeparture, v1::CorrectMember>;
  using Event = std::variant<v1::MemberEnrolled, v1::RoleGranted, v1::RoleRevoked, v1::AreasSet,
                             v1::ClearanceSet, v1::CompartmentProposed, v1::CompartmentJoined,
                             v1::CompartmentLeft, v1::TrainingRecorded, v1::MemberSuspended,
                             v1::MemberResumed, v1::MemberLeft, v1::MemberCorrected>;
  using Refusal = v1::Refusal;
  using Decision = holdfast::Decision<Event, Refusal::Code>;

  // member.cc
  static Decision Decide(const State&, const v1::EnrolMember&, const DecisionContext&);
  static Decision Decide(const State&, const v1::SuspendMember&, const DecisionContext&);
  static Decision Decide(const State&, const v1::ResumeMember&, const DecisionContext&);
  static Decision Decide(const State&, const v1::RecordDeparture&, const DecisionContext&);
  static Decision Decide(const State&, const v1::CorrectMember&, const DecisionContext&);
  // member_rights.cc
  static Decision Decide(const State&, const v1::GrantRole&, const DecisionContext&);
  static Decision Decide(const State&, const v1::RevokeRole&, const DecisionContext&);
  static Decision Decide(const State&, const v1::SetAreas&, const DecisionContext&);
  static Decision Decide(const State&, const v1::SetClearance&, const DecisionContext&);
  static Decision Decide(const State&, const v1::JoinCompartment&, const DecisionContext&);
  static Decision Decide(const State&, const v1::LeaveCompartment&, const DecisionContext&);
  static Decision Decide(const State&, const v1::RecordTraining&, const DecisionContext&);

  static void Evolve(State&, const v1::MemberEnrolled&);
  static void Evolve(State&, const v1::RoleGranted&);
  static void Evolve(State&, const v1::RoleRevoked&);
  static void Evolve(State&, const v1::AreasSet&);
  static void Evolve(State&, const v1::ClearanceSet&);
  static void Evolve(State&, const v1::CompartmentProposed&);
  static void Evolve(State&, const v1::CompartmentJoined&);
  static void Evolve(State&, const v1::CompartmentLeft&);
  static void Evolve(State&, const v1::TrainingRecorded&);
  static void Evolve(State&, const v1::MemberSuspended&);
  static void Evolve(State&, const v1::MemberResumed&);
  static void Evolve(State&, const v1::MemberLeft&);
  static void Evolve(State&, const v1::MemberCorrected&);

  // What the rules read from agency/* and the other member/*.
  static void Resolve(v1::EnrolMember&, const Neighbours&);
  static void Resolve(v1::CorrectMember&, const Neighbours&);
  static void Resolve(v1::GrantRole&, const Neighbours&);
  static void Resolve(v1::RevokeRole&, const Neighbours&);
  static void Resolve(v1::SuspendMember&, const Neighbours&);
  static void Resolve(v1::RecordDeparture&, const Neighbours&);

  // The sign-in, which no other member or client has; the agency; an administrator without an end.
  static std::vector<std::string> Tags(const State&);
  // The tag of a sign-in.
  static std::string SubjectTag(std::string_view subject_mac);
};
static_assert(Decider<Member>);

}  // namespace holdfast::directory
