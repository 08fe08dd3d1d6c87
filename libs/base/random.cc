#include "base/random.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include <string.h>
#include <sys/random.h>

#include "base/check.h"

namespace holdfast {
namespace {

// What ids need at a time; more than that (a key) never waits in memory for its use.
constexpr std::size_t kSmall = 16;

void FromSystem(std::span<std::uint8_t> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = getrandom(bytes.data() + done, bytes.size() - done, 0);
    HOLDFAST_CHECK(got > 0);
    done += static_cast<std::size_t>(got);
  }
}

// Bytes drawn ahead for one thread: a call of the system for each id costs more than the rest of a
// command. What was given out is wiped.
class Ahead {
 public:
  void Give(std::span<std::uint8_t> bytes) {
    if (left_ < bytes.size()) {
      FromSystem(drawn_);
      left_ = drawn_.size();
    }
    left_ -= bytes.size();
    std::copy_n(drawn_.data() + left_, bytes.size(), bytes.data());
    explicit_bzero(drawn_.data() + left_, bytes.size());
  }

 private:
  std::array<std::uint8_t, 1'024> drawn_{};
  std::size_t left_ = 0;
};

class Machine final : public Random {
 public:
  void Fill(std::span<std::uint8_t> bytes) override {
    thread_local Ahead ahead;
    if (bytes.size() > kSmall) return FromSystem(bytes);
    ahead.Give(bytes);
  }
};

}  // namespace

std::uint64_t Random::Next64() {
  std::uint8_t bytes[8];
  Fill(bytes);
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8U | byte;
  return value;
}

std::uint64_t Random::Below(std::uint64_t bound) {
  HOLDFAST_CHECK(bound > 0);
  const std::uint64_t unbiased = ~std::uint64_t{0} - ~std::uint64_t{0} % bound;
  std::uint64_t value = Next64();
  while (value >= unbiased) value = Next64();
  return value % bound;
}

Random& SystemRandom() {
  static Machine machine;
  return machine;
}

void SeededRandom::Fill(std::span<std::uint8_t> bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ z >> 30U) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27U) * 0x94D049BB133111EBU;
    z ^= z >> 31U;
    for (int i = 0; i < 8 && at < bytes.size(); ++i, ++at) {
      bytes[at] = static_cast<std::uint8_t>(z >> (8U * static_cast<unsigned>(i)));
    }
  }
}

}  // namespace holdfast
