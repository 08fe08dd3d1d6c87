#include "eventsourcing/stream_type.h"

#include <gtest/gtest.h>

#include "eventsourcing/reaction_stream.h"
#include "eventsourcing/stream_types.h"
#include "testing/laws.h"
#include "testing/scenario.h"
#include "testing/tool_shed.h"

namespace holdfast::eventsourcing {
namespace {

namespace v1 = testing::v1;

TEST(StreamType, NamesItsContextAfterThePackage) {
  EXPECT_EQ(ContextOf(*v1::ToolLent::descriptor()), "testing");
  EXPECT_EQ(StreamTypeOf<testing::Tool>().context, "testing");
}

TEST(StreamType, FindsTheStreamInTheFirstField) {
  v1::ReturnTool command;
  SetFirstField(command, "d");
  EXPECT_EQ(command.tool_id(), "d");
  EXPECT_EQ(FirstField(command), "d");
  EXPECT_EQ(FirstField(v1::LoanOverdue()), "");  // its field 1 is no text
}

TEST(StreamType, HasASentenceForEachRefusal) {
  EXPECT_EQ(SentenceOf(*v1::Refusal::Code_descriptor(), v1::Refusal::SUSPENDED),
            "A suspended member borrows nothing.");
  EXPECT_EQ(SentenceOf(*v1::Refusal::Code_descriptor(), 4711), "");
}

TEST(StreamTypes, FindEachTypeByKindCommandAndStream) {
  const StreamTypes types({StreamTypeOf<testing::Tool>(), StreamTypeOf<testing::Member>()});
  EXPECT_EQ(types.OfKind("tool")->kind, "tool");
  EXPECT_EQ(types.OfStream("member/ann")->kind, "member");
  EXPECT_EQ(types.OfCommand(*v1::LendTool::descriptor())->kind, "tool");
  EXPECT_EQ(types.OfKind("ledger"), nullptr);
  EXPECT_EQ(types.OfCommand(*v1::NoteLoan::descriptor()), nullptr);
  EXPECT_EQ(types.reactions().kind, "reaction");
}

constexpr testing::GivenEventsOf<ReactionStream> Given;

journal::v1::ReactionParked Parked() {
  return testing::Text(R"pb(caused_by: { reactor: "r" context: "testing" seq: 5 })pb");
}
journal::v1::SettleReaction Settle() {
  return testing::Text(R"pb(reactor: "r"
                            caused_by: { reactor: "r" context: "testing" seq: 5 })pb");
}

TEST(ReactionStream, SettlesWhatIsParkedOnce) {
  const journal::v1::ReactionSettled settled =
      testing::Text(R"pb(caused_by: { reactor: "r" context: "testing" seq: 5 })pb");
  Given(Parked()).When(Settle()).Then(settled);
  Given(Parked(), settled).When(Settle()).ThenRefused(journal::v1::ReactionRefusal::NOT_PARKED);
  Given().When(Settle()).ThenRefused(journal::v1::ReactionRefusal::NOT_PARKED, "caused_by");
}

TEST(ReactionStream, KeepsTheLawsOfDeciders) {
  testing::CheckDeciderLaws<ReactionStream>(
      [](Random&) -> ReactionStream::Command { return Settle(); });
}

}  // namespace
}  // namespace holdfast::eventsourcing
