#include "intelligence/domain/inference_gate.h"

#include <string>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "testing/scenario.h"

namespace holdfast::intelligence {
namespace {

using testing::Text;
using Contacts = google::protobuf::RepeatedPtrField<v1::ExposureContact>;

const absl::CivilDay kToday(2026, 3, 2);
constexpr auto kClear = v1::Exposure::CLEAR;
constexpr auto kHold = v1::Exposure::HOLD;

v1::ExposureRule Rule() {
  return Text("min_reporters: 5 quiet_days: 7 look_back_days: 180");
}
v1::ExposureContact Told(const std::string& by, absl::CivilDay day,
                         const std::string& area = "mill-lane",
                         const std::string& method = "cuckooing") {
  v1::ExposureContact contact;
  contact.set_reporter_token(by);
  contact.mutable_told_on()->set_year(static_cast<std::int32_t>(day.year()));
  contact.mutable_told_on()->set_month(day.month());
  contact.mutable_told_on()->set_day(day.day());
  contact.add_areas(area);
  contact.add_methods(method);
  return contact;
}
// So many people told of the area, a month ago.
Contacts Reporters(int people) {
  Contacts contacts;
  for (int i = 0; i < people; ++i) *contacts.Add() = Told(absl::StrCat("r", i), kToday - 30);
  return contacts;
}
v1::ExposureClaim Area() {
  return Text(R"pb(areas: "mill-lane")pb");
}

TEST(InferenceGate, HoldsWhileFewerThanFiveCouldHaveTold) {
  EXPECT_EQ(Assess(Area(), Reporters(4), Rule(), kToday), kHold);
  EXPECT_EQ(Assess(Area(), Reporters(5), Rule(), kToday), kClear);
}

TEST(InferenceGate, CountsAPersonOnceHoweverOftenTheyTold) {
  Contacts contacts = Reporters(4);
  for (int i = 0; i < 9; ++i) *contacts.Add() = Told("r0", kToday - 40 - i);
  EXPECT_EQ(Assess(Area(), contacts, Rule(), kToday), kHold);
}

TEST(InferenceGate, HoldsForAWeekAfterWhatItNamesCameInHoweverManyHaveTold) {
  Contacts contacts = Reporters(50);
  *contacts.Add() = Told("r7", kToday - 6);
  EXPECT_EQ(Assess(Area(), contacts, Rule(), kToday), kHold);
  EXPECT_EQ(Assess(Area(), contacts, Rule(), kToday + 1), kClear);
}

TEST(InferenceGate, LooksAtWhatTheTextNamesAndNothingElse) {
  Contacts contacts = Reporters(50);
  *contacts.Add() = Told("r7", kToday - 1, "mill-lane", "county-lines");
  const v1::ExposureClaim method = Text(R"pb(areas: "mill-lane" methods: "cuckooing")pb");
  EXPECT_EQ(Assess(method, contacts, Rule(), kToday), kClear);
  const v1::ExposureClaim other = Text(R"pb(areas: "station-road")pb");
  EXPECT_EQ(Assess(other, contacts, Rule(), kToday), kClear);
}

TEST(InferenceGate, HoldsATextThatNamesOnlyADayOrAMethod) {
  const v1::ExposureClaim day = Text(R"pb(from: { year: 2026 month: 1 day: 31 }
                                          to: { year: 2026 month: 1 day: 31 })pb");
  EXPECT_EQ(Assess(day, Reporters(3), Rule(), kToday), kHold);
  EXPECT_EQ(Assess(Text(R"pb(methods: "cuckooing")pb"), Reporters(3), Rule(), kToday), kHold);
}

TEST(InferenceGate, ClearsWhatNobodyToldAndWhatNamesNothing) {
  EXPECT_EQ(Assess(Area(), Contacts(), Rule(), kToday), kClear);
  EXPECT_EQ(Assess(v1::ExposureClaim(), Reporters(1), Rule(), kToday), kClear);
}

TEST(InferenceGate, ForgetsWhatLiesLongBackAndDoesNotKnowTheFuture) {
  Contacts contacts = Reporters(1);
  for (int i = 0; i < 9; ++i) *contacts.Add() = Told(absl::StrCat("old", i), kToday - 181);
  for (int i = 0; i < 9; ++i) *contacts.Add() = Told(absl::StrCat("new", i), kToday + 1);
  EXPECT_EQ(Assess(Area(), contacts, Rule(), kToday), kHold);
}

TEST(InferenceGate, HoldsEverythingUnderARuleThatWasNotFilledIn) {
  EXPECT_EQ(Assess(Area(), Reporters(50), v1::ExposureRule(), kToday), kHold);
}

// One more reporter never turns a text that may go out into one that may not, unless it is fresh;
// a text that names more is never freer.
TEST(InferenceGate, OneMoreOldReporterNeverHoldsWhatWasClear) {
  for (int people = 0; people < 12; ++people) {
    if (Assess(Area(), Reporters(people), Rule(), kToday) == kHold) continue;
    if (people == 0) continue;  // the first one is the one to be found
    EXPECT_EQ(Assess(Area(), Reporters(people + 1), Rule(), kToday), kClear) << people;
  }
}

}  // namespace
}  // namespace holdfast::intelligence
