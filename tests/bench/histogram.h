// Durations counted in buckets that grow with them (HdrHistogram's idea): 64 to each doubling, so a
// percentile is at most 1.6 % too high, from a nanosecond to minutes, in 20 KB.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace holdfast::bench {

class Histogram {
 public:
  void Add(absl::Duration duration);
  void Merge(const Histogram& other);
  std::uint64_t count() const { return count_; }

  // The upper edge of the bucket that holds the value below which `share` of all lie; 0.99 is p99.
  // Zero where nothing was counted.
  absl::Duration Percentile(double share) const;

 private:
  static constexpr unsigned kBits = 6;
  static constexpr std::size_t kBuckets = std::size_t{40} << kBits;

  static std::size_t BucketOf(std::uint64_t nanoseconds);
  static std::uint64_t UpperEdge(std::size_t bucket);

  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t count_ = 0;
};

}  // namespace holdfast::bench
