#include "app/in_process.h"

#include <utility>

#include "app/configuration.h"
#include "base/status_macros.h"

namespace holdfast::app {

absl::StatusOr<std::unique_ptr<InProcess>> InProcess::Start(const std::string& folder,
                                                            std::vector<ServiceMaker> services,
                                                            OpenKeyVault key_vault) {
  PlatformOptions options;
  options.config.set_data_dir(folder);
  options.config.mutable_listen()->set_http_port(0);
  options.config.mutable_listen()->set_grpc_port(0);
  options.config.mutable_listen()->set_admin_port(0);
  options.config.mutable_demo()->set_data(config::v1::Demo::EMPTY);
  RETURN_IF_ERROR(Complete(options.config));
  options.services = std::move(services);
  options.key_vault = std::move(key_vault);
  ASSIGN_OR_RETURN(std::unique_ptr<Platform> platform, Platform::Start(std::move(options)));
  RETURN_IF_ERROR(platform->AwaitReady());
  return std::unique_ptr<InProcess>(new InProcess(std::move(platform)));
}

InProcess::~InProcess() {
  platform_->Drain();
}

rpc::Client InProcess::ClientOf(std::string_view tenant, std::string_view person) {
  return platform_->ClientOf(tenant, person);
}

}  // namespace holdfast::app
