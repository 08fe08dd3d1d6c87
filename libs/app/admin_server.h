// The admin port of a process: what AdminPage answers, over plain HTTP.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "app/admin_page.h"
#include "http/server.h"

namespace holdfast::app {

// `vitals` is asked on the server's thread until the server has stopped. kUnavailable where the
// port is taken.
absl::StatusOr<std::unique_ptr<http::Server>> StartAdminServer(const std::string& host,
                                                               std::uint16_t port, Vitals vitals);

}  // namespace holdfast::app
