#include "keyvault/key_vault_folder.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "keyvault/class_readers.h"

namespace holdfast::keyvault {

absl::StatusOr<std::unique_ptr<LocalKeyVault>> OpenKeyVaultFolder(
    const std::string& folder, const ShredLedger::Mark& minimum_checkpoint) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("the folder ", folder, " cannot be made: ", error.message()));
  }
  LocalKeyVaultOptions options;
  options.key_folder = folder + "/keys";
  options.ledger_folder = folder + "/ledger";
  ASSIGN_OR_RETURN(options.root, OpenFileRootKey(folder + "/root.key", SystemRandom()));
  options.clock = &SystemClock();
  options.random = &SystemRandom();
  options.may_open = RoleReadsClass;
  options.minimum_checkpoint = minimum_checkpoint;
  return LocalKeyVault::Open(std::move(options));
}

}  // namespace holdfast::keyvault
