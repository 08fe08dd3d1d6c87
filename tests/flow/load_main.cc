// holdfast-flow-load GATEWAY-PORT TENANT,TENANT… CLIENTS: the load of the chaos test as a program.
// It prints what became of each command (load.h, LineOf), until SIGTERM; then it waits for the
// answers that are due, and ends.
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include <sys/prctl.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "load.h"

int main(int argc, char** argv) {
  std::uint32_t port = 0;
  int clients = 0;
  if (argc != 4 || !absl::SimpleAtoi(argv[1], &port) || port > 65'535 ||
      !absl::SimpleAtoi(argv[3], &clients)) {
    std::fputs("Usage: holdfast-flow-load GATEWAY-PORT TENANT,TENANT... CLIENTS\n", stderr);
    return 2;
  }
  prctl(PR_SET_PDEATHSIG, SIGTERM);  // a test that is killed leaves no load behind
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const std::vector<std::string> tenants = absl::StrSplit(argv[2], ',');
  holdfast::flow::Load load(holdfast::flow::ThroughGateway(static_cast<std::uint16_t>(port)),
                            tenants, clients, [](const holdfast::flow::Load::Note& note) {
                              std::puts(holdfast::flow::LineOf(note).c_str());
                              std::fflush(stdout);
                            });
  int signal = 0;
  sigwait(&signals, &signal);
  load.Stop();
  return 0;
}
