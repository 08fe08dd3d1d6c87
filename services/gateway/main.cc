// The gateway as a process of its own, before services that run elsewhere.
//
//   holdfast-gateway --services 127.0.0.1:8081 [--host 127.0.0.1] [--port 8080] [--admin-port 8082]
//                    [--issuers issuers.json] [--environment production] [--certificates FOLDER]
//   holdfast-gateway healthcheck [--host 127.0.0.1] --admin-port 8082

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "app/admin_server.h"
#include "app/healthcheck.h"
#include "app/issuers_file.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "base/thread_executor.h"
#include "gateway/gateway.h"
#include "rpc/library_log.h"
#include "rpc/transport_security.h"

namespace {

constexpr char kUsage[] =
    "Usage: holdfast-gateway --services ADDRESS [--host HOST] [--port PORT]\n"
    "                        [--admin-port PORT] [--issuers FILE] [--environment NAME]\n"
    "                        [--certificates FOLDER]\n"
    "       holdfast-gateway healthcheck [livez|readyz|startupz] --admin-port PORT [--host HOST]\n"
    "  --services  host:port of the services' gRPC door; of a deployment every service's, as in\n"
    "              "
    "initiative=127.0.0.1:9501,127.0.0.1:9511;metrics=127.0.0.1:9502;*=127.0.0.1:9501\n"
    "  --host      where to listen; 127.0.0.1 unless said\n"
    "  --port      8080 unless said; 0 takes any free one\n"
    "  --admin-port  where /metrics, /livez, /readyz and /startupz answer; none unless said\n"
    "  --issuers   the OpenID providers that people sign in with (security.issuers_file of the\n"
    "              services); read again when it changes\n"
    "  --environment  production unless said; in development a provider may answer on loopback\n"
    "              without TLS\n"
    "  --certificates  a folder with ca.crt, tls.crt and tls.key, by which it and the services\n"
    "              know each other; without, they speak without TLS\n"
    "  healthcheck asks the admin port of a gateway that runs; ends with 0 where it is ready\n";

constexpr std::array<std::string_view, 7> kOptions = {"--services",    "--host",    "--port",
                                                      "--admin-port",  "--issuers", "--environment",
                                                      "--certificates"};
constexpr absl::Duration kDrain = absl::Seconds(20);

struct Line {
  std::string services;
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;
  std::optional<std::uint16_t> admin_port;
  std::string issuers;  // a file; empty: nobody signs in with a provider
  bool development = false;
  std::string certificates;  // a folder; empty: without TLS
  std::string asked_page;    // of a healthcheck; empty: it is none
  bool help = false;
};

absl::StatusOr<std::uint16_t> PortOf(const std::string& name, const std::string& value) {
  std::uint32_t port = 0;
  if (absl::SimpleAtoi(value, &port) && port <= 65535) return static_cast<std::uint16_t>(port);
  return absl::InvalidArgumentError(absl::StrCat(name, " wants a number up to 65535."));
}

absl::Status SetOption(const std::string& name, const std::string& value, Line& line) {
  if (name == "--services") {
    line.services = value;
  } else if (name == "--host") {
    line.host = value;
  } else if (name == "--certificates") {
    line.certificates = value;
  } else if (name == "--issuers") {
    line.issuers = value;
  } else if (name == "--environment") {
    if (value != "production" && value != "development") {
      return absl::InvalidArgumentError("--environment wants production or development.");
    }
    line.development = value == "development";
  } else {
    ASSIGN_OR_RETURN(const std::uint16_t port, PortOf(name, value));
    if (name == "--port") line.port = port;
    if (name == "--admin-port") line.admin_port = port;
  }
  return absl::OkStatus();
}

absl::Status CheckSense(const Line& line) {
  if (!line.asked_page.empty() && !line.admin_port.has_value()) {
    return absl::InvalidArgumentError("healthcheck needs --admin-port, the port that it asks.");
  }
  if (line.asked_page.empty() && line.services.empty()) {
    return absl::InvalidArgumentError("it needs --services, the address of the services.");
  }
  return absl::OkStatus();
}

absl::StatusOr<Line> ReadLine(int argc, const char* const* argv) {
  Line line;
  if (argc > 1 && argv[1] == holdfast::app::kHealthcheck) {
    line.asked_page = holdfast::app::TakePage(--argc, ++argv);
  }
  for (int i = 1; i < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--help" || name == "-h") {
      line.help = true;
      return line;
    }
    if (std::ranges::find(kOptions, name) == kOptions.end()) {
      return absl::InvalidArgumentError("there is an option that it does not know.");
    }
    if (i + 1 >= argc) {
      return absl::InvalidArgumentError(absl::StrCat(std::string(name), " wants a value."));
    }
    RETURN_IF_ERROR(SetOption(std::string(name), argv[i + 1], line));
  }
  RETURN_IF_ERROR(CheckSense(line));
  return line;
}

// Never how the services are: one that is sick would take every page away. Null where no admin port
// is wanted. `draining` outlives it.
absl::StatusOr<std::unique_ptr<holdfast::http::Server>> StartAdmin(
    const Line& line, const std::atomic<bool>& draining) {
  if (!line.admin_port.has_value()) return nullptr;
  const auto well = [] { return absl::OkStatus(); };
  const auto ready = [&draining] {
    return draining.load() ? absl::UnavailableError("draining") : absl::OkStatus();
  };
  return holdfast::app::StartAdminServer(line.host, *line.admin_port, {well, well, ready});
}

// Null where nobody signs in with a provider. The executor watches the file.
using OpenedIssuers = absl::StatusOr<std::unique_ptr<holdfast::app::IssuersFile>>;
OpenedIssuers OpenIssuers(const Line& line, holdfast::ThreadExecutor& executor) {
  using holdfast::config::v1::Process;
  if (line.issuers.empty()) return nullptr;
  return holdfast::app::IssuersFile::Open(
      {line.issuers, line.development ? Process::DEVELOPMENT : Process::PRODUCTION, &executor,
       nullptr});
}

// Null where they speak without TLS.
absl::StatusOr<std::shared_ptr<const holdfast::rpc::TransportSecurity>> OpenTransport(
    const Line& line) {
  if (line.certificates.empty()) return nullptr;
  return holdfast::rpc::TransportSecurity::Open(holdfast::rpc::TransportFilesIn(line.certificates),
                                                line.development ? "development" : "production");
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

  if (!line->asked_page.empty()) {
    const absl::Status ready =
        holdfast::app::Healthcheck(line->host, *line->admin_port, line->asked_page);
    return ready.ok() ? 0 : Fail(1, ready);
  }

  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before the first thread, so that all inherit it
  std::signal(SIGPIPE, SIG_IGN);
  holdfast::rpc::TameLibraryLogs();

  OpenedIssuers issuers = nullptr;
  holdfast::ThreadExecutor watches("issuers");  // ends before what it watches
  holdfast::gateway::GatewayOptions options;
  options.host = line->host;
  options.port = line->port;
  options.doors = line->services;
  issuers = OpenIssuers(*line, watches);
  if (!issuers.ok()) return Fail(1, issuers.status());
  if (*issuers != nullptr) {
    options.issuers = [&file = **issuers] { return file.Current(); };
  }
  options.development = line->development;
  const auto transport = OpenTransport(*line);
  if (!transport.ok()) return Fail(1, transport.status());
  options.transport = transport->get();
  options.clock = &holdfast::SystemClock();
  options.random = &holdfast::SystemRandom();
  const auto gateway = holdfast::gateway::Gateway::Start(options);
  if (!gateway.ok()) return Fail(1, gateway.status());
  std::atomic<bool> draining{false};
  const auto admin = StartAdmin(*line, draining);
  if (!admin.ok()) return Fail(1, admin.status());
  std::printf("{\"console\":\"http://%s:%u\"}\n", line->host.c_str(), unsigned{(*gateway)->port()});
  std::fflush(stdout);

  int signal = 0;
  sigwait(&signals, &signal);
  draining.store(true);
  (*gateway)->Stop(kDrain);
  return 0;
}
