#include "storage/store_metrics.h"

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <rocksdb/db.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "observability/metrics.h"
#include "storage/rocksdb_options.h"

namespace holdfast::storage {
namespace {

// All stores of one name. Lives for ever, as its metrics do.
class Group {
 public:
  explicit Group(const std::string& name) {
    using rocksdb::DB;
    const auto sum = [this](const metrics::Family& family, const std::string& property,
                            const std::string& of) {
      readings_.push_back(metrics::Process().Read(
          family, {of}, [this, &property] { return static_cast<double>(Sum(property)); }));
    };
    sum(metrics::kRocksdbWriteStopped, DB::Properties::kIsWriteStopped, name);
    sum(metrics::kRocksdbDelayedWriteRate, DB::Properties::kActualDelayedWriteRate, name);
    sum(metrics::kRocksdbPendingCompactionBytes, DB::Properties::kEstimatePendingCompactionBytes,
        name);
    sum(metrics::kRocksdbMemtableBytes, DB::Properties::kCurSizeAllMemTables, name);
    sum(metrics::kRocksdbBackgroundErrors, DB::Properties::kBackgroundErrors, name);
    readings_.push_back(metrics::Process().Read(metrics::kRocksdbStallSeconds, {name},
                                                [this] { return Stalled(); }));
  }

  void Add(rocksdb::DB& db) {
    const absl::MutexLock lock(&mutex_);
    open_.insert(&db);
  }
  void Remove(rocksdb::DB& db) {
    const absl::MutexLock lock(&mutex_);
    open_.erase(&db);
  }
  void AddStall(absl::Duration duration) {
    const absl::MutexLock lock(&mutex_);
    stalled_ += duration;
  }

 private:
  std::uint64_t Sum(const std::string& property) {
    const absl::MutexLock lock(&mutex_);
    std::uint64_t total = 0;
    for (rocksdb::DB* const db : open_) {
      std::uint64_t value = 0;
      if (db->GetAggregatedIntProperty(property, &value)) total += value;
    }
    return total;
  }
  double Stalled() {
    const absl::MutexLock lock(&mutex_);
    return absl::ToDoubleSeconds(stalled_);
  }

  absl::Mutex mutex_;
  std::set<rocksdb::DB*> open_ ABSL_GUARDED_BY(mutex_);
  absl::Duration stalled_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<metrics::Registry::Callback>> readings_;
};

// All groups, and the cache that they share. For the whole process.
struct Groups {
  absl::Mutex mutex;
  std::map<std::string, std::unique_ptr<Group>> by_name ABSL_GUARDED_BY(mutex);
  const std::unique_ptr<metrics::Registry::Callback> cache_bytes =
      metrics::Process().Read(metrics::kRocksdbBlockCacheBytes, {},
                              [] { return static_cast<double>(SharedBlockCache()->GetUsage()); });
};

Group& GroupOf(const std::string& name) {
  static auto* const groups = new Groups();
  const absl::MutexLock lock(&groups->mutex);
  std::unique_ptr<Group>& group = groups->by_name[name];
  if (!group) group = std::make_unique<Group>(name);
  return *group;
}

class Listener final : public rocksdb::EventListener {
 public:
  explicit Listener(Group& group) : group_(group) {}

  void OnStallConditionsChanged(const rocksdb::WriteStallInfo& info) override {
    const absl::Duration now = SystemClock().SinceBoot();
    const absl::MutexLock lock(&mutex_);
    const bool was = !stalled_.empty();
    if (info.condition.cur == rocksdb::WriteStallCondition::kNormal) {
      stalled_.erase(info.cf_name);
    } else {
      stalled_.insert(info.cf_name);
    }
    if (!was && !stalled_.empty()) since_ = now;
    if (was && stalled_.empty()) group_.AddStall(now - since_);
  }

 private:
  Group& group_;
  absl::Mutex mutex_;
  std::set<std::string> stalled_ ABSL_GUARDED_BY(mutex_);
  absl::Duration since_ ABSL_GUARDED_BY(mutex_);
};

class Counted final : public Measured {
 public:
  Counted(Group& group, rocksdb::DB& db) : group_(group), db_(db) { group_.Add(db_); }
  ~Counted() override { group_.Remove(db_); }

 private:
  Group& group_;
  rocksdb::DB& db_;
};

}  // namespace

std::shared_ptr<rocksdb::EventListener> StallListener(const std::string& metrics_name) {
  return std::make_shared<Listener>(GroupOf(metrics_name));
}

std::unique_ptr<Measured> Measure(const std::string& metrics_name, rocksdb::DB& db) {
  if (metrics_name.empty()) return nullptr;
  return std::make_unique<Counted>(GroupOf(metrics_name), db);
}

}  // namespace holdfast::storage
