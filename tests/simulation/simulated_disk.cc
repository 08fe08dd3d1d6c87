#include "simulated_disk.h"

namespace holdfast::simulation {
namespace {

constexpr std::size_t kUnsyncedAtMost = 8;

class VolumeStore final : public eventsourcing::StateStore {
 public:
  explicit VolumeStore(std::shared_ptr<Volume> volume) : volume_(std::move(volume)) {}

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override {
    const auto found = volume_->entries().find(key);
    if (found == volume_->entries().end()) return std::nullopt;
    return found->second;
  }
  absl::Status Scan(
      std::string_view prefix,
      absl::FunctionRef<bool(std::string_view, std::string_view)> each) const override {
    for (auto it = volume_->entries().lower_bound(prefix);
         it != volume_->entries().end() && it->first.starts_with(prefix); ++it) {
      if (!each(it->first, it->second)) break;
    }
    return absl::OkStatus();
  }
  void Put(std::string_view key, std::string_view value) override {
    pending_.emplace_back(std::string(key), std::string(value));
  }
  void Delete(std::string_view key) override {
    pending_.emplace_back(std::string(key), std::nullopt);
  }
  absl::Status Commit() override {
    auto batch = std::exchange(pending_, {});
    if (volume_->full) return absl::UnavailableError("no space left on the simulated disk");
    volume_->Write(std::move(batch));
    return absl::OkStatus();
  }
  absl::Status Clear() override {
    pending_.clear();
    volume_->Clear();
    return absl::OkStatus();
  }

 private:
  std::shared_ptr<Volume> volume_;
  std::vector<std::pair<std::string, std::optional<std::string>>> pending_;
};

}  // namespace

void Volume::Write(std::vector<std::pair<Key, std::optional<std::string>>> batch) {
  std::vector<std::pair<Key, std::optional<std::string>>> undo;
  for (auto& [key, value] : batch) {
    const auto before = entries_.find(key);
    undo.emplace_back(
        key, before == entries_.end() ? std::nullopt : std::optional<std::string>(before->second));
    if (value) {
      entries_[key] = *std::move(value);
    } else {
      entries_.erase(key);
    }
  }
  undo_.push_back(std::move(undo));
  if (undo_.size() > kUnsyncedAtMost) undo_.erase(undo_.begin());
}

void Volume::Lose(std::size_t batches) {
  for (; batches > 0 && !undo_.empty(); --batches) {
    for (auto it = undo_.back().rbegin(); it != undo_.back().rend(); ++it) {
      if (it->second) {
        entries_[it->first] = *it->second;
      } else {
        entries_.erase(it->first);
      }
    }
    undo_.pop_back();
  }
}

void Volume::Clear() {
  entries_.clear();
  undo_.clear();
}

std::unique_ptr<eventsourcing::StateStore> OpenOn(std::shared_ptr<Volume> volume) {
  return std::make_unique<VolumeStore>(std::move(volume));
}

}  // namespace holdfast::simulation
