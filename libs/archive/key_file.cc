#include "archive/key_file.h"

#include <filesystem>

#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "archive/durable_file.h"
#include "base/private_file.h"
#include "base/status_macros.h"

namespace holdfast::archive {
namespace {

using security::Ed25519PrivateKey;
using security::Ed25519PublicKey;

constexpr std::size_t kMaxKeyBytes = 4'096;

}  // namespace

absl::StatusOr<std::unique_ptr<const Ed25519PrivateKey>> MakeKeyFiles(const std::string& path) {
  const std::string public_path = path + ".pub";
  std::error_code error;
  for (const std::string& taken : {path, public_path}) {
    if (std::filesystem::exists(taken, error))
      return absl::AlreadyExistsError(absl::StrCat(
          taken,
          " is there already, and stays as it is: without it backups cannot be checked. "
          "Choose another name"));
  }
  auto key = Ed25519PrivateKey::Generate();
  RETURN_IF_ERROR(WriteDurably(path, key->Pem(), DurableFile::Existing::kKept));
  RETURN_IF_ERROR(WriteDurably(public_path, key->public_key().Pem(), DurableFile::Existing::kKept));
  return key;
}

absl::StatusOr<std::unique_ptr<const Ed25519PrivateKey>> ReadPrivateKey(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) {
    RETURN_IF_ERROR(CheckPrivate("the key file", path, status.st_mode));
  }
  ASSIGN_OR_RETURN(const std::string pem, ReadSmallFile(path, kMaxKeyBytes));
  auto key = Ed25519PrivateKey::FromPem(pem);
  if (key == nullptr) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the key file ", path, " holds no Ed25519 private key: make one by holdfast backup key"));
  }
  return key;
}

absl::StatusOr<std::unique_ptr<const Ed25519PublicKey>> ReadPublicKey(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string pem, ReadSmallFile(path, kMaxKeyBytes));
  auto key = Ed25519PublicKey::FromPem(pem);
  if (key == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("the file ", path,
                     " holds no Ed25519 public key: it is the one that ends in .pub, made by "
                     "holdfast backup key"));
  }
  return key;
}

}  // namespace holdfast::archive
