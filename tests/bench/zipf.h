// Numbers that are asked for as unevenly as the things of the world: the k-th most popular of n
// with probability proportional to 1 / k^0.99 (the exponent of YCSB).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace holdfast {
class Random;
}

namespace holdfast::bench {

class Zipf {
 public:
  explicit Zipf(std::size_t n);
  // In [0, n); 0 is the most popular.
  std::size_t Next(Random& random) const;

 private:
  std::vector<double> upto_;  // cumulative probabilities
};

}  // namespace holdfast::bench
