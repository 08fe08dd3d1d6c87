#include "observability/metrics.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/check.h"
#include "observability/process_metrics.h"

namespace holdfast::metrics {
namespace {

constexpr std::size_t kMaxTenants = 100;
constexpr std::string_view kOther = "_other";

std::size_t LabelsOf(const Family& family) {
  return static_cast<std::size_t>(
      std::ranges::count_if(family.labels, [](const Label& l) { return l.key != Key::kNone; }));
}

bool IsWord(std::string_view value) {
  return value.size() <= 100 && std::ranges::all_of(value, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("_.:/@-").find(c) != std::string_view::npos;
         });
}

std::size_t SeriesOf(const Family& family) {
  return family.kind == Kind::kHistogram ? BoundsOf(family.buckets).size() + 3 : 1;
}

}  // namespace

std::string_view NameOf(Key key) {
  constexpr std::string_view kNames[] = {"",
                                         "context",
                                         "partition",
                                         "outcome",
                                         "stage",
                                         "reason",
                                         "why",
                                         "role",
                                         "store",
                                         "view",
                                         "check",
                                         "rule",
                                         "cause",
                                         "class",
                                         "tenant",
                                         "queue",
                                         "profile",
                                         "volume",
                                         "version",
                                         "commit",
                                         "proto_hash",
                                         "config_hash",
                                         "grpc_service",
                                         "grpc_method",
                                         "grpc_type",
                                         "grpc_code",
                                         "http_request_method",
                                         "http_route",
                                         "http_response_status_code"};
  return kNames[static_cast<std::size_t>(key)];
}

std::span<const double> BoundsOf(Buckets buckets) {
  static constexpr double kRequests[] = {.0005, .001, .0025, .005, .01, .025, .05, .1,
                                         .25,   .3,   .5,    1,    2.5, 5,    10};
  static constexpr double kStages[] = {.00001, .0001, .0005, .001, .005, .01, .05, .25, 1};
  static constexpr double kVisible[] = {.05, .1, .25, .5, 1, 2, 5, 10, 30, 60, 300};
  static constexpr double kJobs[] = {10, 60, 300, 900, 3600};
  switch (buckets) {
    case Buckets::kNone:
      return {};
    case Buckets::kRequests:
      return kRequests;
    case Buckets::kStages:
      return kStages;
    case Buckets::kVisible:
      return kVisible;
    case Buckets::kJobs:
      return kJobs;
  }
  return {};
}

std::span<const Family* const> AllFamilies() {
  static constexpr const Family* kAll[] = {&kCommandSeconds,
                                           &kCommandStageSeconds,
                                           &kCommandRefused,
                                           &kCommitVoid,
                                           &kStepDown,
                                           &kPartitionRole,
                                           &kPartitionFrozen,
                                           &kTenantsFrozen,
                                           &kReplayRatio,
                                           &kFoldDigestMismatch,
                                           &kAppendSeconds,
                                           &kFsyncSeconds,
                                           &kGroupRecords,
                                           &kJournalEndOffset,
                                           &kJournalAppliedOffset,
                                           &kJournalFrozen,
                                           &kRocksdbWriteStopped,
                                           &kRocksdbDelayedWriteRate,
                                           &kRocksdbPendingCompactionBytes,
                                           &kRocksdbMemtableBytes,
                                           &kRocksdbBlockCacheBytes,
                                           &kRocksdbBackgroundErrors,
                                           &kRocksdbStallSeconds,
                                           &kViewVisibleSeconds,
                                           &kViewLagSeconds,
                                           &kViewParkedRows,
                                           &kViewRebuildRatio,
                                           &kViewApplied,
                                           &kDoorRefused,
                                           &kPolicyDenied,
                                           &kTokenRejected,
                                           &kShed,
                                           &kQuotaUsedRatio,
                                           &kImportRows,
                                           &kImportSeconds,
                                           &kRelayLagSeconds,
                                           &kInboundRecords,
                                           &kDeadLetters,
                                           &kBuildInfo,
                                           &kReady,
                                           &kDiskUsedRatio,
                                           &kLogDropped,
                                           &kSeriesDropped,
                                           &kProcessCpuSeconds,
                                           &kProcessResidentBytes,
                                           &kProcessOpenFds,
                                           &kProcessMaxFds,
                                           &kProcessStartTime,
                                           &kGrpcStarted,
                                           &kGrpcHandled,
                                           &kGrpcHandlingSeconds,
                                           &kHttpSeconds};
  return kAll;
}

void Counter::Increment(double by) const {
  if (child_ != nullptr) child_->Increment(by);
}
void Gauge::Set(double value) const {
  if (child_ != nullptr) child_->Set(value);
}
void Histogram::Observe(absl::Duration value) const {
  if (child_ != nullptr) child_->Observe(absl::ToDoubleSeconds(value));
}

// Owns the children. A child is known by its family and its label values.
struct Registry::State {
  explicit State(std::size_t max) : max_series(max) {}

  struct Reading {
    absl::AnyInvocable<double()> read;
    prometheus::Counter* counter = nullptr;
    prometheus::Gauge* gauge = nullptr;
  };

  // The child of these values, or null where there are too many.
  template <class Child>
  Child* ChildOf(const Family& family, const std::vector<std::string_view>& values)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    HOLDFAST_CHECK(values.size() == LabelsOf(family));
    prometheus::Labels labels;
    for (std::size_t i = 0; i < values.size(); ++i)
      labels.emplace(NameOf(family.labels[i].key), Admitted(family.labels[i], values[i]));
    auto& declared = Declared<Child>(family);
    if (!declared.Has(labels)) {
      if (series + SeriesOf(family) > max_series) {
        if (dropped != nullptr) dropped->Increment();
        return nullptr;
      }
      series += SeriesOf(family);
    }
    if constexpr (std::is_same_v<Child, prometheus::Histogram>) {
      const auto bounds = BoundsOf(family.buckets);
      return &declared.Add(labels,
                           prometheus::Histogram::BucketBoundaries(bounds.begin(), bounds.end()));
    } else {
      return &declared.Add(labels);
    }
  }

  template <class Child>
  prometheus::Family<Child>& Declared(const Family& family) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    void*& known = families[family.name];
    if (known == nullptr) {
      const std::string name(family.name);
      const std::string help(family.help);
      if constexpr (std::is_same_v<Child, prometheus::Counter>) {
        known = &prometheus::BuildCounter().Name(name).Help(help).Register(registry);
      } else if constexpr (std::is_same_v<Child, prometheus::Gauge>) {
        known = &prometheus::BuildGauge().Name(name).Help(help).Register(registry);
      } else {
        known = &prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
      }
    }
    return *static_cast<prometheus::Family<Child>*>(known);
  }

  std::string Admitted(const Label& label, std::string_view value)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    if (!label.values.empty()) {
      HOLDFAST_CHECK(std::ranges::find(label.values, value) != label.values.end());
      return std::string(value);
    }
    if (!IsWord(value)) return std::string(kOther);
    if (label.key == Key::kTenant && !tenants.contains(value)) {
      if (tenants.size() >= kMaxTenants) return std::string(kOther);
      tenants.emplace(value);
    }
    return std::string(value);
  }

  void Make(const Family& family, const std::vector<std::string_view>& values)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    switch (family.kind) {
      case Kind::kCounter:
        ChildOf<prometheus::Counter>(family, values);
        break;
      case Kind::kGauge:
        ChildOf<prometheus::Gauge>(family, values);
        break;
      case Kind::kHistogram:
        ChildOf<prometheus::Histogram>(family, values);
        break;
    }
  }

  // Makes every child whose labels are all given or closed; none where another label is open.
  void MakeAll(const Family& family, std::string_view context,
               std::span<const std::string> partitions, std::vector<std::string_view> values)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    if (values.size() == LabelsOf(family)) return Make(family, values);
    const Label& label = family.labels[values.size()];
    std::vector<std::string_view> each(label.values.begin(), label.values.end());
    if (label.key == Key::kContext && !context.empty()) each = {context};
    if (label.key == Key::kPartition) each.assign(partitions.begin(), partitions.end());
    for (const std::string_view value : each) {
      values.push_back(value);
      MakeAll(family, context, partitions, values);
      values.pop_back();
    }
  }

  const std::size_t max_series;
  prometheus::Registry registry;
  prometheus::Counter* dropped = nullptr;
  absl::Mutex mutex;
  std::map<std::string_view, void*> families ABSL_GUARDED_BY(mutex);
  std::set<std::string, std::less<>> tenants ABSL_GUARDED_BY(mutex);
  std::size_t series ABSL_GUARDED_BY(mutex) = 0;
  // Held while the page is made, so that no reading outlives its owner.
  absl::Mutex readings_mutex ABSL_ACQUIRED_BEFORE(mutex);
  std::map<std::uint64_t, Reading> readings ABSL_GUARDED_BY(readings_mutex);
  std::uint64_t next_reading ABSL_GUARDED_BY(readings_mutex) = 0;
};

Registry::Registry(std::size_t max_series) : state_(std::make_unique<State>(max_series)) {
  const absl::MutexLock lock(&state_->mutex);
  state_->dropped = state_->ChildOf<prometheus::Counter>(kSeriesDropped, {});
  for (const Family* family : AllFamilies()) state_->MakeAll(*family, "", {}, {});
}
Registry::~Registry() = default;

Counter Registry::GetCounter(const Family& family, std::initializer_list<std::string_view> values) {
  HOLDFAST_CHECK(family.kind == Kind::kCounter);
  const absl::MutexLock lock(&state_->mutex);
  return Counter(state_->ChildOf<prometheus::Counter>(family, values));
}

Gauge Registry::GetGauge(const Family& family, std::initializer_list<std::string_view> values) {
  HOLDFAST_CHECK(family.kind == Kind::kGauge);
  const absl::MutexLock lock(&state_->mutex);
  return Gauge(state_->ChildOf<prometheus::Gauge>(family, values));
}

Histogram Registry::GetHistogram(const Family& family,
                                 std::initializer_list<std::string_view> values) {
  HOLDFAST_CHECK(family.kind == Kind::kHistogram);
  const absl::MutexLock lock(&state_->mutex);
  return Histogram(state_->ChildOf<prometheus::Histogram>(family, values));
}

void Registry::Prepare(std::string_view context, std::uint32_t partitions) {
  std::vector<std::string> numbers;
  for (std::uint32_t i = 0; i < partitions; ++i) numbers.push_back(std::to_string(i));
  const absl::MutexLock lock(&state_->mutex);
  for (const Family* family : AllFamilies()) state_->MakeAll(*family, context, numbers, {});
}

std::unique_ptr<Registry::Callback> Registry::Read(const Family& family,
                                                   std::initializer_list<std::string_view> values,
                                                   absl::AnyInvocable<double()> read) {
  class Registered final : public Callback {
   public:
    Registered(State& state, std::uint64_t id) : state_(state), id_(id) {}
    ~Registered() override {
      const absl::MutexLock lock(&state_.readings_mutex);
      state_.readings.erase(id_);
    }

   private:
    State& state_;
    const std::uint64_t id_;
  };
  HOLDFAST_CHECK(family.kind != Kind::kHistogram);
  const absl::MutexLock lock(&state_->readings_mutex);
  State::Reading reading;
  reading.read = std::move(read);
  {
    const absl::MutexLock children(&state_->mutex);
    if (family.kind == Kind::kCounter) {
      reading.counter = state_->ChildOf<prometheus::Counter>(family, values);
    } else {
      reading.gauge = state_->ChildOf<prometheus::Gauge>(family, values);
    }
  }
  const std::uint64_t id = state_->next_reading++;
  state_->readings.emplace(id, std::move(reading));
  return std::make_unique<Registered>(*state_, id);
}

std::string Registry::Text() {
  {
    const absl::MutexLock lock(&state_->readings_mutex);
    for (auto& [id, reading] : state_->readings) {
      const double value = reading.read();
      if (reading.gauge != nullptr) reading.gauge->Set(value);
      // A counter never falls: a source that began anew is counted from where it stands.
      if (reading.counter != nullptr && value > reading.counter->Value())
        reading.counter->Increment(value - reading.counter->Value());
    }
  }
  return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

Registry& Process() {
  static Registry* const registry = [] {
    auto* made = new Registry();
    static const auto* const readings =
        new std::vector<std::unique_ptr<Registry::Callback>>(ReadProcessMetrics(*made));
    HOLDFAST_CHECK(!readings->empty());
    return made;
  }();
  return *registry;
}

}  // namespace holdfast::metrics
