#include "app/admin_page.h"

#include "absl/strings/str_cat.h"
#include "observability/metrics.h"

namespace holdfast::app {
namespace {

AdminAnswer Of(const absl::Status& status) {
  if (status.ok()) return {200, "text/plain; charset=utf-8", "ok\n"};
  return {503, "text/plain; charset=utf-8", absl::StrCat(status.message(), "\n")};
}

}  // namespace

AdminAnswer AdminPage(std::string_view path, const Vitals& vitals, metrics::Registry& registry) {
  if (path == "/livez") return Of(vitals.live());
  if (path == "/readyz") return Of(vitals.ready());
  if (path == "/startupz") return Of(vitals.started());
  if (path == "/metrics") {
    registry.GetGauge(metrics::kReady).Set(vitals.ready().ok() ? 1 : 0);
    return {200, "text/plain; version=0.0.4; charset=utf-8", registry.Text()};
  }
  return {404, "text/plain; charset=utf-8", "/metrics /livez /readyz /startupz\n"};
}

}  // namespace holdfast::app
