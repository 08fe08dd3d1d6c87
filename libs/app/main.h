// main() in one call.
#pragma once

#include <vector>

#include "app/platform.h"
#include "app/process.h"

namespace holdfast::app {

// Runs until SIGTERM or SIGINT, then drains. 0: ended well. 1: it could not start, or could not
// end; the last line on stderr says why. `PROGRAM healthcheck OPTIONS…` with the options of a
// process that runs asks that one instead whether it is ready: 0 or 1.
int Main(int argc, const char* const* argv, std::vector<ServiceMaker> services,
         StartCompanion gateway = nullptr, RegisterTenant register_tenant = nullptr,
         StartWorker worker = nullptr, OpenKeyVault key_vault = nullptr);

// The same for a program that is no platform.
int Main(int argc, const char* const* argv, const StartProcess& start);

}  // namespace holdfast::app
