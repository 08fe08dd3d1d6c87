#include "http/json_form.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include "google/rpc/error.pb.h"
#include "holdfast/testing/v1/door.pb.h"

#include "base/error.h"

namespace holdfast::http {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::v1::Tell;

// "field: rule" of each violation.
std::vector<std::string> FaultsOf(const absl::Status& status) {
  std::vector<std::string> found;
  const auto payload = status.GetPayload("type.googleapis.com/google.rpc.BadRequest");
  google::rpc::BadRequest bad;
  EXPECT_TRUE(!payload || bad.ParseFromString(std::string(*payload)));
  for (const auto& violation : bad.field_violations())
    found.push_back(violation.field() + ": " + violation.description());
  return found;
}
std::vector<std::string> Faults(const std::string& json,
                                UnknownFields unknown = UnknownFields::kRefused) {
  return FaultsOf(CheckJsonForm(json, *Tell::descriptor(), unknown));
}

TEST(JsonForm, TakesEveryFormThatProtobufItselfWrites) {
  for (const std::string json :
       {"{}", R"({"name":null})", R"({"id":"1","name":"Ann","mood":"CALM","ratio":1,"count":-5})",
        R"({"mood":1,"ratio":"0.5","count":"7","known":"18446744073709551615"})",
        R"({"count":1e2,"ratio":"NaN"})", R"({"at":"2026-01-31T09:30:00.5Z"})",
        R"({"on":{"year":2026,"month":1,"day":31},"digest":"3q2+7w==","moods":["CALM"]})",
        R"({"digest":"3q2-7w"})", R"({"lines":[{"text":"a","under":[{"text":"b"}]}]})"}) {
    EXPECT_THAT(Faults(json), IsEmpty()) << json;
    Tell tell;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, &tell).ok()) << json;
  }
}

TEST(JsonForm, NamesEveryFieldThatHasTheWrongTypeAndTheRule) {
  EXPECT_THAT(
      Faults(R"({"id":7,"mood":"ANGRY","ratio":"much","count":1.5,"on":"today","period":[],
                 "at":"yesterday","digest":"***","known":-1,"moods":"CALM"})"),
      ElementsAre(
          "id: must be text", "mood: is no value of holdfast.testing.v1.Tell.Mood",
          "ratio: must be a number", "count: must be a whole number from -2147483648 to 2147483647",
          "on: must be an object", "period: must be an object",
          "at: must be a time such as \"2026-01-31T09:30:00Z\"", "digest: must be text in base64",
          "known: must be a whole number from 0 to 18446744073709551615", "moods: must be a list"));
  EXPECT_THAT(Faults(R"({"count":2147483648})"),
              ElementsAre("count: must be a whole number from -2147483648 to 2147483647"));
}

TEST(JsonForm, SaysWhereInsideListsAndMessages) {
  EXPECT_THAT(
      Faults(R"({"lines":[{"text":"a"},{"text":"b","under":[{"text":1},"c"]}]})"),
      ElementsAre("lines[1].under[0].text: must be text", "lines[1].under[1]: must be an object"));
}

TEST(JsonForm, RefusesAnUnknownFieldByItsNameUnlessItMayBeIgnored) {
  const std::string json = R"({"name":"Ann","colour":"red","lines":[{"txt":"a"}]})";
  EXPECT_THAT(Faults(json), ElementsAre("colour: is not a field that this version knows",
                                        "lines[0].txt: is not a field that this version knows"));
  EXPECT_EQ(ReasonOf(CheckJsonForm(json, *Tell::descriptor(), UnknownFields::kRefused)),
            "UNKNOWN_FIELD");
  EXPECT_EQ(ReasonOf(CheckJsonForm(R"({"colour":1,"name":1})", *Tell::descriptor(),
                                   UnknownFields::kRefused)),
            "FIELD_INVALID");
  EXPECT_THAT(Faults(json, UnknownFields::kIgnored), IsEmpty());
  EXPECT_THAT(Faults(R"({"colour":1,"mood":"ANGRY"})", UnknownFields::kIgnored),
              ElementsAre("mood: is no value of holdfast.testing.v1.Tell.Mood"));
}

TEST(JsonForm, RefusesAFieldThatIsGivenTwiceUnderWhateverName) {
  EXPECT_THAT(Faults(R"({"name":"a","name":"b"})"), ElementsAre("name: is given twice"));
}

TEST(JsonForm, SaysThatABodyIsNoJsonOrNoText) {
  EXPECT_THAT(Faults("{\"name\":"), ElementsAre("(body): must be JSON"));
  EXPECT_THAT(Faults("{\"name\":\"a\"} x"), ElementsAre("(body): must be JSON"));
  EXPECT_THAT(Faults("{\"name\":\"\\ud800\"}"), ElementsAre("(body): must be JSON"));
  EXPECT_THAT(Faults("{\"name\":\"\xff\xfe\"}"), ElementsAre("(body): must be UTF-8"));
  EXPECT_THAT(Faults("[]"), ElementsAre("(body): must be an object"));
}

TEST(JsonForm, EchoesNoValueAndOnlyATameName) {
  const absl::Status status = CheckJsonForm(R"({"name":["secret"],"<script>":"secret"})",
                                            *Tell::descriptor(), UnknownFields::kRefused);
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret")));
  EXPECT_THAT(std::string(status.message()), HasSubstr("?script?"));
}

}  // namespace
}  // namespace holdfast::http
