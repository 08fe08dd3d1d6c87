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

namespace google::protobuf {
class Message;
}
namespace holdfast {
class Random;
}

namespace holdfast::eventsourcing {

// Keys of tenants. Thread-safe.
class MacKeys {
 public:
  struct Key {
    std::uint32_t id = 0;  // which key of the tenant; 0: none
    std::string bytes;
  };
  virtual ~MacKeys() = default;
  virtual Key Current(std::string_view tenant) = 0;
};

// One secret in a file (0600), made when it is first opened; a tenant's key is HMAC(secret,
// "holdfast/mac/1/command" 00 tenant). Until there is a keyvault.
class FileMacKeys final : public MacKeys {
 public:
  // kFailedPrecondition where the file can be read by others or has another size, kUnavailable
  // where it cannot be written.
  static absl::StatusOr<std::unique_ptr<FileMacKeys>> Open(const std::string& path, Random& random);
  explicit FileMacKeys(std::string secret) : secret_(std::move(secret)) {}
  Key Current(std::string_view tenant) override;

 private:
  const std::string secret_;
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
  Mac Of(const std::string& tenant, std::string_view method,
         const google::protobuf::Message& command);

 private:
  struct Keyed {
    std::uint32_t id = 0;
    std::unique_ptr<HmacSha256> hmac;
  };
  MacKeys& keys_;
  absl::flat_hash_map<std::string, Keyed> keyed_;
  std::string buffer_;
};

}  // namespace holdfast::eventsourcing
