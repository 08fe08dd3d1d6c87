// Reactions of tenants that move: two processes that share the partitions of source and target, in
// virtual time.
#include "eventsourcing/reactor_runners.h"

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "holdfast/journal/v1/journal.pb.h"

#include "eventsourcing/actor_fixtures.h"
#include "eventsourcing/tenant_receiver.h"
#include "eventsourcing/tenant_trail.h"

namespace holdfast::eventsourcing {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using Kind = TenantReceiver::Step::Kind;

constexpr std::uint32_t kPartitions = 2;
constexpr char kSource[] = "testing";
constexpr char kTarget[] = "ledgers";

// Takes commands of the tenants that stand in its partition, as the process that owns it would.
class OwnersDoor final : public CommandSink {
 public:
  OwnersDoor(PartitionActor& actor, const TenantPlaces& places, std::uint32_t partition)
      : actor_(actor), places_(places), partition_(partition) {}
  void Submit(CommandRequest request, CommandDone done) override {
    const auto is_own = [this](std::uint32_t partition) { return partition == partition_; };
    if (places_.Find(request.tenant, is_own, is_own) != partition_)
      return std::move(done)(absl::UnavailableError("another process decides for the tenant"));
    actor_.Submit(std::move(request), std::move(done));
  }

 private:
  PartitionActor& actor_;
  const TenantPlaces& places_;
  const std::uint32_t partition_;
};

class MovedReactions : public ::testing::Test {
 protected:
  MovedReactions() {
    for (const char* context : {kSource, kTarget}) {
      EXPECT_TRUE(journal_.CreateContext(context, kPartitions).ok());
      places_.emplace(context, std::make_unique<TenantPlaces>(kPartitions));
      for (std::uint32_t i = 0; i < kPartitions; ++i) StartActor({context, i});
    }
    for (std::uint32_t i = 0; i < kPartitions; ++i) StartProcess(i);
    executor_->Post([this] { Look(); });
  }
  ~MovedReactions() override {
    looking_ = false;
    for (Process& process : processes_) process.runners.reset();
  }

  struct Process {
    std::unique_ptr<OwnersDoor> door;
    MemoryStateStore cursors;
    std::unique_ptr<ReactorRunners> runners;
  };

  void StartActor(const journal::PartitionId& partition) {
    ActorOptions options;
    options.partition = partition;
    options.partitions = kPartitions;
    options.places = places_.at(partition.context).get();
    options.journal = &journal_;
    options.executor = executor_.get();
    options.clock = &time_;
    options.random = &random_;
    options.streams = &streams_;
    options.upcasters = &upcasters_;
    options.sealer = &sealer_;
    options.mac_keys = &keys_;
    options.ownership = &ownership_;
    auto actor =
        std::make_unique<PartitionActor>(std::move(options), std::make_unique<MemoryStateStore>());
    actor->Start();
    EXPECT_TRUE(
        time_.RunUntil([&] { return actor->phase() == Phase::kServing; }, absl::Minutes(1)));
    actors_.emplace(partition, std::move(actor));
  }

  // Of a process that owns that partition of the target alone.
  void StartProcess(std::uint32_t partition) {
    Process& process = processes_[partition];
    process.door = std::make_unique<OwnersDoor>(*actors_.at({kTarget, partition}),
                                                *places_.at(kTarget), partition);
    ReactorRunnersOptions options;
    options.sources[kSource] = {kPartitions, {ReactorTypeOf<testing::NoteLoans>()}};
    options.each.journal = &journal_;
    options.each.executor = executor_.get();
    options.each.clock = &time_;
    options.each.upcasters = &upcasters_;
    options.each.streams = &streams_;
    options.each.target = process.door.get();
    options.each.cursors = &process.cursors;
    options.shared = true;
    options.partitions = kPartitions;
    options.places = places_.at(kTarget).get();
    options.serves = [partition](std::uint32_t asked) { return asked == partition; };
    process.runners = std::make_unique<ReactorRunners>(std::move(options));
  }
  // As a crash of both processes: their runners begin anew, from what their disks say.
  void RestartProcesses() {
    for (std::uint32_t i = 0; i < kPartitions; ++i) {
      processes_[i].runners->Stop();
      StartProcess(i);
    }
  }
  void Look() {
    if (!looking_) return;
    for (Process& process : processes_) process.runners->Look();
    executor_->PostAfter(absl::Seconds(1), [this] { Look(); });
  }

  std::uint32_t PlaceOf(const std::string& context, const std::string& tenant) const {
    const auto all = [](std::uint32_t) { return true; };
    return places_.at(context)->Find(tenant, all, all);
  }

  // A tool that is lent: two commits, of which the second calls for a reaction.
  void Lend(const std::string& tenant) {
    const std::string tool = "tool-" + std::to_string(++tools_);
    Do(tenant, Register(tool, tool));
    Do(tenant, eventsourcing::Lend(tool, "ann"));
  }
  void Enrol(const std::string& tenant) { Do(tenant, eventsourcing::Enrol("ann", 1'000)); }
  template <class C>
  void Do(const std::string& tenant, C command) {
    CommandRequest request = Ask(0, std::move(command));
    request.tenant = tenant;
    request.command_id = NewUuidV4(random_);
    std::optional<CommandAnswer> answer;
    actors_.at({kSource, PlaceOf(kSource, tenant)})
        ->Submit(std::move(request), [&](CommandAnswer given) { answer = std::move(given); });
    EXPECT_TRUE(time_.RunUntil([&] { return answer.has_value(); }, absl::Minutes(1)));
    EXPECT_TRUE(answer && answer->ok());
  }

  void Step(TenantReceiver& receiver, const std::string& tenant, PartitionActor& target,
            Kind until) {
    while (true) {
      const auto step = receiver.Next(target.StandingOf(tenant));
      ASSERT_TRUE(step.ok()) << step.status();
      bool done = false;
      TenantReceiver::Do(*step, tenant, target, [&](const absl::Status& status) {
        EXPECT_TRUE(status.ok()) << status;
        done = true;
      });
      EXPECT_TRUE(time_.RunUntil([&] { return done; }, absl::Minutes(1)));
      if (step->kind == until) return;
    }
  }
  void Move(const std::string& context, const std::string& tenant) {
    const std::uint32_t from = PlaceOf(context, tenant);
    const std::uint32_t to = 1 - from;
    PartitionActor& target = *actors_.at({context, to});
    const auto receiver = *TenantReceiver::Open(journal_, {context, to}, tenant);
    Step(*receiver, tenant, target, Kind::kCaughtUp);
    bool closed = false;
    actors_.at({context, from})->CloseTenant(tenant, to, [&](const absl::Status& status) {
      EXPECT_TRUE(status.ok()) << status;
      closed = true;
    });
    EXPECT_TRUE(time_.RunUntil([&] { return closed; }, absl::Minutes(1)));
    Step(*receiver, tenant, target, Kind::kOpen);
  }

  // What the target has answered to, once nothing more comes.
  std::vector<std::uint64_t> Noted(const std::string& tenant) {
    time_.RunFor(absl::Minutes(1));
    std::vector<std::uint64_t> causes;
    const auto trail = *TenantTrail::Open(journal_, kTarget, tenant);
    while (*trail->Advance(100, [&](const journal::v1::Commit& commit, std::string_view) {
      causes.push_back(commit.caused_by().seq());
      return true;
    }) > 0) {
    }
    return causes;
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
  std::map<std::string, std::unique_ptr<TenantPlaces>> places_;
  std::map<journal::PartitionId, std::unique_ptr<PartitionActor>> actors_;
  std::array<Process, kPartitions> processes_;
  bool looking_ = true;
  int tools_ = 0;
};

TEST_F(MovedReactions, GoOnWhereTheTenantMovedInTheSource) {
  Enrol(kTenant);
  Lend(kTenant);
  EXPECT_THAT(Noted(kTenant), ElementsAre(3));
  Move(kSource, kTenant);
  Lend(kTenant);
  EXPECT_THAT(Noted(kTenant), ElementsAre(3, 5));
  RestartProcesses();
  Lend(kTenant);
  EXPECT_THAT(Noted(kTenant), ElementsAre(3, 5, 7)) << "where it went on is kept with the cursor";
}

TEST_F(MovedReactions, GoOnWhereTheTenantMovedInTheTarget) {
  Enrol(kTenant);
  Lend(kTenant);
  Move(kTarget, kTenant);
  Lend(kTenant);
  EXPECT_THAT(Noted(kTenant), ElementsAre(3, 5));
  RestartProcesses();
  Lend(kTenant);
  EXPECT_THAT(Noted(kTenant), ElementsAre(3, 5, 7));
}

TEST_F(MovedReactions, GoOnWhereItMovedInBothAndCameBack) {
  Enrol(kTenant);
  std::vector<std::uint64_t> loans;
  for (const char* context : {kSource, kTarget, kTarget, kSource, kTarget, kSource, kSource}) {
    Lend(kTenant);
    loans.push_back(loans.empty() ? 3 : loans.back() + 2);
    Move(context, kTenant);
  }
  EXPECT_THAT(Noted(kTenant), ElementsAreArray(loans));
}

// A runner that reads for one guest already must not begin to read for another amid its history.
TEST_F(MovedReactions, LeaveNothingOutWhereASecondTenantFollowsTheFirst) {
  std::string other;
  for (int i = 0; other.empty(); ++i) {
    const std::string name = "tenant-" + std::to_string(i);
    if (journal::PartitionOf(name, kPartitions) == journal::PartitionOf(kTenant, kPartitions))
      other = name;
  }
  Enrol(kTenant);
  Enrol(other);
  Lend(kTenant);
  Move(kTarget, kTenant);
  Lend(kTenant);
  EXPECT_THAT(Noted(kTenant), ElementsAre(3, 5));
  for (int i = 0; i < 5; ++i) Lend(other);
  Move(kTarget, other);
  for (int i = 0; i < 5; ++i) Lend(other);
  EXPECT_THAT(Noted(other), ElementsAre(3, 5, 7, 9, 11, 13, 15, 17, 19, 21));
}

}  // namespace
}  // namespace holdfast::eventsourcing
