#include "rpc/field_validator.h"

#include <limits>

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "google/rpc/error.pb.h"
#include "holdfast/testing/v1/door.pb.h"

#include "base/error.h"

namespace holdfast::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::v1::Tell;

// 15 January 2027, 08:00 UTC
const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

// "field: rule" of each violation.
std::vector<std::string> Check(const Tell& tell) {
  FieldValidator validator;
  EXPECT_TRUE(validator.Prepare(*Tell::descriptor()).ok());
  const absl::Status status = validator.Check(tell, kNow, {.refuse_unknown = true});
  std::vector<std::string> found;
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc.BadRequest");
  google::rpc::BadRequest bad;
  EXPECT_TRUE(!payload || bad.ParseFromString(std::string(*payload)));
  for (const auto& violation : bad.field_violations()) {
    found.push_back(violation.field() + ": " + violation.description());
  }
  return found;
}

// A good message, and what `text` adds or replaces.
Tell With(const std::string& text) {
  Tell tell;
  tell.set_name("Ann");
  tell.set_mood(Tell::CALM);
  Tell more;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &more)) << text;
  tell.MergeFrom(more);
  return tell;
}

TEST(FieldValidator, RefusesControlCharactersAndWhatIsBlank) {
  EXPECT_THAT(Check(With("name: 'a\\000b'")),
              ElementsAre("name: must not hold control characters"));
  EXPECT_THAT(Check(With("id: 'a\\033[1m'")), ElementsAre("id: must not hold control characters"));
  EXPECT_THAT(Check(With("name: '  \\t '")), ElementsAre("name: must not be blank"));
  EXPECT_THAT(Check(With("name: 'a\\n\\tb' id: ' '")), IsEmpty());
}

TEST(FieldValidator, FindsNothingInAGoodMessage) {
  EXPECT_THAT(Check(With(R"pb(
                id: "1"
                ratio: 1
                count: -5
                on { year: 2027 month: 1 day: 15 }
                period {
                  from { year: 2026 month: 1 day: 1 }
                  to { year: 2026 month: 2 day: 1 }
                }
                at { seconds: 1800000000 }
                lines { text: "a" }
                digest: "1234"
                month { year: 2026 month: 12 }
                moods: CALM
              )pb")),
              IsEmpty());
}

TEST(FieldValidator, NamesEveryBadFieldAtOnce) {
  Tell tell = With(R"pb(
    name: "Ann 4711 is too long for it"
    ratio: 3
    count: 101
    lines { text: "" }
    lines {
      text: "123456789"
      under { text: "a" }
    }
    digest: "123"
  )pb");
  tell.clear_mood();
  EXPECT_THAT(Check(tell), ElementsAre("name: is too long: at most 10 characters",
                                       "mood: is required", "ratio: must be at most 2",
                                       "count: must be at most 100", "lines[0].text: is required",
                                       "lines[1].text: is too long: at most 8 characters",
                                       "digest: is too short: at least 4 bytes"));
}

TEST(FieldValidator, CountsCharactersNotBytes) {
  EXPECT_THAT(Check(With(R"pb(name: "éééééééééé")pb")), IsEmpty());
  EXPECT_THAT(Check(With(R"pb(name: "ééééééééééé")pb")),
              ElementsAre("name: is too long: at most 10 characters"));
}

TEST(FieldValidator, MatchesAPatternAgainstTheWholeText) {
  EXPECT_THAT(Check(With(R"pb(name: "Ann1")pb")),
              ElementsAre("name: has another form: it must match [^0-9]*"));
}

TEST(FieldValidator, KnowsTheCalendar) {
  EXPECT_THAT(Check(With("on { year: 2025 month: 2 day: 29 }")),
              ElementsAre("on: is no day of the calendar"));
  EXPECT_THAT(Check(With("month { year: 2025 month: 13 }")),
              ElementsAre("month: is no month of the calendar"));
  EXPECT_THAT(Check(With("on { year: 2024 month: 2 day: 29 }")), IsEmpty());
  EXPECT_THAT(Check(With("at { seconds: 1 nanos: -1 }")),
              ElementsAre("at: is no instant between the years 1 and 9999"));
}

TEST(FieldValidator, RefusesAPeriodThatDoesNotEndAfterItBegins) {
  EXPECT_THAT(Check(With(R"pb(period {
                                from { year: 2026 month: 1 day: 2 }
                                to { year: 2026 month: 1 day: 2 }
                              })pb")),
              ElementsAre("period: must end after it begins"));
}

TEST(FieldValidator, RefusesTheFutureWhereAFieldSaysSo) {
  EXPECT_THAT(Check(With("on { year: 2027 month: 1 day: 16 }")),
              ElementsAre("on: may not be in the future"));
  EXPECT_THAT(Check(With("at { seconds: 1800000061 }")),
              ElementsAre("at: may not be in the future"));
  EXPECT_THAT(Check(With("at { seconds: 1800000060 }")), IsEmpty());
}

TEST(FieldValidator, RefusesNumbersThatAreNone) {
  Tell tell = With("");
  tell.set_ratio(std::numeric_limits<double>::quiet_NaN());
  EXPECT_THAT(Check(tell), ElementsAre("ratio: is not a finite number"));
  tell.set_ratio(std::numeric_limits<double>::infinity());
  EXPECT_THAT(Check(tell), ElementsAre("ratio: is not a finite number"));
}

TEST(FieldValidator, RefusesEnumerationValuesThatNobodyKnows) {
  Tell tell = With("");
  tell.set_mood(static_cast<Tell::Mood>(77));
  EXPECT_THAT(Check(tell), ElementsAre("mood: is no value of holdfast.testing.v1.Tell.Mood"));
  EXPECT_THAT(Check(With("moods: MOOD_UNSPECIFIED")),
              ElementsAre("moods[0]: must be said: the first value of its list means nothing"));
}

TEST(FieldValidator, RefusesWhatOnlyTheDoorMayFillAndFactsOfPersons) {
  EXPECT_THAT(Check(With("known: 1")), ElementsAre("known: is filled by Holdfast; leave it out"));
  EXPECT_THAT(
      Check(With("who { text: \"Jane\" }")),
      ElementsAre("who: holds a fact of a person; leave it out: this server cannot seal it"));
}

TEST(FieldValidator, TakesFactsOfPersonsWhereTheyAreSealedButNoneThatNobodyCanRead) {
  FieldValidator validator;
  ASSERT_TRUE(validator.Prepare(*Tell::descriptor()).ok());
  validator.TakePersonal();
  const auto check = [&validator](const Tell& tell) {
    return validator.Check(tell, absl::UnixEpoch(), {}).ok();
  };
  EXPECT_TRUE(check(With("who { text: \"Jane\" }")));
  EXPECT_TRUE(check(With("who { day { year: 1961 month: 2 day: 3 } }")));
  EXPECT_FALSE(check(With("who { day { year: 1961 month: 2 day: 30 } }")));
  EXPECT_FALSE(check(With("who { }")));
  EXPECT_FALSE(check(With("who { sealed: \"x\" }")));
  EXPECT_FALSE(check(With("who { withheld: ERASED }")));
  EXPECT_FALSE(check(With("who { text: \"" + std::string(16'385, 'x') + "\" }")));
}

TEST(FieldValidator, CountsItemsAndDoesNotWalkThroughTooMany) {
  EXPECT_THAT(Check(With("lines { } lines { } lines { } lines { }")),
              ElementsAre("lines: has too many items: at most 3"));
}

TEST(FieldValidator, NeverEchoesAValue) {
  FieldValidator validator;
  ASSERT_TRUE(validator.Prepare(*Tell::descriptor()).ok());
  const absl::Status status = validator.Check(With(R"pb(name: "SECRET 4711" id: "x")pb"), kNow, {});
  EXPECT_EQ(status.message().find("SECRET"), std::string::npos);
  EXPECT_EQ(ReasonOf(status), "FIELD_INVALID");
}

}  // namespace
}  // namespace holdfast::rpc
