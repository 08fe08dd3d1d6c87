// The disk of one node: stores of states and of rows whose unsynced writes a crash may take back,
// whole ones, latest first; which may be lost altogether, or refuse to be written or read.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "eventsourcing/state_store.h"
#include "readmodel/row_store.h"

namespace holdfast::simulation {

// The bytes of one store. Outlives its users.
class Volume {
 public:
  using Key = std::string;
  void Write(std::vector<std::pair<Key, std::optional<std::string>>> batch);
  // Takes back the last `batches` writes.
  void Lose(std::size_t batches);
  void Clear();
  std::size_t unsynced() const { return undo_.size(); }
  const std::map<Key, std::string, std::less<>>& entries() const { return entries_; }
  bool full = false;
  bool unreadable = false;  // heeded by stores of rows

 private:
  std::map<Key, std::string, std::less<>> entries_;
  std::vector<std::vector<std::pair<Key, std::optional<std::string>>>> undo_;
};

std::unique_ptr<eventsourcing::StateStore> OpenOn(std::shared_ptr<Volume> volume);
// With `family` in it. kUnavailable where that cannot be read, or written.
absl::StatusOr<std::unique_ptr<readmodel::RowStore>> OpenRowsOn(std::shared_ptr<Volume> volume,
                                                                std::string_view family);

}  // namespace holdfast::simulation
