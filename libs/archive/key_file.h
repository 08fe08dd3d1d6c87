// The key pair of backups: a private key in a file that only its owner may read, and beside it, as
// "<path>.pub", the public one that checks what the private one signed.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "security/ed25519_key.h"

namespace holdfast::archive {

// Makes both files; never in place of others (kAlreadyExists).
absl::StatusOr<std::unique_ptr<const security::Ed25519PrivateKey>> MakeKeyFiles(
    const std::string& path);

// kFailedPrecondition where others may read it, or it is no such key; kNotFound where it is absent.
absl::StatusOr<std::unique_ptr<const security::Ed25519PrivateKey>> ReadPrivateKey(
    const std::string& path);

// kFailedPrecondition where it is no such key; kNotFound where it is absent.
absl::StatusOr<std::unique_ptr<const security::Ed25519PublicKey>> ReadPublicKey(
    const std::string& path);

}  // namespace holdfast::archive
