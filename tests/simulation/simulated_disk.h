// The disk of one node: state stores whose unsynced writes a crash may take back, whole ones,
// latest first; which may be lost altogether, or refuse to be written.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "eventsourcing/state_store.h"

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

 private:
  std::map<Key, std::string, std::less<>> entries_;
  std::vector<std::vector<std::pair<Key, std::optional<std::string>>>> undo_;
};

std::unique_ptr<eventsourcing::StateStore> OpenOn(std::shared_ptr<Volume> volume);

}  // namespace holdfast::simulation
