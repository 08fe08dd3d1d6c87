// Brings a tenant into a partition: its commits as copies, and once it is closed where it was, the
// opening.
//
//   trail of the tenant --commits that the target lacks--> actor of the target --> copies
//   trail ends here: closed towards this partition, and all of it is here       --> opened
//
// Nothing is kept between two steps but where the trail was read to: after a crash, or by another
// process, it is begun anew, and goes on behind what the target has.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "eventsourcing/partition_actor.h"
#include "eventsourcing/protocol.h"
#include "eventsourcing/tenant_trail.h"
#include "journal/journal.h"

namespace holdfast::eventsourcing {

class TenantReceiver {
 public:
  // What is to be done next.
  struct Step {
    enum class Kind {
      kCopy,      // `commits` are to be copied, if any, and there is more
      kCaughtUp,  // all that stands is here: the source is to be closed
      kOpen,      // the source is closed, and all of it is here
      kIsOpen,    // the target takes commands
    };
    Kind kind = Kind::kCopy;
    std::vector<std::string> commits;  // as they are stored, in order
    journal::TenantHead head;          // as far as the trail was read
    std::uint32_t closings = 0;        // of the target, that the trail has met
    std::uint32_t source = 0;          // the partition where the trail has come to
  };

  static absl::StatusOr<std::unique_ptr<TenantReceiver>> Open(journal::Journal& journal,
                                                              const journal::PartitionId& target,
                                                              const std::string& tenant,
                                                              const Protocol& protocol = {});

  // Reads on, at most one batch. `standing`: of the tenant in the target, now. May wait for the
  // journal: not on the actor's thread.
  absl::StatusOr<Step> Next(const TenantStanding& standing);

  // Does it, on the actor's thread; `done` comes there too.
  static void Do(const Step& step, const std::string& tenant, PartitionActor& target,
                 MoveDone done);

 private:
  TenantReceiver(std::unique_ptr<TenantTrail> trail, std::uint32_t target, const Protocol& protocol)
      : trail_(std::move(trail)), target_(target), protocol_(protocol) {}
  Step AtEnd() const;
  bool Arrived(const TenantStanding& standing) const;

  const std::unique_ptr<TenantTrail> trail_;
  const std::uint32_t target_;
  const Protocol protocol_;
};

}  // namespace holdfast::eventsourcing
