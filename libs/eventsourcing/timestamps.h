// Instants between absl and protobuf, to the nanosecond.
#pragma once

#include <cstdint>

#include <google/protobuf/timestamp.pb.h>

#include "absl/time/time.h"

namespace holdfast::eventsourcing {

inline absl::Time ToTime(const google::protobuf::Timestamp& at) {
  return absl::FromUnixSeconds(at.seconds()) + absl::Nanoseconds(at.nanos());
}

inline void SetTimestamp(google::protobuf::Timestamp& out, absl::Time at) {
  const std::int64_t nanos = absl::ToUnixNanos(at);
  std::int64_t seconds = nanos / 1'000'000'000;
  std::int64_t rest = nanos % 1'000'000'000;
  if (rest < 0) {
    rest += 1'000'000'000;
    --seconds;
  }
  out.set_seconds(seconds);
  out.set_nanos(static_cast<std::int32_t>(rest));
}

}  // namespace holdfast::eventsourcing
