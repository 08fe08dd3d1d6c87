// Tenants and people as a configuration names them, and who speaks for them: what is published into
// the directory as facts, and what counts where there is none.
#pragma once

#include "absl/status/statusor.h"
#include "security/directory.h"

namespace holdfast::config::v1 {
class Process;
}

namespace holdfast::app {

// The one provider that speaks for each tenant; none in a demonstration. kInvalidArgument where two
// do: a configured member has no issuer of its own.
absl::StatusOr<security::ConfiguredDirectory::ProviderOfTenant> ProvidersOf(
    const config::v1::Process& config);

// With somebody in each tenant who does what the house does for itself: publish the shipped sets
// when it is registered. Of a demonstration its people, and every administrator operates.
absl::StatusOr<security::ConfiguredDirectory> DirectoryOf(const config::v1::Process& config);

}  // namespace holdfast::app
