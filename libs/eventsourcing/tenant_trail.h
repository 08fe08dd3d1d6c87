// The accepted commits of one tenant of a context, in order, through every partition in which it
// has been.
//
//   home: 1 2 3 closed, goes on in 2  -->  2: (1 2 3) 4 5 closed, goes on in home  -->  home: (4 5)
//   6
//
// A tenant leaves a partition only by a closing that says where to, so that the n-th closing met in
// a partition is the n-th leaving of it: the trail goes on in each where it left it, and passes
// over the copies of what it has seen. What lags behind in one partition only ends the trail early.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "eventsourcing/protocol.h"
#include "journal/acceptance.h"
#include "journal/journal.h"

namespace holdfast::eventsourcing {

class AcceptedFeed;

// Used by one thread.
class TenantTrail {
 public:
  // `journal` outlives the trail.
  static absl::StatusOr<std::unique_ptr<TenantTrail>> Open(journal::Journal& journal,
                                                           std::string context, std::string tenant,
                                                           const Protocol& protocol = {});
  ~TenantTrail();

  // Reads up to `max_records` more; calls `each` for the tenant's commits among them, with the
  // bytes that are stored, until it answers false: the trail then stands behind that commit.
  // Answers how many records were read: 0 at the end. kDataLoss where a record cannot be read, or
  // where a commit is missing.
  using Each = absl::FunctionRef<bool(const journal::v1::Commit& commit, std::string_view stored)>;
  absl::StatusOr<std::size_t> Advance(std::size_t max_records, Each each);

  // Where it began, and where it has come to.
  std::uint32_t home() const { return home_; }
  std::uint32_t partition() const { return at_; }
  const journal::TenantHead& head() const { return head_; }
  // How often it has left that partition.
  std::uint32_t ClosingsOf(std::uint32_t partition) const;

 private:
  struct Stop {
    std::unique_ptr<AcceptedFeed> feed;
    std::uint32_t closings = 0;
  };
  TenantTrail(journal::Journal& journal, std::string context, std::string tenant,
              const Protocol& protocol);
  absl::StatusOr<AcceptedFeed*> FeedHere();
  bool Take(const journal::Folded& folded, Each each);

  journal::Journal& journal_;
  const std::string context_;
  const std::string tenant_;
  const Protocol protocol_;
  std::uint32_t partitions_ = 0;
  std::uint32_t home_ = 0;
  std::uint32_t at_ = 0;
  journal::TenantHead head_;
  bool gap_ = false;
  std::map<std::uint32_t, Stop> stops_;
};

}  // namespace holdfast::eventsourcing
