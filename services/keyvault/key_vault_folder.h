// A keyvault in a folder of its own, under a root key in a file: for development, and for a machine
// without a hardware module.
//
//   <folder>/root.key   0600; back it up apart from the rest
//   <folder>/keys/      what it stands over
//   <folder>/ledger/    what was destroyed; never restored from an older copy
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "keyvault/local_key_vault.h"

namespace holdfast::keyvault {

// Made (0700) where it is missing. Errors are sentences.
absl::StatusOr<std::unique_ptr<LocalKeyVault>> OpenKeyVaultFolder(
    const std::string& folder, const ShredLedger::Mark& minimum_checkpoint = {});

}  // namespace holdfast::keyvault
