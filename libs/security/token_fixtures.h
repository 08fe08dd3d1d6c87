// Keys that a test holds both halves of, and tokens that are well made unless it says otherwise.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "security/key_source.h"
#include "security/signing_key.h"
#include "security/token_verifier.h"

namespace holdfast::security {

class StoppedClock final : public Clock {
 public:
  absl::Time Now() const override { return now; }
  absl::Duration SinceBoot() const override { return now - absl::UnixEpoch(); }
  absl::Time now = absl::FromUnixSeconds(1'800'000'000);
};

class TestKey {
 public:
  enum class Kind { kP256, kP384, kRsa2048, kRsa1024, kRsaWithExponent3 };
  explicit TestKey(Kind kind);
  ~TestKey();
  TestKey(const TestKey&) = delete;
  TestKey& operator=(const TestKey&) = delete;

  // As a token carries it. `salt`: of PS256, in bytes; -1: as long as the digest.
  std::string Sign(Algorithm algorithm, std::string_view bytes, int salt = -1) const;
  std::string PublicDer() const;
  std::shared_ptr<const VerifyingKey> Public() const;
  // The numbers of a JSON Web Key: `"kty":"EC","crv":"P-256","x":"…","y":"…"`.
  std::string JwkMembers() const;

 private:
  struct Key;
  std::unique_ptr<Key> key_;
};

// Made once: an RSA key costs a tenth of a second.
const TestKey& TestKeyOf(TestKey::Kind kind, int which = 0);

// Members by name, their values in JSON.
using JsonMembers = std::map<std::string, std::string>;

struct TokenDraft {
  JsonMembers header;
  JsonMembers claims;
  const TestKey* key = nullptr;
  Algorithm algorithm = Algorithm::kEs256;

  std::string Text() const;
  // With these bytes as header and claims, well signed.
  std::string TextOf(std::string_view header_json, std::string_view claims_json) const;
};

std::string ToJson(const JsonMembers& members);

}  // namespace holdfast::security
