#include "simulated_disk.h"

#include <algorithm>

#include "base/status_macros.h"

namespace holdfast::simulation {
namespace {

constexpr std::size_t kUnsyncedAtMost = 8;

using Changes = std::vector<std::pair<Volume::Key, std::optional<std::string>>>;
using Entries = std::map<Volume::Key, std::string, std::less<>>;

absl::Status WriteTo(Volume& volume, Changes changes) {
  if (volume.full) return absl::UnavailableError("no space left on the simulated disk");
  volume.Write(std::move(changes));
  return absl::OkStatus();
}

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
  absl::Status Commit() override { return WriteTo(*volume_, std::exchange(pending_, {})); }
  absl::Status Clear() override {
    pending_.clear();
    volume_->Clear();
    return absl::OkStatus();
  }

 private:
  std::shared_ptr<Volume> volume_;
  Changes pending_;
};

// A family is a prefix; that there is one is an entry of its own.
std::string InFamily(std::string_view family, std::string_view key) {
  std::string full(family);
  full.push_back('\0');
  full.append(key);
  return full;
}
std::string NameOfFamily(std::string_view family) {
  return InFamily("", family);
}

absl::Status Readable(const Volume& volume) {
  return volume.unreadable ? absl::UnavailableError("the simulated disk cannot be read")
                           : absl::OkStatus();
}

class VolumeSnapshot final : public readmodel::RowSnapshot {
 public:
  explicit VolumeSnapshot(std::shared_ptr<const Volume> volume)
      : volume_(std::move(volume)), entries_(volume_->entries()) {}

  absl::StatusOr<std::optional<std::string>> Get(std::string_view family,
                                                 std::string_view key) const override {
    RETURN_IF_ERROR(Readable(*volume_));
    const auto found = entries_.find(InFamily(family, key));
    if (found == entries_.end()) return std::nullopt;
    return found->second;
  }
  absl::Status Scan(
      std::string_view family, std::string_view prefix, std::optional<std::string_view> after,
      absl::FunctionRef<bool(std::string_view, std::string_view)> each) const override {
    RETURN_IF_ERROR(Readable(*volume_));
    const std::string start = InFamily(family, prefix);
    auto at = after && *after >= prefix ? entries_.upper_bound(InFamily(family, *after))
                                        : entries_.lower_bound(start);
    for (; at != entries_.end() && at->first.starts_with(start); ++at) {
      if (!each(std::string_view(at->first).substr(family.size() + 1), at->second)) break;
    }
    return absl::OkStatus();
  }

 private:
  const std::shared_ptr<const Volume> volume_;
  const Entries entries_;
};

class VolumeRows final : public readmodel::RowStore {
 public:
  explicit VolumeRows(std::shared_ptr<Volume> volume) : volume_(std::move(volume)) {}

  absl::StatusOr<std::optional<std::string>> Get(std::string_view family,
                                                 std::string_view key) const override {
    RETURN_IF_ERROR(Readable(*volume_));
    const auto found = volume_->entries().find(InFamily(family, key));
    if (found == volume_->entries().end()) return std::nullopt;
    return found->second;
  }
  std::unique_ptr<readmodel::RowSnapshot> TakeSnapshot() const override {
    return std::make_unique<VolumeSnapshot>(volume_);
  }
  void Put(std::string_view family, std::string_view key, std::string_view value) override {
    pending_.emplace_back(InFamily(family, key), std::string(value));
  }
  void Delete(std::string_view family, std::string_view key) override {
    pending_.emplace_back(InFamily(family, key), std::nullopt);
  }
  absl::Status Commit() override { return WriteTo(*volume_, std::exchange(pending_, {})); }

  std::vector<std::string> Families() const override {
    std::vector<std::string> families;
    const std::string start = NameOfFamily("");
    for (auto at = volume_->entries().lower_bound(start);
         at != volume_->entries().end() && at->first.starts_with(start); ++at)
      families.push_back(at->first.substr(start.size()));
    return families;
  }
  absl::Status CreateFamily(std::string_view family) override {
    return WriteTo(*volume_, {{NameOfFamily(family), ""}});
  }
  absl::Status DropFamily(std::string_view family) override {
    Changes changes = {{NameOfFamily(family), std::nullopt}};
    const std::string start = InFamily(family, "");
    for (auto at = volume_->entries().lower_bound(start);
         at != volume_->entries().end() && at->first.starts_with(start); ++at)
      changes.emplace_back(at->first, std::nullopt);
    return WriteTo(*volume_, std::move(changes));
  }
  absl::Status Ingest(std::string_view family,
                      absl::FunctionRef<bool(std::string&, std::string&)> next) override {
    Changes changes;
    std::string key;
    std::string value;
    while (next(key, value)) changes.emplace_back(InFamily(family, key), value);
    return WriteTo(*volume_, std::move(changes));
  }

 private:
  const std::shared_ptr<Volume> volume_;
  Changes pending_;
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

absl::StatusOr<std::unique_ptr<readmodel::RowStore>> OpenRowsOn(std::shared_ptr<Volume> volume,
                                                                std::string_view family) {
  RETURN_IF_ERROR(Readable(*volume));
  auto rows = std::make_unique<VolumeRows>(std::move(volume));
  const std::vector<std::string> families = rows->Families();
  if (std::find(families.begin(), families.end(), family) == families.end())
    RETURN_IF_ERROR(rows->CreateFamily(family));
  return rows;
}

}  // namespace holdfast::simulation
