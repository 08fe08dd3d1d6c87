#include "eventsourcing/command_window.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/hash/hash.h"
#include "base/check.h"
#include "base/hash.h"
#include "base/status_macros.h"

namespace holdfast::eventsourcing {
namespace {

constexpr std::size_t kFirstSlots = 64;
constexpr std::size_t kIdBytes = sizeof(Uuid);

absl::Status NotReadable() {
  return absl::UnavailableError(
      "a stored receipt cannot be read: remove the state folder, and it is folded again from the "
      "journal");
}

}  // namespace

// --- The index.

std::uint32_t CommandIndex::HashOf(const Uuid& id) {
  const auto hash = static_cast<std::uint32_t>(absl::HashOf(id));
  return hash == 0 ? 1 : hash;
}

template <class At>
void CommandIndex::ForEach(const Uuid& id, std::uint64_t oldest, std::uint64_t end,
                           const At& at) const {
  if (slots_.empty() || end == 0) return;
  const std::uint32_t hash = HashOf(id);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = hash & mask; slots_[i].hash != 0; i = (i + 1) & mask) {
    if (slots_[i].hash != hash) continue;
    // Only the low half is kept: the youngest ordinal with these bits is meant.
    const std::uint64_t ordinal =
        end - 1 - (static_cast<std::uint32_t>(end - 1) - slots_[i].ordinal);
    if (ordinal < oldest || ordinal >= end) continue;
    if (!at(ordinal)) return;
  }
}

void CommandIndex::Add(const Uuid& id, std::uint64_t ordinal, std::uint64_t oldest) {
  if (4 * (used_ + 1) > 3 * slots_.size()) Grow(oldest, ordinal);
  Insert({HashOf(id), static_cast<std::uint32_t>(ordinal)});
}

void CommandIndex::Insert(Slot slot) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t i = slot.hash & mask;
  while (slots_[i].hash != 0) {
    if (slots_[i].hash == slot.hash && slots_[i].ordinal == slot.ordinal) return;
    i = (i + 1) & mask;
  }
  slots_[i] = slot;
  ++used_;
}

void CommandIndex::Grow(std::uint64_t oldest, std::uint64_t end) {
  const std::uint64_t count = end - oldest;
  const auto counts = [&](const Slot& slot) {
    const std::uint32_t back = static_cast<std::uint32_t>(end - 1) - slot.ordinal;
    return slot.hash != 0 && back < count;
  };
  const auto live = static_cast<std::size_t>(std::ranges::count_if(slots_, counts));
  std::size_t size = kFirstSlots;
  while (size < 2 * (live + 1)) size *= 2;
  const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(size));
  used_ = 0;
  for (const Slot& slot : old) {
    if (counts(slot)) Insert(slot);
  }
}

// --- The window.

std::uint64_t CommandWindow::Add(const Uuid& id, FirstReceipt receipt, std::uint64_t ticket) {
  const std::uint64_t ordinal = end();
  index_.Add(id, ordinal, oldest());
  lately_.push_back({id, std::move(receipt), ticket, false});
  return ordinal;
}

CommandWindow::Command& CommandWindow::At(std::uint64_t ordinal) {
  HOLDFAST_CHECK(ordinal >= lately_from_ && ordinal < end());
  return lately_[ordinal - lately_from_];
}

void CommandWindow::DropInFlight() {
  for (Command& command : lately_) command.dropped = command.dropped || command.ticket != 0;
  while (!lately_.empty() && lately_.back().dropped) lately_.pop_back();
}

absl::StatusOr<const CommandWindow::Command*> CommandWindow::Find(const StateStore& store,
                                                                  std::string_view tenant,
                                                                  const Uuid& id) {
  if (!loaded_) RETURN_IF_ERROR(Load(store, tenant));
  const Command* found = nullptr;
  absl::Status status;
  index_.ForEach(id, oldest(), end(), [&](std::uint64_t ordinal) {
    if (ordinal >= lately_from_) {
      const Command& command = At(ordinal);
      if (command.id == id && !command.dropped) found = &command;
    } else {
      const absl::StatusOr<bool> read = Read(store, tenant, ordinal, id);
      status = read.status();
      if (status.ok() && *read) found = &found_;
    }
    return found == nullptr && status.ok();
  });
  RETURN_IF_ERROR(status);
  return found;
}

// The ids of all chunks. Their ordinals go before those that were given since the start.
absl::Status CommandWindow::Load(const StateStore& store, std::string_view tenant) {
  std::deque<Chunk> chunks;
  std::vector<Uuid> ids;
  bool readable = true;
  const std::string prefix = layout::WindowPrefix(tenant);
  RETURN_IF_ERROR(store.Scan(prefix, [&](std::string_view key, std::string_view value) {
    const std::optional<layout::WindowRow> row = layout::ReadWindowRow(value);
    readable = key.size() == prefix.size() + 8 && row.has_value();
    if (!readable) return false;
    chunks.push_back(
        {ids.size(), ReadBigEndian64(key.substr(prefix.size())), row->last_recorded_at});
    for (std::size_t i = 0; i < row->size(); ++i) ids.push_back(row->id(i));
    return true;
  }));
  if (!readable) return NotReadable();
  const std::uint64_t first = lately_from_ - ids.size();
  for (Chunk& chunk : chunks) chunk.first += first;
  CommandIndex index;
  for (std::size_t i = 0; i < ids.size(); ++i) index.Add(ids[i], first + i, first);
  for (std::size_t i = 0; i < lately_.size(); ++i)
    index.Add(lately_[i].id, lately_from_ + i, first);
  index_ = std::move(index);
  chunks_ = std::move(chunks);
  loaded_ = true;
  return absl::OkStatus();
}

// True where the command with this ordinal has this id; then it is in found_.
absl::StatusOr<bool> CommandWindow::Read(const StateStore& store, std::string_view tenant,
                                         std::uint64_t ordinal, const Uuid& id) {
  const auto chunk = std::prev(std::ranges::upper_bound(chunks_, ordinal, {}, &Chunk::first));
  const std::size_t place = ordinal - chunk->first;
  ASSIGN_OR_RETURN(const std::optional<std::string> ids,
                   store.Get(layout::WindowKey(tenant, chunk->first_seq)));
  const std::optional<layout::WindowRow> row =
      ids ? layout::ReadWindowRow(*ids) : std::optional<layout::WindowRow>();
  if (!row || place >= row->size()) return NotReadable();
  if (row->id(place) != id) return false;
  ASSIGN_OR_RETURN(const std::optional<std::string> receipts,
                   store.Get(layout::ReceiptsKey(tenant, chunk->first_seq)));
  std::optional<FirstReceipt> receipt =
      receipts ? layout::ReadReceipt(*receipts, place) : std::optional<FirstReceipt>();
  if (!receipt) return NotReadable();
  found_ = {id, *std::move(receipt), 0, false};
  return true;
}

// How many, from the front, are not in flight.
std::size_t CommandWindow::Settled() const {
  const auto first = std::ranges::find_if(
      lately_, [](const Command& command) { return command.ticket != 0 && !command.dropped; });
  return static_cast<std::size_t>(first - lately_.begin());
}

absl::Status CommandWindow::Put(StateStore& store, std::string_view tenant,
                                std::uint64_t accepted_seq, absl::Time accepted_at) {
  if (!loaded_) RETURN_IF_ERROR(Load(store, tenant));
  put_.reset();
  put_commands_ = Settled();
  std::string ids = layout::BeginWindowRow(accepted_at);
  std::string receipts;
  ids.reserve(ids.size() + kIdBytes * put_commands_);
  for (std::size_t i = 0; i < put_commands_; ++i) {
    const Command& command = lately_[i];
    // A place is kept for what never was: numbers stay in step.
    ids.append(AsBytes(command.dropped ? Uuid{} : command.id));
    layout::AppendReceipt(receipts, command.receipt);
    if (!put_) put_ = Chunk{lately_from_, command.receipt.seq, accepted_at};
  }
  if (put_) {
    store.Put(layout::WindowKey(tenant, put_->first_seq), ids);
    store.Put(layout::ReceiptsKey(tenant, put_->first_seq), receipts);
  }
  ForgetOldest(store, tenant, accepted_seq, accepted_at);
  return absl::OkStatus();
}

// What no commit can be compared with any more, one chunk at a time.
void CommandWindow::ForgetOldest(StateStore& store, std::string_view tenant,
                                 std::uint64_t accepted_seq, absl::Time accepted_at) {
  forgetting_ = false;
  if (chunks_.size() < 2) return;
  const Chunk& oldest = chunks_.front();
  const std::uint64_t end_seq = chunks_[1].first_seq;
  if (accepted_seq < end_seq + kDedupeCommands) return;
  if (accepted_at - oldest.last_recorded_at < kDedupeAge) return;
  store.Delete(layout::WindowKey(tenant, oldest.first_seq));
  store.Delete(layout::ReceiptsKey(tenant, oldest.first_seq));
  forgetting_ = true;
}

void CommandWindow::Written() {
  if (std::exchange(forgetting_, false)) chunks_.pop_front();
  if (put_) chunks_.push_back(*std::exchange(put_, std::nullopt));
  lately_.erase(lately_.begin(), lately_.begin() + static_cast<std::ptrdiff_t>(put_commands_));
  lately_from_ += std::exchange(put_commands_, 0);
}

}  // namespace holdfast::eventsourcing
