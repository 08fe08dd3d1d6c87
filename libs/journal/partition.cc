#include "base/hash.h"
#include "journal/journal.h"

namespace holdfast::journal {

std::uint32_t PartitionOf(const std::string& tenant, std::uint32_t partitions) {
  return static_cast<std::uint32_t>(ReadBigEndian64(AsBytes(Sha256Of(tenant))) % partitions);
}

}  // namespace holdfast::journal
