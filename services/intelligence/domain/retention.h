// When a record of a person must be reviewed or disposed of.
//
//   recorded, contact, retained by review --clear period--> review | disposal
//                     ^ each one begins it anew               | a legal hold puts it off
//
// The rule of a clear period is the one in force on the day on which the period began: a rule that
// changes in the middle counts from the next beginning. Source: College of Policing, APP
// Information management, retention, review and disposal; the rows are reference data.
// Pure: no clock, no I/O, no randomness.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "holdfast/intelligence/v1/retention.pb.h"

#include "absl/time/civil_time.h"

namespace holdfast::intelligence {

struct RetentionDue {
  enum class Action : std::uint8_t {
    kReview,
    kDispose,
    kHeld,    // neither, while a legal hold lasts
    kNoRule,  // none was in force on the day on which the period began: a person decides
  };
  Action action = Action::kNoRule;
  // From this day on it is due; kHeld: it would have been; kNoRule: the day without a rule.
  absl::CivilDay on;
  const v1::RetentionRule* rule = nullptr;  // of `rules`; null for kNoRule
  bool operator==(const RetentionDue& other) const {
    return action == other.action && on == other.on;
  }
};

// What is next for a record with this history. A period of n years that began on 29 February ends
// on 1 March where there is no such day: never early.
RetentionDue NextRetention(const v1::RetentionHistory& history, const v1::RetentionRules& rules);

// The rule for group and offence on that day; null where there is none.
const v1::RetentionRule* RetentionRuleOn(const v1::RetentionRules& rules,
                                         v1::RetentionGroup::Code group, const std::string& offence,
                                         absl::CivilDay day);

}  // namespace holdfast::intelligence
