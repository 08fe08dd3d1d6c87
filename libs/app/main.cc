#include "app/main.h"

#include <csignal>
#include <cstdio>
#include <thread>
#include <utility>

#include <unistd.h>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "app/command_line.h"
#include "app/healthcheck.h"
#include "observability/log.h"
#include "rpc/library_log.h"

namespace holdfast::app {
namespace {

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "holdfast: %s\n", std::string(status.message()).c_str());
  return 1;
}

// Ends the process where the drain does not: something hangs, and a supervisor is about to kill us
// anyway.
void StartWatchdog(absl::Duration patience) {
  std::thread([patience] {
    absl::SleepFor(patience);
    log::Error("drain_hangs");
    _exit(1);
  }).detach();  // the one thread that must outlive main
}

sigset_t Signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGUSR1);
  return signals;
}

void AwaitEnd(const sigset_t& signals) {
  while (true) {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0) continue;
    if (signal != SIGUSR1) return;
    log::DebugFor(absl::Minutes(10));
  }
}

// The same words as those that the process was started with, so that it is asked where it listens.
int AskHealth(int argc, const char* const* argv) {
  const std::string page = TakePage(argc, argv);
  const absl::StatusOr<CommandLine> line = ReadCommandLine(argc, argv);
  if (!line.ok()) return Fail(line.status());
  const config::v1::Listen& listen = line->config.listen();
  const absl::Status ready =
      Healthcheck(listen.host(), static_cast<std::uint16_t>(listen.admin_port()), page);
  return ready.ok() ? 0 : Fail(ready);
}

}  // namespace

int Main(int argc, const char* const* argv, std::vector<ServiceMaker> services,
         StartCompanion gateway, RegisterTenant register_tenant, StartWorker worker,
         OpenKeyVault key_vault) {
  return Main(argc, argv, [&](config::v1::Process config) {
    return Platform::Start({std::move(config), std::move(services), std::move(gateway),
                            std::move(register_tenant), std::move(worker), std::move(key_vault)});
  });
}

int Main(int argc, const char* const* argv, const StartProcess& start) {
  if (argc > 1 && argv[1] == kHealthcheck) return AskHealth(argc - 1, argv + 1);
  absl::StatusOr<CommandLine> line = ReadCommandLine(argc, argv);
  if (!line.ok()) return Fail(line.status());
  if (!line->say.empty()) {
    std::fputs(line->say.c_str(), stdout);
    return 0;
  }
  if (line->check_only) {
    std::puts("The configuration is good.");
    return 0;
  }

  const sigset_t signals = Signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before the first thread, so that all inherit it
  std::signal(SIGPIPE, SIG_IGN);
  rpc::TameLibraryLogs();
  // Debian's absl looks for cycles at each lock, which costs a call 5 % of its time. Tests keep it.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);

  const config::v1::Drain drain = line->config.drain();
  absl::StatusOr<std::unique_ptr<Process>> process = start(std::move(line->config));
  if (!process.ok()) return Fail(process.status());
  if (absl::Status ready = (*process)->AwaitReady(); !ready.ok()) {
    process->reset();  // what it logs goes before the sentence
    return Fail(ready);
  }
  AwaitEnd(signals);
  StartWatchdog(absl::Milliseconds(drain.delay_ms()) + absl::Milliseconds(drain.deadline_ms()) +
                absl::Seconds(8));
  (*process)->Drain();
  process->reset();
  return 0;
}

}  // namespace holdfast::app
