// The instant of a commit as rows keep it.
#pragma once

#include "google/protobuf/timestamp.pb.h"

#include "absl/time/time.h"

namespace holdfast::metrics {

inline google::protobuf::Timestamp ToTimestamp(absl::Time at) {
  google::protobuf::Timestamp stamp;
  const std::int64_t seconds = absl::ToUnixSeconds(at);
  stamp.set_seconds(seconds);
  stamp.set_nanos(
      static_cast<std::int32_t>(absl::ToInt64Nanoseconds(at - absl::FromUnixSeconds(seconds))));
  return stamp;
}

}  // namespace holdfast::metrics
