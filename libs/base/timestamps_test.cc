#include "base/timestamps.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(Timestamps, ComeBackToTheNanosecond) {
  for (const absl::Duration since : {absl::ZeroDuration(), absl::Nanoseconds(1'500'000'001),
                                     absl::Nanoseconds(-1), absl::Hours(24 * 365 * 400)}) {
    const absl::Time at = absl::UnixEpoch() + since;
    EXPECT_EQ(ToTime(ToTimestamp(at)), at);
  }
}

TEST(Timestamps, BeforeTheEpochStillCountTheirNanosecondsForward) {
  const google::protobuf::Timestamp before = ToTimestamp(absl::UnixEpoch() - absl::Nanoseconds(1));
  EXPECT_EQ(before.seconds(), -1);
  EXPECT_EQ(before.nanos(), 999'999'999);
}

TEST(Timestamps, DropWhatIsFinerThanANanosecond) {
  const google::protobuf::Timestamp at = ToTimestamp(absl::UnixEpoch() + absl::Nanoseconds(7) / 2);
  EXPECT_EQ(at.nanos(), 3);
}

}  // namespace
}  // namespace holdfast
