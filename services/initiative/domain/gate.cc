#include "initiative/domain/gate.h"

#include <algorithm>

#include "base/day.h"
#include "initiative/domain/zone.h"

namespace holdfast::initiative {
namespace {

using Outcome = v1::CriterionResult;

// Whether `a` is weighed before `b`: observed later, or recorded later of the same day.
bool Outweighs(const v1::Evidence& a, const v1::Evidence& b) {
  const absl::CivilDay day_a = ToDay(a.observed_on());
  const absl::CivilDay day_b = ToDay(b.observed_on());
  return day_a != day_b ? day_a > day_b : a.number() > b.number();
}

Outcome::Outcome Weigh(const v1::GateCriterion& row, const v1::Evidence& evidence,
                       absl::CivilDay day) {
  if (row.max_age_days() > 0 && day - ToDay(evidence.observed_on()) > row.max_age_days())
    return Outcome::TOO_OLD;
  if (row.operator_() == v1::GateCriterion::OPERATOR_UNSPECIFIED) return Outcome::MET;
  if (!evidence.has_value()) return Outcome::VALUE_MISSING;
  const bool met = row.operator_() == v1::GateCriterion::AT_LEAST
                       ? evidence.value() >= row.threshold()
                       : evidence.value() <= row.threshold();
  return met ? Outcome::MET : Outcome::VALUE_NOT_ENOUGH;
}

void WeighEvidence(const v1::GateCriterion& row, std::string_view zone, absl::CivilDay day,
                   const GateFacts& facts, v1::CriterionResult& result) {
  const v1::Evidence* best = nullptr;
  bool later = false;
  for (const v1::Evidence* evidence : facts.evidence) {
    if (evidence->criterion() != row.id()) continue;
    if (!evidence->zone().empty() && !SameZone(evidence->zone(), zone)) continue;
    if (ToDay(evidence->observed_on()) > day) {
      later = true;
    } else if (best == nullptr || Outweighs(*evidence, *best)) {
      best = evidence;
    }
  }
  if (best == nullptr) {
    result.set_outcome(later ? Outcome::AFTER_THE_DAY : Outcome::NOTHING_RECORDED);
    return;
  }
  result.set_evidence(best->number());
  result.set_outcome(Weigh(row, *best, day));
}

Outcome::Outcome MetIf(bool met) {
  return met ? Outcome::MET : Outcome::NOTHING_RECORDED;
}

}  // namespace

std::vector<v1::CriterionResult> EvaluateGate(
    const google::protobuf::RepeatedPtrField<v1::GateCriterion>& rows, v1::Phase::Code phase,
    std::string_view zone, absl::CivilDay day, const GateFacts& facts) {
  std::vector<v1::CriterionResult> results;
  for (const v1::GateCriterion& row : rows) {
    if (row.gate() != phase) continue;
    v1::CriterionResult result;
    result.set_criterion(row.id());
    result.set_level(row.level());
    if (row.kind() == v1::GateCriterion::BOUNDARY) {
      result.set_outcome(MetIf(facts.has_boundary));
    } else if (row.kind() == v1::GateCriterion::BRAND) {
      result.set_outcome(MetIf(facts.has_brand));
    } else if (row.kind() == v1::GateCriterion::SPONSOR) {
      result.set_outcome(
          MetIf(std::ranges::find(facts.sponsors, row.duty()) != facts.sponsors.end()));
    } else {
      WeighEvidence(row, zone, day, facts, result);
    }
    results.push_back(std::move(result));
  }
  return results;
}

std::vector<std::string> MissingOf(const std::vector<v1::CriterionResult>& results) {
  std::vector<std::string> missing;
  for (const v1::CriterionResult& result : results) {
    if (result.level() == v1::GateCriterion::HARD && result.outcome() != Outcome::MET)
      missing.push_back(result.criterion());
  }
  return missing;
}

bool HasUnmetWarnings(const std::vector<v1::CriterionResult>& results) {
  return std::ranges::any_of(results, [](const v1::CriterionResult& result) {
    return result.level() == v1::GateCriterion::WARNING && result.outcome() != Outcome::MET;
  });
}

std::string_view OutcomeInWords(v1::CriterionResult::Outcome outcome) {
  if (outcome == Outcome::MET) return "met";
  if (outcome == Outcome::TOO_OLD)
    return "what is recorded is too old on the first day of the phase";
  if (outcome == Outcome::AFTER_THE_DAY)
    return "what is recorded was observed after the first day of the phase";
  if (outcome == Outcome::VALUE_MISSING) return "what is recorded has no value to compare";
  if (outcome == Outcome::VALUE_NOT_ENOUGH)
    return "the recorded value does not reach the threshold";
  return "nothing is recorded";
}

}  // namespace holdfast::initiative
