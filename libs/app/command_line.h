// The arguments of every Holdfast process, as a configuration.
#pragma once

#include <string>

#include "holdfast/config/v1/config.pb.h"

#include "absl/status/statusor.h"

namespace holdfast::app {

struct CommandLine {
  config::v1::Process config;  // complete
  bool check_only = false;     // --check-config
  std::string say;             // --help, --version: print it, and end
};

// kInvalidArgument and a sentence where they make no configuration.
absl::StatusOr<CommandLine> ReadCommandLine(int argc, const char* const* argv);

}  // namespace holdfast::app
