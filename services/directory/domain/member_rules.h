// What the rules of a member share.
#pragma once

#include <algorithm>
#include <optional>

#include "directory/domain/member.h"

namespace holdfast::directory {

inline tl::unexpected<Refused<v1::Refusal::Code>> NotAMember(const v1::MemberState& now) {
  if (now.life() == v1::MemberState::SUSPENDED)
    return Refuse(v1::Refusal::WRONG_STATE, "member_id", "a member who is not suspended");
  return Refuse(v1::Refusal::WRONG_STATE, "member_id", "a member who is enrolled and has not left");
}

inline bool IsMember(const v1::MemberState& now) {
  return now.life() == v1::MemberState::ACTIVE || now.life() == v1::MemberState::SUSPENDED;
}

// Nobody changes their own rights.
inline std::optional<Member::Decision> SelfGrant(const DecisionContext& context) {
  if (context.actor != context.stream_id) return std::nullopt;
  return Refuse(v1::Refusal::SELF_GRANT, "member_id");
}

// Active, and for as long as nobody revokes it: whom a tenant may rely on.
inline bool AdministersForGood(const v1::MemberState& now) {
  return now.life() == v1::MemberState::ACTIVE &&
         std::ranges::any_of(now.roles(), [](const v1::MemberState::Role& role) {
           return role.role() == options::v1::Role::ADMINISTRATOR && !role.has_until();
         });
}

// Whether the tenant would be left without an administrator by the loss of this one.
inline std::optional<Member::Decision> LastAdministrator(const v1::MemberState& now,
                                                         const v1::MemberResolved& resolved) {
  if (!AdministersForGood(now) || resolved.other_administrators() > 0) return std::nullopt;
  return Refuse(v1::Refusal::LAST_ADMINISTRATOR, "member_id");
}

}  // namespace holdfast::directory
