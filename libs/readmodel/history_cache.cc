#include "readmodel/history_cache.h"

#include "base/status_macros.h"

namespace holdfast::readmodel {

absl::StatusOr<std::shared_ptr<const ContextHistory>> HistoryCache::Get(const std::string& tenant,
                                                                        const std::string& context,
                                                                        const Until& until,
                                                                        Fold fold) {
  const absl::MutexLock lock(&mutex_);
  const auto same = [&](const Kept& kept) {
    return kept.tenant == tenant && kept.context == context && kept.until.seq == until.seq &&
           kept.until.time == until.time;
  };
  for (const Kept& kept : kept_) {
    if (!same(kept)) continue;
    if (kept.history->closed || kept.until.known_seq >= until.known_seq) return kept.history;
  }
  ASSIGN_OR_RETURN(std::shared_ptr<const ContextHistory> history, fold());
  std::erase_if(kept_, same);
  kept_.push_front({tenant, context, until, history});
  if (kept_.size() > kKept) kept_.pop_back();
  return history;
}

}  // namespace holdfast::readmodel
