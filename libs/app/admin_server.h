// The admin port of a process: what AdminPage answers, over plain HTTP.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "holdfast/config/v1/config.pb.h"

#include "absl/status/statusor.h"
#include "app/admin_page.h"
#include "http/server.h"

namespace holdfast::app {

// `vitals` is asked on threads of the server until it has stopped. kUnavailable where the port is
// taken.
absl::StatusOr<std::unique_ptr<http::Server>> StartAdminServer(const std::string& host,
                                                               std::uint16_t port, Vitals vitals);
// On the configured port, or a free one where that is taken and may be replaced.
absl::StatusOr<std::unique_ptr<http::Server>> StartAdminServer(const config::v1::Listen& listen,
                                                               const Vitals& vitals);

}  // namespace holdfast::app
