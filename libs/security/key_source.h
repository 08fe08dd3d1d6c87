// Where the public keys of an issuer come from: known from the start, or fetched from it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "security/signing_key.h"

namespace holdfast::security {

struct IssuerKey {
  std::shared_ptr<const VerifyingKey> key;
  // The only algorithm that its owner uses it with; empty: any that fits the key.
  std::optional<Algorithm> algorithm;
};

using KeySet = std::map<std::string, IssuerKey, std::less<>>;  // by `kid`

// Thread-safe, and never waits.
class KeySource {
 public:
  enum class Known {
    kYes,
    kNo,
    kNotYet,  // its keys are being asked for: the same question may have another answer soon
  };
  struct Found {
    Known known = Known::kNo;
    IssuerKey key;
  };
  virtual ~KeySource() = default;
  virtual Found Find(std::string_view key_id) = 0;
};

// Keys that never change: those of an issuer within this house.
class FixedKeys final : public KeySource {
 public:
  explicit FixedKeys(KeySet keys) : keys_(std::move(keys)) {}
  Found Find(std::string_view key_id) override {
    const auto found = keys_.find(key_id);
    return found == keys_.end() ? Found{} : Found{Known::kYes, found->second};
  }

 private:
  const KeySet keys_;
};

}  // namespace holdfast::security
