#include "histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace holdfast::bench {

// Below 64 ns a bucket is a nanosecond; above, the top bit and the six after it say which.
std::size_t Histogram::BucketOf(std::uint64_t nanoseconds) {
  constexpr std::uint64_t kLinear = std::uint64_t{1} << kBits;
  if (nanoseconds < kLinear) return nanoseconds;
  const auto top = static_cast<unsigned>(std::bit_width(nanoseconds)) - 1;
  const std::uint64_t fraction = (nanoseconds >> (top - kBits)) - kLinear;
  const std::size_t bucket = ((top - kBits + 1) << kBits) + static_cast<std::size_t>(fraction);
  return std::min(bucket, kBuckets - 1);
}

std::uint64_t Histogram::UpperEdge(std::size_t bucket) {
  constexpr std::uint64_t kLinear = std::uint64_t{1} << kBits;
  if (bucket < kLinear) return bucket + 1;
  const std::size_t shift = (bucket >> kBits) - 1;
  return (kLinear + (bucket & (kLinear - 1)) + 1) << shift;
}

void Histogram::Add(absl::Duration duration) {
  const std::int64_t nanoseconds = std::max<std::int64_t>(0, absl::ToInt64Nanoseconds(duration));
  ++counts_[BucketOf(static_cast<std::uint64_t>(nanoseconds))];
  ++count_;
}

void Histogram::Merge(const Histogram& other) {
  for (std::size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
}

absl::Duration Histogram::Percentile(double share) const {
  const auto wanted = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets && count_ > 0; ++i) {
    seen += counts_[i];
    if (seen >= wanted) return absl::Nanoseconds(static_cast<std::int64_t>(UpperEdge(i)));
  }
  return absl::ZeroDuration();
}

}  // namespace holdfast::bench
