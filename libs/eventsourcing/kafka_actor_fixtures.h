// What tests of the partition's actor over a real broker share: a process with a journal, an actor
// and its thread, and the tools that several tenants register.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "base/thread_executor.h"
#include "eventsourcing/partition_actor.h"
#include "journal/kafka_journal.h"
#include "journal/verification.h"
#include "testing/kafka_broker.h"
#include "testing/tool_shed.h"

namespace holdfast::eventsourcing {

inline constexpr std::array kTenants = {"westmoor", "northfield", "easton"};

inline journal::PartitionId OnlyPartition() {
  return {"testing", 0};
}

inline CommandRequest Register(const std::string& tenant, std::uint16_t number) {
  testing::v1::RegisterTool command;
  command.set_tool_id("tool-" + std::to_string(number));
  command.set_label("label " + std::to_string(number));
  CommandRequest request;
  request.tenant = tenant;
  request.method = "/holdfast.testing.v1.Shed/RegisterTool";
  request.command = std::make_unique<testing::v1::RegisterTool>(std::move(command));
  request.command_id[14] = static_cast<std::uint8_t>(number / 256);
  request.command_id[15] = static_cast<std::uint8_t>(number % 256);
  request.actor_ref = "someone";
  request.agency = "police";
  return request;
}

inline bool Eventually(const std::function<bool()>& done) {
  const absl::Time limit = absl::Now() + absl::Minutes(2);
  absl::Notification never;
  while (!done()) {
    if (absl::Now() > limit) return false;
    never.WaitForNotificationWithTimeout(absl::Milliseconds(5));
  }
  return true;
}

class SwitchedOwnership final : public Ownership {
 public:
  bool MayTakeOver(const journal::WriterId&) override { return may_take_over; }
  bool Sure() override { return true; }
  void Became(Role, const journal::WriterId&) override {}
  std::atomic<bool> may_take_over = true;
};

// What a process has: a journal on the broker, and an actor on a thread.
class Process {
 public:
  Process(const journal::KafkaJournalOptions& options, std::unique_ptr<StateStore> store)
      : journal_(*journal::KafkaJournal::Open(options)),
        executor_(std::make_unique<ThreadExecutor>("actor")) {
    const absl::Status made = journal_->CreateContext("testing", 1);
    EXPECT_TRUE(made.ok()) << made;
    ActorOptions actor;
    actor.partition = OnlyPartition();
    actor.journal = journal_.get();
    actor.executor = executor_.get();
    actor.clock = &SystemClock();
    actor.random = &SystemRandom();
    actor.streams = &streams_;
    actor.upcasters = &upcasters_;
    actor.sealer = &sealer_;
    actor.mac_keys = &keys_;
    actor.ownership = &ownership_;
    actor.reader_lag = options.end_settles;
    actor.tick = absl::Milliseconds(100);
    actor_ = std::make_unique<PartitionActor>(std::move(actor), std::move(store));
    actor_->Start();
  }
  // As a crash.
  ~Process() {
    Run([this] { actor_.reset(); });
    executor_.reset();
  }

  void Await(Phase phase) {
    EXPECT_TRUE(Eventually([&] { return actor_->status().phase == phase; }));
  }
  void Submit(CommandRequest request, CommandDone done) {
    actor_->Submit(std::move(request), std::move(done));
  }
  CommandAnswer Call(CommandRequest request) {
    CommandAnswer answer = absl::InternalError("no answer");
    absl::Notification answered;
    Submit(std::move(request), [&](CommandAnswer given) {
      answer = std::move(given);
      answered.Notify();
    });
    answered.WaitForNotification();
    return answer;
  }
  // Asks again under the same id, as clients do, until it is accepted.
  CommandAnswer Insist(const std::string& tenant, std::uint16_t number) {
    CommandAnswer answer = absl::UnavailableError("");
    EXPECT_TRUE(Eventually([&] {
      answer = Call(Register(tenant, number));
      return !absl::IsUnavailable(answer.status());
    }));
    return answer;
  }
  std::vector<journal::TenantHead> Heads() {
    std::vector<journal::TenantHead> heads;
    Run([&] {
      for (const char* const tenant : kTenants)
        heads.push_back(actor_->book().fold().HeadOf(tenant));
    });
    return heads;
  }
  SwitchedOwnership& ownership() { return ownership_; }
  journal::Journal& journal() { return *journal_; }

 private:
  void Run(absl::AnyInvocable<void()> work) {
    absl::Notification done;
    executor_->Post([&] {
      std::move(work)();
      done.Notify();
    });
    done.WaitForNotification();
  }

  const std::unique_ptr<journal::KafkaJournal> journal_;
  StreamTypes streams_{{StreamTypeOf<testing::Tool>(), StreamTypeOf<testing::Member>(),
                        StreamTypeOf<testing::Ledger>()}};
  Upcasters upcasters_;
  NoSealer sealer_;
  FileMacKeys keys_{"a secret of thirty-two bytes ..."};
  SwitchedOwnership ownership_;
  std::unique_ptr<ThreadExecutor> executor_;
  std::unique_ptr<PartitionActor> actor_;
};

class KafkaActor : public ::testing::Test {
 protected:
  KafkaActor() : folder_(::testing::TempDir() + "/kafka_actor_" + std::to_string(getpid())) {
    static int number = 0;
    if (testing::KafkaBroker::Get() == nullptr) return;
    options_.bootstrap = testing::KafkaBroker::Get()->bootstrap();
    options_.partitions = 1;
    options_.replication = static_cast<std::uint32_t>(testing::KafkaBroker::Get()->nodes());
    options_.topic_prefix = "actor" + std::to_string(++number) + ".";
  }
  ~KafkaActor() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  std::unique_ptr<StateStore> Store() const { return *OpenStateStore(folder_); }
  std::unique_ptr<Process> Start(std::unique_ptr<StateStore> store) const {
    auto process = std::make_unique<Process>(options_, std::move(store));
    process->Await(Phase::kServing);
    return process;
  }
  // Registers tools of every tenant, all at once: the codes of the answers.
  static std::vector<absl::StatusCode> RegisterTools(Process& process, std::uint16_t from,
                                                     std::uint16_t count) {
    std::vector<absl::StatusCode> codes(count * kTenants.size());
    absl::BlockingCounter answers(static_cast<int>(codes.size()));
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const auto number = static_cast<std::uint16_t>(from + i / kTenants.size());
      process.Submit(Register(kTenants[i % kTenants.size()], number),
                     [&codes, &answers, i](CommandAnswer answer) {
                       codes[i] = answer.status().code();
                       answers.DecrementCount();
                     });
    }
    answers.Wait();
    return codes;
  }
  // As whoever reads the topic from its first record on finds them.
  static std::vector<journal::TenantHead> HeadsOfTheLog(journal::Journal& journal) {
    const auto verified = VerifyPartition(journal, OnlyPartition());
    EXPECT_TRUE(verified.ok() && verified->damage.ok()) << verified.status();
    std::vector<journal::TenantHead> heads;
    for (const char* const tenant : kTenants) heads.push_back(verified->fold.HeadOf(tenant));
    return heads;
  }

  const std::string folder_;
  journal::KafkaJournalOptions options_;
};

}  // namespace holdfast::eventsourcing
