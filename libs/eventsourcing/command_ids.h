// The ids of commands that no client named: first 16 bytes of SHA-256 over items, each u32be length
// and bytes, integers u64be. The same occasion always has the same id, so it is answered once.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/time/time.h"
#include "base/uuid.h"

namespace holdfast::type::v1 {
class CausedBy;
}

namespace holdfast::eventsourcing {

struct TimerOccasion {
  std::string_view tenant;
  std::string_view context;
  std::string_view stream;
  std::uint64_t version = 0;
  std::string_view kind;
  absl::Time at;
};
Uuid TimerCommandId(const TimerOccasion& occasion);

Uuid ReactionCommandId(std::string_view tenant, const type::v1::CausedBy& caused_by);

// Of a parked reaction that a person has tried again.
Uuid RetryCommandId(std::string_view tenant, const type::v1::CausedBy& caused_by);

}  // namespace holdfast::eventsourcing
