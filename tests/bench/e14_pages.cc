// E14: a page of 120 rows while commands change these rows at half of what the machine can take:
// in process beside a bare iterator over resting rows, and over gRPC beside an echo of the same
// answer.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <rocksdb/db.h>

#include "holdfast/testing/v1/shed_service.pb.h"
#include "holdfast/testing/v1/state.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "bench.h"
#include "closed_loop.h"
#include "echo_server.h"
#include "engine.h"
#include "enrolments.h"
#include "journal/embedded_journal.h"
#include "open_loop.h"
#include "pages.h"
#include "rpc/client.h"
#include "rpc_load.h"
#include "scenarios.h"
#include "shed_platform.h"

namespace holdfast::bench {
namespace {

constexpr double kPagesPerSecond = 200;

// Load in the background: what a full queue refuses during a slow sync is not sent again.
OpenLoop::Done Shedding(OpenLoop::Done done) {
  return [done = std::move(done)](const absl::Status& status) mutable {
    done(absl::IsResourceExhausted(status) ? absl::OkStatus() : status);
  };
}

// Which of a fixed number of messages are in use.
class Slots {
 public:
  explicit Slots(std::size_t count) : busy_(count) {}
  // False where it is in use already.
  bool Take(std::size_t slot) { return !busy_[slot].exchange(true); }
  OpenLoop::Done Freeing(std::size_t slot, OpenLoop::Done done) {
    return [this, slot, done = std::move(done)](const absl::Status& status) mutable {
      busy_[slot] = false;
      done(status);
    };
  }

 private:
  std::vector<std::atomic<bool>> busy_;
};

absl::StatusOr<std::unique_ptr<rocksdb::DB>> RestingRows(const std::string& folder) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  rocksdb::Status status = rocksdb::DB::Open(options, folder, &opened);
  std::unique_ptr<rocksdb::DB> db(opened);
  for (std::size_t i = 0; i < 10'000 && status.ok(); ++i) {
    testing::v1::LedgerState row;
    row.set_loans(static_cast<std::uint32_t>(i) + 1);
    row.set_last_shed_seq(i * 31);
    status =
        db->Put({}, absl::StrCat("m-", absl::Dec(i, absl::kZeroPad5)), row.SerializeAsString());
  }
  if (status.ok()) status = db->Flush({});
  if (!status.ok()) return absl::UnavailableError(status.ToString());
  return db;
}

absl::StatusOr<Histogram> Iterate(rocksdb::DB& db, absl::Duration duration) {
  Histogram latency;
  testing::v1::LedgerState row;
  const absl::Time began = absl::Now();
  for (absl::Time due = began; due < began + duration; due += absl::Seconds(1 / kPagesPerSecond)) {
    absl::SleepFor(due - absl::Now());
    const std::unique_ptr<rocksdb::Iterator> at(db.NewIterator({}));
    std::size_t rows = 0;
    for (at->SeekToFirst(); at->Valid() && rows < kRowsOfAPage; at->Next(), ++rows) {
      if (!row.ParseFromArray(at->value().data(), static_cast<int>(at->value().size())))
        return absl::DataLossError("a row cannot be read");
    }
    if (rows != kRowsOfAPage) return absl::InternalError("rows are missing");
    latency.Add(absl::Now() - due);
  }
  return latency;
}

absl::Status InProcess(Bench& bench) {
  const absl::Duration slice = bench.settings().slice;
  ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, Engine::Open(bench.Folder("e14")));
  RETURN_IF_ERROR(engine->Grow(50'000).status());
  ASSIGN_OR_RETURN(const std::unique_ptr<Pages> pages,
                   Pages::Open(bench.Folder("e14-views"), engine->journal()));
  ASSIGN_OR_RETURN(const std::unique_ptr<rocksdb::DB> resting,
                   RestingRows(bench.Folder("e14-rows")));
  ASSIGN_OR_RETURN(const LoopResult full, engine->Load(256, slice));
  const double half = full.PerSecond() / 2;

  const Measure ours = [&]() -> absl::StatusOr<double> {
    absl::Status applied;
    std::jthread load([&] {
      applied = OpenLoop::Run(half, slice + absl::Milliseconds(200),
                              [&](std::uint64_t, OpenLoop::Done done) {
                                engine->Send(Shedding(std::move(done)));
                              })
                    .status();
    });
    absl::StatusOr<Histogram> latency = pages->ReadAt(kPagesPerSecond, slice);
    load.join();
    RETURN_IF_ERROR(applied);
    if (!latency.ok()) return latency.status();
    return absl::ToDoubleMicroseconds(latency->Percentile(0.99));
  };
  const Measure iterator = [&]() -> absl::StatusOr<double> {
    ASSIGN_OR_RETURN(const Histogram latency, Iterate(*resting, slice));
    return absl::ToDoubleMicroseconds(latency.Percentile(0.99));
  };
  Row row;
  row.path = "p99 of a page of 120 rows in process, at half load";
  row.unit = "us";
  row.sense = Sense::kAtMost;
  row.note = absl::StrCat("open loop: ", kPagesPerSecond, " pages and ", Figure(half),
                          " commands a second, applied to the rows that are read");
  return bench.Compare(row, ours, {{"bare iterator over resting rows", 10, iterator}});
}

class PageCalls {
 public:
  PageCalls(const std::string& address, std::string token)
      : load_(address, std::move(token), kListMembers, kCallers,
              testing::v1::ListMembersRequest::default_instance(),
              testing::v1::ListMembersResponse::default_instance(),
              [](google::protobuf::Message&, std::uint64_t) {}) {}

  // At 200 a second at most a few are in flight; should all slots be, that is an error.
  absl::StatusOr<double> P99(absl::Duration duration) {
    Slots slots(kCallers);
    ASSIGN_OR_RETURN(
        const Histogram latency,
        OpenLoop::Run(kPagesPerSecond, duration, [&](std::uint64_t number, OpenLoop::Done done) {
          const std::size_t slot = number % kCallers;
          if (!slots.Take(slot)) return done(absl::ResourceExhaustedError("64 pages wait"));
          load_.Start(slot, slots.Freeing(slot, std::move(done)));
        }));
    return absl::ToDoubleMicroseconds(latency.Percentile(0.99));
  }

 private:
  RpcLoad load_;
};

// Commands that change the first 120 rows.
class Registrations {
 public:
  Registrations(const std::string& address, std::string token)
      : load_(address, std::move(token), kRegister, kSlots,
              testing::v1::RegisterTool::default_instance(), type::v1::Receipt::default_instance(),
              [this](google::protobuf::Message& request, std::uint64_t) {
                const std::string number = absl::StrCat("t-", next_++);
                auto& tool = static_cast<testing::v1::RegisterTool&>(request);
                tool.set_tool_id(number);
                tool.set_label(number);
              }) {}

  absl::StatusOr<LoopResult> AllOut(absl::Duration duration) {
    return ClosedLoop::Run(kCallers, duration, [this](std::size_t slot, ClosedLoop::Done done) {
      load_.Start(slot, sent_++, std::move(done));
    });
  }
  absl::Status Steadily(double per_second, absl::Duration duration) {
    Slots slots(kSlots);
    const auto start = [&](std::uint64_t number, OpenLoop::Done done) {
      const std::size_t slot = number % kSlots;
      if (!slots.Take(slot)) return done(absl::OkStatus());
      load_.Start(slot, sent_++, Shedding(slots.Freeing(slot, std::move(done))));
    };
    return OpenLoop::Run(per_second, duration, start).status();
  }

 private:
  static constexpr std::size_t kSlots = 1'000;
  std::atomic<std::uint64_t> next_{0};
  std::atomic<std::uint64_t> sent_{0};
  RpcLoad load_;
};

absl::StatusOr<testing::v1::ListMembersResponse> FullPage(const ShedPlatform& platform) {
  rpc::Client client(NewConnection(platform.address()), [&] { return platform.Token(); });
  testing::v1::ListMembersResponse page;
  RETURN_IF_ERROR(client.Call(kListMembers, testing::v1::ListMembersRequest(), page));
  if (page.member_id_size() != static_cast<int>(kRowsOfAPage))
    return absl::InternalError("the page is not full");
  return page;
}

absl::Status EndToEnd(Bench& bench) {
  const absl::Duration slice = bench.settings().slice;
  ASSIGN_OR_RETURN(const std::unique_ptr<ShedPlatform> platform,
                   ShedPlatform::Start(bench.Folder("e14-platform")));
  Enrolments enrolments(platform->address(), platform->Token());
  RETURN_IF_ERROR(enrolments.Run(absl::Milliseconds(500)).status());
  Registrations registrations(platform->address(), platform->Token());
  ASSIGN_OR_RETURN(const LoopResult full, registrations.AllOut(slice));
  const double half = full.PerSecond() / 2;

  ASSIGN_OR_RETURN(const testing::v1::ListMembersResponse page, FullPage(*platform));
  ASSIGN_OR_RETURN(const std::unique_ptr<EchoServer> echo,
                   EchoServer::Start(kListMembers, testing::v1::ListMembersRequest(), page));
  PageCalls pages(platform->address(), platform->Token());
  PageCalls echoes(echo->address(), platform->Token());
  const Measure ours = [&]() -> absl::StatusOr<double> {
    absl::Status applied;
    std::jthread load(
        [&] { applied = registrations.Steadily(half, slice + absl::Milliseconds(200)); });
    absl::StatusOr<double> p99 = pages.P99(slice);
    load.join();
    RETURN_IF_ERROR(applied);
    return p99;
  };
  Row row;
  row.path = "p99 of a page of 120 rows over gRPC, at half load";
  row.unit = "us";
  row.sense = Sense::kAtMost;
  row.note = absl::StrCat("open loop: ", kPagesPerSecond, " pages and ", Figure(half),
                          " commands a second; the echo rests");
  return bench.Compare(
      row, ours, {{"echo of the same answer, at rest", 3, [&] { return echoes.P99(slice); }}});
}

}  // namespace

absl::Status E14(Bench& bench) {
  RETURN_IF_ERROR(InProcess(bench));
  return EndToEnd(bench);
}

}  // namespace holdfast::bench
