// What was destroyed, for ever: replayed at every start, so that an old copy of the key store
// brings no key back.
//
//   file   u32be length, ShredEntry, its head (32 bytes); one after another, only ever appended
//   head   SHA-256(head before it, stored bytes of the entry); of the first: over 32 zero bytes
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>

#include "holdfast/key/v1/rows.pb.h"

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/hash.h"

namespace holdfast::keyvault {

// Not thread-safe.
class ShredLedger {
 public:
  // What stands in it so far.
  struct Mark {
    std::uint64_t entries = 0;
    Hash head{};
    friend bool operator==(const Mark&, const Mark&) = default;
  };

  // Reads and verifies all of it; the folder and the file are made where they are missing. What a
  // crash cut short at the end is cut off: it was not acted upon. kDataLoss where it is damaged
  // before that.
  static absl::StatusOr<ShredLedger> Open(const std::string& folder);
  ~ShredLedger();
  ShredLedger(ShredLedger&& other) noexcept;
  ShredLedger& operator=(ShredLedger&&) = delete;

  const Mark& mark() const { return mark_; }
  // True where its first `mark.entries` are those that this mark was made of.
  bool Continues(const Mark& mark) const;
  bool Lists(std::string_view key_id) const { return key_ids_.contains(std::string(key_id)); }
  const std::unordered_set<std::string>& key_ids() const { return key_ids_; }

  // Numbers the entry and appends it; it stands on the disk when this returns. After a failure the
  // ledger takes nothing more.
  absl::Status Append(key::v1::ShredEntry entry);

 private:
  ShredLedger(int file, std::string path) : file_(file), path_(std::move(path)) {}
  absl::Status Read();
  void Take(const key::v1::ShredEntry& entry, const Hash& head);

  int file_ = -1;
  std::string path_;
  Mark mark_;
  std::vector<Hash> heads_;
  std::unordered_set<std::string> key_ids_;
  bool broken_ = false;
};

}  // namespace holdfast::keyvault
