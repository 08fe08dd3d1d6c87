// The acceptance fold as writer and readers of this room use it: the journal's own rule, or, in a
// simulation that must notice it, a weaker one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventsourcing/protocol.h"
#include "journal/acceptance.h"

namespace holdfast::eventsourcing {

class PartitionFold {
 public:
  PartitionFold(bool digests, FoldRule rule);
  ~PartitionFold();
  PartitionFold(PartitionFold&&) noexcept;
  PartitionFold& operator=(PartitionFold&&) noexcept;

  // As AcceptanceFold's.
  absl::StatusOr<journal::Folded> Apply(journal::Offset offset, std::string_view record);
  // `stream` and `version` are those of the commit.
  journal::Outcome ApplyOwn(journal::Offset offset, std::string_view record,
                            const journal::OwnCommit& commit, std::string_view stream,
                            std::uint64_t version);
  journal::TenantHead HeadOf(std::string_view tenant) const;
  bool Knows(std::string_view tenant) const { return fold_.Knows(tenant); }
  const journal::PartitionState& state() const { return fold_.state(); }
  const journal::AcceptanceFold& whole() const { return fold_; }
  absl::Status Restore(const journal::PartitionState& state) { return fold_.Restore(state); }
  void RestoreHead(std::string_view tenant, const journal::TenantHead& head);

 private:
  struct Weak;

  journal::AcceptanceFold fold_;
  std::unique_ptr<Weak> weak_;  // null: the whole rule
};

}  // namespace holdfast::eventsourcing
