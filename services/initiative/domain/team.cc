#include "initiative/domain/team.h"

#include <algorithm>
#include <string>

#include "base/day.h"
#include "initiative/domain/site.h"

namespace holdfast::initiative {
namespace {

tl::unexpected<Refused<v1::Refusal::Code>> NoOpenSite() {
  return Refuse(v1::Refusal::WRONG_STATE, "site_id", "a site that is open");
}

bool IsOpen(const std::string& site_id, const Neighbours& neighbours) {
  const v1::SiteState* site = neighbours.Find<Site>(site_id);
  return site != nullptr && site->life() == v1::SiteState::OPEN;
}

bool Holds(const v1::TeamState& now, type::v1::Duty::Code duty, const std::string& holder) {
  return std::ranges::any_of(now.officers(), [&](const v1::TeamState::Officer& officer) {
    return officer.duty() == duty && officer.holder_ref() == holder;
  });
}

}  // namespace

Team::Decision Team::Decide(const State& now, const v1::AppointOfficer& command,
                            const DecisionContext& context) {
  if (!command.resolved().exists()) return NoOpenSite();
  if (command.duty() == type::v1::Duty::CODE_UNSPECIFIED) return Refuse(Refusal::REQUIRED, "duty");
  if (command.holder_ref().empty()) return Refuse(Refusal::REQUIRED, "holder_ref");
  // Some duties override gates: nobody appoints themselves.
  if (command.holder_ref() == context.actor) return Refuse(Refusal::SAME_PERSON, "holder_ref");
  const absl::CivilDay day =
      command.has_appointed_on() ? ToDay(command.appointed_on()) : context.today;
  if (day > context.today) return Refuse(Refusal::IN_FUTURE, "appointed_on");
  if (Holds(now, command.duty(), command.holder_ref())) return {};
  if (command.duty() == type::v1::Duty::LRO) {
    const bool trained = std::ranges::any_of(now.trainings(), [&](const State::Training& t) {
      return t.holder_ref() == command.holder_ref() && t.course() == kLeadOfficerCourse &&
             ToDay(t.valid_to()) >= day;
    });
    if (!trained) {
      return Refuse(Refusal::NOT_TRAINED, "holder_ref",
                    "trained in lead-responsible-officer, in date on the day of appointment");
    }
  }
  v1::OfficerAppointed appointed;
  appointed.set_site_id(command.site_id());
  appointed.set_duty(command.duty());
  appointed.set_holder_ref(command.holder_ref());
  appointed.set_agency(command.agency());
  *appointed.mutable_appointed_on() = ToMessage(day);
  return appointed;
}

Team::Decision Team::Decide(const State& now, const v1::StandDownOfficer& command,
                            const DecisionContext& context) {
  const absl::CivilDay day =
      command.has_stood_down_on() ? ToDay(command.stood_down_on()) : context.today;
  if (day > context.today) return Refuse(Refusal::IN_FUTURE, "stood_down_on");
  if (!Holds(now, command.duty(), command.holder_ref())) return {};
  v1::OfficerStoodDown stood_down;
  stood_down.set_site_id(command.site_id());
  stood_down.set_duty(command.duty());
  stood_down.set_holder_ref(command.holder_ref());
  *stood_down.mutable_stood_down_on() = ToMessage(day);
  return stood_down;
}

Team::Decision Team::Decide(const State& now, const v1::NoteTraining& command,
                            const DecisionContext&) {
  if (!command.resolved().exists()) return NoOpenSite();
  if (command.holder_ref().empty()) return Refuse(Refusal::REQUIRED, "holder_ref");
  if (command.course().empty()) return Refuse(Refusal::REQUIRED, "course");
  if (!command.has_valid_to()) return Refuse(Refusal::REQUIRED, "valid_to");
  const bool same = std::ranges::any_of(now.trainings(), [&](const State::Training& training) {
    return training.holder_ref() == command.holder_ref() && training.course() == command.course() &&
           SameDay(training.valid_to(), command.valid_to());
  });
  if (same) return {};
  v1::TrainingNoted noted;
  noted.set_site_id(command.site_id());
  noted.set_holder_ref(command.holder_ref());
  noted.set_course(command.course());
  *noted.mutable_valid_to() = command.valid_to();
  return noted;
}

void Team::Resolve(v1::AppointOfficer& command, const Neighbours& neighbours) {
  command.mutable_resolved()->set_exists(IsOpen(command.site_id(), neighbours));
}

void Team::Resolve(v1::NoteTraining& command, const Neighbours& neighbours) {
  command.mutable_resolved()->set_exists(IsOpen(command.site_id(), neighbours));
}

void Team::Evolve(State& state, const v1::OfficerAppointed& event) {
  State::Officer& officer = *state.add_officers();
  officer.set_duty(event.duty());
  officer.set_holder_ref(event.holder_ref());
  officer.set_agency(event.agency());
}

void Team::Evolve(State& state, const v1::OfficerStoodDown& event) {
  auto& officers = *state.mutable_officers();
  officers.erase(std::remove_if(officers.begin(), officers.end(),
                                [&](const State::Officer& officer) {
                                  return officer.duty() == event.duty() &&
                                         officer.holder_ref() == event.holder_ref();
                                }),
                 officers.end());
}

void Team::Evolve(State& state, const v1::TrainingNoted& event) {
  for (State::Training& training : *state.mutable_trainings()) {
    if (training.holder_ref() == event.holder_ref() && training.course() == event.course()) {
      *training.mutable_valid_to() = event.valid_to();
      return;
    }
  }
  State::Training& training = *state.add_trainings();
  training.set_holder_ref(event.holder_ref());
  training.set_course(event.course());
  *training.mutable_valid_to() = event.valid_to();
}

}  // namespace holdfast::initiative
