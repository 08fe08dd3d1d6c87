// Randomness enters through this interface, so that a simulation repeats from its seed.
#pragma once

#include <cstdint>
#include <span>

namespace holdfast {

class Random {
 public:
  virtual ~Random() = default;
  virtual void Fill(std::span<std::uint8_t> bytes) = 0;

  std::uint64_t Next64();
  // Uniform in [0, bound); bound > 0.
  std::uint64_t Below(std::uint64_t bound);
};

// The operating system's generator (getrandom). Thread-safe. Up to 16 bytes cost no call of the
// system most of the time; a process that forks and goes on in both must not use it.
Random& SystemRandom();

// splitmix64 (Steele, Lea, Flood 2014) from a seed: for simulations and tests, never for keys. Not
// thread-safe.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void Fill(std::span<std::uint8_t> bytes) override;

 private:
  std::uint64_t state_;
};

}  // namespace holdfast
