#include "app/main.h"

#include <vector>

#include "app/issuers_file.h"
#include "app/platform.h"
#include "audit/audit_service.h"
#include "audit/audit_worker.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "directory/directory_service.h"
#include "gateway/gateway.h"
#include "initiative/initiative_service.h"
#include "keyvault/key_vault_folder.h"
#include "metrics/metrics_service.h"
#include "projection/board_service.h"
#include "standalone/shipped_sets.h"

namespace {

using holdfast::app::Companion;
using holdfast::app::Surroundings;
using holdfast::gateway::Gateway;
using holdfast::gateway::GatewayOptions;

class GatewayHere final : public Companion {
 public:
  GatewayHere(std::unique_ptr<Gateway> gateway, const std::string& host)
      : gateway_(std::move(gateway)),
        address_("http://" + host + ":" + std::to_string(gateway_->port())) {}
  ~GatewayHere() override { gateway_->Stop(absl::Seconds(5)); }
  std::string address() const override { return address_; }

 private:
  const std::unique_ptr<Gateway> gateway_;
  const std::string address_;
};

absl::StatusOr<std::unique_ptr<Companion>> StartGateway(const Surroundings& around) {
  GatewayOptions options;
  options.host = around.host;
  options.port = around.port;
  options.replace_taken_port = around.replace_taken_port;
  options.services = around.channel;
  if (around.issuers != nullptr) {
    options.issuers = [issuers = around.issuers] { return issuers->Current(); };
  }
  options.development = around.development;
  options.clock = &holdfast::SystemClock();
  options.random = &holdfast::SystemRandom();
  ASSIGN_OR_RETURN(std::unique_ptr<Gateway> gateway, Gateway::Start(options));
  return std::make_unique<GatewayHere>(std::move(gateway), around.host);
}

// A root key in a file proves no final erasure: what is no development takes nothing personal.
absl::StatusOr<std::unique_ptr<holdfast::security::KeyVault>> OpenKeyVault(
    const holdfast::config::v1::Process& config, const std::string& folder) {
  if (config.environment() == holdfast::config::v1::Process::PRODUCTION) return nullptr;
  return holdfast::keyvault::OpenKeyVaultFolder(folder);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<holdfast::app::ServiceMaker> services = {
      holdfast::audit::Audit,        holdfast::directory::Directory,
      holdfast::directory::Operator, holdfast::initiative::Initiative,
      holdfast::metrics::Metrics,    holdfast::projection::Board,
  };
  return holdfast::app::Main(argc, argv, services, StartGateway,
                             holdfast::standalone::PublishShippedSets,
                             holdfast::audit::StartSigning, OpenKeyVault);
}
