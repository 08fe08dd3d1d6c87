// Tries the keyvault in a folder that no process serves, as its start would: replays the shred
// ledger, destroys what it lists, and says how far it goes. After a restore, before anybody opens
// anything.
#include <cstdio>
#include <string>

#include "base/hash.h"
#include "base/hex.h"
#include "keyvault/key_vault_folder.h"

int main(int argc, char** argv) {
  if (argc != 2 || argv[1][0] == '-') {
    std::fputs(
        "usage: holdfast-keyvault FOLDER   tries the keyvault in FOLDER, as <data>/keyvault\n",
        stderr);
    return 2;
  }
  const auto vault = holdfast::keyvault::OpenKeyVaultFolder(argv[1]);
  if (!vault.ok()) {
    std::fprintf(stderr, "holdfast-keyvault: %s\n", std::string(vault.status().message()).c_str());
    return 1;
  }
  const auto mark = (*vault)->ledger_mark();
  std::printf("The keyvault is good. Shred ledger: %llu entries, head %s\n",
              static_cast<unsigned long long>(mark.entries),
              holdfast::ToHex(holdfast::AsBytes(mark.head)).c_str());
  return 0;
}
