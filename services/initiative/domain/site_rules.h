// What the rules of a site share among its files.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/civil_time.h"
#include "base/day.h"
#include "initiative/domain/gate.h"
#include "initiative/domain/site.h"

namespace holdfast::initiative {

// Why nothing can be done at a site that does not exist, or no longer.
tl::unexpected<Refused<v1::Refusal::Code>> NotOpen(const v1::SiteState& now);

// The day that a command names, else today.
template <class Command>
absl::CivilDay DayOr(bool named, const Command& day, const DecisionContext& context) {
  return named ? ToDay(day) : context.today;
}

// The code in the receipt and its name on the wire.
std::string WarningName(v1::Warning::Code code);

// The boundary of a command: the fact, or why not. Used by CreateSite and SetBoundary.
tl::expected<v1::BoundarySet, Refused<v1::Refusal::Code>> DecideBoundary(
    const google::protobuf::RepeatedPtrField<v1::BoundaryArea>& areas,
    const v1::BoundaryResolved& resolved);
void ResolveBoundary(const google::protobuf::RepeatedPtrField<v1::BoundaryArea>& areas,
                     v1::BoundaryResolved& resolved, const Neighbours& neighbours);

// What a rule reads from stream reference/gate-criteria.
void ResolveCriteria(v1::CriteriaResolved& resolved, const Neighbours& neighbours);

// A gate evaluated on the state of the site.
struct Judgement {
  v1::GateEvaluated evaluated;
  std::vector<std::string> missing;
  bool unmet_warnings = false;
  bool unverified = false;
};

// CRITERIA_MISSING where no criteria are in force on that day.
tl::expected<Judgement, Refused<v1::Refusal::Code>> Judge(
    const v1::SiteState& now, v1::Phase::Code phase, const std::string& zone, absl::CivilDay day,
    const v1::CriteriaResolved& resolved, std::string_view requested_by);
// GatePassed or GateFailed, after its GateEvaluated.
void AddJudgement(const Judgement& judgement, Facts<Site::Event, v1::Refusal::Code>& facts);
// One reason for each criterion that is missing, in the words of its row.
Refused<v1::Refusal::Code> WhatIsMissing(const Judgement& judgement,
                                         const v1::CriteriaResolved& resolved);

// Whether an episode of the same phase in the same zone, other than `except`, takes any of these
// days. An open one takes every day from its first; a phase may begin on the day on which the one
// before it ended.
//   to   null: open
bool Overlaps(const v1::SiteState& now, v1::Phase::Code phase, std::string_view zone,
              absl::CivilDay from, const absl::CivilDay* to, std::uint32_t except = 0);

const v1::SiteState::Evaluation* LatestEvaluation(const v1::SiteState& now, v1::Phase::Code phase,
                                                  std::string_view zone);

}  // namespace holdfast::initiative
