// The key above all others (L0): in a hardware module, or for development in a file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "security/secret_key.h"

namespace holdfast {
class Random;
}

namespace holdfast::keyvault {

// Thread-safe.
class RootKey {
 public:
  virtual ~RootKey() = default;
  // Rises when another root takes its place.
  virtual std::uint64_t epoch() const = 0;
  // True where the root can be shown to be gone: then erasure is final with it.
  virtual bool can_be_destroyed() const = 0;
  virtual absl::StatusOr<std::string> Wrap(const security::SecretKey& key,
                                           std::string_view labels) = 0;
  // kDataLoss where it is not what was wrapped under these labels.
  virtual absl::StatusOr<security::SecretKey> Unwrap(std::string_view wrapped,
                                                     std::string_view labels) = 0;
};

// 32 bytes in a file (0600), made when it is first opened. A copy of the file outlives it, so that
// it claims no final erasure.
absl::StatusOr<std::unique_ptr<RootKey>> OpenFileRootKey(const std::string& path, Random& random);

}  // namespace holdfast::keyvault
