#include "eventsourcing/context_store.h"

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "base/error.h"
#include "base/thread_executor.h"
#include "eventsourcing/accepted_feed.h"
#include "eventsourcing/heartbeats.h"
#include "journal/embedded_journal.h"
#include "observability/metrics.h"
#include "testing/tool_shed.h"

namespace holdfast::eventsourcing {
namespace {

namespace v1 = testing::v1;

// The shed and its ledgers on real threads, a real journal, real stores.
class House : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "/context_store_test_" +
              ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ + "/state");
    Open();
  }
  void TearDown() override {
    Close();
    std::filesystem::remove_all(folder_);
  }

  // `heartbeats`: of the shed, where it shares its partitions with other processes.
  void Open(Heartbeats* heartbeats = nullptr) {
    auto journal = journal::EmbeddedJournal::Open({.folder = folder_ + "/journal"});
    ASSERT_TRUE(journal.ok()) << journal.status();
    journal_ = *std::move(journal);
    ASSERT_TRUE(journal_->CreateContext("testing", 4).ok());
    ASSERT_TRUE(journal_->CreateContext("ledgers", 2).ok());
    auto keys = FileMacKeys::Open(folder_ + "/state/mac.key", SystemRandom());
    ASSERT_TRUE(keys.ok()) << keys.status();
    keys_ = *std::move(keys);
    ContextStoreOptions options;
    options.journal = journal_.get();
    options.clock = &SystemClock();
    options.random = &SystemRandom();
    options.mac_keys = keys_.get();
    options.sealer = &sealer_;
    options.upcasters = &upcasters_;
    options.folder = folder_ + "/state";
    ContextStoreOptions ledgers = options;
    options.heartbeats = heartbeats;
    options.context = "testing";
    options.streams = {StreamTypeOf<testing::Tool>(), StreamTypeOf<testing::Member>()};
    ledgers.context = "ledgers";
    ledgers.streams = {StreamTypeOf<testing::Ledger>()};
    ledgers.reactors = {ReactorTypeOf<testing::NoteLoans>()};
    auto shed = ContextStore::Open(std::move(options));
    ASSERT_TRUE(shed.ok()) << shed.status();
    shed_ = *std::move(shed);
    auto opened = ContextStore::Open(std::move(ledgers));
    ASSERT_TRUE(opened.ok()) << opened.status();
    ledgers_ = *std::move(opened);
    const absl::Time deadline = absl::Now() + absl::Minutes(1);
    ASSERT_TRUE(shed_->AwaitServing(deadline).ok());
    ASSERT_TRUE(ledgers_->AwaitServing(deadline).ok());
  }
  void Close() {
    ledgers_.reset();
    shed_.reset();
    keys_.reset();
    journal_.reset();
  }

  template <class C>
  CommandRequest Ask(const std::string& tenant, C command) {
    CommandRequest request;
    request.tenant = tenant;
    request.method = C::descriptor()->name();
    request.command = std::make_unique<C>(std::move(command));
    request.command_id = NewUuidV4(SystemRandom());
    return request;
  }
  static CommandAnswer Call(ContextStore& store, CommandRequest request) {
    CommandAnswer answer = absl::InternalError("none");
    absl::Notification done;
    store.Submit(std::move(request), [&](CommandAnswer given) {
      answer = std::move(given);
      done.Notify();
    });
    done.WaitForNotification();
    return answer;
  }
  // A tool that is lent to that member.
  void LendOne(const std::string& tenant, const std::string& tool, const std::string& member) {
    v1::RegisterTool tool_command;
    tool_command.set_tool_id(tool);
    tool_command.set_label(tool);
    ASSERT_TRUE(Call(*shed_, Ask(tenant, tool_command)).ok());
    v1::EnrolMember enrol;
    enrol.set_member_id(member);
    enrol.set_limit(100);
    ASSERT_TRUE(Call(*shed_, Ask(tenant, enrol)).ok());
    v1::LendTool lend;
    lend.set_tool_id(tool);
    lend.set_member_id(member);
    lend.mutable_due_at()->set_seconds(absl::ToUnixSeconds(absl::Now() + absl::Hours(1)));
    ASSERT_TRUE(Call(*shed_, Ask(tenant, lend)).ok());
  }
  // The accepted commits of a context, once there are so many.
  std::vector<journal::v1::Commit> Commits(const std::string& context, std::size_t at_least) {
    std::vector<journal::v1::Commit> commits;
    std::vector<std::unique_ptr<AcceptedFeed>> feeds;
    for (std::uint32_t i = 0; i < *journal_->Partitions(context); ++i)
      feeds.push_back(*AcceptedFeed::Open(*journal_, {context, i}, ""));
    const auto take = [&commits](const journal::v1::Commit& commit) {
      commits.push_back(commit);
      return true;
    };
    while (true) {
      const auto more = std::make_shared<absl::Notification>();
      const auto once = std::make_shared<std::once_flag>();
      for (auto& feed : feeds) {
        while (*feed->Advance(100, take) > 0) {
        }
      }
      if (commits.size() >= at_least) return commits;
      for (auto& feed : feeds) {
        feed->NotifyWhenMore([more, once] { std::call_once(*once, [&] { more->Notify(); }); });
      }
      if (!more->WaitForNotificationWithTimeout(absl::Minutes(1))) return commits;
    }
  }

  std::string folder_;
  std::unique_ptr<journal::EmbeddedJournal> journal_;
  std::unique_ptr<FileMacKeys> keys_;
  NoSealer sealer_;
  Upcasters upcasters_;
  std::unique_ptr<ContextStore> shed_;
  std::unique_ptr<ContextStore> ledgers_;
};

TEST_F(House, DecidesCommandsOfManyTenantsAtOnce) {
  constexpr int kEach = 200;
  const std::vector<std::string> tenants = {"westmoor", "otherham", "eastmere", "northfold"};
  absl::BlockingCounter waiting(kEach * static_cast<int>(tenants.size()));
  std::atomic<int> accepted = 0;
  for (int i = 0; i < kEach; ++i) {
    for (const std::string& tenant : tenants) {
      v1::EnrolMember command;
      command.set_member_id("m" + std::to_string(i % 10));
      command.set_limit(static_cast<std::uint32_t>(i + 1));
      shed_->Submit(Ask(tenant, command), [&](const CommandAnswer& answer) {
        accepted += answer.ok() ? 1 : 0;
        waiting.DecrementCount();
      });
    }
  }
  waiting.Wait();
  EXPECT_EQ(accepted, kEach * 4);
  std::map<std::string, std::set<std::uint64_t>> seqs;
  for (const journal::v1::Commit& commit : Commits("testing", kEach * 4))
    seqs[commit.tenant()].insert(commit.seq());
  for (const std::string& tenant : tenants) {
    EXPECT_EQ(seqs[tenant].size(), static_cast<std::size_t>(kEach));
    EXPECT_EQ(*seqs[tenant].rbegin(), static_cast<std::uint64_t>(kEach));
  }
}

TEST_F(House, CarriesEventsToTheReactorsOfAnotherContextOnce) {
  LendOne("westmoor", "drill", "ann");
  LendOne("otherham", "saw", "bob");
  ASSERT_EQ(Commits("ledgers", 2).size(), 2U);
  Close();
  std::filesystem::remove_all(folder_ + "/state");  // all derived state is lost, and the MAC key
  std::filesystem::create_directories(folder_ + "/state");
  Open();
  LendOne("westmoor", "spade", "ann");
  const std::vector<journal::v1::Commit> commits = Commits("ledgers", 3);
  std::multiset<std::pair<std::string, std::uint64_t>> caused;
  for (const journal::v1::Commit& commit : commits) {
    EXPECT_EQ(commit.caused_by().reactor(), "note-loans");
    EXPECT_EQ(commit.caused_by().context(), "testing");
    caused.insert({commit.tenant(), commit.caused_by().seq()});
  }
  EXPECT_EQ(caused, (std::multiset<std::pair<std::string, std::uint64_t>>{
                        {"otherham", 3}, {"westmoor", 3}, {"westmoor", 5}}));
}

TEST_F(House, ListsParkedReactionsAndTriesThemAgain) {
  v1::CloseLedger close;
  close.set_member_id("ann");
  ASSERT_TRUE(Call(*ledgers_, Ask("westmoor", close)).ok());
  LendOne("westmoor", "drill", "ann");
  ASSERT_EQ(Commits("ledgers", 2).size(), 2U);
  auto parked = ledgers_->Parked("westmoor");
  ASSERT_TRUE(parked.ok());
  ASSERT_EQ(parked->size(), 1U);
  EXPECT_EQ(parked->front().reason(), "LEDGER_CLOSED");
  const type::v1::CausedBy caused_by = parked->front().caused_by();
  EXPECT_EQ(ReasonOf(ledgers_->Retry("westmoor", caused_by, "someone").status()), "LEDGER_CLOSED");
  EXPECT_TRUE(ledgers_->Discard("westmoor", caused_by, "someone").ok());
  EXPECT_TRUE(ledgers_->Parked("westmoor")->empty());
  EXPECT_TRUE(absl::IsNotFound(ledgers_->Retry("westmoor", caused_by, "someone").status()));
}

TEST_F(House, AnswersWhatItTookBeforeItStops) {
  absl::BlockingCounter waiting(50);
  std::atomic<int> accepted = 0;
  for (int i = 0; i < 50; ++i) {
    v1::EnrolMember command;
    command.set_member_id("m" + std::to_string(i));
    command.set_limit(1);
    shed_->Submit(Ask("westmoor", command), [&](const CommandAnswer& answer) {
      accepted += answer.ok() ? 1 : 0;
      waiting.DecrementCount();
    });
  }
  shed_->Drain(absl::Now() + absl::Minutes(1));
  waiting.Wait();
  EXPECT_EQ(accepted, 50);
  v1::EnrolMember late;
  late.set_member_id("late");
  EXPECT_TRUE(absl::IsUnavailable(Call(*shed_, Ask("westmoor", late)).status()));
}

// Receives until there is nothing more to do but to close; closes; receives the rest.
void MoveTo(ContextStore& store, const std::string& tenant, std::uint32_t to) {
  using State = ReceptionProgress::State;
  for (bool closed = false;;) {
    const auto progress = store.ReceiveTenant(tenant, to, absl::Now() + absl::Minutes(1));
    ASSERT_TRUE(progress.ok()) << progress.status();
    if (progress->state == State::kOpened) return;
    if (progress->state == State::kCaughtUp && !std::exchange(closed, true)) {
      ASSERT_TRUE(store.CloseTenant(tenant, to).ok());
    }
  }
}

TEST_F(House, MovesATenantAndSendsItsCommandsAfterIt) {
  LendOne("westmoor", "drill", "ann");
  const TenantPlace before = *shed_->PlaceOf("westmoor");
  EXPECT_EQ(before.partition, before.home);
  const std::uint32_t to = (before.home + 1) % before.partitions;
  MoveTo(*shed_, "westmoor", to);
  MoveTo(*ledgers_, "westmoor", 1 - ledgers_->PlaceOf("westmoor")->home);
  const TenantPlace after = *shed_->PlaceOf("westmoor");
  EXPECT_EQ(after.partition, to);
  EXPECT_TRUE(after.open);
  EXPECT_EQ(after.head, before.head);
  LendOne("westmoor", "spade", "ann");
  Close();
  Open();
  LendOne("westmoor", "saw", "ann");
  EXPECT_EQ(shed_->PlaceOf("westmoor")->partition, to) << "as the states on the disk say, too";
  MoveTo(*shed_, "westmoor", to);  // asked again, there is nothing to do
  // The first stands there twice: where it was, and as its copy.
  std::multiset<std::uint64_t> caused;
  for (const journal::v1::Commit& commit : Commits("ledgers", 4))
    caused.insert(commit.caused_by().seq());
  EXPECT_EQ(caused, (std::multiset<std::uint64_t>{3, 3, 5, 7}))
      << "reactions go on over both moves";
}

TEST_F(House, KeepsParkedReactionsOverAMove) {
  v1::CloseLedger close;
  close.set_member_id("ann");
  ASSERT_TRUE(Call(*ledgers_, Ask("westmoor", close)).ok());
  LendOne("westmoor", "drill", "ann");
  ASSERT_EQ(Commits("ledgers", 2).size(), 2U);
  MoveTo(*ledgers_, "westmoor", 1 - ledgers_->PlaceOf("westmoor")->home);
  const auto parked = ledgers_->Parked("westmoor");
  ASSERT_TRUE(parked.ok());
  ASSERT_EQ(parked->size(), 1U);
  EXPECT_TRUE(ledgers_->Discard("westmoor", parked->front().caused_by(), "someone").ok());
}

TEST_F(House, RefusesToMoveATenantToAPartitionThatIsNotThere) {
  EXPECT_TRUE(absl::IsInvalidArgument(shed_->CloseTenant("westmoor", 4)));
  EXPECT_TRUE(absl::IsInvalidArgument(shed_->ReceiveTenant("westmoor", 4, absl::Now()).status()));
}

// Every word comes back at once.
class Echo final : public journal::ControlChannel {
 public:
  void Send(std::string message) override {
    const absl::MutexLock lock(&mutex_);
    heard_(message);
  }
  void Listen(Heard heard) override {
    const absl::MutexLock lock(&mutex_);
    heard_ = std::move(heard);
  }

 private:
  absl::Mutex mutex_;
  Heard heard_ = [](std::string_view) {};
};

// The first of three instances prefers 0 and 3 of four partitions and stands by for 2.
TEST_F(House, FoldsOnlyThePartitionsThatItHasASeatAtAndSendsTheOthersCommandsElsewhere) {
  Close();
  std::filesystem::remove_all(folder_ + "/state");
  std::filesystem::create_directories(folder_ + "/state");
  ThreadExecutor heart("heart");
  HeartbeatOptions options;
  options.channel = std::make_shared<Echo>();
  options.clock = &SystemClock();
  options.executor = &heart;
  options.random = &SystemRandom();
  options.replicas = 3;
  Heartbeats heartbeats(options);
  heartbeats.Start();
  Open(&heartbeats);
  std::map<std::uint32_t, std::string> tenants;  // one of each partition
  for (int i = 0; tenants.size() < 4; ++i) {
    const std::string tenant = "tenant-" + std::to_string(i);
    tenants.emplace(journal::PartitionOf(tenant, 4), tenant);
  }
  v1::EnrolMember enrol;
  enrol.set_member_id("ann");
  EXPECT_EQ(ReasonOf(Call(*shed_, Ask(tenants[1], enrol)).status()), "NOT_OWNER");
  EXPECT_EQ(ReasonOf(shed_->DecidesHere(tenants[1])), "NOT_OWNER");
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/state/testing-1"));
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/state/testing-2"));
  EXPECT_TRUE(shed_->Ready().ok());
  const std::string page = metrics::Process().Text();
  const auto applied = [&page](const char* partition) {
    const std::string series = absl::StrCat(
        R"(holdfast_journal_applied_offset{context="testing",partition=")", partition, R"("} )");
    const std::size_t at = page.find(series);
    return at == std::string::npos ? "" : page.substr(at + series.size(), 1);
  };
  EXPECT_EQ(applied("0"), "1");
  EXPECT_EQ(applied("1"), "0") << "as the store before this one left it";
  Close();
}

TEST_F(House, KeepsTheMacKeyToItself) {
  const auto mode = std::filesystem::status(folder_ + "/state/mac.key").permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

}  // namespace
}  // namespace holdfast::eventsourcing
