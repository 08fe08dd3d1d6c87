// How each field joins. That any labels at all keep the laws, tests/policy shows.
#include "security/policy/label_join.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/unknown_field_set.h>
#include <gtest/gtest.h>

namespace holdfast::security::policy {
namespace {

using options::v1::DataClass;
using options::v1::Sensitivity;
using testing::ElementsAre;
using type::v1::Handling;
using type::v1::Label;
using type::v1::Marking;
using type::v1::SubjectCategory;

Label Text(const std::string& fields) {
  Label label;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(fields, &label)) << fields;
  return label;
}

Label Of(DataClass::Code of_class) {
  Label label;
  label.set_class_(of_class);
  return label;
}

TEST(JoinOfLabels, TakesTheHigherClass) {
  const auto joined = [](auto one, auto other) { return Join(Of(one), Of(other)).class_(); };
  EXPECT_EQ(joined(DataClass::INTEL, DataClass::PERSON), DataClass::INTEL);
  EXPECT_EQ(joined(DataClass::COMMUNITY, DataClass::PERSON), DataClass::PERSON);
  EXPECT_EQ(joined(DataClass::PARTNERSHIP, DataClass::OPERATIONAL), DataClass::OPERATIONAL);
}

TEST(JoinOfLabels, JoinsSourcesAndTheLogWithNothingElse) {
  for (const auto alone : {DataClass::SOURCE, DataClass::AUDIT}) {
    EXPECT_EQ(Join(Of(alone), Of(alone)).class_(), alone);
    const Label with_other = Join(Of(alone), Of(DataClass::INTEL));
    EXPECT_EQ(with_other.class_(), DataClass::CODE_UNSPECIFIED);
    EXPECT_EQ(Join(with_other, Of(DataClass::INTEL)).class_(), DataClass::CODE_UNSPECIFIED);
  }
}

TEST(JoinOfLabels, IsCIfAnyIsC) {
  EXPECT_EQ(Join(Text("handling: P"), Text("handling: C")).handling(), Handling::C);
  EXPECT_EQ(Join(Text("handling: P"), Text("handling: P")).handling(), Handling::P);
  EXPECT_EQ(Join(Text("handling: C"), Text("")).handling(), Handling::CODE_UNSPECIFIED);
}

TEST(JoinOfLabels, KeepsAllConditions) {
  const auto joined =
      Join(Text("handling: C conditions { no_onward: true expires_at { seconds: 20 } }"),
           Text("handling: C conditions { intelligence_unit_only: true expires_at { seconds: 10 } "
                "agencies: 'a' }"))
          .conditions();
  EXPECT_TRUE(joined.no_onward());
  EXPECT_TRUE(joined.intelligence_unit_only());
  EXPECT_EQ(joined.expires_at().seconds(), 10);
  EXPECT_THAT(joined.agencies(), ElementsAre("a"));
}

TEST(JoinOfLabels, NamesWhoIsNamedByBothAndNobodyWhereNobodyIs) {
  const Label ab = Text("handling: C conditions { named_recipients: ['a', 'b'] }");
  const Label bc = Text("handling: C conditions { named_recipients: ['c', 'b'] }");
  const Label d = Text("handling: C conditions { named_recipients: 'd' }");
  EXPECT_THAT(Join(ab, bc).conditions().named_recipients(), ElementsAre("b"));
  EXPECT_THAT(Join(ab, d).conditions().named_recipients(), ElementsAre("-"));
  EXPECT_THAT(Join(Join(ab, d), d).conditions().named_recipients(), ElementsAre("-"));
}

TEST(JoinOfLabels, ClosesCWithoutConditions) {
  const Label unfinished = Text("handling: C");
  const Label named = Text("handling: C conditions { named_recipients: 'a' }");
  EXPECT_THAT(Join(unfinished, named).conditions().named_recipients(), ElementsAre("-"));
}

TEST(JoinOfLabels, NeedsEveryConsent) {
  const Label given = Text("conditions { originator_consent: true consent_until { seconds: 20 } }");
  const Label earlier =
      Text("conditions { originator_consent: true consent_until { seconds: 10 } }");
  const Label missing = Text("conditions { originator_consent: true }");
  EXPECT_EQ(Join(given, Label()).conditions().consent_until().seconds(), 20);
  EXPECT_EQ(Join(given, earlier).conditions().consent_until().seconds(), 10);
  EXPECT_FALSE(Join(given, missing).conditions().has_consent_until());
  EXPECT_TRUE(Join(given, missing).conditions().originator_consent());
}

TEST(JoinOfLabels, TakesTheHigherMarkingAndTheWorseGrades) {
  const Label joined = Join(Text("marking: OFFICIAL source_evaluation: 3"),
                            Text("marking: OFFICIAL_SENSITIVE intelligence_assessment: 4"));
  EXPECT_EQ(joined.marking(), Marking::OFFICIAL_SENSITIVE);
  EXPECT_EQ(joined.source_evaluation(), 3U);
  EXPECT_EQ(joined.intelligence_assessment(), 4U);
  EXPECT_EQ(Join(Text("marking: OFFICIAL"), Label()).marking(), Marking::CODE_UNSPECIFIED);
}

TEST(JoinOfLabels, ProtectsAWitnessBeforeASuspect) {
  EXPECT_EQ(Join(Text("category: SUSPECT"), Text("category: WITNESS")).category(),
            SubjectCategory::WITNESS);
  EXPECT_EQ(Join(Text("category: OTHER"), Text("category: CONVICTED")).category(),
            SubjectCategory::CONVICTED);
}

TEST(JoinOfLabels, NeedsEveryConditionOfSensitiveProcessing) {
  const Label first = Text("sensitivity: SENSITIVE condition_ref: 'b'");
  const Label second = Text("sensitivity: SENSITIVE condition_ref: 'a'");
  const Label without = Text("sensitivity: SENSITIVE");
  EXPECT_EQ(Join(first, second).condition_ref(), "a b");
  EXPECT_EQ(Join(first, without).condition_ref(), "-");
  EXPECT_EQ(Join(first, Text("sensitivity: PERSONAL")).sensitivity(), Sensitivity::SENSITIVE);
}

TEST(JoinOfLabels, HasAllOwnersAndIsSharedWithWhomBothAre) {
  const Label joined = Join(Text("owners: 'b' shared_with: ['x', 'y'] released: true"),
                            Text("owners: ['a', 'b'] shared_with: 'y' sanitised: true"));
  EXPECT_THAT(joined.owners(), ElementsAre("a", "b"));
  EXPECT_THAT(joined.shared_with(), ElementsAre("y"));
  EXPECT_FALSE(joined.released());
  EXPECT_FALSE(joined.sanitised());
}

TEST(JoinOfLabels, KeepsThatSomethingCannotBeRead) {
  Label newer = Of(DataClass::INTEL);
  newer.GetReflection()->MutableUnknownFields(&newer)->AddVarint(99, 1);
  EXPECT_EQ(Join(newer, Of(DataClass::INTEL)).class_(), DataClass::CODE_UNSPECIFIED);
}

TEST(JoinOfLabels, KeepsThatAPersonIsPersonal) {
  EXPECT_EQ(Join(Of(DataClass::PERSON), Of(DataClass::INTEL)).sensitivity(), Sensitivity::PERSONAL);
}

}  // namespace
}  // namespace holdfast::security::policy
