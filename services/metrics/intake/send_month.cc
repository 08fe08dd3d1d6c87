// The commands of one month: what changed, cut into pieces.

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "metrics/domain/extract.h"
#include "metrics/intake/block_writer.h"
#include "metrics/intake/import_job.h"

namespace holdfast::metrics {
namespace {

enum class LineKind {
  kResolved,
  kRecorded,
  kCancelled,
  kReclassified,
  kOutcomeChanged,
  kRelocated,
  kMoved,  // the same crime at the same place, which is in another area now
};

struct Line {
  LineKind kind;
  std::uint32_t before = 0;
  std::uint32_t after = 0;
};

// The rows of the base that stay as they are.
std::vector<std::uint32_t> Unchanged(const ingest::RowChanges& changes, std::size_t held) {
  std::vector<bool> changed(held, false);
  for (const std::uint32_t i : changes.cancelled) changed[i] = true;
  for (const auto* pairs : {&changes.reclassified, &changes.outcome_changed, &changes.relocated}) {
    for (const auto& pair : *pairs) changed[pair.before] = true;
  }
  std::vector<std::uint32_t> unchanged;
  for (std::uint32_t i = 0; i < held; ++i) {
    if (!changed[i]) unchanged.push_back(i);
  }
  return unchanged;
}

bool LiesElsewhere(std::uint32_t place, PlaceAreas& before, PlaceAreas& now) {
  for (std::size_t set = 0; set < now.sets(); ++set) {
    if (before.Of(place, set).code != now.Of(place, set).code) return true;
  }
  return false;
}

std::vector<Line> LinesOf(const ingest::RowChanges& changes, std::size_t held, bool resolve) {
  std::vector<Line> lines;
  if (resolve) {
    for (std::uint32_t i = 0; i < held; ++i) lines.push_back({LineKind::kResolved, i, 0});
  }
  for (const std::uint32_t i : changes.recorded) lines.push_back({LineKind::kRecorded, 0, i});
  for (const std::uint32_t i : changes.cancelled) lines.push_back({LineKind::kCancelled, i, 0});
  for (const auto& pair : changes.reclassified) {
    lines.push_back({LineKind::kReclassified, pair.before, pair.after});
  }
  for (const auto& pair : changes.outcome_changed) {
    lines.push_back({LineKind::kOutcomeChanged, pair.before, pair.after});
  }
  for (const auto& pair : changes.relocated) {
    lines.push_back({LineKind::kRelocated, pair.before, pair.after});
  }
  return lines;
}

// Whether a line belongs into the block of a kind.
bool IsOf(LineKind line, LineKind block) {
  return line == block || (line == LineKind::kMoved && block == LineKind::kRelocated);
}

// How the rows of a month are placed: those of the base as they were, all as they are now, and
// those of the base in sets that are new to it.
struct Placing {
  PlaceAreas before;
  PlaceAreas now;
  PlaceAreas first;
};

// Writes the rows of one kind, of the lines of a piece, into a block.
class PieceWriter {
 public:
  PieceWriter(Delivery& delivery, const std::vector<RowStore::Row>& held, Placing& placing)
      : delivery_(delivery),
        held_(held),
        before_(*delivery.store, placing.before),
        now_(*delivery.store, placing.now),
        first_(*delivery.store, placing.first) {}

  void Before(std::span<const Line> lines, LineKind kind, v1::RowBlock& block) {
    Write(kind == LineKind::kResolved ? first_ : before_, lines, kind, block,
          [this](const Line& line) -> const RowStore::Row& { return held_[line.before]; });
  }
  void After(std::span<const Line> lines, LineKind kind, v1::RowBlock& block) {
    Write(now_, lines, kind, block, [this](const Line& line) -> const RowStore::Row& {
      return line.kind == LineKind::kMoved ? held_[line.before] : delivery_.rows[line.after];
    });
  }

 private:
  template <class RowOf>
  static void Write(BlockWriter& writer, std::span<const Line> lines, LineKind kind,
                    v1::RowBlock& block, RowOf row_of) {
    writer.Begin(block);
    for (const Line& line : lines) {
      if (IsOf(line.kind, kind)) writer.Add(row_of(line));
    }
    writer.End();
  }

  Delivery& delivery_;
  const std::vector<RowStore::Row>& held_;
  BlockWriter before_;
  BlockWriter now_;
  BlockWriter first_;
};

bool HasAfter(LineKind kind) {
  return kind != LineKind::kResolved && kind != LineKind::kCancelled && kind != LineKind::kMoved;
}
bool HasBefore(LineKind kind) {
  return kind != LineKind::kResolved && kind != LineKind::kRecorded;
}

void FillPiece(std::span<const Line> lines, PieceWriter& writer, v1::RowsStaged& staged) {
  const auto has = [&](LineKind kind) {
    return std::ranges::any_of(lines, [kind](const Line& line) { return IsOf(line.kind, kind); });
  };
  const auto pairs = [&](LineKind kind, v1::RowChanges& changes) {
    writer.Before(lines, kind, *changes.mutable_from());
    writer.After(lines, kind, *changes.mutable_to());
  };
  if (has(LineKind::kResolved)) {
    writer.Before(lines, LineKind::kResolved, *staged.mutable_resolved());
  }
  if (has(LineKind::kRecorded)) {
    writer.After(lines, LineKind::kRecorded, *staged.mutable_recorded());
  }
  if (has(LineKind::kCancelled)) {
    writer.Before(lines, LineKind::kCancelled, *staged.mutable_cancelled());
  }
  if (has(LineKind::kReclassified)) {
    pairs(LineKind::kReclassified, *staged.mutable_reclassified());
  }
  if (has(LineKind::kOutcomeChanged)) {
    pairs(LineKind::kOutcomeChanged, *staged.mutable_outcome_changed());
  }
  if (has(LineKind::kRelocated)) pairs(LineKind::kRelocated, *staged.mutable_relocated());
}

// Of the rows that the piece adds to those that count, and of those that it takes out.
void DigestPiece(std::span<const Line> piece, const Delivery& delivery,
                 const std::vector<RowStore::Row>& held, ingest::RowDigester& digester,
                 v1::RowsStaged& staged) {
  ingest::MultisetDigest added;
  ingest::MultisetDigest removed;
  for (const Line& line : piece) {
    if (HasAfter(line.kind)) added.Add(delivery.contents[line.after]);
    if (!HasBefore(line.kind)) continue;
    const Hash content = ContentOf(delivery, held[line.before], digester);
    removed.Add(content);
    if (line.kind == LineKind::kMoved) added.Add(content);
  }
  staged.set_digest_added(std::string(AsBytes(added.ToHash())));
  staged.set_digest_removed(std::string(AsBytes(removed.ToHash())));
}

}  // namespace

void NameSets(const AreaResolver& resolver, const std::vector<std::size_t>& sets,
              v1::OpenExtract& open) {
  for (const std::size_t set : sets) {
    *open.add_area_sets() = resolver.sets()[set];
    open.add_area_set_versions(resolver.version(set));
  }
}

bool ResolvedBy(const v1::ExtractOpened& opened, const AreaResolver& resolver,
                const std::vector<std::size_t>& sets) {
  if (static_cast<std::size_t>(opened.area_sets_size()) != sets.size()) return false;
  for (int i = 0; i < opened.area_sets_size(); ++i) {
    const std::size_t set = sets[static_cast<std::size_t>(i)];
    const std::uint32_t version =
        i < opened.area_set_versions_size() ? opened.area_set_versions(i) : 1;
    if (SetKey(opened.area_sets(i)) != SetKey(resolver.sets()[set])) return false;
    if (version != resolver.version(set)) return false;
  }
  return true;
}

void SendAbandon(app::CallContext& call, const v1::ExtractOpened& opened) {
  auto abandon = std::make_unique<v1::AbandonExtract>();
  abandon->set_extract_id(ExtractId(opened.dataset_id(), opened.month()));
  abandon->set_revision(opened.revision());
  abandon->set_reason("Areas were loaded while it was interrupted; it starts anew.");
  std::string step = absl::StrCat(abandon->extract_id(), "/", opened.revision(), "/abandon");
  call.Start({std::move(abandon), std::move(step)});
}

std::size_t SendMonth(app::CallContext& call, Delivery& delivery, AreaResolver& resolver,
                      const MonthChange& change, const std::vector<RowStore::Row>& held,
                      const ingest::RowChanges& changes, const std::vector<std::size_t>& sets,
                      const std::vector<std::size_t>& new_sets) {
  const std::string& id = change.open.extract_id();
  const std::string step = absl::StrCat(id, "/", change.open.revision(), "/");
  Placing placing{PlaceAreas(*delivery.store, resolver, sets, &delivery.held_areas),
                  PlaceAreas(*delivery.store, resolver, sets),
                  PlaceAreas(*delivery.store, resolver, new_sets)};
  std::vector<Line> lines = LinesOf(changes, held.size(), !new_sets.empty());
  std::size_t placed = new_sets.empty() ? 0 : held.size();
  for (const std::uint32_t i : Unchanged(changes, held.size())) {
    if (!LiesElsewhere(held[i].place, placing.before, placing.now)) continue;
    lines.push_back({LineKind::kMoved, i, 0});
    if (new_sets.empty()) ++placed;
  }
  if (change.open.mode() == v1::Extract::RELOCATION && placed == 0) return 0;
  call.Start({std::make_unique<v1::OpenExtract>(change.open), step + "open"});

  PieceWriter writer(delivery, held, placing);
  ingest::RowDigester digester(DatasetKey(call.reader().tenant(), delivery.dataset.id));
  std::uint32_t seq = 0;
  for (std::size_t at = 0; at < lines.size(); at += Extract::kMaxRowsStaged, ++seq) {
    if (seq < change.first_seq) continue;
    const std::span<const Line> piece(
        lines.data() + at, std::min<std::size_t>(Extract::kMaxRowsStaged, lines.size() - at));
    auto stage = std::make_unique<v1::StageRows>();
    stage->set_extract_id(id);
    v1::RowsStaged& staged = *stage->mutable_rows();
    staged.set_revision(change.open.revision());
    staged.set_seq(seq);
    for (std::size_t i = 0; i < placing.now.sets(); ++i) {
      *staged.add_area_sets() = placing.now.set(i);
    }
    for (std::size_t i = 0; i < placing.first.sets(); ++i) {
      *staged.add_resolved_sets() = placing.first.set(i);
    }
    FillPiece(piece, writer, staged);
    DigestPiece(piece, delivery, held, digester, staged);
    call.Start({std::move(stage), absl::StrCat(step, "stage/", seq)});
  }
  auto accept = std::make_unique<v1::AcceptExtract>();
  accept->set_extract_id(id);
  accept->set_revision(change.open.revision());
  call.Start({std::move(accept), step + "accept"});
  return placed;
}

}  // namespace holdfast::metrics
