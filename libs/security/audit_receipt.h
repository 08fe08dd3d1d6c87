// Log before serve, by type: plaintext is had for a receipt alone, a receipt for a record in the
// audit log alone, and it is used up by the one answer that it was made for.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "holdfast/options/v1/options.pb.h"

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace holdfast::security {

// What is to be shown, to whom.
struct AuditRecord {
  std::string tenant = {};
  std::string actor_ref = {};
  std::string agency = {};
  bool client = false;  // a system, and no person
  std::vector<options::v1::Audit::Verb> verbs = {};
  options::v1::Purpose::Code purpose = options::v1::Purpose::CODE_UNSPECIFIED;
  std::string method = {};  // "/holdfast.partners.v1.PartnersService/ListReferrals"
  std::uint32_t rows = 0;   // values that may be opened
  absl::Time time = {};
};

// Proof that it stands in the log. Moved, never copied; made by AuditClient::Record alone.
class AuditReceipt {
 public:
  AuditReceipt(AuditReceipt&& other) noexcept = default;
  AuditReceipt& operator=(AuditReceipt&& other) noexcept = default;
  AuditReceipt(const AuditReceipt&) = delete;
  AuditReceipt& operator=(const AuditReceipt&) = delete;

  const std::string& tenant() const { return tenant_; }
  std::uint64_t seq() const { return seq_; }
  const std::string& leaf_hash() const { return leaf_hash_; }
  const std::string& decision_id() const { return decision_id_; }
  std::uint32_t rows() const { return rows_; }
  absl::Time expires_at() const { return expires_at_; }
  const std::string& signature() const { return signature_; }

 private:
  friend class AuditClient;
  AuditReceipt() = default;
  std::string tenant_;
  std::uint64_t seq_ = 0;
  std::string leaf_hash_;
  std::string decision_id_;
  std::uint32_t rows_ = 0;
  absl::Time expires_at_;
  std::string signature_;
};

// The way into the audit log. Thread-safe.
class AuditClient {
 public:
  virtual ~AuditClient() = default;
  // Returns once the record stands in the log. kUnavailable where it does not: nothing is shown.
  absl::StatusOr<AuditReceipt> Record(const AuditRecord& record) {
    absl::StatusOr<Leaf> leaf = Append(record);
    if (!leaf.ok()) return leaf.status();
    AuditReceipt receipt;
    receipt.tenant_ = record.tenant;
    receipt.rows_ = record.rows;
    receipt.seq_ = leaf->seq;
    receipt.leaf_hash_ = std::move(leaf->hash);
    receipt.decision_id_ = std::move(leaf->decision_id);
    receipt.expires_at_ = leaf->expires_at;
    receipt.signature_ = std::move(leaf->signature);
    return receipt;
  }

 protected:
  // Where the record stands.
  struct Leaf {
    std::uint64_t seq = 0;
    std::string hash;
    std::string decision_id;
    absl::Time expires_at;
    std::string signature;
  };

 private:
  virtual absl::StatusOr<Leaf> Append(const AuditRecord& record) = 0;
};

}  // namespace holdfast::security
