#include "metrics/queries/rank_memory.h"

#include <cstddef>
#include <deque>
#include <map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace holdfast::metrics {
namespace {

using Drawn = std::shared_ptr<const statistics::Result<statistics::Ranking>>;

constexpr std::size_t kKept = 128;

struct Memory {
  absl::Mutex mutex;
  std::map<Hash, Drawn> drawn ABSL_GUARDED_BY(mutex);
  std::deque<Hash> order ABSL_GUARDED_BY(mutex);  // oldest first
};

Memory& TheMemory() {
  static Memory& memory = *new Memory();  // lives as long as the process: nothing waits for its end
  return memory;
}

}  // namespace

Drawn RememberRanks(const Hash& inputs,
                    absl::FunctionRef<statistics::Result<statistics::Ranking>()> draw) {
  Memory& memory = TheMemory();
  {
    const absl::MutexLock lock(&memory.mutex);
    const auto known = memory.drawn.find(inputs);
    if (known != memory.drawn.end()) return known->second;
  }
  Drawn drawn = std::make_shared<const statistics::Result<statistics::Ranking>>(draw());
  const absl::MutexLock lock(&memory.mutex);
  if (!memory.drawn.emplace(inputs, drawn).second) return drawn;
  memory.order.push_back(inputs);
  if (memory.order.size() > kKept) {
    memory.drawn.erase(memory.order.front());
    memory.order.pop_front();
  }
  return drawn;
}

}  // namespace holdfast::metrics
