#include "eventsourcing/seen_filter.h"

#include <cstring>

namespace holdfast::eventsourcing {
namespace {

constexpr std::size_t kFirstBlocks = 64;
constexpr std::size_t kEntriesPerBlock = 51;  // 512 bits / 10
constexpr int kProbes = 4;

// Ids may be counted up by a client, so both halves are mixed (splitmix64's finaliser).
std::uint64_t Mix(const Uuid& id) {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::memcpy(&high, id.data(), 8);
  std::memcpy(&low, id.data() + 8, 8);
  std::uint64_t z = high ^ (low * 0x9E3779B97F4A7C15U);
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

// Calls `probe(word, mask)` for each bit of the id in its block.
template <class Probe>
void ForEachBit(std::uint64_t mixed, const Probe& probe) {
  for (int i = 0; i < kProbes; ++i) {
    const std::uint64_t bit = mixed & 511U;
    mixed >>= 9U;
    probe(bit >> 6U, std::uint64_t{1} << (bit & 63U));
  }
}

std::size_t BlockOf(std::uint64_t mixed, std::size_t blocks) {
  return (mixed >> 36U) * blocks >> 28U;
}

}  // namespace

bool SeenFilter::MayContain(const Uuid& id) const {
  const std::uint64_t mixed = Mix(id);
  for (const Generation& generation : generations_) {
    const Block& block = generation.blocks[BlockOf(mixed, generation.blocks.size())];
    bool all = true;
    ForEachBit(mixed, [&](std::size_t word, std::uint64_t mask) {
      all = all && (block[word] & mask) != 0;
    });
    if (all) return true;
  }
  return false;
}

void SeenFilter::Add(const Uuid& id) {
  if (generations_.empty() || generations_.back().room == 0) {
    const std::size_t blocks =
        generations_.empty() ? kFirstBlocks : generations_.back().blocks.size() * 8;
    generations_.push_back({std::vector<Block>(blocks, Block{}), blocks * kEntriesPerBlock});
  }
  Generation& newest = generations_.back();
  --newest.room;
  const std::uint64_t mixed = Mix(id);
  Block& block = newest.blocks[BlockOf(mixed, newest.blocks.size())];
  ForEachBit(mixed, [&](std::size_t word, std::uint64_t mask) { block[word] |= mask; });
}

std::size_t SeenFilter::bytes() const {
  std::size_t sum = 0;
  for (const Generation& generation : generations_) sum += generation.blocks.size() * sizeof(Block);
  return sum;
}

}  // namespace holdfast::eventsourcing
