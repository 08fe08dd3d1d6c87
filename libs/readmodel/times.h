// Instants of protobuf and of absl.
#pragma once

#include <cstdint>

#include "google/protobuf/timestamp.pb.h"

#include "absl/time/time.h"

namespace holdfast::readmodel {

inline absl::Time ToTime(const google::protobuf::Timestamp& at) {
  return absl::FromUnixSeconds(at.seconds()) + absl::Nanoseconds(at.nanos());
}

inline void SetTime(google::protobuf::Timestamp& out, absl::Time at) {
  const std::int64_t seconds = absl::ToUnixSeconds(at);
  out.set_seconds(seconds);
  out.set_nanos(
      static_cast<std::int32_t>(absl::ToInt64Nanoseconds(at - absl::FromUnixSeconds(seconds))));
}

}  // namespace holdfast::readmodel
