#include "app/command_line.h"

#include <vector>

#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "app/configuration.h"
#include "base/status_macros.h"

namespace holdfast::app {
namespace {

struct Arguments {
  std::vector<std::string> files;
  std::vector<std::string> settings;
  std::string data;
  std::string host;
  int port = -1;
  std::string demo;
  bool check = false;
};

absl::StatusOr<config::v1::Process> ConfigurationOf(const Arguments& arguments) {
  config::v1::Process config;
  for (const std::string& file : arguments.files) RETURN_IF_ERROR(OverlayFile(file, config));
  for (const std::string& setting : arguments.settings) {
    RETURN_IF_ERROR(OverlaySetting(setting, config));
  }
  if (!arguments.data.empty()) config.set_data_dir(arguments.data);
  if (!arguments.host.empty()) config.mutable_listen()->set_host(arguments.host);
  if (arguments.port >= 0) {
    const auto port = static_cast<std::uint32_t>(arguments.port);
    config.mutable_listen()->set_http_port(port);
    config.mutable_listen()->set_grpc_port(port == 0 ? 0 : port + 1);
    config.mutable_listen()->set_admin_port(port == 0 ? 0 : port + 2);
  }
  if (arguments.demo == "full") {
    config.mutable_demo()->set_data(config::v1::Demo::FULL);
  } else if (arguments.demo == "empty") {
    config.mutable_demo()->set_data(config::v1::Demo::EMPTY);
  } else if (!arguments.demo.empty()) {
    return absl::InvalidArgumentError("--demo: it is full (the default) or empty");
  }
  RETURN_IF_ERROR(Complete(config));
  return config;
}

}  // namespace

absl::StatusOr<CommandLine> ReadCommandLine(int argc, const char* const* argv) {
  Arguments arguments;
  CLI::App app("Holdfast: the shared record of a clear, hold, build initiative");
  app.add_option("--config", arguments.files, "Configuration as JSON; may be given again");
  app.add_option("--set", arguments.settings, "One value of it, as path=value; may be given again")
      ->take_all();
  app.add_flag("--check-config", arguments.check, "Say whether the configuration is good, and end");
  app.add_option("--data", arguments.data, "The folder that everything is written to (.data)");
  app.add_option("--port", arguments.port, "HTTP; the two after it are gRPC and admin (8080)")
      ->check(CLI::Range(0, 65533));
  app.add_option("--host", arguments.host, "The address to listen on (127.0.0.1)");
  app.add_flag(
      "--demo{full}", arguments.demo,
      "With demonstration tenants and a sign-in that asks nothing; --demo=empty without data");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    CommandLine line;
    line.say = app.help();
    return line;
  } catch (const CLI::ParseError& error) {
    return absl::InvalidArgumentError(absl::StrCat(error.what(), "; see --help"));
  }
  CommandLine line;
  line.check_only = arguments.check;
  ASSIGN_OR_RETURN(line.config, ConfigurationOf(arguments));
  return line;
}

}  // namespace holdfast::app
