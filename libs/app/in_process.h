// A whole platform inside a test or a measurement: free ports, empty demonstration tenants, its own
// folder.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "app/platform.h"
#include "rpc/client.h"

namespace holdfast::app {

class InProcess {
 public:
  // `folder` is made, or found as an earlier one left it. Ready when it returns.
  static absl::StatusOr<std::unique_ptr<InProcess>> Start(const std::string& folder,
                                                          std::vector<ServiceMaker> services,
                                                          OpenKeyVault key_vault = nullptr);
  // Drains.
  ~InProcess();

  // Calls its services as that person, without a socket. "trial" may do nearly everything.
  rpc::Client ClientOf(std::string_view tenant, std::string_view person = "trial");

  Platform& platform() { return *platform_; }

 private:
  explicit InProcess(std::unique_ptr<Platform> platform) : platform_(std::move(platform)) {}
  std::unique_ptr<Platform> platform_;
};

}  // namespace holdfast::app
