// Where the keys of tenants, people and records are: asked for keys of a minute and for single
// values, never for the keys themselves.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "holdfast/journal/v1/journal.pb.h"
#include "holdfast/options/v1/options.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "security/sealing.h"
#include "security/secret_key.h"

namespace holdfast::security {

class AuditReceipt;
class VerifiedPrincipal;

// Whose key seals a value, and so with whose end it ends: one person or record; of a LINK several
// persons.
struct KeyOwner {
  options::v1::DataClass::Code data_class = options::v1::DataClass::CODE_UNSPECIFIED;
  options::v1::KeyKind::Code kind = options::v1::KeyKind::CODE_UNSPECIFIED;
  std::vector<std::string> refs;  // ascending, each once

  friend bool operator==(const KeyOwner&, const KeyOwner&) = default;
  friend bool operator<(const KeyOwner& a, const KeyOwner& b) {
    return std::tie(a.data_class, a.kind, a.refs) < std::tie(b.data_class, b.kind, b.refs);
  }
};

// What a writer may seal with for a minute. It opens nothing that was sealed in another lease.
struct LeasedKey {
  KeyOwner owner;
  std::vector<journal::v1::SealedField::Key> keys;  // ascending by key id
  std::string lease_id;
  SecretKey lease_key;
  absl::Time expires_at;
};

struct LeaseRequest {
  std::string tenant;
  std::string context;
  std::vector<KeyOwner> owners;  // at most kMaxOwnersOfLease
};
inline constexpr std::size_t kMaxOwnersOfLease = 256;

// What one value opens with, or why it stays shut.
struct Opening {
  std::optional<ValueKeys> keys;
  type::v1::Personal::Withheld::Reason withheld = type::v1::Personal::Withheld::REASON_UNSPECIFIED;
};
inline constexpr std::size_t kMaxHeadersOfOpening = 2'000;

// What is decided about a person's or a record's keys, by two people, in a case.
struct KeyOrder {
  std::string tenant;
  std::string case_id;
  options::v1::KeyKind::Code kind = options::v1::KeyKind::CODE_UNSPECIFIED;  // SUBJECT or RECORD
  std::string ref;
  // Pseudonyms of two different people.
  std::string requested_by;
  std::string approved_by;
};

struct MacKey {
  std::uint32_t id = 0;  // never 0
  SecretKey key;
};

// Thread-safe. kUnavailable where it cannot be reached or its disk refuses: then nothing personal
// is written or shown.
class KeyVault {
 public:
  virtual ~KeyVault() = default;

  // In the order of the request; makes keys for owners that have none. kInvalidArgument for a
  // request out of its limits.
  virtual absl::StatusOr<std::vector<LeasedKey>> LeaseForSealing(const LeaseRequest& request) = 0;

  // For each header (a SealedField; its ciphertext is not looked at), in their order. Wipe the keys
  // when the answer is made. A header whose labels are not those that it was sealed with is given a
  // key that opens nothing. kPermissionDenied where the receipt is another tenant's, is expired, or
  // covers fewer values.
  virtual absl::StatusOr<std::vector<Opening>> Open(
      const VerifiedPrincipal& principal, const AuditReceipt& receipt,
      std::span<const journal::v1::SealedField> headers) = 0;

  // The tenant's key for MACs of one use: "command".
  virtual absl::StatusOr<MacKey> LeaseMacKey(std::string_view tenant, std::string_view use) = 0;

  // Every key of the person or record, of all classes and generations, opens nothing from now on
  // until Lift. kFailedPrecondition without two people.
  virtual absl::Status Restrict(const KeyOrder& order) = 0;
  virtual absl::Status Lift(const KeyOrder& order) = 0;
  // For good: answers how many keys are gone once no file of the vault holds them. Repeatable.
  virtual absl::StatusOr<std::size_t> Destroy(const KeyOrder& order) = 0;

  // Rises with each destruction: whoever keeps leased keys lets them go when it has risen.
  virtual std::uint64_t destructions() const = 0;
};

}  // namespace holdfast::security
