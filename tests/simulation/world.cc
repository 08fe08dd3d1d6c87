#include "world.h"

#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "accepted_history.h"
#include "clients.h"
#include "eventsourcing/reaction_stream.h"
#include "history_checker.h"
#include "journal/simulated_journal.h"
#include "mover.h"
#include "node.h"
#include "observability/log.h"
#include "onlookers.h"
#include "replayed_tenant.h"
#include "testing/tool_shed.h"

namespace holdfast::simulation {
namespace {

constexpr int kNodes = 3;
constexpr double kJournalFaults = 0.03;
constexpr double kNetworkLoss = 0.04;
constexpr double kWrongSuspicion = 0.01;

class World {
 public:
  explicit World(const WorldOptions& options)
      : options_(options),
        random_(options.seed),
        time_(random_.Next64(), absl::Microseconds(300)),
        broker_(time_.NewExecutor()),
        streams_({eventsourcing::StreamTypeOf<testing::Tool>(),
                  eventsourcing::StreamTypeOf<testing::Member>(),
                  eventsourcing::StreamTypeOf<testing::Ledger>()}),
        mac_keys_("a secret of thirty-two bytes ...") {
    OpenJournal(kJournalFaults);
    for (const auto& partition : AllPartitions()) leases_.emplace(partition, Lease(time_));
    accepted_.emplace(kShed, AcceptedHistory(kShed, kShedPartitions, options_.protocol));
    accepted_.emplace(kLedgers, AcceptedHistory(kLedgers, kLedgerPartitions, options_.protocol));
    town_.time = &time_;
    town_.journal = journal_.get();
    town_.streams = &streams_;
    town_.upcasters = &upcasters_;
    town_.sealer = &sealer_;
    town_.mac_keys = &mac_keys_;
    town_.leases = &leases_;
    town_.protocol = options_.protocol;
    town_.protocol_of_views = options_.protocol_of_views.value_or(options_.protocol);
    town_.complain = [this](std::string sentence) { Complain(std::move(sentence)); };
    town_.random = &random_;
    town_.wrong_suspicion = kWrongSuspicion;
    for (int i = 0; i < kNodes; ++i) {
      nodes_.push_back(std::make_unique<Node>(town_, i, Between(-3, 3)));
      nodes_.back()->Boot();
    }
  }

  WorldResult Run() {
    network_.loss = kNetworkLoss;
    Clients::Parts parts;
    parts.time = &time_;
    parts.random = &random_;
    parts.nodes = &nodes_;
    parts.history = &history_;
    parts.network = &network_;
    parts.operations = options_.operations;
    parts.accepted_seq = [this](const TenantOf& of) { return AcceptedSeq(of); };
    Clients clients(std::move(parts), options_.clients);
    Onlookers onlookers({&time_, &random_, &nodes_, &history_,
                         [this](const TenantOf& of) { return AcceptedSeq(of); }},
                        options_.onlookers);
    mover_ = std::make_unique<Mover>(Mover::Parts{
        &time_, &random_, &nodes_, [this] { return journal_.get(); }, options_.protocol});
    if (!options_.moves) mover_->Leave();
    Watch();
    After(Between(1, 4), [this] { Trouble(); });
    time_.RunFor(absl::Seconds(options_.troubled_s));
    Heal();
    mover_->Leave();
    if (!time_.RunUntil([&] { return clients.done() && mover_->done(); }, absl::Minutes(4)))
      Complain(
          "H8 a command was not answered, or a move not done, within four minutes after all was "
          "healed");
    onlookers.Leave();
    time_.RunFor(absl::Minutes(2));
    Follow();
    const std::uint64_t barriers = Barriers();
    time_.RunFor(absl::Minutes(1));
    Follow();
    if (Barriers() != barriers) Complain("H8 barriers are still written long after all was healed");
    LookAtTheEnd();
    if (options_.onlookers > 0) {
      onlookers.LookAtAll();
      VerifyViews();
    }
    return Result();
  }

 private:
  absl::Duration Between(int low_s, int high_s) {
    const auto width = static_cast<std::uint64_t>(high_s - low_s) * 1'000;
    return absl::Seconds(low_s) +
           absl::Milliseconds(static_cast<std::int64_t>(random_.Below(width + 1)));
  }
  void After(absl::Duration delay, absl::AnyInvocable<void()> work) {
    broker_->PostAfter(delay, std::move(work));
  }
  std::uint64_t AcceptedSeq(const TenantOf& of) {
    AcceptedHistory& accepted = accepted_.at(of.first);
    accepted.Follow(*journal_->records());
    return accepted.SeqOf(of.second);
  }
  void Complain(std::string sentence) { history_.complaints.push_back(std::move(sentence)); }

  void OpenJournal(double fault_rate) {
    journal::SimulatedJournalOptions options;
    options.seed = random_.Next64();
    options.fault_rate = fault_rate;
    if (journal_ != nullptr) {
      journal_faults_ += journal_->faults().size();
      options.records = journal_->records();
    }
    journal_ = std::make_unique<journal::SimulatedJournal>(*broker_, std::move(options));
    const bool made = journal_->CreateContext(kShed, kShedPartitions).ok() &&
                      journal_->CreateContext(kLedgers, kLedgerPartitions).ok();
    if (!made) Complain("the journal has no context");
    town_.journal = journal_.get();
  }

  // One thing goes wrong, and is put right after a while; then the next.
  void Trouble() {
    if (healed_) return;
    Node& node = *nodes_[random_.Below(kNodes)];
    const std::uint64_t dice = random_.Below(100);
    if (dice < 40) {
      CrashNode(node);
    } else if (dice < 60) {
      node.Pause();
      After(Between(0, 12), [&node] { node.Resume(); });
    } else if (dice < 80) {
      node.heard = false;
      After(Between(2, 15), [&node] { node.heard = true; });
    } else if (dice < 88) {
      FillDisk(node);
    } else if (dice < 94) {
      SpoilReads(node);
    } else {
      BreakJournal();
    }
    After(Between(0, 5), [this] { Trouble(); });
  }

  void CrashNode(Node& node) {
    if (!node.up()) return;
    ++crashes_;
    node.Crash();
    const std::uint64_t dice = random_.Below(10);
    for (auto& [name, volume] : node.volumes()) {
      if (dice < 2 || (dice == 7 && random_.Below(3) == 0)) volume->Clear();
      if (dice >= 2 && dice < 7) volume->Lose(random_.Below(volume->unsynced() + 1));
    }
    if (random_.Below(20) == 0) node.SwapRows();
    After(Between(0, 8), [this, &node] {
      if (!node.up() && !journal_broken_) node.Boot();
    });
  }

  void FillDisk(Node& node) {
    for (auto& [name, volume] : node.volumes()) volume->full = true;
    After(Between(2, 10), [&node] {
      for (auto& [name, volume] : node.volumes()) volume->full = false;
    });
  }

  void SpoilReads(Node& node) {
    for (auto& [name, volume] : node.volumes()) volume->unreadable = true;
    After(Between(1, 6), [&node] {
      for (auto& [name, volume] : node.volumes()) volume->unreadable = false;
    });
  }

  // A failed write freezes the journal; the machine that holds it is replaced.
  void BreakJournal() {
    if (journal_broken_) return;
    journal_broken_ = true;
    journal_->Freeze();
    After(Between(1, 10), [this] { MendJournal(); });
  }
  void MendJournal() {
    if (!journal_broken_) return;
    for (auto& node : nodes_) node->Crash();
    mover_->ForgetJournal();
    OpenJournal(healed_ ? 0 : kJournalFaults);
    journal_broken_ = false;
    for (auto& node : nodes_) node->Boot();
  }

  void Heal() {
    healed_ = true;
    MendJournal();
    journal_->Heal();
    network_.loss = 0;
    town_.wrong_suspicion = 0;
    for (auto& node : nodes_) {
      node->heard = true;
      for (auto& [name, volume] : node->volumes()) {
        volume->full = false;
        volume->unreadable = false;
      }
      node->Resume();
      if (!node->up()) node->Boot();
    }
  }

  // What readers hold, now and then.
  void Watch() {
    for (const auto& node : nodes_) {
      for (const auto& [partition, actor] : node->actors()) {
        const auto& fold = actor->book().fold().state();
        history_.digests.push_back(
            {node->number(), partition, fold.next_offset, std::string(AsBytes(fold.digest))});
        NoteStates(node->number(), partition.context, actor->book());
      }
    }
    After(absl::Seconds(3), [this] { Watch(); });
  }

  void NoteStates(int node, const std::string& context, const eventsourcing::PartitionBook& book) {
    for (const auto& [name, tenant] : book.tenants()) {
      if (!tenant->frozen.ok()) continue;
      for (const auto& [stream, entry] : tenant->streams) {
        if (entry->version == 0) continue;
        history_.states.push_back({node, context, name, tenant->accepted_seq, stream,
                                   entry->accepted->SerializeAsString()});
      }
    }
  }

  void Follow() {
    for (auto& [context, accepted] : accepted_) accepted.Follow(*journal_->records());
  }
  std::uint64_t Barriers() const {
    std::uint64_t sum = 0;
    for (const auto& [context, accepted] : accepted_) sum += accepted.barriers();
    return sum;
  }

  void LookAtTheEnd() {
    LookForTenants();
    LookForFrozen();
    LookForOverdueTimers();
  }

  // Each has one place where its commands are decided, and no other.
  void LookForTenants() {
    for (const auto& [context, accepted] : accepted_) {
      for (const auto& [tenant, commits] : accepted.by_tenant()) {
        const std::size_t open = accepted.OpenIn(tenant).size();
        if (open != 1)
          Complain(absl::StrCat("H4 ", context, "/", tenant, ": open in ", open, " partitions"));
      }
    }
  }

  void LookForFrozen() {
    for (const auto& node : nodes_) {
      for (const auto& [partition, actor] : node->actors()) {
        const std::string& context = partition.context;
        if (actor->phase() == eventsourcing::Phase::kFrozen)
          Complain(absl::StrCat("H8 node ", node->number(), " has frozen ", context));
        if (actor->book().frozen_tenants() > 0)
          Complain(absl::StrCat("H8 node ", node->number(), " has frozen a tenant of ", context));
      }
    }
  }

  void LookForOverdueTimers() {
    for (const auto& [context, accepted] : accepted_) {
      for (const auto& [tenant, commits] : accepted.by_tenant()) {
        ReplayedTenant replayed(streams_);
        for (const AcceptedCommit& one : commits) replayed.Apply(one.commit);
        for (const std::string& timer : replayed.OverdueAt(time_.Now() - absl::Seconds(90)))
          Complain(
              absl::StrCat("H8 ", context, "/", tenant, ": the timer ", timer, " never fired"));
      }
    }
  }

  // By the production code's own check, on one node: it reads the whole journal.
  void VerifyViews() {
    const Node& node = *nodes_[options_.seed % kNodes];
    if (node.views() == nullptr)
      return Complain(absl::StrCat("H8 node ", node.number(), " has no views"));
    const auto results = node.views()->Verify("", "");
    if (!results.ok())
      return Complain("H5 views were not verified: " + results.status().ToString());
    for (const readmodel::RebuildResult& result : *results) {
      if (!result.equal())
        Complain(absl::StrCat("H5 node ", node.number(), " finds its rows of ", result.view, " of ",
                              result.tenant, " unlike the journal's at seq ", result.seq));
    }
  }

  WorldResult Result() {
    WorldResult result;
    result.violations = CheckHistory(history_, accepted_, streams_);
    result.steps = time_.steps();
    result.operations = history_.operations.size();
    for (const auto& [context, accepted] : accepted_) {
      result.records += accepted.records();
      result.moves += accepted.moves();
      for (const auto& [tenant, commits] : accepted.by_tenant()) result.accepted += commits.size();
    }
    for (const Attempt& attempt : history_.attempts) {
      if (attempt.answer && absl::IsFailedPrecondition(attempt.answer->status())) ++result.refused;
    }
    result.barriers = Barriers();
    result.journal_faults = journal_faults_ + journal_->faults().size();
    result.crashes = crashes_;
    result.pages = history_.rows.size();
    return result;
  }

  const WorldOptions options_;
  SeededRandom random_;
  testing::VirtualTime time_;
  std::unique_ptr<Executor> broker_;
  const eventsourcing::StreamTypes streams_;
  const eventsourcing::Upcasters upcasters_;
  eventsourcing::NoSealer sealer_;
  eventsourcing::FileMacKeys mac_keys_;
  std::unique_ptr<journal::SimulatedJournal> journal_;
  std::map<journal::PartitionId, Lease> leases_;
  Town town_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::unique_ptr<Mover> mover_;
  Network network_;
  History history_;
  std::map<std::string, AcceptedHistory> accepted_;
  bool healed_ = false;
  bool journal_broken_ = false;
  std::uint64_t crashes_ = 0;
  std::uint64_t journal_faults_ = 0;
};

}  // namespace

WorldResult RunWorld(const WorldOptions& options) {
  World world(options);
  return world.Run();
}

}  // namespace holdfast::simulation
