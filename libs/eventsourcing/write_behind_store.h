// A state store whose commits are written on another thread, so that the thread that decides does
// not wait for the disk. Derived data bears it: what a crash leaves unwritten is folded again.
//
//   Put, Delete --Commit--> in flight (one batch) --executor--> the store below
//
// Reads see what was committed, written or not.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "base/executor.h"
#include "eventsourcing/state_store.h"

namespace holdfast::eventsourcing {

// Used by one thread, as every state store; the store below it is read on that thread while the
// executor writes to it.
class WriteBehindStore final : public StateStore {
 public:
  // `executor` outlives it, and runs what it has posted before it ends.
  WriteBehindStore(std::unique_ptr<StateStore> store, Executor& executor);
  // Waits until what was committed is written, or was refused.
  ~WriteBehindStore() override;

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override;
  // Waits for what is in flight; what was refused is tried again first, so that reading goes on
  // as soon as the disk does, also where nothing new is committed.
  absl::Status Scan(
      std::string_view prefix,
      absl::FunctionRef<bool(std::string_view key, std::string_view value)> each) const override;
  void Put(std::string_view key, std::string_view value) override;
  void Delete(std::string_view key) override;
  // Waits for the batch before it. Where that one was refused, it is tried again, in its place, and
  // this one is forgotten with the error: so the order of commits holds.
  absl::Status Commit() override;
  absl::Status Clear() override;

 private:
  struct Row {
    std::string key;
    std::optional<std::string> value;  // empty: deleted
  };
  // Rows in the order in which they were put; of one key the last counts.
  struct Batch {
    std::deque<Row> rows;
    absl::flat_hash_map<std::string_view, const Row*> by_key;

    void Add(std::string_view key, std::optional<std::string_view> value);
    void Clear();
  };

  void Send();
  void Write() const;
  bool Settled() const ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return !writing_; }
  absl::Status AwaitWritten() const;

  const std::unique_ptr<StateStore> store_;
  Executor& executor_;
  Batch pending_;
  // Changed only while nothing is being written.
  Batch in_flight_;
  mutable absl::Mutex mutex_;
  mutable bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  mutable absl::Status refused_ ABSL_GUARDED_BY(mutex_);  // of the batch in flight
};

}  // namespace holdfast::eventsourcing
