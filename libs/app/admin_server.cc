#include "app/admin_server.h"

#include <utility>

#include "observability/metrics.h"

namespace holdfast::app {

absl::StatusOr<std::unique_ptr<http::Server>> StartAdminServer(const std::string& host,
                                                               std::uint16_t port, Vitals vitals) {
  http::ServerOptions options;
  options.host = host;
  options.port = port;
  options.headers = {{"content-security-policy", "default-src 'none'; frame-ancestors 'none'"},
                     {"x-content-type-options", "nosniff"}};
  return http::Server::Start(options, [vitals = std::move(vitals)](const http::Request& request,
                                                                   http::Server::Respond respond) {
    AdminAnswer answer = request.method == "GET"
                             ? AdminPage(request.path, vitals, metrics::Process())
                             : AdminAnswer{405, "text/plain; charset=utf-8", "GET only\n"};
    respond({answer.status, {{"content-type", answer.content_type}}, std::move(answer.body)});
  });
}

absl::StatusOr<std::unique_ptr<http::Server>> StartAdminServer(const config::v1::Listen& listen,
                                                               const Vitals& vitals) {
  const auto start = [&listen, &vitals](std::uint32_t port) {
    return StartAdminServer(listen.host(), static_cast<std::uint16_t>(port), vitals);
  };
  absl::StatusOr<std::unique_ptr<http::Server>> started = start(listen.admin_port());
  if (!started.ok() && listen.replace_taken_ports()) return start(0);
  return started;
}

}  // namespace holdfast::app
