// One GET, blocking: how a program looks at an admin port.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "http/message.h"

namespace holdfast::http {

//   host      an address, not a name: nothing is resolved
//   returns   status and body, whatever the status
//   errors    kInvalidArgument: no address; kUnavailable: nobody answers, or not within `patience`
absl::StatusOr<Response> Get(const std::string& host, std::uint16_t port, const std::string& path,
                             absl::Duration patience);

}  // namespace holdfast::http
