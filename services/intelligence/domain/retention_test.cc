#include "intelligence/domain/retention.h"

#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "testing/scenario.h"

namespace holdfast::intelligence {
namespace {

using testing::Text;
using Action = RetentionDue::Action;
using absl::CivilDay;

// As deploy/reference/retention-rules.json has them.
v1::RetentionRules Rules() {
  return Text(R"pb(
    rows: {
      group: G1
      clear_years: 10
      at_end: REVIEW
      review_years: 10
      until_age: 100
      valid_from: { year: 2000 month: 1 day: 1 }
    }
    rows: {
      group: G2
      clear_years: 10
      at_end: REVIEW
      review_years: 10
      valid_from: { year: 2000 month: 1 day: 1 }
    }
    rows: {
      group: G3
      clear_years: 6
      at_end: DISPOSE
      valid_from: { year: 2000 month: 1 day: 1 }
    }
    rows: {
      group: G4
      clear_years: 6
      at_end: DISPOSE
      valid_from: { year: 2000 month: 1 day: 1 }
    }
    rows: {
      group: G4
      offence: "missing-person"
      clear_years: 100
      at_end: DISPOSE
      valid_from: { year: 2000 month: 1 day: 1 }
    })pb");
}

v1::RetentionHistory Recorded(v1::RetentionGroup::Code group, int year, int month, int day) {
  v1::RetentionHistory history;
  history.set_group(group);
  history.mutable_recorded_on()->set_year(year);
  history.mutable_recorded_on()->set_month(month);
  history.mutable_recorded_on()->set_day(day);
  return history;
}
type::v1::Day Day(int year, int month, int day) {
  type::v1::Day message;
  message.set_year(year);
  message.set_month(month);
  message.set_day(day);
  return message;
}
void Review(v1::RetentionHistory& history, const type::v1::Day& day,
            v1::RetentionHistory::Review::Outcome outcome) {
  auto& review = *history.add_reviews();
  *review.mutable_reviewed_on() = day;
  review.set_outcome(outcome);
}
void Hold(v1::RetentionHistory& history, const type::v1::Day& set) {
  *history.add_holds()->mutable_set_on() = set;
}

void ExpectDue(const v1::RetentionHistory& history, Action action, CivilDay day,
               const v1::RetentionRules& rules = Rules()) {
  const RetentionDue due = NextRetention(history, rules);
  EXPECT_EQ(due.action, action);
  EXPECT_EQ(due.on, day);
}

TEST(Retention, G1IsReviewedEveryTenYearsUntilTheSubjectIsAHundred) {
  v1::RetentionHistory history = Recorded(v1::RetentionGroup::G1, 2016, 5, 17);
  *history.mutable_born_on() = Day(1931, 3, 2);
  ExpectDue(history, Action::kReview, CivilDay(2026, 5, 17));
  Review(history, Day(2026, 5, 20), v1::RetentionHistory::Review::RETAIN);
  ExpectDue(history, Action::kDispose, CivilDay(2031, 3, 2));
}

TEST(Retention, G1OfNoKnownAgeIsReviewedForEver) {
  v1::RetentionHistory history = Recorded(v1::RetentionGroup::G1, 2016, 5, 17);
  Review(history, Day(2026, 5, 20), v1::RetentionHistory::Review::RETAIN);
  ExpectDue(history, Action::kReview, CivilDay(2036, 5, 20));
}

TEST(Retention, G2IsReviewedAfterTenClearYearsThenEveryTen) {
  v1::RetentionHistory history = Recorded(v1::RetentionGroup::G2, 2014, 9, 30);
  ExpectDue(history, Action::kReview, CivilDay(2024, 9, 30));
  Review(history, Day(2024, 10, 1), v1::RetentionHistory::Review::RETAIN);
  ExpectDue(history, Action::kReview, CivilDay(2034, 10, 1));
}

TEST(Retention, G3IsDisposedOfAfterSixClearYears) {
  ExpectDue(Recorded(v1::RetentionGroup::G3, 2020, 1, 31), Action::kDispose, CivilDay(2026, 1, 31));
}

TEST(Retention, G4LastsAsItsOffenceSays) {
  v1::RetentionHistory history = Recorded(v1::RetentionGroup::G4, 2020, 1, 31);
  ExpectDue(history, Action::kDispose, CivilDay(2026, 1, 31));
  history.set_offence("missing-person");
  ExpectDue(history, Action::kDispose, CivilDay(2120, 1, 31));
}

TEST(Retention, ANewContactBeginsTheClearPeriodAnewInWhateverOrderItCameIn) {
  v1::RetentionHistory history = Recorded(v1::RetentionGroup::G3, 2020, 1, 31);
  *history.add_contacts() = Day(2024, 6, 1);
  *history.add_contacts() = Day(2022, 6, 1);
  ExpectDue(history, Action::kDispose, CivilDay(2030, 6, 1));
}

TEST(Retention, AContactAfterAReviewBeginsAClearPeriodAndNotAnInterval) {
  v1::RetentionRules rules = Rules();
  rules.mutable_rows(1)->set_review_years(5);
  v1::RetentionHistory history = Recorded(v1::RetentionGroup::G2, 2014, 9, 30);
  Review(history, Day(2024, 10, 1), v1::RetentionHistory::Review::RETAIN);
  ExpectDue(history, Action::kReview, CivilDay(2029, 10, 1), rules);
  *history.add_contacts() = Day(2025, 2, 3);
  ExpectDue(history, Action::kReview, CivilDay(2035, 2, 3), rules);
}

TEST(Retention, ARuleThatChangesInThePeriodCountsFromTheNextBeginning) {
  v1::RetentionRules rules = Rules();
  *rules.add_rows() = Text(R"pb(group: G3
                                clear_years: 7
                                at_end: DISPOSE
                                valid_from: { year: 2023 month: 1 day: 1 })pb");
  v1::RetentionHistory history = Recorded(v1::RetentionGroup::G3, 2020, 1, 31);
  ExpectDue(history, Action::kDispose, CivilDay(2026, 1, 31), rules);
  *history.add_contacts() = Day(2022, 12, 31);
  ExpectDue(history, Action::kDispose, CivilDay(2028, 12, 31), rules);
  *history.add_contacts() = Day(2023, 1, 1);
  ExpectDue(history, Action::kDispose, CivilDay(2030, 1, 1), rules);
}

TEST(Retention, AHoldSetTheDayBeforeDisposalStopsItUntilItIsReleased) {
  v1::RetentionHistory history = Recorded(v1::RetentionGroup::G3, 2020, 1, 31);
  Hold(history, Day(2026, 1, 30));
  ExpectDue(history, Action::kHeld, CivilDay(2026, 1, 31));
  *history.mutable_holds(0)->mutable_released_on() = Day(2027, 8, 9);
  ExpectDue(history, Action::kDispose, CivilDay(2027, 8, 9));
}

TEST(Retention, HoldsThatFollowEachOtherAddUp) {
  v1::RetentionHistory history = Recorded(v1::RetentionGroup::G3, 2020, 1, 31);
  Hold(history, Day(2027, 1, 1));
  *history.mutable_holds(0)->mutable_released_on() = Day(2028, 1, 1);
  Hold(history, Day(2025, 1, 1));
  *history.mutable_holds(1)->mutable_released_on() = Day(2027, 6, 1);
  ExpectDue(history, Action::kDispose, CivilDay(2028, 1, 1));
}

TEST(Retention, AHoldThatWasReleasedBeforeOrBeginsAfterPutsNothingOff) {
  v1::RetentionHistory history = Recorded(v1::RetentionGroup::G3, 2020, 1, 31);
  Hold(history, Day(2021, 1, 1));
  *history.mutable_holds(0)->mutable_released_on() = Day(2022, 1, 1);
  Hold(history, Day(2026, 2, 1));
  ExpectDue(history, Action::kDispose, CivilDay(2026, 1, 31));
}

TEST(Retention, AReviewThatDecidesForDisposalIsDueThatDayUnlessSomethingComesIn) {
  v1::RetentionHistory history = Recorded(v1::RetentionGroup::G2, 2014, 9, 30);
  Review(history, Day(2024, 10, 1), v1::RetentionHistory::Review::DISPOSE);
  ExpectDue(history, Action::kDispose, CivilDay(2024, 10, 1));
  *history.add_contacts() = Day(2024, 10, 2);
  ExpectDue(history, Action::kReview, CivilDay(2034, 10, 2));
}

TEST(Retention, APeriodFromALeapDayIsNeverShort) {
  ExpectDue(Recorded(v1::RetentionGroup::G3, 2020, 2, 29), Action::kDispose, CivilDay(2026, 3, 1));
  v1::RetentionRules rules = Rules();
  rules.mutable_rows(2)->set_clear_years(4);
  ExpectDue(Recorded(v1::RetentionGroup::G3, 2020, 2, 29), Action::kDispose, CivilDay(2024, 2, 29),
            rules);
}

TEST(Retention, WithoutARuleAPersonDecides) {
  ExpectDue(Recorded(v1::RetentionGroup::G3, 1999, 12, 31), Action::kNoRule,
            CivilDay(1999, 12, 31));
  ExpectDue(Recorded(v1::RetentionGroup::CODE_UNSPECIFIED, 2020, 1, 1), Action::kNoRule,
            CivilDay(2020, 1, 1));
}

}  // namespace
}  // namespace holdfast::intelligence
