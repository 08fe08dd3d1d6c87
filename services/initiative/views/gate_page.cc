#include "initiative/views/gate_page.h"

#include <algorithm>
#include <vector>

#include "initiative/domain/gate.h"
#include "initiative/domain/in_force.h"
#include "initiative/domain/zone.h"

namespace holdfast::initiative {
namespace {

GateFacts FactsOf(const v1::SitePage& site) {
  GateFacts facts;
  for (const v1::RecordedEvidence& recorded : site.evidence()) {
    if (!recorded.withdrawn()) facts.evidence.push_back(&recorded.evidence());
  }
  for (const v1::Sponsor& sponsor : site.sponsors()) facts.sponsors.push_back(sponsor.duty());
  facts.has_boundary = !site.codes().empty();
  facts.has_brand = !site.brand().empty();
  return facts;
}

void AddOverrides(const v1::SitePage& site, v1::Phase::Code phase, absl::CivilDay today,
                  v1::GetGateResponse& page) {
  for (const v1::GateOverride& override_of : site.overrides()) {
    if (override_of.phase() == phase && SameZone(override_of.zone(), page.zone()) &&
        !override_of.ended() && ToDay(override_of.until()) >= today)
      *page.add_overrides() = override_of;
  }
}

// The number of an override in force for this criterion, 0 where there is none.
std::uint32_t OverrideOf(const v1::GetGateResponse& page, const std::string& criterion) {
  for (const v1::GateOverride& override_of : page.overrides()) {
    if (std::ranges::find(override_of.criteria(), criterion) != override_of.criteria().end())
      return override_of.number();
  }
  return 0;
}

v1::GetGateResponse::Line LineOf(const v1::SitePage& site, const v1::GetGateResponse& page,
                                 const v1::GateCriterion& row, const v1::CriterionResult& result) {
  v1::GetGateResponse::Line line;
  *line.mutable_criterion() = row;
  line.set_outcome(result.outcome());
  line.set_override(OverrideOf(page, result.criterion()));
  for (const v1::RecordedEvidence& recorded : site.evidence()) {
    if (result.evidence() != 0 && recorded.evidence().number() == result.evidence())
      *line.mutable_evidence() = recorded.evidence();
  }
  return line;
}

// As OpenPhase asks: one override must cover every criterion that is missing.
bool Covered(const v1::GetGateResponse& page) {
  return std::ranges::any_of(page.overrides(), [&](const v1::GateOverride& override_of) {
    return std::ranges::all_of(page.missing(), [&](const v1::GetGateResponse::Line& line) {
      return std::ranges::find(override_of.criteria(), line.criterion().id()) !=
             override_of.criteria().end();
    });
  });
}

void AddLast(const v1::SitePage& site, v1::Phase::Code phase, v1::GetGateResponse& page) {
  for (const v1::GateEvaluation& gate : site.gates()) {
    if (gate.phase() == phase && SameZone(gate.zone(), page.zone()) &&
        gate.number() > page.last().number())
      *page.mutable_last() = gate;
  }
}

}  // namespace

v1::GetGateResponse GatePage(const v1::SitePage& site, const v1::ReferenceSet& criteria,
                             v1::Phase::Code phase, const std::string& zone, absl::CivilDay day,
                             absl::CivilDay today) {
  v1::GetGateResponse page;
  page.set_zone(ZoneOf(zone));
  *page.mutable_for_day() = ToMessage(day);
  AddOverrides(site, phase, today, page);
  AddLast(site, phase, page);
  const v1::GateCriteria* in_force = InForceOn(criteria.criteria(), day);
  if (in_force == nullptr) {
    page.set_answer(v1::GetGateResponse::NO_CRITERIA);
    return page;
  }
  page.set_criteria_version(in_force->version());
  page.set_criteria_source(in_force->source());
  page.set_criteria_standing(in_force->standing());

  std::vector<const v1::GateCriterion*> rows;
  for (const v1::GateCriterion& row : in_force->rows()) {
    if (row.gate() == phase) rows.push_back(&row);
  }
  const std::vector<v1::CriterionResult> results =
      EvaluateGate(in_force->rows(), phase, page.zone(), day, FactsOf(site));
  for (std::size_t i = 0; i < results.size(); ++i) {
    const v1::GetGateResponse::Line line = LineOf(site, page, *rows[i], results[i]);
    if (line.outcome() == v1::CriterionResult::MET) {
      *page.add_met() = line;
    } else if (rows[i]->level() == v1::GateCriterion::HARD) {
      *page.add_missing() = line;
    } else {
      *page.add_warnings() = line;
    }
  }
  page.set_answer(page.missing().empty() ? v1::GetGateResponse::OPEN
                  : Covered(page)        ? v1::GetGateResponse::OPEN_BY_OVERRIDE
                                         : v1::GetGateResponse::SHUT);
  return page;
}

}  // namespace holdfast::initiative
