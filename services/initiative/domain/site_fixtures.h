// Sites as the sentences of the tests know them. Functions, not globals.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "base/day.h"
#include "initiative/domain/reference.h"
#include "initiative/domain/site.h"
#include "initiative/domain/team.h"
#include "testing/scenario.h"

namespace holdfast::initiative {

using holdfast::testing::Text;

inline constexpr char kSiteId[] = "01900000-0000-7000-8000-000000000001";

inline type::v1::Day On(int year, int month, int day) {
  return ToMessage(absl::CivilDay(year, month, day));
}

// Created on Monday 2 March 2026, the day on which the sentences play.
inline v1::SiteCreated MillLaneCreated() {
  return Text(R"pb(name: "Mill Lane"
                   created_on: { year: 2026 month: 3 day: 2 }
                   site_id: "01900000-0000-7000-8000-000000000001")pb");
}

inline v1::AgencySignedUp CouncilSignedUp() {
  return Text(R"pb(agency: "westmoor-council"
                   type: COUNCIL
                   signed_on: { year: 2026 month: 3 day: 2 })pb");
}

inline v1::AgencySignedUp PoliceSignedUp() {
  return Text(R"pb(agency: "westmoor-police"
                   type: POLICE
                   signed_on: { year: 2026 month: 3 day: 2 })pb");
}

inline v1::GateCriterion Criterion(const std::string& id, v1::Phase::Code gate,
                                   v1::GateCriterion::Level level) {
  v1::GateCriterion row;
  row.set_id(id);
  row.set_gate(gate);
  row.set_level(level);
  row.set_kind(v1::GateCriterion::EVIDENCE);
  row.set_title(absl::StrCat("The ", id));
  row.set_remedy("Supply it.");
  return row;
}

// CLEAR asks for a baseline and a Hold plan of the last 100 days, and advises a survey of at least
// 100 answers; HOLD asks for nothing but advises a patrol plan.
inline v1::GateCriteriaPublished CriteriaPublished() {
  v1::GateCriteriaPublished published;
  v1::GateCriteria& criteria = *published.mutable_criteria();
  criteria.set_version(1);
  *criteria.mutable_valid_from() = On(2010, 1, 1);
  criteria.set_source("a test");
  criteria.set_standing(v1::Standing::VERIFIED);
  *criteria.add_rows() = Criterion("baseline-locked", v1::Phase::CLEAR, v1::GateCriterion::HARD);
  v1::GateCriterion plan = Criterion("hold-plan", v1::Phase::CLEAR, v1::GateCriterion::HARD);
  plan.set_max_age_days(100);
  *criteria.add_rows() = plan;
  v1::GateCriterion survey = Criterion("survey", v1::Phase::CLEAR, v1::GateCriterion::WARNING);
  survey.set_operator_(v1::GateCriterion::AT_LEAST);
  survey.set_threshold(100);
  survey.set_unit("answers");
  *criteria.add_rows() = survey;
  *criteria.add_rows() = Criterion("patrol-plan", v1::Phase::HOLD, v1::GateCriterion::WARNING);
  return published;
}

inline v1::EvidenceRecorded Recorded(std::uint32_t number, const std::string& criterion,
                                     const type::v1::Day& observed_on) {
  v1::EvidenceRecorded recorded;
  v1::Evidence& evidence = *recorded.mutable_evidence();
  evidence.set_number(number);
  evidence.set_criterion(criterion);
  evidence.mutable_ref()->set_system("files");
  evidence.mutable_ref()->set_id(absl::StrCat("paper-", number));
  *evidence.mutable_observed_on() = observed_on;
  return recorded;
}

inline v1::EvidenceRecorded BaselineRecorded() {
  return Recorded(1, "baseline-locked", On(2026, 1, 31));
}
inline v1::EvidenceRecorded HoldPlanRecorded() {
  return Recorded(2, "hold-plan", On(2026, 2, 1));
}

inline v1::OpenPhase Open(v1::Phase::Code phase, const std::string& zone = "") {
  v1::OpenPhase command;
  command.set_site_id(kSiteId);
  command.set_phase(phase);
  command.set_zone(zone);
  return command;
}

inline v1::PhaseOpened Opened(std::uint32_t episode, v1::Phase::Code phase,
                              const type::v1::Day& opened_on, const std::string& zone = "site") {
  v1::PhaseOpened opened;
  opened.set_episode(episode);
  opened.set_phase(phase);
  opened.set_zone(zone);
  *opened.mutable_opened_on() = opened_on;
  return opened;
}

inline v1::PhaseClosed Closed(std::uint32_t episode, v1::Phase::Code phase,
                              const type::v1::Day& closed_on, const std::string& zone = "site") {
  v1::PhaseClosed closed;
  closed.set_episode(episode);
  closed.set_phase(phase);
  closed.set_zone(zone);
  *closed.mutable_closed_on() = closed_on;
  return closed;
}

inline v1::OfficerAppointed Appointed(type::v1::Duty::Code duty, const std::string& holder) {
  v1::OfficerAppointed appointed;
  appointed.set_site_id(kSiteId);
  appointed.set_duty(duty);
  appointed.set_holder_ref(holder);
  appointed.set_agency("westmoor-police");
  *appointed.mutable_appointed_on() = On(2026, 1, 1);
  return appointed;
}

// Whether the receipt would carry this warning.
inline bool Warns(const eventsourcing::ErasedDecision& decision, v1::Warning::Code code) {
  for (const std::string& warning : decision.warnings) {
    if (warning == v1::Warning::Code_Name(code)) return true;
  }
  return false;
}

}  // namespace holdfast::initiative
