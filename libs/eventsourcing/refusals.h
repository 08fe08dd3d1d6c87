// What a client reads when a command was not accepted: what happened, and what to do. The reasons
// are on the wire as ErrorInfo.reason: never renamed.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "eventsourcing/stream_type.h"

namespace holdfast::eventsourcing {

// A rule said no: FAILED_PRECONDITION, one ErrorInfo per reason, the first reason's sentence.
absl::Status RefusedByRule(const std::vector<RefusalReason>& reasons);
absl::Status VersionConflict(std::uint64_t expected, std::uint64_t actual);
absl::Status CommandIdReused();
absl::Status DeadlinePassed();
absl::Status QueueFull();
// `wait`: until the units are there.
absl::Status QuotaUsedUp(absl::Duration wait);
absl::Status SteppedDown();
absl::Status NotReady();
// `owner`: the door of the process that does, "host:port", where that is known.
absl::Status NotOwner(const std::string& owner);
absl::Status ReadOnly();  // the journal has frozen itself
absl::Status OwnerUnsure();
absl::Status TenantMoving();
// Another has asked for a move of the tenant, and it is not done yet.
absl::Status MoveUnderWay();
// The tenant stands elsewhere: what was asked of this partition is not its to do.
absl::Status TenantElsewhere();
absl::Status RightsBehind();
absl::Status UnknownCommand(std::string_view type);
absl::Status CommitTooLarge();
absl::Status DecisionFailed();
absl::Status PartitionFrozen(const absl::Status& why);
absl::Status StateUnavailable(const absl::Status& why);
// Keys to seal with cannot be had now.
absl::Status KeysUnavailable();

}  // namespace holdfast::eventsourcing
