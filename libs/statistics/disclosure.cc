#include "statistics/disclosure.h"

namespace holdfast::statistics {

Result<std::vector<std::optional<std::int64_t>>> TenFive(std::span<const std::int64_t> counts) {
  std::vector<std::optional<std::int64_t>> published;
  published.reserve(counts.size());
  for (const std::int64_t count : counts) {
    if (!IsCount(count)) return Because(Undefined::kInputOutOfRange);
    published.push_back(TenFive(count));
  }
  return published;
}

}  // namespace holdfast::statistics
