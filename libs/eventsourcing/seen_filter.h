// Which command ids of a tenant may have been seen: a Bloom filter that grows, so that a new
// command need not ask the disk whether it is an old one.
//   Bloom (1970), CACM 13(7); 10 bits an entry, 4 probes in one 64-byte block: about 1.5 % false.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/uuid.h"

namespace holdfast::eventsourcing {

class SeenFilter {
 public:
  // Never false for an id that was added.
  bool MayContain(const Uuid& id) const;
  void Add(const Uuid& id);
  std::size_t bytes() const;

 private:
  using Block = std::array<std::uint64_t, 8>;
  // Each eight times as large as the one before.
  struct Generation {
    std::vector<Block> blocks;
    std::size_t room = 0;
  };
  std::vector<Generation> generations_;
};

}  // namespace holdfast::eventsourcing
