#include "app/configured_directory.h"

#include <string>

#include "holdfast/config/v1/config.pb.h"

#include "absl/strings/str_cat.h"
#include "app/demonstration.h"
#include "app/issuers_file.h"
#include "base/status_macros.h"
#include "security/development_issuer.h"

namespace holdfast::app {
namespace {

constexpr char kHousekeeper[] = "administrator";

bool IsDemonstration(const config::v1::Process& config) {
  return config.demo().data() != config::v1::Demo::NONE;
}

security::Member Housekeeper(const config::v1::Tenant& tenant) {
  return {tenant.agencies().empty() ? "" : tenant.agencies(0).id(),
          "house",
          {options::v1::Role::ADMINISTRATOR}};
}

}  // namespace

absl::StatusOr<security::ConfiguredDirectory::ProviderOfTenant> ProvidersOf(
    const config::v1::Process& config) {
  security::ConfiguredDirectory::ProviderOfTenant providers;
  if (IsDemonstration(config) || config.security().issuers_file().empty()) return providers;
  ASSIGN_OR_RETURN(const config::v1::Issuers issuers,
                   ReadIssuers(config.security().issuers_file(), config.environment()));
  for (const config::v1::Issuer& issuer : issuers.issuers()) {
    for (const config::v1::Audience& audience : issuer.audiences()) {
      const auto [at, first] = providers.emplace(audience.tenant(), issuer.issuer());
      if (first || at->second == issuer.issuer()) continue;
      return absl::InvalidArgumentError(absl::StrCat(
          "security.issuers_file: two issuers speak for the tenant ", audience.tenant(),
          ", and its members are configured without one; give it one issuer"));
    }
  }
  return providers;
}

absl::StatusOr<security::ConfiguredDirectory> DirectoryOf(const config::v1::Process& config) {
  const std::string house(security::DevelopmentIssuer::kName);
  if (IsDemonstration(config)) {
    ASSIGN_OR_RETURN(security::ConfiguredDirectory shown,
                     security::ConfiguredDirectory::From(DemonstrationDirectory(), house));
    shown.LetAdministratorsOperate();
    return shown;
  }
  ASSIGN_OR_RETURN(const auto providers, ProvidersOf(config));
  ASSIGN_OR_RETURN(security::ConfiguredDirectory directory,
                   security::ConfiguredDirectory::From(config.directory(), house, providers));
  for (const config::v1::Tenant& tenant : config.directory().tenants()) {
    directory.AddHousekeeper(tenant.slug(), kHousekeeper, Housekeeper(tenant));
  }
  return directory;
}

}  // namespace holdfast::app
