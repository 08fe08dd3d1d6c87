// The MAC of a command: HMAC-SHA-256(tenant's key, method, 0, deterministic request with `resolved`
// cleared). It tells a command asked again from another under the same id; a plain hash would let
// anyone guess at names that were erased.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "base/hash.h"
#include "security/secret_key.h"

namespace google::protobuf {
class Message;
}
namespace holdfast {
class Random;
}
namespace holdfast::security {
class KeyVault;
}

namespace holdfast::eventsourcing {

// Keys of tenants. Thread-safe.
class MacKeys {
 public:
  struct Key {
    std::uint32_t id = 0;  // which key of the tenant; 0: none
    security::SecretKey bytes;
  };
  virtual ~MacKeys() = default;
  // For commands that name a person, or for all others. Asked once per tenant and partition.
  // kUnavailable where it cannot be had now.
  virtual absl::StatusOr<Key> Current(std::string_view tenant, bool personal) = 0;
};

// One secret in a file (0600), made when it is first opened; a tenant's key is HMAC(secret,
// "holdfast/mac/1/command" 00 tenant).
class FileMacKeys final : public MacKeys {
 public:
  // kFailedPrecondition where the file can be read by others or has another size, kUnavailable
  // where it cannot be written.
  static absl::StatusOr<std::unique_ptr<FileMacKeys>> Open(const std::string& path, Random& random);
  explicit FileMacKeys(std::string secret) : secret_(std::move(secret)) {}
  absl::StatusOr<Key> Current(std::string_view tenant, bool personal) override;
  // What a tenant's other keys are derived from, each under a name of its own.
  security::SecretKey Of(std::string_view tenant) const;

 private:
  const std::string secret_;
};

// Of commands that name a person the keyvault's, which no backup of a data folder holds: who has
// one cannot guess at what was said of whom. Of all others the key that comes with the data.
class VaultMacKeys final : public MacKeys {
 public:
  VaultMacKeys(security::KeyVault& vault, MacKeys& others) : vault_(vault), others_(others) {}
  absl::StatusOr<Key> Current(std::string_view tenant, bool personal) override;

 private:
  security::KeyVault& vault_;
  MacKeys& others_;
};

// Not thread-safe; keeps a keyed context per tenant.
class CommandMac {
 public:
  explicit CommandMac(MacKeys& keys) : keys_(keys) {}
  struct Mac {
    std::uint32_t key = 0;
    Hash mac{};
    friend bool operator==(const Mac&, const Mac&) = default;
  };
  // kUnavailable where the tenant's key cannot be had now.
  absl::StatusOr<Mac> Of(const std::string& tenant, std::string_view method,
                         const google::protobuf::Message& command);

 private:
  struct Keyed {
    std::uint32_t id = 0;
    std::unique_ptr<HmacSha256> hmac;
  };
  MacKeys& keys_;
  absl::flat_hash_map<std::string, Keyed> keyed_;     // by tenant
  absl::flat_hash_map<std::string, Keyed> personal_;  // the same, of commands that name a person
  std::string buffer_;
};

}  // namespace holdfast::eventsourcing
