// Instants between protobuf and absl, to the nanosecond.
#pragma once

#include <cstdint>

#include <google/protobuf/timestamp.pb.h>

#include "absl/time/time.h"

namespace holdfast {

inline absl::Time ToTime(const google::protobuf::Timestamp& at) {
  return absl::FromUnixSeconds(at.seconds()) + absl::Nanoseconds(at.nanos());
}

// What is finer than a nanosecond is cut off, towards the past.
inline google::protobuf::Timestamp ToTimestamp(absl::Time at) {
  google::protobuf::Timestamp timestamp;
  const std::int64_t seconds = absl::ToUnixSeconds(at);
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(
      static_cast<std::int32_t>(absl::ToInt64Nanoseconds(at - absl::FromUnixSeconds(seconds))));
  return timestamp;
}

}  // namespace holdfast
