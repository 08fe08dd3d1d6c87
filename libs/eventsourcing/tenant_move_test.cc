// A tenant that moves between the two partitions of a context, step by step, in virtual time.
#include <array>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "holdfast/journal/v1/journal.pb.h"

#include "eventsourcing/accepted_feed.h"
#include "eventsourcing/actor_fixtures.h"
#include "eventsourcing/tenant_places.h"
#include "eventsourcing/tenant_receiver.h"
#include "eventsourcing/tenant_trail.h"

namespace holdfast::eventsourcing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = TenantReceiver::Step::Kind;

constexpr std::uint32_t kPartitions = 2;
const std::uint32_t kHome = journal::PartitionOf(kTenant, kPartitions);
const std::uint32_t kOther = 1 - kHome;

// Two partitions of one context, each with its actor, above a journal without faults.
class TenantMove : public ::testing::Test {
 protected:
  TenantMove() {
    EXPECT_TRUE(journal_.CreateContext("testing", kPartitions).ok());
    for (std::uint32_t partition = 0; partition < kPartitions; ++partition) Restart(partition);
  }

  // As a crash, with the loss of all derived state.
  void Restart(std::uint32_t partition) {
    actors_[partition].reset();
    ActorOptions options;
    options.partition = {"testing", partition};
    options.partitions = kPartitions;
    options.places = &places_;
    options.journal = &journal_;
    options.executor = executor_.get();
    options.clock = &time_;
    options.random = &random_;
    options.streams = &streams_;
    options.upcasters = &upcasters_;
    options.sealer = &sealer_;
    options.mac_keys = &keys_;
    options.ownership = &ownership_;
    options.flush_every = 4;
    actors_[partition] =
        std::make_unique<PartitionActor>(std::move(options), std::make_unique<MemoryStateStore>());
    actors_[partition]->Start();
    EXPECT_TRUE(Until([&] { return actors_[partition]->phase() == Phase::kServing; }));
  }

  bool Until(const std::function<bool()>& done) { return time_.RunUntil(done, absl::Minutes(2)); }
  PartitionActor& At(std::uint32_t partition) { return *actors_[partition]; }

  CommandAnswer CallAt(std::uint32_t partition, CommandRequest request) {
    std::optional<CommandAnswer> answer;
    At(partition).Submit(std::move(request),
                         [&answer](CommandAnswer given) { answer = std::move(given); });
    EXPECT_TRUE(Until([&] { return answer.has_value(); }));
    return answer.value_or(absl::InternalError("no answer"));
  }
  void DoAt(std::uint32_t partition, CommandRequest request) {
    const CommandAnswer answer = CallAt(partition, std::move(request));
    EXPECT_TRUE(answer.ok()) << answer.status();
  }

  template <class Begin>
  absl::Status Outcome(Begin begin) {
    std::optional<absl::Status> outcome;
    begin([&outcome](absl::Status given) { outcome = std::move(given); });
    EXPECT_TRUE(Until([&] { return outcome.has_value(); }));
    return outcome.value_or(absl::InternalError("no outcome"));
  }
  absl::Status Close(std::uint32_t from, std::uint32_t to) {
    return Outcome([&](MoveDone done) { At(from).CloseTenant(kTenant, to, std::move(done)); });
  }
  std::unique_ptr<TenantReceiver> Receiver(std::uint32_t to) {
    return *TenantReceiver::Open(journal_, {"testing", to}, kTenant);
  }
  // One step of the receiver: what it was.
  Kind Step(TenantReceiver& receiver, std::uint32_t to) {
    const auto step = receiver.Next(At(to).StandingOf(kTenant));
    EXPECT_TRUE(step.ok()) << step.status();
    if (!step.ok()) return Kind::kCaughtUp;
    const absl::Status done = Outcome(
        [&](MoveDone outcome) { TenantReceiver::Do(*step, kTenant, At(to), std::move(outcome)); });
    EXPECT_TRUE(done.ok()) << done;
    return step->kind;
  }
  void Move(std::uint32_t from, std::uint32_t to) {
    const auto receiver = Receiver(to);
    while (Step(*receiver, to) == Kind::kCopy) {
    }
    EXPECT_TRUE(Close(from, to).ok());
    while (Step(*receiver, to) == Kind::kCopy) {
    }
    EXPECT_TRUE(At(to).StandingOf(kTenant).here);
  }

  // The sequence of the tenant's commits, as its trail gives them.
  std::vector<std::uint64_t> Trail() {
    const auto trail = *TenantTrail::Open(journal_, "testing", kTenant);
    std::vector<std::uint64_t> seqs;
    while (true) {
      const auto read =
          trail->Advance(3, [&](const journal::v1::Commit& commit, std::string_view stored) {
            EXPECT_EQ(commit.SerializeAsString(), stored);
            seqs.push_back(commit.seq());
            return true;
          });
      EXPECT_TRUE(read.ok()) << read.status();
      if (!read.ok() || *read == 0) break;
    }
    EXPECT_EQ(trail->head().seq, seqs.size());
    return seqs;
  }
  std::uint32_t Place() {
    return places_.Find(
        kTenant, [](std::uint32_t) { return true; },
        [this](std::uint32_t partition) { return At(partition).phase() == Phase::kServing; });
  }
  std::size_t Voids() const {
    std::size_t voids = 0;
    for (std::uint32_t partition = 0; partition < kPartitions; ++partition) {
      journal::AcceptanceFold fold;
      for (const auto& stored : journal_.records()->partitions.at({"testing", partition}))
        if (!fold.Apply(stored.offset, stored.bytes)->accepted()) ++voids;
    }
    return voids;
  }

  testing::VirtualTime time_{1};
  std::unique_ptr<Executor> executor_ = time_.NewExecutor();
  journal::SimulatedJournal journal_{*executor_};
  SeededRandom random_{7};
  StreamTypes streams_{{StreamTypeOf<testing::Tool>(), StreamTypeOf<testing::Member>(),
                        StreamTypeOf<testing::Ledger>()}};
  Upcasters upcasters_;
  NoSealer sealer_;
  FileMacKeys keys_{"a secret of thirty-two bytes ..."};
  SwitchedOwnership ownership_;
  TenantPlaces places_{kPartitions};
  std::array<std::unique_ptr<PartitionActor>, kPartitions> actors_;
};

TEST_F(TenantMove, TakesItsWholeHistoryAlongAndGoesOnWithEqualHeads) {
  DoAt(kHome, Ask(1, Register("drill", "red")));
  DoAt(kHome, Ask(2, Enrol("ann", 2)));
  Move(kHome, kOther);
  EXPECT_EQ(At(kHome).book().fold().HeadOf(kTenant).hash,
            At(kOther).book().fold().HeadOf(kTenant).hash);
  EXPECT_EQ(Place(), kOther);
  const CommandAnswer lent = CallAt(kOther, Ask(3, Lend("drill", "ann")));
  ASSERT_TRUE(lent.ok()) << lent.status();
  EXPECT_EQ(lent->position().seq(), 3U) << "decided on states that were folded from copies";
  EXPECT_THAT(Trail(), ElementsAre(1, 2, 3));
  EXPECT_EQ(Voids(), 0U);
}

TEST_F(TenantMove, AnswersACommandThatIsRepeatedAfterItWithItsFirstReceipt) {
  DoAt(kHome, Ask(1, Register("drill", "red")));
  Move(kHome, kOther);
  const CommandAnswer again = CallAt(kOther, Ask(1, Register("drill", "red")));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->repeated());
  EXPECT_EQ(again->position().seq(), 1U);
  EXPECT_EQ(Reason(CallAt(kOther, Ask(1, Register("drill", "blue")))), "COMMAND_ID_REUSED");
}

TEST_F(TenantMove, KeepsConditionsAcrossStreams) {
  DoAt(kHome, Ask(1, Register("drill", "red")));
  Move(kHome, kOther);
  EXPECT_EQ(Reason(CallAt(kOther, Ask(2, Register("saw", "red")))), "LABEL_TAKEN");
}

TEST_F(TenantMove, KeepsHowFarAReactorHasWorked) {
  DoAt(kHome, AskReaction(5, Note("ann", "drill")));
  Move(kHome, kOther);
  const CommandAnswer again = CallAt(kOther, AskReaction(5, Note("ann", "drill")));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->repeated());
}

TEST_F(TenantMove, FiresItsTimersWhereItIsAndNowhereElse) {
  DoAt(kHome, Ask(1, Register("drill", "red")));
  DoAt(kHome, Ask(2, Enrol("ann", 2)));
  DoAt(kHome, Ask(3, Lend("drill", "ann", testing::kSomeday + absl::Hours(1))));
  Move(kHome, kOther);
  time_.RunFor(absl::Hours(2));
  EXPECT_EQ(At(kOther).book().fold().HeadOf(kTenant).seq, 4U);
  EXPECT_EQ(At(kHome).book().fold().HeadOf(kTenant).seq, 3U);
  EXPECT_EQ(Voids(), 0U);
}

TEST_F(TenantMove, CopiesMostOfItWhileCommandsAreStillTaken) {
  DoAt(kHome, Ask(1, Register("drill", "red")));
  const auto receiver = Receiver(kOther);
  EXPECT_EQ(Step(*receiver, kOther), Kind::kCopy);
  DoAt(kHome, Ask(2, Enrol("ann", 2)));
  EXPECT_EQ(Reason(CallAt(kOther, Ask(3, Enrol("bob", 2)))), "TENANT_MOVING");
  EXPECT_EQ(Step(*receiver, kOther), Kind::kCopy);
  EXPECT_EQ(Step(*receiver, kOther), Kind::kCaughtUp);
  EXPECT_EQ(Place(), kHome);
}

TEST_F(TenantMove, TakesNoCommandOnceItIsClosed) {
  DoAt(kHome, Ask(1, Register("drill", "red")));
  ASSERT_TRUE(Close(kHome, kOther).ok());
  const CommandAnswer refused = CallAt(kHome, Ask(2, Enrol("ann", 2)));
  EXPECT_TRUE(absl::IsUnavailable(refused.status()));
  EXPECT_EQ(Reason(refused), "TENANT_MOVING");
  EXPECT_EQ(Reason(CallAt(kOther, Ask(2, Enrol("ann", 2)))), "TENANT_MOVING");
  CommandRequest other = Ask(3, Enrol("ann", 2));
  other.tenant = "eastvale";
  DoAt(journal::PartitionOf("eastvale", kPartitions), std::move(other));
}

TEST_F(TenantMove, CarriesWhatWasOnItsWayWhenItWasClosed) {
  std::optional<CommandAnswer> answer;
  At(kHome).Submit(Ask(1, Register("drill", "red")),
                   [&](CommandAnswer given) { answer = std::move(given); });
  std::optional<absl::Status> closed;
  executor_->Post([&] {
    At(kHome).CloseTenant(kTenant, kOther, [&](absl::Status done) { closed = std::move(done); });
  });
  ASSERT_TRUE(Until([&] { return answer && closed; }));
  EXPECT_TRUE(closed->ok()) << *closed;
  const auto receiver = Receiver(kOther);
  while (Step(*receiver, kOther) == Kind::kCopy) {
  }
  const CommandAnswer again = CallAt(kOther, Ask(1, Register("drill", "red")));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->repeated(), answer->ok()) << "acknowledged, and so there; or not, and new";
  EXPECT_EQ(Voids(), 0U);
}

TEST_F(TenantMove, GoesOnAfterACrashAtEachStep) {
  DoAt(kHome, Ask(1, Register("drill", "red")));
  EXPECT_EQ(Step(*Receiver(kOther), kOther), Kind::kCopy);
  Restart(kOther);
  DoAt(kHome, Ask(2, Enrol("ann", 2)));
  EXPECT_EQ(Step(*Receiver(kOther), kOther), Kind::kCopy);
  EXPECT_EQ(Step(*Receiver(kOther), kOther), Kind::kCaughtUp);
  ASSERT_TRUE(Close(kHome, kOther).ok());
  Restart(kHome);
  EXPECT_EQ(Reason(CallAt(kHome, Ask(3, Enrol("bob", 2)))), "TENANT_MOVING");
  EXPECT_TRUE(Close(kHome, kOther).ok()) << "asked again, it is closed already";
  Restart(kOther);
  EXPECT_EQ(Step(*Receiver(kOther), kOther), Kind::kOpen);
  Restart(kOther);
  EXPECT_EQ(Step(*Receiver(kOther), kOther), Kind::kIsOpen);
  DoAt(kOther, Ask(3, Enrol("bob", 2)));
  EXPECT_THAT(Trail(), ElementsAre(1, 2, 3));
  EXPECT_EQ(Voids(), 0U);
}

TEST_F(TenantMove, IsAskedTwiceAtOnceAndHasOneEffect) {
  DoAt(kHome, Ask(1, Register("drill", "red")));
  const auto step = *Receiver(kOther)->Next(At(kOther).StandingOf(kTenant));
  std::vector<absl::Status> outcomes;
  for (int asked = 0; asked < 2; ++asked) {
    TenantReceiver::Do(step, kTenant, At(kOther),
                       [&](absl::Status done) { outcomes.push_back(std::move(done)); });
  }
  ASSERT_TRUE(Until([&] { return outcomes.size() == 2; }));
  EXPECT_EQ(ReasonOf(outcomes[0]), "MOVE_UNDER_WAY");
  EXPECT_TRUE(outcomes[1].ok()) << outcomes[1];
  EXPECT_EQ(At(kOther).book().fold().HeadOf(kTenant).seq, 1U);
  EXPECT_EQ(Voids(), 0U);
}

TEST_F(TenantMove, ComesBackAndGoesAgainAlsoWhereNothingWasDecidedBetween) {
  DoAt(kHome, Ask(1, Register("drill", "red")));
  Move(kHome, kOther);
  Move(kOther, kHome);
  EXPECT_EQ(Place(), kHome);
  Move(kHome, kOther);
  DoAt(kOther, Ask(2, Enrol("ann", 2)));
  Move(kOther, kHome);
  DoAt(kHome, Ask(3, Enrol("bob", 2)));
  EXPECT_THAT(Trail(), ElementsAre(1, 2, 3));
  EXPECT_EQ(Voids(), 0U);
}

// Both partitions have closed it at the same commit: only their number says which closing is new.
TEST_F(TenantMove, IsOpenedByTheLatestClosingOnly) {
  DoAt(kHome, Ask(1, Register("drill", "red")));
  Move(kHome, kOther);
  ASSERT_TRUE(Close(kOther, kHome).ok());
  EXPECT_EQ(Step(*Receiver(kOther), kOther), Kind::kCaughtUp) << "an old closing leads there";
  const TenantStanding standing = At(kOther).StandingOf(kTenant);
  const absl::Status stale = Outcome(
      [&](MoveDone done) { At(kOther).OpenTenant(kTenant, standing.head, 0, std::move(done)); });
  EXPECT_TRUE(absl::IsUnavailable(stale)) << stale;
  EXPECT_EQ(Step(*Receiver(kHome), kHome), Kind::kOpen);
  EXPECT_EQ(Place(), kHome);
}

// How long a tenant is closed does not depend on what stands in the target.
TEST_F(TenantMove, ReadsNothingOfTheTargetWhileItIsClosed) {
  std::string neighbour = "a";
  while (journal::PartitionOf(neighbour, kPartitions) != kOther) neighbour += "a";
  for (int i = 0; i < 20; ++i) {
    CommandRequest request = Ask(0, Enrol("m" + std::to_string(i), 1));
    request.tenant = neighbour;
    request.command_id = NewUuidV4(random_);
    DoAt(kOther, std::move(request));
  }
  DoAt(kHome, Ask(1, Register("drill", "red")));
  const auto receiver = Receiver(kOther);
  EXPECT_EQ(Step(*receiver, kOther), Kind::kCopy);
  EXPECT_EQ(Step(*receiver, kOther), Kind::kCaughtUp);
  ASSERT_TRUE(Close(kHome, kOther).ok());
  journal_.Damage({"testing", kOther}, 3);
  EXPECT_EQ(Step(*receiver, kOther), Kind::kOpen);
}

TEST_F(TenantMove, OfATenantWithoutCommitsOpensItToo) {
  Move(kHome, kOther);
  DoAt(kOther, Ask(1, Register("drill", "red")));
  EXPECT_THAT(Trail(), ElementsAre(1));
}

TEST_F(TenantMove, RefusesWhatDoesNotContinueTheTenantAndWritesNothing) {
  DoAt(kHome, Ask(1, Register("drill", "red")));
  DoAt(kHome, Ask(2, Enrol("ann", 2)));
  const auto step = *Receiver(kOther)->Next(At(kOther).StandingOf(kTenant));
  ASSERT_EQ(step.commits.size(), 2U);
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{step.commits[1]}, {step.commits[0], step.commits[0]}, {"\xFF"}}) {
    const absl::Status refused =
        Outcome([&](MoveDone done) { At(kOther).ReceiveCopies(kTenant, wrong, std::move(done)); });
    EXPECT_TRUE(absl::IsDataLoss(refused)) << refused;
  }
  const absl::Status early = Outcome(
      [&](MoveDone done) { At(kOther).OpenTenant(kTenant, step.head, 0, std::move(done)); });
  EXPECT_TRUE(absl::IsDataLoss(early)) << early;
  EXPECT_EQ(At(kOther).book().fold().HeadOf(kTenant).seq, 0U);
  EXPECT_EQ(Voids(), 0U);
}

TEST_F(TenantMove, DoesNotBeginWhereTheTenantDoesNotStand) {
  DoAt(kHome, Ask(1, Register("drill", "red")));
  EXPECT_EQ(ReasonOf(Close(kOther, kHome)), "TENANT_ELSEWHERE");
  const absl::Status copies =
      Outcome([&](MoveDone done) { At(kHome).ReceiveCopies(kTenant, {"any"}, std::move(done)); });
  EXPECT_EQ(ReasonOf(copies), "TENANT_ELSEWHERE");
}

TEST_F(TenantMove, IsAskedOfAnOwnerOnly) {
  ownership_.may_take_over = false;
  DoAt(kHome, Ask(1, Register("drill", "red")));
  const auto writer = journal_.OpenWriter({"testing", kHome});
  (*writer)->Append(journal::EncodeBarrier({9, Id(9)}), [](const auto&) {});
  (*writer)->Append(journal::EncodeBarrier({2, Id(9)}), [](const auto&) {});
  ASSERT_TRUE(Until([&] { return At(kHome).phase() == Phase::kFollowing; }));
  EXPECT_EQ(ReasonOf(Close(kHome, kOther)), "NOT_OWNER");
}

TEST(TenantPlaces, LeadAlongTheClosingsThatAreKnown) {
  const std::uint32_t partitions = 4;
  const std::uint32_t home = journal::PartitionOf(kTenant, partitions);
  const std::uint32_t second = (home + 1) % partitions;
  const std::uint32_t third = (home + 2) % partitions;
  const auto all = [](std::uint32_t) { return true; };
  const auto none = [](std::uint32_t) { return false; };
  TenantPlaces places(partitions);
  EXPECT_EQ(places.Find(kTenant, all, all), home);
  places.Set(home, kTenant, {false, second, 1});
  EXPECT_EQ(places.Find(kTenant, all, none), second)
      << "which is folded elsewhere, or not open yet";
  places.Set(second, kTenant, {false, third, 1});
  places.Set(third, kTenant, {true, std::nullopt, 0});
  EXPECT_EQ(places.Find(kTenant, all, none), third);
  ASSERT_EQ(places.ArrivedIn(third).size(), 1U);
  EXPECT_EQ(places.ArrivedIn(third)[0].home, home);
  EXPECT_THAT(places.ArrivedIn(second), IsEmpty()) << "it went on from there";
  places.Forget(third);
  EXPECT_THAT(places.ArrivedIn(third), IsEmpty());
  places.Set(third, kTenant, {false, home, 1});
  places.Find(kTenant, all, none);  // round in a circle: it ends
}

TEST(TenantPlaces, PreferWhereItIsTakenHereBeforeAnOlderWord) {
  const std::uint32_t partitions = 4;
  const std::uint32_t home = journal::PartitionOf(kTenant, partitions);
  const std::uint32_t guest = (home + 1) % partitions;
  TenantPlaces places(partitions);
  places.Set(guest, kTenant, {true, std::nullopt, 0});
  const auto is_guest = [guest](std::uint32_t partition) { return partition == guest; };
  const auto none = [](std::uint32_t) { return false; };
  EXPECT_EQ(places.Find(kTenant, is_guest, is_guest), guest);
  EXPECT_EQ(places.Find(kTenant, is_guest, none), guest) << "home is folded by others";
  const auto all = [](std::uint32_t) { return true; };
  EXPECT_EQ(places.Find(kTenant, all, none), home) << "whoever folds home follows it from there";
}

}  // namespace
}  // namespace holdfast::eventsourcing
