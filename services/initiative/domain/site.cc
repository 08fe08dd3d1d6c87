#include "initiative/domain/site.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "initiative/domain/in_force.h"
#include "initiative/domain/reference.h"
#include "initiative/domain/site_rules.h"

namespace holdfast::initiative {
namespace {

// Whether `term` stands in `text` as whole words, in any case of Latin letters.
bool Says(const std::string& text, const std::string& term) {
  const auto words = [](absl::string_view from) {
    std::string out = " ";
    for (const char c : from) {
      const bool letter = absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                          (static_cast<unsigned char>(c) & 0x80U) != 0;
      if (letter) {
        out.push_back(absl::ascii_tolower(static_cast<unsigned char>(c)));
      } else if (out.back() != ' ') {
        out.push_back(' ');
      }
    }
    if (out.back() != ' ') out.push_back(' ');
    return out;
  };
  const std::string wanted = words(term);
  return wanted.size() > 2 && words(text).find(wanted) != std::string::npos;
}

bool IsSponsorDuty(type::v1::Duty::Code duty) {
  return duty == type::v1::Duty::CHIEF_OFFICER || duty == type::v1::Duty::COUNCIL_DIRECTOR ||
         duty == type::v1::Duty::ELECTED_MEMBER || duty == type::v1::Duty::SRO;
}

bool SameBoundary(const v1::SiteState& now, const v1::BoundarySet& boundary) {
  return now.set().kind() == boundary.set().kind() &&
         now.set().vintage() == boundary.set().vintage() &&
         std::ranges::equal(now.codes(), boundary.codes());
}

}  // namespace

tl::unexpected<Refused<v1::Refusal::Code>> NotOpen(const v1::SiteState& now) {
  return Refuse(v1::Refusal::WRONG_STATE, "site_id",
                now.life() == v1::SiteState::CLOSED ? "the site is closed"
                                                    : "there is no such site: create it first");
}

std::string WarningName(v1::Warning::Code code) {
  return v1::Warning::Code_Name(code);
}

Site::Decision Site::Decide(const State& now, const v1::CreateSite& command,
                            const DecisionContext& context) {
  if (command.name().empty()) return Refuse(Refusal::REQUIRED, "name");
  Facts<Event, Refusal::Code> facts;
  v1::SiteCreated created;
  created.set_name(command.name());
  *created.mutable_created_on() = ToMessage(context.today);
  created.set_site_id(std::string(context.stream_id));
  facts.Add(std::move(created));
  v1::BoundarySet boundary;
  if (!command.areas().empty()) {
    auto decided = DecideBoundary(command.areas(), command.resolved());
    if (!decided.has_value()) return RefuseAll(std::move(decided.error()));
    boundary = *decided;
    facts.Add(*std::move(decided));
  }
  if (now.life() == State::LIFE_UNSPECIFIED) return facts;
  const bool same = now.life() == State::OPEN && now.name() == command.name() &&
                    (command.areas().empty() || SameBoundary(now, boundary));
  if (same) return {};
  return Refuse(Refusal::WRONG_STATE, "site_id", "a site of this id exists");
}

Site::Decision Site::Decide(const State& now, const v1::SignUpAgency& command,
                            const DecisionContext& context) {
  if (now.life() != State::OPEN) return NotOpen(now);
  if (command.agency().empty()) return Refuse(Refusal::REQUIRED, "agency");
  if (command.type() == type::v1::Agency::TYPE_UNSPECIFIED)
    return Refuse(Refusal::REQUIRED, "type");
  const absl::CivilDay day = DayOr(command.has_signed_on(), command.signed_on(), context);
  if (day > context.today) return Refuse(Refusal::IN_FUTURE, "signed_on");
  const bool same = std::ranges::any_of(now.agencies(), [&](const State::SignedAgency& agency) {
    return agency.agency() == command.agency() && agency.type() == command.type();
  });
  if (same) return {};
  v1::AgencySignedUp signed_up;
  signed_up.set_agency(command.agency());
  signed_up.set_type(command.type());
  *signed_up.mutable_signed_on() = ToMessage(day);
  return signed_up;
}

Site::Decision Site::Decide(const State& now, const v1::WithdrawAgency& command,
                            const DecisionContext& context) {
  if (now.life() != State::OPEN) return NotOpen(now);
  const absl::CivilDay day = DayOr(command.has_withdrawn_on(), command.withdrawn_on(), context);
  if (day > context.today) return Refuse(Refusal::IN_FUTURE, "withdrawn_on");
  const bool signed_up = std::ranges::any_of(
      now.agencies(), [&](const State::SignedAgency& a) { return a.agency() == command.agency(); });
  if (!signed_up) return {};
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  v1::AgencyWithdrawn withdrawn;
  withdrawn.set_agency(command.agency());
  withdrawn.set_reason(command.reason());
  *withdrawn.mutable_withdrawn_on() = ToMessage(day);
  Facts<Event, Refusal::Code> facts(std::move(withdrawn));
  const bool leads = std::ranges::any_of(now.episodes(), [&](const State::Episode& episode) {
    return !episode.has_closed_on() && episode.lead_agency() == command.agency();
  });
  if (leads) facts.Warn(WarningName(v1::Warning::LEAD_WITHDREW));
  return facts;
}

Site::Decision Site::Decide(const State& now, const v1::NameSponsor& command,
                            const DecisionContext& context) {
  if (now.life() != State::OPEN) return NotOpen(now);
  if (command.holder_ref().empty()) return Refuse(Refusal::REQUIRED, "holder_ref");
  if (!IsSponsorDuty(command.duty())) {
    return Refuse(Refusal::UNKNOWN_CODE, "duty",
                  "one of CHIEF_OFFICER, COUNCIL_DIRECTOR, ELECTED_MEMBER, SRO");
  }
  // A sponsor may override a gate: nobody makes themselves one.
  if (command.holder_ref() == context.actor) return Refuse(Refusal::SAME_PERSON, "holder_ref");
  const absl::CivilDay day = DayOr(command.has_named_on(), command.named_on(), context);
  if (day > context.today) return Refuse(Refusal::IN_FUTURE, "named_on");
  const bool same = std::ranges::any_of(now.sponsors(), [&](const State::Sponsor& sponsor) {
    return sponsor.duty() == command.duty() && sponsor.holder_ref() == command.holder_ref() &&
           sponsor.agency() == command.agency();
  });
  if (same) return {};
  v1::SponsorNamed named;
  named.set_duty(command.duty());
  named.set_holder_ref(command.holder_ref());
  named.set_agency(command.agency());
  *named.mutable_named_on() = ToMessage(day);
  return named;
}

Site::Decision Site::Decide(const State& now, const v1::NameBrand& command,
                            const DecisionContext&) {
  if (now.life() != State::OPEN) return NotOpen(now);
  if (command.brand().empty()) return Refuse(Refusal::REQUIRED, "brand");
  if (command.chosen_by() == v1::BrandChoice::BY_UNSPECIFIED)
    return Refuse(Refusal::REQUIRED, "chosen_by");
  for (const std::string& term : command.resolved().terms()) {
    if (Says(command.brand(), term))
      return Refuse(Refusal::BRAND_USES_POLICE_TERM, "brand",
                    absl::StrCat("without \"", term, "\""));
  }
  if (now.brand() == command.brand() && now.brand_chosen_by() == command.chosen_by()) return {};
  v1::BrandNamed named;
  named.set_brand(command.brand());
  named.set_chosen_by(command.chosen_by());
  named.set_terms_version(command.resolved().version());
  Facts<Event, Refusal::Code> facts(std::move(named));
  if (command.resolved().version() == 0) facts.Warn(WarningName(v1::Warning::TERMS_NOT_PUBLISHED));
  return facts;
}

void Site::Resolve(v1::NameBrand& command, const Neighbours& neighbours) {
  command.clear_resolved();
  const auto* reference = neighbours.Find<Reference>(Reference::kPoliceTerms);
  if (reference == nullptr || reference->terms().empty()) return;
  // A name is chosen for the time to come: the newest list counts.
  *command.mutable_resolved() = *reference->terms().rbegin();
}

Site::Decision Site::Decide(const State& now, const v1::CloseSite& command,
                            const DecisionContext& context) {
  if (now.life() == State::CLOSED) return {};
  if (now.life() != State::OPEN) return NotOpen(now);
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  const absl::CivilDay day = DayOr(command.has_closed_on(), command.closed_on(), context);
  if (day > context.today) return Refuse(Refusal::IN_FUTURE, "closed_on");
  const bool any_open = std::ranges::any_of(
      now.episodes(), [](const State::Episode& episode) { return !episode.has_closed_on(); });
  if (any_open) return Refuse(Refusal::PHASES_OPEN);
  v1::SiteClosed closed;
  *closed.mutable_closed_on() = ToMessage(day);
  closed.set_reason(command.reason());
  return closed;
}

void Site::Evolve(State& state, const v1::SiteCreated& event) {
  state.set_life(State::OPEN);
  state.set_site_id(event.site_id());
  state.set_name(event.name());
  *state.mutable_created_on() = event.created_on();
}

void Site::Evolve(State& state, const v1::AgencySignedUp& event) {
  for (State::SignedAgency& agency : *state.mutable_agencies()) {
    if (agency.agency() == event.agency()) {
      agency.set_type(event.type());
      return;
    }
  }
  State::SignedAgency& agency = *state.add_agencies();
  agency.set_agency(event.agency());
  agency.set_type(event.type());
}

void Site::Evolve(State& state, const v1::AgencyWithdrawn& event) {
  auto& agencies = *state.mutable_agencies();
  agencies.erase(std::remove_if(agencies.begin(), agencies.end(),
                                [&](const State::SignedAgency& agency) {
                                  return agency.agency() == event.agency();
                                }),
                 agencies.end());
}

void Site::Evolve(State& state, const v1::SponsorNamed& event) {
  auto& sponsors = *state.mutable_sponsors();
  auto found = std::ranges::find(sponsors, event.duty(), &State::Sponsor::duty);
  State::Sponsor& sponsor = found != sponsors.end() ? *found : *state.add_sponsors();
  sponsor.set_duty(event.duty());
  sponsor.set_holder_ref(event.holder_ref());
  sponsor.set_agency(event.agency());
}

void Site::Evolve(State& state, const v1::BrandNamed& event) {
  state.set_brand(event.brand());
  state.set_brand_chosen_by(event.chosen_by());
}

void Site::Evolve(State& state, const v1::SiteClosed&) {
  state.set_life(State::CLOSED);
}

}  // namespace holdfast::initiative
