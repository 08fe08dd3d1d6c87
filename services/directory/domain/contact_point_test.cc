#include "directory/domain/contact_point.h"

#include <gtest/gtest.h>

#include "directory/domain/directory_fixtures.h"

namespace holdfast::directory {
namespace {

using Refusal = v1::Refusal;
constexpr testing::GivenEventsOf<ContactPoint> Given;
constexpr char kId[] = "2-duty-inspector";

v1::SetContactPoint Set() {
  return Text(R"pb(level: 2
                   duty: DUTY_INSPECTOR
                   channel: SMTP
                   address: { text: "inspector@westmoor.example" })pb");
}

v1::ContactPointSet WasSet() {
  return Text(R"pb(contact_point_id: "2-duty-inspector"
                   level: 2
                   duty: DUTY_INSPECTOR
                   channel: SMTP
                   address: { sealed: "x" })pb");
}

v1::RetireContactPoint Retire() {
  return Text(R"pb(level: 2 duty: DUTY_INSPECTOR reason: "moved")pb");
}

v1::ContactPointRetired Retired() {
  return Text(R"pb(reason: "moved")pb");
}

TEST(ContactPoint, IsOneForEachLevelAndDuty) {
  EXPECT_EQ(ContactPoint::StreamId(Set()), kId);
  EXPECT_EQ(ContactPoint::StreamId(Retire()), kId);
}

TEST(ContactPoint, CarriesTheAddressUnread) {
  const auto outcome = Given().When(Set());
  ASSERT_EQ(outcome.decision().events.size(), 1U);
  const auto& set = static_cast<const v1::ContactPointSet&>(*outcome.decision().events.front());
  EXPECT_EQ(set.contact_point_id(), kId);
  EXPECT_EQ(set.address().text(), "inspector@westmoor.example");
  EXPECT_EQ(set.label().owners(0), "police");
  EXPECT_TRUE(outcome.state().in_use());
}

TEST(ContactPoint, NeedsWhereAndForWhom) {
  v1::SetContactPoint set = Set();
  set.clear_address();
  Given().When(set).ThenRefused(Refusal::REQUIRED, "address");
  set.clear_channel();
  Given().When(set).ThenRefused(Refusal::REQUIRED, "channel");
  set.clear_duty();
  Given().When(set).ThenRefused(Refusal::REQUIRED, "duty");
  set.clear_level();
  Given().When(set).ThenRefused(Refusal::REQUIRED, "level");
}

TEST(ContactPoint, IsRetiredOnce) {
  Given(WasSet()).When(Retire()).Then(Retired());
  Given(WasSet(), Retired()).When(Retire()).ThenNothingHappens();
  Given().When(Retire()).ThenRefused(Refusal::WRONG_STATE, "level");
  v1::RetireContactPoint unexplained = Retire();
  unexplained.clear_reason();
  Given(WasSet()).When(unexplained).ThenRefused(Refusal::REQUIRED, "reason");
}

TEST(ContactPoint, IsCorrectedInItsAddress) {
  v1::CorrectContactPoint correct = Text(R"pb(level: 2
                                              duty: DUTY_INSPECTOR
                                              reason: "a letter missing"
                                              address: { text: "i@westmoor.example" })pb");
  const auto outcome = Given(WasSet()).When(correct);
  ASSERT_EQ(outcome.decision().events.size(), 1U);
  Given().When(correct).ThenRefused(Refusal::WRONG_STATE, "level");
  correct.clear_address();
  Given(WasSet()).When(correct).ThenRefused(Refusal::REQUIRED, "address");
  correct.clear_reason();
  Given(WasSet()).When(correct).ThenRefused(Refusal::REQUIRED, "reason");
}

}  // namespace
}  // namespace holdfast::directory
