// What is personal on its way through the engine: leased for, sealed in the actor, put back where
// it is decoded, opened on the way out. In virtual time, above a journal without faults.
#include <type_traits>

#include <gmock/gmock.h>

#include "holdfast/journal/v1/journal.pb.h"

#include "eventsourcing/actor_fixtures.h"
#include "eventsourcing/event_codec.h"
#include "eventsourcing/key_owners.h"
#include "eventsourcing/leasing_sink.h"
#include "eventsourcing/opener.h"
#include "security/audit_receipt.h"
#include "testing/memory_key_vault.h"
#include "testing/people.h"

namespace holdfast::eventsourcing {
namespace {

using journal::v1::SealedField;
using security::AuditReceipt;
using ::testing::ElementsAre;
using type::v1::Personal;

constexpr char kCanary[] = "Ada Lovelace of Canary Lane";

// Plaintext cannot be had without a receipt, nor a receipt without a record, nor one receipt twice.
template <class... Arguments>
concept Opens = requires(const Opener& opener, Arguments&&... arguments) {
  opener.Open(std::forward<Arguments>(arguments)...);
};
using Principal = const security::VerifiedPrincipal&;
using Answer = google::protobuf::Message&;
static_assert(Opens<Answer, Principal, AuditReceipt&&>);
static_assert(!Opens<Answer, Principal>);
static_assert(!Opens<Answer, Principal, AuditReceipt&>);
static_assert(!Opens<Answer, Principal, const AuditReceipt&>);
static_assert(!std::is_default_constructible_v<AuditReceipt>);
static_assert(!std::is_copy_constructible_v<AuditReceipt>);
static_assert(!std::is_copy_assignable_v<AuditReceipt>);
static_assert(!std::is_aggregate_v<AuditReceipt>);
static_assert(!std::is_constructible_v<AuditReceipt, std::string, std::uint64_t>);

v1::RegisterTool WithDonor(const std::string& tool, const std::string& donor = kCanary) {
  v1::RegisterTool command = Register(tool, "drill " + tool);
  command.mutable_donor()->set_text(donor);
  return command;
}

class SealingTest : public ::testing::Test {
 protected:
  SealingTest() {
    shed_.options_.sealer = &sealer_;
    shed_.options_.mac_keys = &macs_;
  }
  void Start() {
    shed_.Start();
    sink_ = std::make_unique<LeasingSink>(
        LeasingSink::Parts{shed_.actor_.get(), "testing", &vault_, &shed_.time_, leasing_.get()});
  }
  std::shared_ptr<std::optional<CommandAnswer>> Send(CommandRequest request) {
    auto answer = std::make_shared<std::optional<CommandAnswer>>();
    sink_->Submit(std::move(request),
                  [answer](CommandAnswer given) { *answer = std::move(given); });
    return answer;
  }
  CommandAnswer Call(CommandRequest request) {
    const auto answer = Send(std::move(request));
    EXPECT_TRUE(shed_.Until([&] { return answer->has_value(); }));
    return answer->value_or(absl::InternalError("no answer"));
  }
  // The event as views see it.
  v1::ToolRegistered Seen(const journal::v1::Commit& commit) {
    EventCodec codec(shed_.upcasters_, "testing");
    const auto event = codec.Decode(commit, commit.events(0), Sealed::kPutBack);
    EXPECT_TRUE(event.ok()) << event.status();
    return static_cast<const v1::ToolRegistered&>(**event);
  }
  v1::ToolRegistered Opened(v1::ToolRegistered event, const std::string& tenant = kTenant) {
    const auto person = testing::PersonWith(tenant, {});
    auto receipt = audit_.Record({.tenant = tenant,
                                  .actor_ref = "someone",
                                  .method = "/Test",
                                  .rows = 1,
                                  .time = shed_.time_.Now()});
    Opener(vault_).Open(event, *person, *std::move(receipt));
    return event;
  }

  Shed shed_;
  SeededRandom random_{11};
  testing::MemoryKeyVault vault_{shed_.time_, random_};
  testing::NotedAudit audit_{shed_.time_};
  KeySealer sealer_{shed_.time_, random_};
  VaultMacKeys macs_{vault_, shed_.keys_};
  std::unique_ptr<Executor> leasing_ = shed_.time_.NewExecutor();
  std::unique_ptr<LeasingSink> sink_;
};

TEST_F(SealingTest, MovesWhatIsPersonalOutOfThePayloadAndOpensItOnTheWayOut) {
  Start();
  const CommandAnswer answer = Call(Ask(1, WithDonor("d")));
  ASSERT_TRUE(answer.ok()) << answer.status();
  for (const journal::v1::Record& record : shed_.Records())
    EXPECT_EQ(record.SerializeAsString().find(kCanary), std::string::npos);
  const journal::v1::Commit commit = shed_.Commits().front();
  ASSERT_EQ(commit.events(0).sealed_size(), 1);
  const SealedField& stored = commit.events(0).sealed(0);
  EXPECT_FALSE(stored.has_origin());
  EXPECT_EQ(stored.field_path(), "2");
  EXPECT_EQ(stored.keys(0).ref(), "d");
  EXPECT_EQ(stored.label(), std::string("\x08\x04", 2)) << "the event's own label";

  const v1::ToolRegistered seen = Seen(commit);
  EXPECT_EQ(CountSealed(seen), 1U);
  EXPECT_EQ(Opened(seen).donor().text(), kCanary);
  EXPECT_EQ(Opened(seen, "eastvale").donor().withheld(), Personal::Withheld::NOT_PERMITTED);
}

TEST_F(SealingTest, KeepsNothingPersonalInItsStates) {
  auto store = std::make_shared<MemoryStateStore>();
  shed_.Start(std::make_unique<SharedStore>(store));
  sink_ = std::make_unique<LeasingSink>(
      LeasingSink::Parts{shed_.actor_.get(), "testing", &vault_, &shed_.time_, leasing_.get()});
  for (std::uint8_t i = 1; i < 9; ++i)
    ASSERT_TRUE(Call(Ask(i, WithDonor("d" + std::to_string(i)))).ok());
  shed_.actor_->Stop();
  int entries = 0;
  ASSERT_TRUE(store
                  ->Scan("",
                         [&](std::string_view key, std::string_view value) {
                           ++entries;
                           EXPECT_EQ(key.find(kCanary), std::string_view::npos);
                           EXPECT_EQ(value.find(kCanary), std::string_view::npos);
                           return true;
                         })
                  .ok());
  EXPECT_GT(entries, 8);
}

TEST_F(SealingTest, KnowsACommandAskedAgainByItsMac) {
  Start();
  const CommandAnswer first = Call(Ask(1, WithDonor("d")));
  ASSERT_TRUE(first.ok()) << first.status();
  const CommandAnswer again = Call(Ask(1, WithDonor("d")));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->repeated());
  EXPECT_EQ(Reason(Call(Ask(1, WithDonor("d", "Somebody else")))), "COMMAND_ID_REUSED");
  EXPECT_EQ(shed_.Commits().size(), 1U);
  EXPECT_EQ(shed_.Commits().front().mac_key(), 7U) << "the keyvault's";
  ASSERT_TRUE(Call(Ask(2, Enrol("ann", 1))).ok());
  EXPECT_EQ(shed_.Commits().back().mac_key(), 1U) << "it names nobody";
}

TEST_F(SealingTest, SealsAnewWhatIsDecidedAgain) {
  Start();
  ASSERT_TRUE(Call(Ask(1, WithDonor("d"))).ok());
  ASSERT_TRUE(Call(Ask(2, WithDonor("e"))).ok());
  const auto commits = shed_.Commits();
  const SealedField& first = commits[0].events(0).sealed(0);
  const SealedField& second = commits[1].events(0).sealed(0);
  EXPECT_NE(first.salt(), second.salt());
  EXPECT_NE(first.ciphertext(), second.ciphertext());
}

TEST_F(SealingTest, DoesNotOpenWhatWasMovedToAnotherEvent) {
  Start();
  ASSERT_TRUE(Call(Ask(1, WithDonor("d"))).ok());
  ASSERT_TRUE(Call(Ask(2, WithDonor("e", "Bea"))).ok());
  auto commits = shed_.Commits();
  // Another record's value: the sibling says who it is about.
  commits[0].mutable_events(0)->mutable_sealed()->Swap(
      commits[1].mutable_events(0)->mutable_sealed());
  EXPECT_EQ(Opened(Seen(commits[0])).donor().withheld(), Personal::Withheld::DAMAGED);
  // The same record's value in another version of its stream.
  auto replayed = shed_.Commits()[0];
  replayed.set_version(2);
  EXPECT_EQ(Opened(Seen(replayed)).donor().withheld(), Personal::Withheld::DAMAGED);
  auto elsewhere = shed_.Commits()[0];
  elsewhere.set_tenant("eastvale");
  EXPECT_EQ(Opened(Seen(elsewhere), "eastvale").donor().withheld(), Personal::Withheld::DAMAGED);
}

TEST_F(SealingTest, WithholdsAsDamagedWhoseEventsLabelWasChanged) {
  Start();
  ASSERT_TRUE(Call(Ask(1, WithDonor("d"))).ok());
  journal::v1::Commit commit = shed_.Commits().front();
  v1::ToolRegistered relabelled;
  ASSERT_TRUE(relabelled.ParseFromString(commit.events(0).payload()));
  relabelled.mutable_handling()->set_released(true);
  commit.mutable_events(0)->set_payload(relabelled.SerializeAsString());
  EXPECT_EQ(Seen(commit).donor().withheld(), Personal::Withheld::DAMAGED);
}

TEST_F(SealingTest, SaysWhyAValueIsWithheld) {
  Start();
  ASSERT_TRUE(Call(Ask(1, WithDonor("d"))).ok());
  const v1::ToolRegistered seen = Seen(shed_.Commits().front());
  const security::KeyOrder order = {kTenant, "c1", options::v1::KeyKind::RECORD, "d", "a", "b"};
  ASSERT_TRUE(vault_.Restrict(order).ok());
  EXPECT_EQ(Opened(seen).donor().withheld(), Personal::Withheld::RESTRICTED);
  ASSERT_TRUE(vault_.Lift(order).ok());
  vault_.Break(true);
  EXPECT_EQ(Opened(seen).donor().withheld(), Personal::Withheld::UNAVAILABLE);
  vault_.Break(false);
  EXPECT_EQ(Opened(seen).donor().text(), kCanary);
  ASSERT_TRUE(vault_.Destroy(order).ok());
  EXPECT_EQ(Opened(seen).donor().withheld(), Personal::Withheld::ERASED);
  v1::ToolRegistered garbage = seen;
  garbage.mutable_donor()->set_sealed("no sealed field");
  EXPECT_EQ(Opened(garbage).donor().withheld(), Personal::Withheld::DAMAGED);
  v1::ToolRegistered unopened = seen;
  Withhold(unopened, Personal::Withheld::UNAVAILABLE);
  EXPECT_EQ(unopened.donor().withheld(), Personal::Withheld::UNAVAILABLE);
}

TEST_F(SealingTest, LeasesOnceForManyCommandsAboutTheSameRecordAndAnewAfterItsEnd) {
  Start();
  ASSERT_TRUE(Call(Ask(1, WithDonor("d"))).ok());
  EXPECT_EQ(vault_.leases(), 1U);
  ASSERT_TRUE(Call(Ask(2, WithDonor("d"))).ok());  // already so, and leased already
  EXPECT_EQ(vault_.leases(), 1U);
  shed_.time_.RunFor(absl::Seconds(31));  // less than half a minute is left
  ASSERT_TRUE(Call(Ask(3, WithDonor("d"))).ok());
  EXPECT_EQ(vault_.leases(), 2U);
  ASSERT_TRUE(
      vault_.Destroy({kTenant, "c1", options::v1::KeyKind::RECORD, "other", "a", "b"}).ok());
  ASSERT_TRUE(Call(Ask(4, WithDonor("d"))).ok());
  EXPECT_EQ(vault_.leases(), 3U) << "who was destroyed is asked of the keyvault";
}

TEST_F(SealingTest, LeasesForAllThatWaitAtOnceAndKeepsTheirOrder) {
  Start();
  std::vector<std::shared_ptr<std::optional<CommandAnswer>>> answers;
  for (std::uint8_t i = 1; i <= 20; ++i)
    answers.push_back(Send(Ask(i, WithDonor("d" + std::to_string(i)))));
  // Names nobody, and yet does not overtake what was sent before it.
  answers.push_back(Send(Ask(21, Enrol("ann", 5))));
  answers.push_back(Send(Ask(22, Lend("d20", "ann"))));
  ASSERT_TRUE(shed_.Until([&] { return answers.back()->has_value(); }));
  for (const auto& answer : answers) EXPECT_TRUE((*answer)->ok()) << (*answer)->status();
  EXPECT_EQ(vault_.leases(), 1U);
  std::vector<std::string> streams;
  for (const journal::v1::Commit& commit : shed_.Commits()) streams.push_back(commit.stream());
  ASSERT_EQ(streams.size(), 22U);
  EXPECT_EQ(streams[0], "tool/d1");
  EXPECT_EQ(streams[19], "tool/d20");
  EXPECT_EQ(streams[20], "member/ann");
  EXPECT_EQ(streams[21], "tool/d20");
}

TEST_F(SealingTest, TakesNothingPersonalWhileTheKeyvaultIsAway) {
  Start();
  ASSERT_TRUE(Call(Ask(1, Enrol("ann", 1))).ok());
  vault_.Break(true);
  EXPECT_EQ(Reason(Call(Ask(2, WithDonor("d")))), "KEYS_UNAVAILABLE");
  EXPECT_TRUE(Call(Ask(3, Enrol("bea", 1))).ok()) << "names nobody";
  vault_.Break(false);
  EXPECT_TRUE(Call(Ask(2, WithDonor("d"))).ok());
}

TEST_F(SealingTest, TakesNothingWhoseLeaseItWasNotGiven) {
  Start();
  // Straight to the actor, past the one who leases.
  EXPECT_EQ(Reason(shed_.Call(Ask(1, WithDonor("d")))), "KEYS_UNAVAILABLE");
  EXPECT_TRUE(shed_.Commits().empty());
}

TEST_F(SealingTest, NamesTheFieldOfWhatCannotBeSealed) {
  Start();
  v1::RegisterTool sealed = Register("d", "drill");
  sealed.mutable_donor()->set_sealed("x");
  EXPECT_EQ(Call(Ask(1, sealed)).status().code(), absl::StatusCode::kInvalidArgument);
  v1::RegisterTool of_nobody = WithDonor("");
  const absl::Status refused = Call(Ask(2, of_nobody)).status();
  EXPECT_EQ(Reason(refused), "FIELD_INVALID");
  EXPECT_EQ(Reason(Call(Ask(3, WithDonor("d", std::string(70'000, 'x'))))), "FIELD_INVALID");
  EXPECT_TRUE(shed_.Commits().empty());
}

}  // namespace
}  // namespace holdfast::eventsourcing
