// The gateway as a process of its own, before services that run elsewhere.
//
//   holdfast-gateway --services 127.0.0.1:8081 [--host 127.0.0.1] [--port 8080]

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/random.h"
#include "gateway/gateway.h"
#include "rpc/library_log.h"

namespace {

constexpr char kUsage[] =
    "Usage: holdfast-gateway --services ADDRESS [--host HOST] [--port PORT]\n"
    "  --services  host:port of the services' gRPC door; of a deployment every service's, as in\n"
    "              "
    "initiative=127.0.0.1:9501,127.0.0.1:9511;metrics=127.0.0.1:9502;*=127.0.0.1:9501\n"
    "  --host      where to listen; 127.0.0.1 unless said\n"
    "  --port      8080 unless said; 0 takes any free one\n";

constexpr absl::Duration kDrain = absl::Seconds(20);

struct Line {
  std::string services;
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;
  bool help = false;
};

absl::StatusOr<Line> ReadLine(int argc, char** argv) {
  Line line;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--help" || name == "-h") {
      line.help = true;
      return line;
    }
    if (name != "--services" && name != "--host" && name != "--port") {
      return absl::InvalidArgumentError("there is an option that it does not know.");
    }
    if (i + 1 >= argc) {
      return absl::InvalidArgumentError(absl::StrCat(std::string(name), " wants a value."));
    }
    const std::string value = argv[i + 1];
    std::uint32_t port = 0;
    if (name == "--services") {
      line.services = value;
    } else if (name == "--host") {
      line.host = value;
    } else if (absl::SimpleAtoi(value, &port) && port <= 65535) {
      line.port = static_cast<std::uint16_t>(port);
    } else {
      return absl::InvalidArgumentError("--port wants a number up to 65535.");
    }
  }
  if (line.services.empty()) {
    return absl::InvalidArgumentError("it needs --services, the address of the services.");
  }
  return line;
}

int Fail(int code, const absl::Status& status, const char* more = "") {
  std::fprintf(stderr, "holdfast-gateway: %s\n%s", std::string(status.message()).c_str(), more);
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  const absl::StatusOr<Line> line = ReadLine(argc, argv);
  if (!line.ok()) return Fail(2, line.status(), kUsage);
  if (line->help) {
    std::fputs(kUsage, stdout);
    return 0;
  }

  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before the first thread, so that all inherit it
  std::signal(SIGPIPE, SIG_IGN);
  holdfast::rpc::TameLibraryLogs();

  holdfast::gateway::GatewayOptions options;
  options.host = line->host;
  options.port = line->port;
  options.doors = line->services;
  options.clock = &holdfast::SystemClock();
  options.random = &holdfast::SystemRandom();
  const auto gateway = holdfast::gateway::Gateway::Start(options);
  if (!gateway.ok()) return Fail(1, gateway.status());
  std::printf("{\"console\":\"http://%s:%u\"}\n", line->host.c_str(), unsigned{(*gateway)->port()});
  std::fflush(stdout);

  int signal = 0;
  sigwait(&signals, &signal);
  (*gateway)->Stop(kDrain);
  return 0;
}
