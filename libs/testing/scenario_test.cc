#include "testing/scenario.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "testing/tool_shed.h"

namespace holdfast::testing {
namespace {

constexpr GivenEventsOf<Tool> Given;
using Refusal = v1::Refusal;

v1::ToolRegistered DrillRegistered() {
  return Text(R"pb(label: "drill")pb");
}
v1::ToolLent LentToAnn() {
  return Text(R"pb(member_id: "ann"
                   due_at: { seconds: 1772532000 })pb");
}
v1::MemberEnrolled Enrolled() {
  return Text(R"pb(limit: 1)pb");
}
v1::RegisterTool RegisterDrill() {
  return Text(R"pb(tool_id: "d" label: "drill")pb");
}
v1::LendTool LendToAnn() {
  return Text(R"pb(tool_id: "d"
                   member_id: "ann"
                   due_at: { seconds: 1772532000 })pb");
}

TEST(Scenario, SaysWhichEventsACommandBringsAbout) {
  Given().When(RegisterDrill()).Then(DrillRegistered());
}

TEST(Scenario, SaysThatNothingHappensTwice) {
  Given(DrillRegistered()).When(RegisterDrill()).ThenNothingHappens();
}

TEST(Scenario, FillsWhatARuleReadsOfOtherStreams) {
  Given(DrillRegistered()).With<Member>("ann", Enrolled()).When(LendToAnn()).Then(LentToAnn());
  Given(DrillRegistered()).When(LendToAnn()).ThenRefused(Refusal::NOT_ENROLLED, "member_id");
  Given(DrillRegistered())
      .With<Member>("ann", Enrolled())
      .With<Tool>("other", DrillRegistered(), LentToAnn())
      .When(LendToAnn())
      .ThenRefused(Refusal::TOO_MANY_TOOLS);
}

TEST(Scenario, ChecksConditionsOnTheTagsOfOtherStreams) {
  Given()
      .With<Tool>("other", DrillRegistered())
      .When(RegisterDrill())
      .ThenRefused(Refusal::LABEL_TAKEN, "label");
}

TEST(Scenario, MovesTheClockAndSeesWarnings) {
  Given(DrillRegistered())
      .At(kSomeday - absl::Hours(24 * 60))
      .With<Member>("ann", Enrolled())
      .When(LendToAnn())
      .ThenWarns(v1::Warning::LONG_LOAN);
}

TEST(Scenario, FiresATimer) {
  v1::LoanOverdue overdue = Text(R"pb(due_at: { seconds: 1772532000 })pb");
  Given(DrillRegistered(), LentToAnn()).WhenDue("overdue").Then(overdue);
}

TEST(Scenario, SaysWhatDiffersWhenASentenceIsFalse) {
  EXPECT_NONFATAL_FAILURE(Given().When(RegisterDrill()).ThenNothingHappens(), "ToolRegistered");
  EXPECT_NONFATAL_FAILURE(
      {
        v1::ToolRegistered saw = Text(R"pb(label: "saw")pb");
        Given().When(RegisterDrill()).Then(saw);
      },
      "modified: label: \"saw\" -> \"drill\"");
  EXPECT_NONFATAL_FAILURE(Given().When(RegisterDrill()).ThenRefused(Refusal::LABEL_TAKEN),
                          "then refused: LABEL_TAKEN");
  EXPECT_NONFATAL_FAILURE(Given().When(RegisterDrill()).ThenWarns("LONG_LOAN"), "LONG_LOAN");
}

}  // namespace
}  // namespace holdfast::testing
