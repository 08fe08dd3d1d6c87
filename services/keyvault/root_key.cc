#include "keyvault/root_key.h"

#include <optional>
#include <utility>

#include "base/status_macros.h"
#include "security/key_file.h"
#include "security/sealing.h"

namespace holdfast::keyvault {
namespace {

using security::SecretKey;

class FileRootKey final : public RootKey {
 public:
  FileRootKey(SecretKey key, Random& random) : key_(std::move(key)), random_(random) {}

  std::uint64_t epoch() const override { return 1; }
  bool can_be_destroyed() const override { return false; }
  absl::StatusOr<std::string> Wrap(const SecretKey& key, std::string_view labels) override {
    return security::WrapKey(key_.view(), key, labels, random_);
  }
  absl::StatusOr<SecretKey> Unwrap(std::string_view wrapped, std::string_view labels) override {
    std::optional<SecretKey> key = security::UnwrapKey(key_.view(), wrapped, labels);
    if (key) return *std::move(key);
    return absl::DataLossError(
        "a key of the keyvault does not open under its root: the root key file is another's, or "
        "the store is damaged. Restore both from one backup");
  }

 private:
  const SecretKey key_;
  Random& random_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RootKey>> OpenFileRootKey(const std::string& path, Random& random) {
  ASSIGN_OR_RETURN(SecretKey key,
                   security::OpenKeyFile(path, "nothing that was sealed can be opened", random));
  return std::unique_ptr<RootKey>(std::make_unique<FileRootKey>(std::move(key), random));
}

}  // namespace holdfast::keyvault
