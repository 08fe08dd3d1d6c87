#include "initiative/domain/team.h"

#include <gtest/gtest.h>

#include "initiative/domain/site_fixtures.h"

namespace holdfast::initiative {
namespace {

constexpr testing::GivenEventsOf<Team> Given;
using Refusal = v1::Refusal;
using type::v1::Duty;

v1::AppointOfficer Appoint(Duty::Code duty, const std::string& holder) {
  v1::AppointOfficer command = Text(R"pb(agency: "westmoor-police"
                                         appointed_on: { year: 2026 month: 1 day: 1 })pb");
  command.set_site_id(kSiteId);
  command.set_duty(duty);
  command.set_holder_ref(holder);
  return command;
}
v1::StandDownOfficer StandDown() {
  v1::StandDownOfficer command = Text(R"pb(duty: SRO holder_ref: "sue")pb");
  command.set_site_id(kSiteId);
  return command;
}
v1::NoteTraining NoteTraining(const type::v1::Day& valid_to) {
  v1::NoteTraining command = Text(R"pb(holder_ref: "lou" course: "lead-responsible-officer")pb");
  command.set_site_id(kSiteId);
  *command.mutable_valid_to() = valid_to;
  return command;
}
v1::TrainingNoted Trained(const type::v1::Day& valid_to) {
  v1::TrainingNoted noted = Text(R"pb(holder_ref: "lou" course: "lead-responsible-officer")pb");
  noted.set_site_id(kSiteId);
  *noted.mutable_valid_to() = valid_to;
  return noted;
}

TEST(Team, AppointsAnOfficerOnce) {
  Given()
      .With<Site>(kSiteId, MillLaneCreated())
      .When(Appoint(Duty::SRO, "sue"))
      .Then(Appointed(Duty::SRO, "sue"));
  Given(Appointed(Duty::SRO, "sue"))
      .With<Site>(kSiteId, MillLaneCreated())
      .When(Appoint(Duty::SRO, "sue"))
      .ThenNothingHappens();
}

TEST(Team, BelongsToASiteThatIsOpen) {
  Given().When(Appoint(Duty::SRO, "sue")).ThenRefused(Refusal::WRONG_STATE, "site_id");
  Given().When(NoteTraining(On(2027, 1, 1))).ThenRefused(Refusal::WRONG_STATE, "site_id");
  Given()
      .With<Site>(kSiteId, MillLaneCreated(), v1::SiteClosed())
      .When(Appoint(Duty::SRO, "sue"))
      .ThenRefused(Refusal::WRONG_STATE, "site_id");
}

TEST(Team, LetsNobodyAppointThemselves) {
  Given()
      .By("sue", "westmoor-police")
      .With<Site>(kSiteId, MillLaneCreated())
      .When(Appoint(Duty::SRO, "sue"))
      .ThenRefused(Refusal::SAME_PERSON, "holder_ref");
}

TEST(Team, AsksForDutyPersonAndAPastDay) {
  Given()
      .With<Site>(kSiteId, MillLaneCreated())
      .When(Appoint(Duty::CODE_UNSPECIFIED, "sue"))
      .ThenRefused(Refusal::REQUIRED, "duty");
  Given()
      .With<Site>(kSiteId, MillLaneCreated())
      .When(Appoint(Duty::SRO, ""))
      .ThenRefused(Refusal::REQUIRED, "holder_ref");
  v1::AppointOfficer later = Appoint(Duty::SRO, "sue");
  *later.mutable_appointed_on() = On(2026, 3, 3);
  Given()
      .With<Site>(kSiteId, MillLaneCreated())
      .When(later)
      .ThenRefused(Refusal::IN_FUTURE, "appointed_on");
}

TEST(Team, HasATrainedLeadResponsibleOfficer) {
  Given()
      .With<Site>(kSiteId, MillLaneCreated())
      .When(Appoint(Duty::LRO, "lou"))
      .ThenRefused(Refusal::NOT_TRAINED, "holder_ref");
  Given(Trained(On(2025, 12, 31)))
      .With<Site>(kSiteId, MillLaneCreated())
      .When(Appoint(Duty::LRO, "lou"))
      .ThenRefused(Refusal::NOT_TRAINED, "holder_ref");
  Given(Trained(On(2026, 1, 1)))
      .With<Site>(kSiteId, MillLaneCreated())
      .When(Appoint(Duty::LRO, "lou"))
      .Then(Appointed(Duty::LRO, "lou"));
}

TEST(Team, StandsAnOfficerDownOnce) {
  v1::OfficerStoodDown stood_down = Text(R"pb(duty: SRO
                                              holder_ref: "sue"
                                              stood_down_on: { year: 2026 month: 3 day: 2 })pb");
  stood_down.set_site_id(kSiteId);
  const auto outcome = Given(Appointed(Duty::SRO, "sue")).When(StandDown());
  outcome.Then(stood_down);
  EXPECT_EQ(outcome.state().officers_size(), 0);
  Given(Appointed(Duty::SRO, "sue"), stood_down).When(StandDown()).ThenNothingHappens();
  v1::StandDownOfficer later = StandDown();
  *later.mutable_stood_down_on() = On(2026, 3, 3);
  Given(Appointed(Duty::SRO, "sue")).When(later).ThenRefused(Refusal::IN_FUTURE, "stood_down_on");
}

TEST(Team, NotesTrainingAndItsRenewal) {
  Given()
      .With<Site>(kSiteId, MillLaneCreated())
      .When(NoteTraining(On(2027, 1, 1)))
      .Then(Trained(On(2027, 1, 1)));
  const auto renewed = Given(Trained(On(2025, 12, 31)))
                           .With<Site>(kSiteId, MillLaneCreated())
                           .When(NoteTraining(On(2027, 1, 1)));
  renewed.Then(Trained(On(2027, 1, 1)));
  EXPECT_EQ(renewed.state().trainings_size(), 1);
  Given(Trained(On(2027, 1, 1)))
      .With<Site>(kSiteId, MillLaneCreated())
      .When(NoteTraining(On(2027, 1, 1)))
      .ThenNothingHappens();
}

TEST(Team, NotesWhoseTrainingInWhatUntilWhen) {
  v1::NoteTraining nobody = NoteTraining(On(2027, 1, 1));
  nobody.clear_holder_ref();
  Given()
      .With<Site>(kSiteId, MillLaneCreated())
      .When(nobody)
      .ThenRefused(Refusal::REQUIRED, "holder_ref");
  v1::NoteTraining nothing = NoteTraining(On(2027, 1, 1));
  nothing.clear_course();
  Given()
      .With<Site>(kSiteId, MillLaneCreated())
      .When(nothing)
      .ThenRefused(Refusal::REQUIRED, "course");
  v1::NoteTraining endless = NoteTraining(On(2027, 1, 1));
  endless.clear_valid_to();
  Given()
      .With<Site>(kSiteId, MillLaneCreated())
      .When(endless)
      .ThenRefused(Refusal::REQUIRED, "valid_to");
}

}  // namespace
}  // namespace holdfast::initiative
