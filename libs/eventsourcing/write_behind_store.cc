#include "eventsourcing/write_behind_store.h"

#include <utility>

#include "base/status_macros.h"

namespace holdfast::eventsourcing {

void WriteBehindStore::Batch::Add(std::string_view key, std::optional<std::string_view> value) {
  Row& row = rows.emplace_back();
  row.key.assign(key);
  if (value) row.value.emplace(*value);
  by_key.insert_or_assign(row.key, &row);
}

void WriteBehindStore::Batch::Clear() {
  by_key.clear();
  rows.clear();
}

WriteBehindStore::WriteBehindStore(std::unique_ptr<StateStore> store, Executor& executor)
    : store_(std::move(store)), executor_(executor) {}

WriteBehindStore::~WriteBehindStore() {
  AwaitWritten().IgnoreError();
}

absl::StatusOr<std::optional<std::string>> WriteBehindStore::Get(std::string_view key) const {
  // The batch stays until the next Commit of this thread, so it may be read while it is written.
  const auto found = in_flight_.by_key.find(key);
  if (found != in_flight_.by_key.end()) return found->second->value;
  return store_->Get(key);
}

absl::Status WriteBehindStore::Scan(
    std::string_view prefix,
    absl::FunctionRef<bool(std::string_view, std::string_view)> each) const {
  if (!AwaitWritten().ok()) Write();  // on this thread: the other has nothing to write now
  RETURN_IF_ERROR(AwaitWritten());
  return store_->Scan(prefix, each);
}

void WriteBehindStore::Put(std::string_view key, std::string_view value) {
  pending_.Add(key, value);
}

void WriteBehindStore::Delete(std::string_view key) {
  pending_.Add(key, std::nullopt);
}

absl::Status WriteBehindStore::Commit() {
  const absl::Status before = AwaitWritten();
  if (before.ok()) std::swap(in_flight_, pending_);
  pending_.Clear();
  if (!in_flight_.rows.empty()) Send();
  return before;
}

absl::Status WriteBehindStore::Clear() {
  AwaitWritten().IgnoreError();  // what was refused is to go as well
  pending_.Clear();
  in_flight_.Clear();
  {
    const absl::MutexLock lock(&mutex_);
    refused_ = absl::OkStatus();
  }
  return store_->Clear();
}

void WriteBehindStore::Send() {
  {
    const absl::MutexLock lock(&mutex_);
    writing_ = true;
  }
  executor_.Post([this] { Write(); });
}

void WriteBehindStore::Write() const {
  for (const Row& row : in_flight_.rows) {
    if (row.value) {
      store_->Put(row.key, *row.value);
    } else {
      store_->Delete(row.key);
    }
  }
  absl::Status written = store_->Commit();
  const absl::MutexLock lock(&mutex_);
  refused_ = std::move(written);
  writing_ = false;
}

absl::Status WriteBehindStore::AwaitWritten() const {
  const absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &WriteBehindStore::Settled));
  return refused_;
}

}  // namespace holdfast::eventsourcing
