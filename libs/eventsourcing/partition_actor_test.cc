#include "eventsourcing/partition_actor.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/timestamps.h"
#include "eventsourcing/actor_fixtures.h"
#include "eventsourcing/command_ids.h"
#include "eventsourcing/reaction_stream.h"
#include "journal/simulated_journal.h"
#include "observability/metrics.h"
#include "testing/scenario.h"
#include "testing/tool_shed.h"
#include "testing/virtual_time.h"

namespace holdfast::eventsourcing {
namespace {

TEST(PartitionActor, AnswersAnAcceptedCommandWithStreamVersionAndPosition) {
  Shed shed;
  shed.Start();
  const CommandAnswer answer = shed.Call(Ask(1, Register("d", "drill")));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->stream(), "tool/d");
  EXPECT_EQ(answer->version(), 1U);
  EXPECT_EQ(answer->position().context(), "testing");
  EXPECT_EQ(answer->position().seq(), 1U);
  EXPECT_FALSE(answer->repeated());
  ASSERT_EQ(shed.Commits().size(), 1U);
  const journal::v1::Commit commit = shed.Commits().front();
  EXPECT_EQ(commit.tenant(), kTenant);
  EXPECT_EQ(commit.stream(), "tool/d");
  EXPECT_EQ(commit.prev_hash(), std::string(32, '\0'));
  EXPECT_EQ(commit.actor_ref(), "someone");
  ASSERT_EQ(commit.events_size(), 1);
  EXPECT_EQ(commit.events(0).type(), "holdfast.testing.v1.ToolRegistered");
}

TEST(PartitionActor, DecidesOnWhatIsStillInFlight) {
  Shed shed;
  shed.Start();
  const auto registered = shed.Send(Ask(1, Register("d", "drill")));
  const auto enrolled = shed.Send(Ask(2, Enrol("ann", 1)));
  const auto lent = shed.Send(Ask(3, Lend("d", "ann")));
  const auto second = shed.Send(Ask(4, Register("s", "saw")));
  const auto too_many = shed.Send(Ask(5, Lend("s", "ann")));
  ASSERT_TRUE(shed.Until([&] { return too_many->has_value(); }));
  EXPECT_TRUE((*registered)->ok() && (*enrolled)->ok() && (*second)->ok());
  ASSERT_TRUE((*lent)->ok()) << (*lent)->status();
  EXPECT_EQ((**lent)->version(), 2U);
  EXPECT_EQ((**lent)->position().seq(), 3U);
  EXPECT_EQ(Reason(**too_many), "TOO_MANY_TOOLS");
}

TEST(PartitionActor, ChainsTheCommitsOfATenant) {
  Shed shed;
  shed.Start();
  for (std::uint8_t i = 1; i <= 5; ++i)
    shed.Send(Ask(i, Register("t" + std::to_string(i), "label " + std::to_string(i))));
  ASSERT_TRUE(shed.Until([&] { return shed.Commits().size() == 5; }));
  Hash head{};
  std::uint64_t seq = 0;
  for (const journal::v1::Record& record : shed.Records()) {
    if (!record.has_commit()) continue;
    journal::v1::Commit commit;
    ASSERT_TRUE(commit.ParseFromString(record.commit()));
    EXPECT_EQ(commit.seq(), ++seq);
    EXPECT_EQ(commit.prev_hash(), AsBytes(head));
    head = journal::ChainHash(head, record.commit());
  }
}

TEST(PartitionActor, AnswersARepeatedCommandWithItsFirstReceipt) {
  Shed shed;
  shed.Start();
  const auto first = shed.Send(Ask(1, Register("d", "drill")));
  const auto in_flight = shed.Send(Ask(1, Register("d", "drill")));
  ASSERT_TRUE(shed.Until([&] { return in_flight->has_value(); }));
  shed.Do(Ask(2, Register("s", "saw")));
  const CommandAnswer later = shed.Call(Ask(1, Register("d", "drill")));
  shed.time_.RunFor(absl::Seconds(10));  // written to the state store
  const CommandAnswer stored = shed.Call(Ask(1, Register("d", "drill")));
  shed.Restart();
  const CommandAnswer folded = shed.Call(Ask(1, Register("d", "drill")));
  for (const CommandAnswer& answer : {**in_flight, later, stored, folded}) {
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_TRUE(answer->repeated());
    EXPECT_EQ(answer->version(), (**first)->version());
    EXPECT_EQ(answer->position().seq(), 1U);
    EXPECT_EQ(answer->stream(), "tool/d");
  }
  EXPECT_EQ(shed.Commits().size(), 2U);
}

TEST(PartitionActor, RefusesAnotherCommandUnderAnIdThatWasUsed) {
  Shed shed;
  shed.Start();
  shed.Do(Ask(1, Register("d", "drill")));
  const CommandAnswer answer = shed.Call(Ask(1, Register("d", "hammer")));
  EXPECT_TRUE(absl::IsAlreadyExists(answer.status()));
  EXPECT_EQ(Reason(answer), "COMMAND_ID_REUSED");
}

TEST(PartitionActor, RepeatsTheWarningsOfTheFirstReceipt) {
  Shed shed;
  shed.Start();
  shed.Do(Ask(1, Register("d", "drill")));
  shed.Do(Ask(2, Enrol("ann", 1)));
  const v1::LendTool lend = Lend("d", "ann", testing::kSomeday + absl::Hours(24 * 100));
  const CommandAnswer first = shed.Call(Ask(3, lend));
  ASSERT_TRUE(first.ok());
  ASSERT_EQ(first->warnings_size(), 1);
  EXPECT_EQ(first->warnings(0), "LONG_LOAN");
  shed.Restart();
  const CommandAnswer again = shed.Call(Ask(3, lend));
  ASSERT_EQ(again->warnings_size(), 1);
  EXPECT_EQ(again->warnings(0), "LONG_LOAN");
}

TEST(PartitionActor, SaysWhichRuleRefusedAndWhatToDo) {
  Shed shed;
  shed.Start();
  const CommandAnswer answer = shed.Call(Ask(1, Lend("d", "ann")));
  EXPECT_TRUE(absl::IsFailedPrecondition(answer.status()));
  EXPECT_EQ(Reason(answer), "WRONG_STATE");
  EXPECT_EQ(answer.status().message(), "This cannot be done at this stage.");
  EXPECT_TRUE(shed.Commits().empty());
}

TEST(PartitionActor, RefusesATagThatAnotherStreamHolds) {
  Shed shed;
  shed.Start();
  const auto first = shed.Send(Ask(1, Register("d", "drill")));
  const auto in_flight = shed.Send(Ask(2, Register("e", "drill")));
  ASSERT_TRUE(shed.Until([&] { return in_flight->has_value(); }));
  EXPECT_EQ(Reason(**in_flight), "LABEL_TAKEN");
  shed.time_.RunFor(absl::Seconds(10));
  EXPECT_EQ(Reason(shed.Call(Ask(3, Register("e", "drill")))), "LABEL_TAKEN");
  shed.Restart();
  EXPECT_EQ(Reason(shed.Call(Ask(4, Register("e", "drill")))), "LABEL_TAKEN");
}

TEST(PartitionActor, SaysThatItIsSoAlready) {
  Shed shed;
  shed.Start();
  shed.Do(Ask(1, Register("d", "drill")));
  const CommandAnswer answer = shed.Call(Ask(2, Register("d", "drill")));
  ASSERT_TRUE(answer.ok());
  EXPECT_TRUE(answer->already_so());
  EXPECT_EQ(answer->version(), 1U);
  EXPECT_EQ(answer->position().seq(), 1U);
  EXPECT_EQ(shed.Commits().size(), 1U);
}

TEST(PartitionActor, RefusesAStaleExpectedVersion) {
  Shed shed;
  shed.Start();
  CommandRequest fresh = Ask(1, Register("d", "drill"));
  fresh.expected_version = 0;
  EXPECT_TRUE(shed.Call(std::move(fresh)).ok());
  CommandRequest stale = Ask(2, Return("d"));
  stale.expected_version = 0;
  const CommandAnswer answer = shed.Call(std::move(stale));
  EXPECT_TRUE(absl::IsAborted(answer.status()));
  EXPECT_EQ(Reason(answer), "VERSION_CONFLICT");
}

TEST(PartitionActor, RefusesWhatNamesAPerson) {
  Shed shed;
  shed.Start();
  v1::RegisterTool command = Register("d", "drill");
  command.mutable_donor()->set_text("a name");
  const CommandAnswer answer = shed.Call(Ask(1, command));
  EXPECT_TRUE(absl::IsFailedPrecondition(answer.status()));
  EXPECT_EQ(Reason(answer), "PERSONAL_NOT_YET_SUPPORTED");
  EXPECT_TRUE(shed.Commits().empty());
}

TEST(PartitionActor, RefusesWhatIsTooLargeForOneRecord) {
  Shed shed;
  shed.Start();
  const CommandAnswer answer =
      shed.Call(Ask(1, Register("d", std::string(journal::kMaxRecordBytes, 'x'))));
  EXPECT_TRUE(absl::IsInvalidArgument(answer.status()));
  EXPECT_EQ(Reason(answer), "TOO_LARGE");
  EXPECT_TRUE(shed.Call(Ask(2, Register("d", "drill"))).ok());
}

TEST(PartitionActor, DropsACommandWhoseDeadlineHasPassed) {
  Shed shed;
  shed.Start();
  CommandRequest late = Ask(1, Register("d", "drill"));
  late.deadline = shed.time_.Now() - absl::Milliseconds(1);
  EXPECT_TRUE(absl::IsDeadlineExceeded(shed.Call(std::move(late)).status()));
  EXPECT_TRUE(shed.Commits().empty());
}

TEST(PartitionActor, AnswersThatItsQueueIsFull) {
  Shed shed;
  shed.options_.limits = {2, 3, 1};
  shed.Start();
  const auto one = shed.Send(Ask(1, Register("a", "a")));
  const auto two = shed.Send(Ask(2, Register("b", "b")));
  const auto three = shed.Send(Ask(3, Register("c", "c")));
  ASSERT_TRUE(three->has_value());
  EXPECT_EQ(Reason(**three), "QUEUE_FULL");
  EXPECT_TRUE(absl::IsResourceExhausted((*three)->status()));
  const auto reaction = shed.Send(AskReaction(1, Note("ann", "d")));
  ASSERT_TRUE(
      shed.Until([&] { return one->has_value() && two->has_value() && reaction->has_value(); }));
  EXPECT_TRUE((*one)->ok() && (*two)->ok() && (*reaction)->ok());
  EXPECT_TRUE(shed.Call(Ask(3, Register("c", "c"))).ok());
}

TEST(PartitionActor, DecidesForOthersBeforeAFloodIsThrough) {
  Shed shed;
  shed.options_.limits.at_once = 4;
  shed.Start();
  std::vector<std::shared_ptr<std::optional<CommandAnswer>>> flood;
  for (std::uint8_t i = 1; i <= 200; ++i)
    flood.push_back(shed.Send(Ask(i, Register("t" + std::to_string(i), "label"))));
  CommandRequest one = Ask(1, Register("d", "drill"));
  one.tenant = "northfield";
  const auto answer = shed.Send(std::move(one));
  ASSERT_TRUE(shed.Until([&] { return answer->has_value() && flood.back()->has_value(); }));
  const auto commits = shed.Commits();
  const auto own = std::ranges::find(commits, "northfield", &journal::v1::Commit::tenant);
  EXPECT_LT(own - commits.begin(), 4) << "among those that were taken first";
}

TEST(PartitionActor, StopsOnceAllThatWaitedIsAnsweredHoweverFewItTakesAtOnce) {
  Shed shed;
  shed.options_.limits.at_once = 1;
  shed.Start();
  int answered = 0;
  for (std::uint8_t i = 1; i <= 10; ++i) {
    shed.actor_->Submit(Ask(i, Return("nowhere")), [&](const CommandAnswer&) { ++answered; });
  }
  int answered_at_the_end = 0;
  bool retired = false;
  shed.actor_->Retire([&] {
    retired = true;
    answered_at_the_end = answered;
  });
  ASSERT_TRUE(shed.Until([&] { return retired; }));
  EXPECT_EQ(answered_at_the_end, 10);
}

TEST(PartitionActor, TellsATenantBeyondItsQuotaWhenToComeAgain) {
  Shed shed;
  shed.options_.limits.quota = {.per_second = 1, .burst = 1};
  shed.Start();
  const double before = AnsweredWith("quota");
  const double overloaded = AnsweredWith("overloaded");
  shed.Do(Ask(1, Register("d", "drill")));
  const CommandAnswer refused = shed.Call(Ask(2, Register("s", "saw")));
  EXPECT_TRUE(absl::IsResourceExhausted(refused.status()));
  EXPECT_EQ(Reason(refused), "QUOTA");
  EXPECT_EQ(AnsweredWith("quota") - before, 1);
  EXPECT_EQ(AnsweredWith("overloaded") - overloaded, 0);
  shed.time_.RunFor(absl::Seconds(1));
  shed.Do(Ask(2, Register("s", "saw")));
}

TEST(PartitionActor, NeverRunsTimeBackwardsForATenant) {
  Shed shed;
  shed.Start();
  shed.Do(Ask(1, Register("d", "drill")));
  const absl::Time ahead = shed.time_.Now() + absl::Hours(1);
  // As if the clock before the restart had been an hour ahead.
  journal::v1::Commit last = shed.Commits().back();
  journal::v1::Commit next;
  next.set_format(journal::kCommitFormat);
  next.set_tenant(kTenant);
  next.set_seq(2);
  const Hash head = shed.actor_->book().fold().HeadOf(kTenant).hash;
  next.set_prev_hash(head.data(), head.size());
  next.set_stream("tool/d");
  next.set_version(2);
  const Uuid id = Id(9);
  next.set_command_id(id.data(), id.size());
  *next.mutable_recorded_at() = ToTimestamp(ahead);
  const journal::WriterId other{2, Id(77)};
  shed.ownership_.may_take_over = false;
  shed.WriteForeign(journal::EncodeBarrier(other));
  shed.WriteForeign(journal::EncodeCommitRecord(other, next).record);
  ASSERT_TRUE(shed.Until([&] { return shed.actor_->phase() == Phase::kFollowing; }));
  shed.ownership_.may_take_over = true;
  ASSERT_TRUE(shed.Until([&] { return shed.actor_->phase() == Phase::kServing; }));
  ASSERT_TRUE(shed.Call(Ask(10, Enrol("ann", 1))).ok());
  EXPECT_EQ(ToTime(shed.Commits().back().recorded_at()), ahead);
}

CommandRequest Under(security::PolicyEpoch epoch, CommandRequest request) {
  request.policy_epoch = epoch;
  return request;
}

TEST(PartitionActor, WritesUnderWhichRightsItDecided) {
  Shed shed;
  shed.Start();
  ASSERT_TRUE(shed.Call(Under({7, 3}, Ask(1, Register("d", "drill")))).ok());
  EXPECT_EQ(shed.Commits().back().policy_epoch().own(), 7U);
  EXPECT_EQ(shed.Commits().back().policy_epoch().operator_(), 3U);
}

TEST(PartitionActor, DecidesUnderNoOlderRightsThanItHasSeen) {
  Shed shed;
  shed.Start();
  ASSERT_TRUE(shed.Call(Under({7, 3}, Ask(1, Register("d", "drill")))).ok());
  // Compared part by part.
  for (const security::PolicyEpoch older : {security::PolicyEpoch{6, 3}, {7, 2}, {6, 9}}) {
    const CommandAnswer answer = shed.Call(Under(older, Ask(2, Enrol("ann", 1))));
    EXPECT_TRUE(absl::IsUnavailable(answer.status())) << answer.status();
    EXPECT_EQ(ReasonOf(answer.status()), "PROTECTION_DOWN");
  }
  EXPECT_TRUE(shed.Call(Under({8, 3}, Ask(3, Enrol("ann", 1)))).ok());
  // A timer and a reactor are nobody's.
  EXPECT_TRUE(shed.Call(Ask(4, Enrol("bob", 1))).ok());
}

TEST(PartitionActor, StepsDownBeforeAForeignBarrierAndFollows) {
  Shed shed;
  shed.Start();
  shed.Do(Ask(1, Register("d", "drill")));
  shed.ownership_.may_take_over = false;
  const journal::WriterId other{2, Id(77)};
  shed.WriteForeign(journal::EncodeBarrier(other));
  const auto lost = shed.Send(Ask(2, Register("s", "saw")));
  ASSERT_TRUE(shed.Until([&] { return lost->has_value(); }));
  EXPECT_TRUE(absl::IsUnavailable((*lost)->status()));
  EXPECT_EQ(Reason(**lost), "STEPPED_DOWN");
  ASSERT_TRUE(shed.Until([&] { return shed.actor_->phase() == Phase::kFollowing; }));
  EXPECT_EQ(Reason(shed.Call(Ask(3, Register("s", "saw")))), "NOT_OWNER");
  shed.ownership_.may_take_over = true;
  ASSERT_TRUE(shed.Until([&] { return shed.actor_->phase() == Phase::kServing; }));
  EXPECT_TRUE(shed.Call(Ask(2, Register("s", "saw"))).ok());
}

TEST(PartitionActor, AnswersNothingThatNoAppendProvesWhileItIsNotSureToBeTheOwner) {
  Shed shed;
  shed.Start();
  shed.Do(Ask(1, Register("d", "drill")));
  shed.ownership_.sure = false;
  shed.ownership_.may_take_over = false;
  EXPECT_EQ(Reason(shed.Call(Ask(2, Register("e", "drill")))), "OWNER_UNSURE");
  EXPECT_TRUE(shed.Call(Ask(3, Register("e", "saw"))).ok());
}

TEST(PartitionActor, StaysUnsureWhenAHeartbeatComesBackLateUntilItHasReadAnotherBarrierOfItsOwn) {
  Shed shed;
  shed.Start();
  shed.Do(Ask(1, Register("d", "drill")));
  shed.ownership_.sure = false;
  shed.ownership_.may_take_over = false;
  EXPECT_EQ(Reason(shed.Call(Ask(2, Register("e", "drill")))), "OWNER_UNSURE");
  shed.ownership_.sure = true;
  EXPECT_EQ(Reason(shed.Call(Ask(3, Register("e", "drill")))), "OWNER_UNSURE");
  shed.ownership_.may_take_over = true;
  ASSERT_TRUE(shed.Until([&] {
    return shed.actor_->phase() == Phase::kServing &&
           shed.actor_->book().fold().state().owner.epoch == 2;
  }));
  EXPECT_EQ(Reason(shed.Call(Ask(4, Register("e", "drill")))), "LABEL_TAKEN");
}

TEST(PartitionActor, RemembersALapseThatNobodyAskedAbout) {
  Shed shed;
  shed.Start();
  shed.Do(Ask(1, Register("d", "drill")));
  shed.ownership_.may_take_over = false;
  shed.ownership_.sure = false;
  shed.time_.RunFor(absl::Seconds(2));
  shed.ownership_.sure = true;
  EXPECT_EQ(Reason(shed.Call(Ask(2, Register("e", "drill")))), "OWNER_UNSURE");
}

TEST(PartitionActor, SeesThatItWasReplacedAlthoughItWritesNothing) {
  Shed shed;
  shed.Start();
  shed.Do(Ask(1, Register("d", "drill")));
  shed.time_.RunFor(absl::Minutes(1));
  shed.ownership_.may_take_over = false;
  shed.WriteForeign(journal::EncodeBarrier({2, Id(77)}));
  EXPECT_TRUE(shed.Until([&] { return shed.actor_->phase() == Phase::kFollowing; }));
  EXPECT_EQ(shed.actor_->book().fold().state().owner.epoch, 2U);
}

TEST(PartitionActor, WritesABarrierAnewOnceItWasUnsure) {
  Shed shed;
  shed.Start();
  shed.ownership_.sure = false;
  ASSERT_TRUE(shed.Until([&] {
    return shed.actor_->phase() == Phase::kServing &&
           shed.actor_->book().fold().state().owner.epoch == 2;
  }));
  EXPECT_TRUE(shed.ownership_.sure);
}

TEST(PartitionActor, FiresATimerOnceWhenItIsDue) {
  Shed shed;
  shed.Start();
  shed.Do(Ask(1, Register("d", "drill")));
  shed.Do(Ask(2, Enrol("ann", 1)));
  shed.Do(Ask(3, Lend("d", "ann", shed.time_.Now() + absl::Minutes(5))));
  shed.time_.RunFor(absl::Minutes(4));
  EXPECT_EQ(shed.Commits().size(), 3U);
  shed.time_.RunFor(absl::Minutes(10));
  ASSERT_EQ(shed.Commits().size(), 4U);
  EXPECT_EQ(shed.Commits().back().events(0).type(), "holdfast.testing.v1.LoanOverdue");
  EXPECT_EQ(shed.Commits().back().actor_ref(), "timer");
  shed.Do(Ask(4, Return("d")));
  shed.Do(Ask(5, Lend("d", "ann", shed.time_.Now() + absl::Minutes(5))));
  shed.Restart();
  shed.time_.RunFor(absl::Hours(1));
  EXPECT_EQ(shed.Commits().size(), 7U);
}

TEST(PartitionActor, TakesAReactionOnceWhateverItsAge) {
  Shed shed;
  shed.Start();
  EXPECT_TRUE(shed.Call(AskReaction(5, Note("ann", "d"))).ok());
  EXPECT_TRUE(shed.Call(AskReaction(7, Note("ann", "s"))).ok());
  EXPECT_TRUE(shed.Call(AskReaction(5, Note("ann", "d")))->repeated());
  shed.Restart();
  EXPECT_TRUE(shed.Call(AskReaction(5, Note("ann", "d")))->repeated());
  EXPECT_TRUE(shed.Call(AskReaction(6, Note("ann", "late")))->repeated());
  EXPECT_EQ(shed.Commits().size(), 2U);
}

TEST(PartitionActor, WritesAnEmptyCommitForAReactionThatChangesNothing) {
  Shed shed;
  shed.Start();
  EXPECT_TRUE(shed.Call(AskReaction(5, Note("ann", "spare"))).ok());
  ASSERT_EQ(shed.Commits().size(), 1U);
  EXPECT_EQ(shed.Commits()[0].stream(), "reaction/note-loans");
  EXPECT_EQ(shed.Commits()[0].events_size(), 0);
  shed.Restart();
  EXPECT_TRUE(shed.Call(AskReaction(5, Note("ann", "spare")))->repeated());
  EXPECT_EQ(shed.Commits().size(), 1U);
}

TEST(PartitionActor, ParksARefusedReactionUntilItIsSettled) {
  Shed shed;
  shed.Start();
  v1::CloseLedger close;
  close.set_member_id("ann");
  shed.Do(Ask(1, close));
  const CommandAnswer parked = shed.Call(AskReaction(5, Note("ann", "d")));
  ASSERT_TRUE(parked.ok()) << parked.status();
  EXPECT_EQ(parked->warnings(0), "REACTION_PARKED");
  auto state = shed.actor_->StateOf(kTenant, "reaction", "note-loans");
  ASSERT_TRUE(state.ok());
  const auto& reaction = static_cast<const journal::v1::ReactionState&>(**state);
  ASSERT_EQ(reaction.parked_size(), 1);
  EXPECT_EQ(reaction.parked(0).reason(), "LEDGER_CLOSED");
  EXPECT_EQ(reaction.parked(0).target_stream(), "ledger/ann");
  journal::v1::SettleReaction settle;
  settle.set_reactor("note-loans");
  *settle.mutable_caused_by() = CausedBy(5);
  settle.set_discarded(true);
  EXPECT_TRUE(shed.Call(Ask(2, settle)).ok());
  EXPECT_EQ(Reason(shed.Call(Ask(3, settle))), "NOT_PARKED");
}

TEST(PartitionActor, FreezesATenantWhoseHistoryItDoesNotUnderstand) {
  Shed shed;
  shed.Start();
  journal::v1::Commit strange;
  strange.set_format(journal::kCommitFormat);
  strange.set_tenant("otherham");
  strange.set_seq(1);
  strange.set_prev_hash(std::string(32, '\0'));
  strange.set_stream("tool/x");
  strange.set_version(1);
  const Uuid id = Id(9);
  strange.set_command_id(id.data(), id.size());
  strange.add_events()->set_type("holdfast.testing.v1.NotYetInvented");
  const journal::WriterId other{2, Id(77)};
  shed.WriteForeign(journal::EncodeBarrier(other));
  shed.WriteForeign(journal::EncodeCommitRecord(other, strange).record);
  ASSERT_TRUE(shed.Until([&] { return shed.actor_->book().fold().state().owner.epoch == 3; }));
  ASSERT_TRUE(shed.Until([&] { return shed.actor_->phase() == Phase::kServing; }));
  CommandRequest request = Ask(1, Register("d", "drill"));
  request.tenant = "otherham";
  const CommandAnswer answer = shed.Call(std::move(request));
  EXPECT_TRUE(absl::IsDataLoss(answer.status()));
  EXPECT_EQ(Reason(answer), "TENANT_FROZEN");
  EXPECT_EQ(shed.actor_->status().frozen_tenants, 1U);
  EXPECT_TRUE(shed.Call(Ask(2, Register("d", "drill"))).ok());
}

TEST(PartitionActor, FreezesThePartitionAtADamagedRecord) {
  Shed shed;
  shed.Start();
  shed.Do(Ask(1, Register("d", "drill")));
  shed.Do(Ask(2, Register("s", "saw")));
  shed.actor_.reset();
  shed.journal_.Damage({"testing", 0},
                       shed.journal_.records()->partitions.at({"testing", 0})[1].offset);
  shed.actor_ =
      std::make_unique<PartitionActor>(shed.options_, std::make_unique<MemoryStateStore>());
  shed.actor_->Start();
  ASSERT_TRUE(shed.Until([&] { return shed.actor_->phase() == Phase::kFrozen; }));
  const CommandAnswer answer = shed.Call(Ask(3, Register("x", "x")));
  EXPECT_TRUE(absl::IsDataLoss(answer.status()));
  EXPECT_EQ(Reason(answer), "PARTITION_FROZEN");
}

TEST(PartitionActor, FreezesWhereAnotherReaderMeetsOldDamage) {
  Shed shed;
  shed.Start();
  shed.Do(Ask(1, Register("d", "drill")));
  shed.Do(Ask(2, Register("s", "saw")));
  shed.journal_.Damage({"testing", 0},
                       shed.journal_.records()->partitions.at({"testing", 0})[1].offset);
  shed.time_.RunFor(absl::Seconds(10));
  EXPECT_EQ(shed.actor_->phase(), Phase::kServing) << "nobody has read there again";
  const auto reader = shed.journal_.OpenReader({"testing", 0}, 0);
  (void)(*reader)->Read(100);
  ASSERT_TRUE(shed.Until([&] { return shed.actor_->phase() == Phase::kFrozen; }));
  EXPECT_EQ(Reason(shed.Call(Ask(3, Register("x", "x")))), "PARTITION_FROZEN");
}

TEST(PartitionActor, SaysThatTheDiskRefusesAndTriesNothingMore) {
  Shed shed;
  shed.Start();
  shed.Do(Ask(1, Register("d", "drill")));
  shed.journal_.Freeze();
  const CommandAnswer refused = shed.Call(Ask(2, Register("s", "saw")));
  EXPECT_TRUE(absl::IsUnavailable(refused.status()));
  EXPECT_EQ(Reason(refused), "READ_ONLY");
  shed.time_.RunFor(absl::Minutes(1));
  EXPECT_EQ(shed.actor_->phase(), Phase::kFollowing);
  EXPECT_EQ(Reason(shed.Call(Ask(3, Register("x", "x")))), "READ_ONLY");
}

TEST(PartitionActor, GoesOnFromItsStateStore) {
  Shed shed;
  const auto store = std::make_shared<MemoryStateStore>();
  shed.Start(std::make_unique<SharedStore>(store));
  shed.Do(Ask(1, Register("d", "drill")));
  shed.Do(Ask(2, Enrol("ann", 1)));
  shed.Do(Ask(3, Lend("d", "ann", shed.time_.Now() + absl::Minutes(5))));
  shed.time_.RunFor(absl::Seconds(10));
  shed.actor_->Stop();
  shed.actor_.reset();
  ASSERT_FALSE(store->entries().empty());
  shed.Start(std::make_unique<SharedStore>(store));
  EXPECT_EQ(Reason(shed.Call(Ask(4, Register("e", "drill")))), "LABEL_TAKEN");
  EXPECT_TRUE(shed.Call(Ask(3, Lend("d", "ann", testing::kSomeday))).status().code() ==
              absl::StatusCode::kAlreadyExists);
  shed.time_.RunFor(absl::Minutes(10));
  EXPECT_EQ(shed.Commits().back().events(0).type(), "holdfast.testing.v1.LoanOverdue");
}

TEST(PartitionActor, FreezesWhenTheJournalEndsBeforeWhatWasFolded) {
  Shed shed;
  const auto store = std::make_shared<MemoryStateStore>();
  shed.Start(std::make_unique<SharedStore>(store));
  shed.Do(Ask(1, Register("d", "drill")));
  shed.Do(Ask(2, Register("s", "saw")));
  shed.time_.RunFor(absl::Seconds(10));
  shed.actor_.reset();
  shed.journal_.Truncate({"testing", 0}, 2);
  shed.actor_ =
      std::make_unique<PartitionActor>(shed.options_, std::make_unique<SharedStore>(store));
  shed.actor_->Start();
  EXPECT_TRUE(shed.Until([&] { return shed.actor_->phase() == Phase::kFrozen; }));
}

TEST(PartitionActor, TellsWhatWaitsThatItStops) {
  Shed shed;
  shed.Start();
  const auto waiting = shed.Send(Ask(1, Register("d", "drill")));
  shed.actor_->Stop();
  ASSERT_TRUE(waiting->has_value());
  EXPECT_TRUE(absl::IsUnavailable((*waiting)->status()));
  const auto after = shed.Send(Ask(2, Register("d", "drill")));
  ASSERT_TRUE(after->has_value());
  EXPECT_TRUE(absl::IsUnavailable((*after)->status()));
}

}  // namespace
}  // namespace holdfast::eventsourcing
