// What a supervisor runs inside a container that has no shell:
// `holdfast-<service> healthcheck [livez|readyz|startupz] OPTIONS…`, readyz unless said.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace holdfast::app {

// The first word of the command line that asks for it.
constexpr std::string_view kHealthcheck = "healthcheck";

// Takes the page out of the words after `healthcheck`, if they begin with one; `argv` then stands
// before the options, as a command line's first word does.
std::string TakePage(int& argc, const char* const*& argv);

// Asks a page of the admin port on this machine. `host` is where the process listens; where that is
// every address, loopback is asked. kUnavailable, with what it said, where the answer is not 200.
absl::Status Healthcheck(const std::string& host, std::uint16_t admin_port,
                         const std::string& page = "readyz");

}  // namespace holdfast::app
