// What the admin port answers: plain HTTP, read-only. /metrics /livez /readyz /startupz
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace holdfast::metrics {
class Registry;
}

namespace holdfast::app {

struct AdminAnswer {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

// How the process is. Each answers OK, or why not in words without input or paths of tenants.
struct Vitals {
  std::function<absl::Status()> started;
  std::function<absl::Status()> live;
  std::function<absl::Status()> ready;
};

AdminAnswer AdminPage(std::string_view path, const Vitals& vitals, metrics::Registry& registry);

}  // namespace holdfast::app
