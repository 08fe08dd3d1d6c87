// The metrics of a process: every family is declared here, with its help, its labels and the closed
// sets of their values.
//
//   static const metrics::Counter voided = metrics::Process().Get(metrics::kCommitVoid,
//                                                                 {"initiative", "fenced"});
//   voided.Increment();
//
// Label keys are an enumeration, values closed sets: never an id, a place, a person or text. Look a
// child up once and keep the handle: looking up takes a lock, using it does not.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
}  // namespace prometheus

namespace holdfast::metrics {

enum class Key : std::uint8_t {
  kNone,
  kContext,
  kPartition,
  kOutcome,
  kStage,
  kReason,
  kWhy,
  kRole,
  kStore,
  kView,
  kCheck,
  kRule,
  kCause,
  kClass,
  kTenant,
  kQueue,
  kProfile,
  kVolume,
  kVersion,
  kCommit,
  kProtoHash,
  kConfigHash,
  kGrpcService,
  kGrpcMethod,
  kGrpcType,
  kGrpcCode,
  kHttpMethod,
  kHttpRoute,
  kHttpStatus,
};
std::string_view NameOf(Key key);

enum class Kind : std::uint8_t { kCounter, kGauge, kHistogram };
// Upper bounds in seconds; each bound of an objective is an edge.
enum class Buckets : std::uint8_t { kNone, kRequests, kStages, kVisible, kJobs };
std::span<const double> BoundsOf(Buckets buckets);

// A label of a family. `values` empty: set by the process as it goes (contexts, partitions, codes).
struct Label {
  Key key = Key::kNone;
  std::span<const std::string_view> values = {};
};

struct Family {
  Kind kind = Kind::kCounter;
  std::string_view name;
  std::string_view help;
  std::array<Label, 4> labels = {};
  Buckets buckets = Buckets::kNone;
};

// Closed sets of label values.
inline constexpr std::string_view kCommandOutcomes[] = {
    "accepted", "duplicate", "refused", "conflict", "quota", "overloaded", "unavailable"};
inline constexpr std::string_view kCommandStages[] = {"queue", "decide", "seal", "append", "apply"};
inline constexpr std::string_view kVoidReasons[] = {"fenced", "closed", "conflict"};
inline constexpr std::string_view kStepDowns[] = {"foreign_barrier", "own_void", "delivery_error",
                                                  "append_timeout",  "released", "lapsed"};
inline constexpr std::string_view kRoles[] = {"owner", "standby"};
inline constexpr std::string_view kDeadLetterQueues[] = {"reaction"};
inline constexpr std::string_view kInboundOutcomes[] = {"accepted", "dead_letter", "later"};
inline constexpr std::string_view kImportOutcomes[] = {"accepted", "rejected", "unlocated",
                                                       "unchanged"};

inline constexpr Label kByContext{Key::kContext};
inline constexpr Label kByPartition{Key::kPartition};
inline constexpr Label kByStore{Key::kStore};

// Commands.
inline constexpr Family kCommandSeconds{Kind::kHistogram,
                                        "holdfast_command_seconds",
                                        "Time from the queue to the answer of a command.",
                                        {kByContext, Label{Key::kOutcome, kCommandOutcomes}},
                                        Buckets::kRequests};
inline constexpr Family kCommandStageSeconds{Kind::kHistogram,
                                             "holdfast_command_stage_seconds",
                                             "Time of a command in one stage of its actor.",
                                             {kByContext, Label{Key::kStage, kCommandStages}},
                                             Buckets::kStages};
inline constexpr Family kCommandRefused{Kind::kCounter,
                                        "holdfast_command_refused_total",
                                        "Commands that a rule refused, by its code.",
                                        {kByContext, Label{Key::kReason}}};
inline constexpr Family kCommitVoid{Kind::kCounter,
                                    "holdfast_commit_void_total",
                                    "Records that the acceptance fold did not accept.",
                                    {kByContext, Label{Key::kWhy, kVoidReasons}}};
inline constexpr Family kStepDown{Kind::kCounter,
                                  "holdfast_step_down_total",
                                  "Times that the owner of a partition stepped down.",
                                  {kByContext, Label{Key::kWhy, kStepDowns}}};
// Partitions.
inline constexpr Family kPartitionRole{Kind::kGauge,
                                       "holdfast_partition_role",
                                       "1 for the role that this process has in the partition.",
                                       {kByContext, kByPartition, Label{Key::kRole, kRoles}}};
inline constexpr Family kPartitionFrozen{Kind::kGauge,
                                         "holdfast_partition_frozen",
                                         "1 while the partition is frozen by an unreadable record.",
                                         {kByContext, kByPartition}};
inline constexpr Family kTenantsFrozen{Kind::kGauge,
                                       "holdfast_tenants_frozen",
                                       "Tenants that are frozen in the context.",
                                       {kByContext}};
inline constexpr Family kReplayRatio{Kind::kGauge,
                                     "holdfast_replay_ratio",
                                     "Part of the journal that is folded since the start, 0 to 1.",
                                     {kByContext}};
inline constexpr Family kFoldDigestMismatch{Kind::kCounter,
                                            "holdfast_fold_digest_mismatch_total",
                                            "Readers of one partition that disagreed.",
                                            {kByContext}};
// Journal.
inline constexpr Family kAppendSeconds{Kind::kHistogram,
                                       "holdfast_append_seconds",
                                       "Time from append to durable.",
                                       {kByContext},
                                       Buckets::kStages};
inline constexpr Family kFsyncSeconds{Kind::kHistogram,
                                      "holdfast_fsync_seconds",
                                      "Time of one synced group commit.",
                                      {},
                                      Buckets::kStages};
inline constexpr Family kGroupRecords{Kind::kCounter, "holdfast_journal_group_records_total",
                                      "Records that were written in group commits."};
inline constexpr Family kJournalEndOffset{Kind::kGauge,
                                          "holdfast_journal_end_offset",
                                          "The next offset of the partition.",
                                          {kByContext, kByPartition}};
inline constexpr Family kJournalAppliedOffset{Kind::kGauge,
                                              "holdfast_journal_applied_offset",
                                              "The next offset that the owner folds.",
                                              {kByContext, kByPartition}};
inline constexpr Family kJournalFrozen{Kind::kGauge, "holdfast_journal_frozen",
                                       "1 once the embedded journal has frozen read-only."};
inline constexpr Family kArchiveLagSeconds{
    Kind::kGauge,
    "holdfast_archive_lag_seconds",
    "For how long what is recorded is in no archive yet, at most.",
    {kByContext}};
// RocksDB.
inline constexpr Family kRocksdbWriteStopped{Kind::kGauge,
                                             "holdfast_rocksdb_write_stopped",
                                             "1 while the store takes no write.",
                                             {kByStore}};
inline constexpr Family kRocksdbDelayedWriteRate{Kind::kGauge,
                                                 "holdfast_rocksdb_delayed_write_rate",
                                                 "Bytes a second to which writes are slowed; 0: "
                                                 "not slowed.",
                                                 {kByStore}};
inline constexpr Family kRocksdbPendingCompactionBytes{Kind::kGauge,
                                                       "holdfast_rocksdb_pending_compaction_bytes",
                                                       "Bytes that wait for compaction, estimated.",
                                                       {kByStore}};
inline constexpr Family kRocksdbMemtableBytes{
    Kind::kGauge, "holdfast_rocksdb_memtable_bytes", "Bytes in memtables.", {kByStore}};
inline constexpr Family kRocksdbBlockCacheBytes{Kind::kGauge, "holdfast_rocksdb_block_cache_bytes",
                                                "Bytes in the block cache of the process."};
inline constexpr Family kRocksdbBackgroundErrors{Kind::kGauge,
                                                 "holdfast_rocksdb_background_errors",
                                                 "Background errors of the store.",
                                                 {kByStore}};
inline constexpr Family kRocksdbStallSeconds{Kind::kCounter,
                                             "holdfast_rocksdb_stall_seconds_total",
                                             "Time that writers were stalled.",
                                             {kByStore}};
// Views.
inline constexpr Family kViewVisibleSeconds{Kind::kHistogram,
                                            "holdfast_view_visible_seconds",
                                            "Time from recorded_at to applied in the views.",
                                            {kByContext},
                                            Buckets::kVisible};
inline constexpr Family kViewLagSeconds{Kind::kGauge,
                                        "holdfast_view_lag_seconds",
                                        "Age of the oldest commit that the view has not applied; 0 "
                                        "at the end.",
                                        {kByContext, Label{Key::kView}}};
inline constexpr Family kViewParkedRows{Kind::kGauge,
                                        "holdfast_view_parked_rows",
                                        "Rows whose events the view could not apply.",
                                        {kByContext, Label{Key::kView}}};
inline constexpr Family kViewRebuildRatio{Kind::kGauge,
                                          "holdfast_view_rebuild_ratio",
                                          "Part of a rebuild that is done, 0 to 1.",
                                          {kByContext, Label{Key::kView}}};
inline constexpr Family kViewApplied{
    Kind::kCounter, "holdfast_view_applied_total", "Commits applied to the views.", {kByContext}};
// The door.
inline constexpr Family kDoorRefused{Kind::kCounter,
                                     "holdfast_door_refused_total",
                                     "Calls that the door refused, by check and reason.",
                                     {Label{Key::kCheck}, Label{Key::kReason}}};
inline constexpr Family kPolicyDenied{Kind::kCounter,
                                      "holdfast_policy_denied_total",
                                      "Calls that a policy rule denied.",
                                      {Label{Key::kRule}}};
inline constexpr Family kTokenRejected{Kind::kCounter,
                                       "holdfast_token_rejected_total",
                                       "Tokens that were not believed.",
                                       {Label{Key::kCause}}};
inline constexpr Family kShed{Kind::kCounter,
                              "holdfast_shed_total",
                              "Calls that were turned away under load.",
                              {Label{Key::kClass}}};
inline constexpr Family kQuotaUsedRatio{Kind::kGauge,
                                        "holdfast_quota_used_ratio",
                                        "Part of its quota that a tenant uses.",
                                        {Label{Key::kTenant}}};
// Edges.
inline constexpr Family kImportRows{Kind::kCounter,
                                    "holdfast_import_rows_total",
                                    "Rows of imported files, by what became of them.",
                                    {Label{Key::kProfile}, Label{Key::kOutcome, kImportOutcomes}}};
inline constexpr Family kImportSeconds{
    Kind::kHistogram, "holdfast_import_seconds", "Time of a whole import.", {}, Buckets::kJobs};
inline constexpr Family kRelayLagSeconds{Kind::kGauge,
                                         "holdfast_relay_lag_seconds",
                                         "Age of the oldest commit that the relay has not "
                                         "published; 0 at the end.",
                                         {kByContext}};
inline constexpr Family kInboundRecords{Kind::kCounter,
                                        "holdfast_inbound_records_total",
                                        "Records of inbound topics, by what became of them.",
                                        {Label{Key::kOutcome, kInboundOutcomes}}};
inline constexpr Family kDeadLetters{Kind::kGauge,
                                     "holdfast_dead_letters",
                                     "What was refused and waits for a person.",
                                     {Label{Key::kQueue, kDeadLetterQueues}}};
// The process.
inline constexpr Family kBuildInfo{
    Kind::kGauge,
    "holdfast_build_info",
    "1; the labels say what runs here.",
    {Label{Key::kVersion}, Label{Key::kCommit}, Label{Key::kProtoHash}, Label{Key::kConfigHash}}};
inline constexpr Family kReady{Kind::kGauge, "holdfast_ready", "1 while the process is ready."};
inline constexpr Family kDiskUsedRatio{Kind::kGauge,
                                       "holdfast_disk_used_ratio",
                                       "Part of the volume that is used.",
                                       {Label{Key::kVolume}}};
inline constexpr Family kLogDropped{Kind::kCounter, "holdfast_log_dropped_total",
                                    "Log lines that were suppressed."};
inline constexpr Family kSeriesDropped{
    Kind::kCounter, "holdfast_series_dropped_total",
    "Metric series that were refused because there are too many."};
inline constexpr Family kProcessCpuSeconds{Kind::kCounter, "process_cpu_seconds_total",
                                           "User and system time of the process."};
inline constexpr Family kProcessResidentBytes{Kind::kGauge, "process_resident_memory_bytes",
                                              "Resident memory of the process."};
inline constexpr Family kProcessOpenFds{Kind::kGauge, "process_open_fds",
                                        "Open file descriptors of the process."};
inline constexpr Family kProcessMaxFds{Kind::kGauge, "process_max_fds",
                                       "How many file descriptors it may open."};
inline constexpr Family kProcessStartTime{Kind::kGauge, "process_start_time_seconds",
                                          "When the process started, in Unix time."};
// Public contracts: their names are those of stock dashboards.
inline constexpr Family kGrpcStarted{
    Kind::kCounter,
    "grpc_server_started_total",
    "Calls that were started.",
    {Label{Key::kGrpcService}, Label{Key::kGrpcMethod}, Label{Key::kGrpcType}}};
inline constexpr Family kGrpcHandled{Kind::kCounter,
                                     "grpc_server_handled_total",
                                     "Calls that were answered, by code.",
                                     {Label{Key::kGrpcService}, Label{Key::kGrpcMethod},
                                      Label{Key::kGrpcType}, Label{Key::kGrpcCode}}};
inline constexpr Family kGrpcHandlingSeconds{
    Kind::kHistogram,
    "grpc_server_handling_seconds",
    "Time from the call to its answer.",
    {Label{Key::kGrpcService}, Label{Key::kGrpcMethod}, Label{Key::kGrpcType}},
    Buckets::kRequests};
inline constexpr Family kHttpSeconds{
    Kind::kHistogram,
    "http_server_request_duration_seconds",
    "Time from the request to its answer.",
    {Label{Key::kHttpMethod}, Label{Key::kHttpRoute}, Label{Key::kHttpStatus}},
    Buckets::kRequests};

// Every family above: what the documents are made from, and what stands at 0 from the start.
std::span<const Family* const> AllFamilies();

// Handles of one child each. Copyable, thread-safe; a default one does nothing. They live as long
// as their registry.
class Counter {
 public:
  Counter() = default;
  void Increment(double by = 1) const;

 private:
  friend class Registry;
  explicit Counter(prometheus::Counter* child) : child_(child) {}
  prometheus::Counter* child_ = nullptr;
};

class Gauge {
 public:
  Gauge() = default;
  void Set(double value) const;

 private:
  friend class Registry;
  explicit Gauge(prometheus::Gauge* child) : child_(child) {}
  prometheus::Gauge* child_ = nullptr;
};

class Histogram {
 public:
  Histogram() = default;
  void Observe(absl::Duration value) const;

 private:
  friend class Registry;
  explicit Histogram(prometheus::Histogram* child) : child_(child) {}
  prometheus::Histogram* child_ = nullptr;
};

class Registry {
 public:
  // At most `max_series` children (a histogram counts one for each bucket); more are refused,
  // counted in series_dropped_total, and their handles do nothing.
  explicit Registry(std::size_t max_series = 20'000);
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // The child with these label values, in the order of the family's labels; made at 0 where it is
  // new. A value outside a closed set, or a wrong number of them, is a programmer's error. The
  // value of an open label that is not of [A-Za-z0-9_.:/@-]{0,100} is counted as "_other"; so is
  // the 101st tenant.
  Counter GetCounter(const Family& family, std::initializer_list<std::string_view> values = {});
  Gauge GetGauge(const Family& family, std::initializer_list<std::string_view> values = {});
  Histogram GetHistogram(const Family& family, std::initializer_list<std::string_view> values = {});

  // Makes every child of `context` and its partitions, so that a first failure is seen by rate().
  void Prepare(std::string_view context, std::uint32_t partitions);

  // A gauge or counter that is read when the page is asked for. `read` may be called on any thread,
  // and not after the returned object is destroyed; it must not use the registry.
  class Callback {
   public:
    virtual ~Callback() = default;
  };
  [[nodiscard]] std::unique_ptr<Callback> Read(const Family& family,
                                               std::initializer_list<std::string_view> values,
                                               absl::AnyInvocable<double()> read);

  // The page of /metrics: Prometheus text format 0.0.4.
  std::string Text();

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

// The registry of this process, with its process_* metrics.
Registry& Process();

}  // namespace holdfast::metrics
