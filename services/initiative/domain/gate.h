// How a gate stands: criteria against what is known of a site, for a phase that begins on one day.
//
// Pure, and the same for the rule (which reads the state), the query (which reads the rows) and a
// test.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "holdfast/initiative/v1/site.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "absl/time/civil_time.h"

namespace holdfast::initiative {

// The criterion that metrics' BaselineLocked speaks for. The one criterion with a meaning beyond
// its row: CLEAR opened without it makes every later baseline retrospective.
inline constexpr std::string_view kBaselineCriterion = "baseline-locked";

// Days, after the day for which it was evaluated, on which a phase may open on a pass.
inline constexpr int kPassHoldsDays = 28;

// What a gate looks at. Borrows everything.
struct GateFacts {
  std::vector<const v1::Evidence*> evidence;  // not withdrawn
  bool has_boundary = false;
  bool has_brand = false;
  std::vector<type::v1::Duty::Code> sponsors;  // duties of the sponsors named
};

// One result for each criterion of the gate of `phase`, in the order of the rows. Of several pieces
// of evidence the one observed last up to `day` is weighed; its age counts to `day`, so a past
// phase is judged by what was known then.
std::vector<v1::CriterionResult> EvaluateGate(
    const google::protobuf::RepeatedPtrField<v1::GateCriterion>& rows, v1::Phase::Code phase,
    std::string_view zone, absl::CivilDay day, const GateFacts& facts);

// Ids of the HARD criteria that are not met.
std::vector<std::string> MissingOf(const std::vector<v1::CriterionResult>& results);
bool HasUnmetWarnings(const std::vector<v1::CriterionResult>& results);

// "nothing is recorded", "it is older than it may be" …: after the criterion's title, a sentence.
std::string_view OutcomeInWords(v1::CriterionResult::Outcome outcome);

}  // namespace holdfast::initiative
