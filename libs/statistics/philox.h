// Philox4x32-10: random words as a pure function of a counter and a key, so that threads and order
// change nothing.
//
//   source   Salmon et al. (2011), Parallel random numbers: as easy as 1, 2, 3
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace holdfast::statistics {

using PhiloxBlock = std::array<std::uint32_t, 4>;

// counter is {draw, area, offence, block} in this library; key is the seed, low word first.
constexpr PhiloxBlock Philox(PhiloxBlock counter, std::uint64_t key) {
  auto low = static_cast<std::uint32_t>(key);
  auto high = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t even = std::uint64_t{0xD2511F53} * counter[0];
    const std::uint64_t odd = std::uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<std::uint32_t>(odd >> 32) ^ counter[1] ^ low,
               static_cast<std::uint32_t>(odd),
               static_cast<std::uint32_t>(even >> 32) ^ counter[3] ^ high,
               static_cast<std::uint32_t>(even)};
    low += 0x9E3779B9;
    high += 0xBB67AE85;
  }
  return counter;
}

// A uniform number in (0, 1), 53 bits, never 0 or 1.
constexpr double Uniform(std::uint32_t a, std::uint32_t b) {
  constexpr double kBelowOne =
      1 - 1.0 / 9007199254740992.0;  // the half would round the last value up to 1
  const double u = (67108864.0 * static_cast<double>(a >> 5) + static_cast<double>(b >> 6) + 0.5) /
                   9007199254740992.0;
  return u < kBelowOne ? u : kBelowOne;
}

// The seed of an analysis: the first 8 bytes of the digest of its inputs, little-endian.
constexpr std::uint64_t SeedOf(std::span<const std::uint8_t> digest) {
  std::uint64_t seed = 0;
  for (std::size_t i = 0; i < 8 && i < digest.size(); ++i)
    seed |= std::uint64_t{digest[i]} << (8 * i);
  return seed;
}

}  // namespace holdfast::statistics
