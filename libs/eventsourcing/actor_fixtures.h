// What tests of the partition's actor in virtual time share: a partition with its actor above a
// journal without faults, and the commands of the tool shed.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/timestamps.h"
#include "eventsourcing/command_ids.h"
#include "eventsourcing/partition_actor.h"
#include "journal/simulated_journal.h"
#include "observability/metrics.h"
#include "testing/scenario.h"
#include "testing/tool_shed.h"
#include "testing/virtual_time.h"

namespace holdfast::eventsourcing {

namespace v1 = testing::v1;
using testing::Text;

inline constexpr char kTenant[] = "westmoor";

inline Uuid Id(std::uint8_t number) {
  Uuid id{};
  id[15] = number;
  return id;
}

template <class C>
CommandRequest Ask(std::uint8_t id, C command) {
  CommandRequest request;
  request.tenant = kTenant;
  request.method = "/holdfast.testing.v1.Shed/" + C::descriptor()->name();
  request.command = std::make_unique<C>(std::move(command));
  request.command_id = Id(id);
  request.actor_ref = "someone";
  request.agency = "police";
  return request;
}

inline v1::RegisterTool Register(const std::string& id, const std::string& label) {
  v1::RegisterTool command;
  command.set_tool_id(id);
  command.set_label(label);
  return command;
}
inline v1::EnrolMember Enrol(const std::string& id, std::uint32_t limit) {
  v1::EnrolMember command;
  command.set_member_id(id);
  command.set_limit(limit);
  return command;
}
inline v1::LendTool Lend(const std::string& tool, const std::string& member,
                         absl::Time due = testing::kSomeday + absl::Hours(24)) {
  v1::LendTool command;
  command.set_tool_id(tool);
  command.set_member_id(member);
  *command.mutable_due_at() = ToTimestamp(due);
  return command;
}
inline v1::ReturnTool Return(const std::string& tool) {
  v1::ReturnTool command;
  command.set_tool_id(tool);
  return command;
}

inline type::v1::CausedBy CausedBy(std::uint64_t seq) {
  type::v1::CausedBy caused_by;
  caused_by.set_reactor("note-loans");
  caused_by.set_context("testing");
  caused_by.set_seq(seq);
  return caused_by;
}

inline CommandRequest AskReaction(std::uint64_t seq, v1::NoteLoan command) {
  CommandRequest request = Ask(0, std::move(command));
  request.caused_by = CausedBy(seq);
  request.command_id = ReactionCommandId(kTenant, *request.caused_by);
  return request;
}
inline v1::NoteLoan Note(const std::string& member, const std::string& tool) {
  v1::NoteLoan command;
  command.set_member_id(member);
  command.set_tool_id(tool);
  return command;
}

class SwitchedOwnership final : public Ownership {
 public:
  bool MayTakeOver(const journal::WriterId&) override {
    if (may_take_over && regains) sure = true;
    return may_take_over;
  }
  bool Sure() override { return sure; }
  void Became(Role, const journal::WriterId&) override {}
  bool may_take_over = true;
  bool regains = true;  // a yes makes it sure again
  bool sure = true;
};

// One partition, its actor, and a journal without faults.
class Shed {
 public:
  explicit Shed(Protocol protocol = {}) {
    EXPECT_TRUE(journal_.CreateContext("testing", 1).ok());
    options_.partition = {"testing", 0};
    options_.journal = &journal_;
    options_.executor = executor_.get();
    options_.clock = &time_;
    options_.random = &random_;
    options_.streams = &streams_;
    options_.upcasters = &upcasters_;
    options_.sealer = &sealer_;
    options_.mac_keys = &keys_;
    options_.ownership = &ownership_;
    options_.digests = true;
    options_.protocol = protocol;
    options_.flush_every = 4;
  }

  void Start(std::unique_ptr<StateStore> store = std::make_unique<MemoryStateStore>()) {
    actor_ = std::make_unique<PartitionActor>(options_, std::move(store));
    actor_->Start();
    ASSERT_TRUE(Until([this] { return actor_->phase() == Phase::kServing; }));
  }
  // As a crash; the state store is lost.
  void Restart() {
    actor_.reset();
    Start();
  }

  // Submits, and gives the answer's place: empty until it is there.
  std::shared_ptr<std::optional<CommandAnswer>> Send(CommandRequest request) {
    auto answer = std::make_shared<std::optional<CommandAnswer>>();
    actor_->Submit(std::move(request),
                   [answer](CommandAnswer given) { *answer = std::move(given); });
    return answer;
  }
  CommandAnswer Call(CommandRequest request) {
    const auto answer = Send(std::move(request));
    EXPECT_TRUE(Until([&] { return answer->has_value(); }));
    return answer->value_or(absl::InternalError("no answer"));
  }
  // The same, where nothing but acceptance is expected.
  void Do(CommandRequest request) {
    const CommandAnswer answer = Call(std::move(request));
    EXPECT_TRUE(answer.ok()) << answer.status();
  }
  bool Until(const std::function<bool()>& done) { return time_.RunUntil(done, absl::Minutes(2)); }

  std::vector<journal::v1::Record> Records() const {
    std::vector<journal::v1::Record> records;
    for (const journal::StoredRecord& stored : journal_.records()->partitions.at({"testing", 0})) {
      records.emplace_back().ParseFromString(stored.bytes);
    }
    return records;
  }
  std::vector<journal::v1::Commit> Commits() const {
    std::vector<journal::v1::Commit> commits;
    for (const journal::v1::Record& record : Records()) {
      if (record.has_commit()) commits.emplace_back().ParseFromString(record.commit());
    }
    return commits;
  }
  // Writes a record as somebody else would.
  void WriteForeign(std::string record) {
    bool done = false;
    const auto writer = journal_.OpenWriter({"testing", 0});
    (*writer)->Append(std::move(record),
                      [&done](const absl::StatusOr<journal::Offset>&) { done = true; });
    EXPECT_TRUE(Until([&done] { return done; }));
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
  ActorOptions options_;
  std::unique_ptr<PartitionActor> actor_;
};

inline std::string Reason(const CommandAnswer& answer) {
  return ReasonOf(answer.status());
}

// How many commands the metrics say were answered so.
inline double AnsweredWith(std::string_view outcome) {
  const std::string line =
      absl::StrCat("holdfast_command_seconds_count{context=\"testing\",outcome=\"",
                   std::string(outcome), "\"} ");
  const std::string page = metrics::Process().Text();
  const std::size_t at = page.find(line);
  return at == std::string::npos ? 0 : std::strtod(page.c_str() + at + line.size(), nullptr);
}

// A store that a test may keep while its actor is replaced.
class SharedStore final : public StateStore {
 public:
  explicit SharedStore(std::shared_ptr<MemoryStateStore> store) : store_(std::move(store)) {}
  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override {
    return store_->Get(key);
  }
  absl::Status Scan(
      std::string_view prefix,
      absl::FunctionRef<bool(std::string_view, std::string_view)> each) const override {
    return store_->Scan(prefix, each);
  }
  void Put(std::string_view key, std::string_view value) override { store_->Put(key, value); }
  void Delete(std::string_view key) override { store_->Delete(key); }
  absl::Status Commit() override { return store_->Commit(); }
  absl::Status Clear() override { return store_->Clear(); }

 private:
  std::shared_ptr<MemoryStateStore> store_;
};

}  // namespace holdfast::eventsourcing
