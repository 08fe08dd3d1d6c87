#include "engine.h"

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

#include "holdfast/config/v1/config.pb.h"
#include "holdfast/testing/v1/shed.pb.h"

#include "absl/synchronization/mutex.h"
#include "app/configuration.h"
#include "app/contexts.h"
#include "base/clock.h"
#include "base/status_macros.h"
#include "eventsourcing/command.h"
#include "eventsourcing/context_store.h"
#include "journal/embedded_journal.h"
#include "keyvault/key_vault_folder.h"
#include "open_loop.h"
#include "testing/tool_shed.h"

namespace holdfast::bench {
namespace {

// What the door would bring: the same for every call.
constexpr char kMethod[] = "/holdfast.testing.v1.Shed/NoteLoan";
constexpr std::size_t kStreams = 10'000;
constexpr char kTrace[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
constexpr std::size_t kWithinTheQueue = 1'000;  // of a tenant: 1,024

std::unique_ptr<google::protobuf::Message> Loan(const std::string& member, std::uint64_t n) {
  char text[48];
  auto command = std::make_unique<testing::v1::NoteLoan>();
  command->set_member_id(member);
  std::snprintf(text, sizeof text, "tool-%028llu", static_cast<unsigned long long>(n));
  command->set_tool_id(text);
  command->set_shed_seq(n + 1);
  return command;
}

absl::StatusOr<std::unique_ptr<journal::Journal>> JournalIn(const std::string& folder,
                                                            storage::DiskHook* disk) {
  journal::EmbeddedJournalOptions options;
  options.folder = folder + "/journal";
  options.disk_hook = disk;
  ASSIGN_OR_RETURN(std::unique_ptr<journal::EmbeddedJournal> journal,
                   journal::EmbeddedJournal::Open(options));
  RETURN_IF_ERROR(journal->CreateContext(kContext, 1));
  return journal;
}

}  // namespace

Engine::Engine(std::size_t streams) : popularity_(streams), make_(Loan) {}

Engine::~Engine() {
  if (contexts_ != nullptr) contexts_->Drain(absl::InfiniteFuture());
}

absl::StatusOr<std::unique_ptr<Engine>> Engine::Open(const std::string& folder,
                                                     storage::DiskHook* disk, std::size_t streams) {
  ASSIGN_OR_RETURN(std::unique_ptr<journal::Journal> journal, JournalIn(folder, disk));
  return OpenAbove(std::move(journal), folder, absl::ZeroDuration(), streams);
}

absl::StatusOr<std::unique_ptr<Engine>> Engine::OpenWithKeys(const std::string& folder,
                                                             MakeCommand make) {
  auto engine = std::unique_ptr<Engine>(new Engine(kStreams));
  engine->make_ = std::move(make);
  ASSIGN_OR_RETURN(engine->journal_, JournalIn(folder, nullptr));
  ASSIGN_OR_RETURN(engine->vault_, keyvault::OpenKeyVaultFolder(folder + "/keyvault"));
  RETURN_IF_ERROR(engine->OpenContexts(folder, absl::ZeroDuration()));
  return engine;
}

absl::StatusOr<std::unique_ptr<Engine>> Engine::OpenAbove(std::unique_ptr<journal::Journal> journal,
                                                          const std::string& folder,
                                                          absl::Duration reader_lag,
                                                          std::size_t streams) {
  auto engine = std::unique_ptr<Engine>(new Engine(streams));
  engine->journal_ = std::move(journal);
  RETURN_IF_ERROR(engine->OpenContexts(folder, reader_lag));
  return engine;
}

absl::Status Engine::OpenContexts(const std::string& folder, absl::Duration reader_lag) {
  config::v1::Process config;
  config.set_data_dir(folder);
  config.mutable_demo()->set_data(config::v1::Demo::EMPTY);
  RETURN_IF_ERROR(app::Complete(config));
  app::Contexts::Parts parts;
  parts.journal = journal_.get();
  parts.key_vault = vault_.get();
  parts.clock = &SystemClock();
  parts.random = &SystemRandom();
  parts.folder = folder + "/state";
  parts.mac_key = folder + "/command-mac.key";
  parts.reader_lag = reader_lag;
  parts.actor = config.actor();
  parts.contexts.push_back({kContext, {eventsourcing::StreamTypeOf<testing::Ledger>()}, {}});
  ASSIGN_OR_RETURN(contexts_, app::Contexts::Open(std::move(parts)));
  return absl::OkStatus();
}

void Engine::Send(absl::AnyInvocable<void(absl::Status)> done) {
  char member[24];
  std::snprintf(member, sizeof member, "m-%05zu", popularity_.Next(random_));
  eventsourcing::CommandRequest request;
  request.tenant = kTenant;
  request.method = kMethod;
  request.command = make_(member, sent_++);
  random_.Fill(request.command_id);
  random_.Fill(request.correlation_id);
  request.actor_ref = "ar-7f3a";
  request.agency = "police";
  request.traceparent = kTrace;
  contexts_->Find(kContext)->Submit(
      std::move(request),
      [done = std::move(done)](const eventsourcing::CommandAnswer& answer) mutable {
        std::move(done)(answer.status());
      });
}

absl::StatusOr<LoopResult> Engine::Load(std::size_t in_flight, absl::Duration duration) {
  // The first of each slot come from the caller's thread, the others from the actor's.
  absl::Mutex mutex;
  return ClosedLoop::Run(in_flight, duration, [&](std::size_t, ClosedLoop::Done done) {
    const absl::MutexLock lock(&mutex);
    Send(std::move(done));
  });
}

absl::StatusOr<Histogram> Engine::Steadily(double per_second, absl::Duration duration) {
  return OpenLoop::Run(per_second, duration,
                       [this](std::uint64_t, OpenLoop::Done done) { Send(std::move(done)); });
}

absl::StatusOr<LoopResult> Engine::Grow(std::uint64_t commands) {
  absl::Mutex mutex;
  const std::uint64_t slots = std::min<std::uint64_t>(commands, kWithinTheQueue);
  return ClosedLoop::Run(
      static_cast<std::size_t>(slots), absl::Hours(1),
      [&](std::size_t, ClosedLoop::Done done) {
        const absl::MutexLock lock(&mutex);
        Send(std::move(done));
      },
      (commands + slots - 1) / slots);
}

absl::StatusOr<double> Engine::BytesOfARecord() {
  ASSIGN_OR_RETURN(const std::unique_ptr<journal::Reader> reader,
                   journal_->OpenReader({kContext, 0}, 0));
  ASSIGN_OR_RETURN(const std::vector<journal::StoredRecord> records, reader->Read(1'000));
  double bytes = 0;
  for (const journal::StoredRecord& record : records)
    bytes += static_cast<double>(record.bytes.size());
  return records.empty() ? 0 : bytes / static_cast<double>(records.size());
}

}  // namespace holdfast::bench
