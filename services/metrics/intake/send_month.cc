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
  kRelocated
};

struct Line {
  LineKind kind;
  std::uint32_t before = 0;
  std::uint32_t after = 0;
};

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

// Writes the rows of one kind, of the lines of a piece, into a block.
class PieceWriter {
 public:
  PieceWriter(Delivery& delivery, const std::vector<RowStore::Row>& held, PlaceAreas& areas,
              PlaceAreas& new_areas)
      : delivery_(delivery),
        held_(held),
        writer_(*delivery.store, areas),
        new_writer_(*delivery.store, new_areas) {}

  void Before(std::span<const Line> lines, LineKind kind, v1::RowBlock& block) {
    Write(kind == LineKind::kResolved ? new_writer_ : writer_, lines, kind, block,
          [this](const Line& line) -> const RowStore::Row& { return held_[line.before]; });
  }
  void After(std::span<const Line> lines, LineKind kind, v1::RowBlock& block) {
    Write(writer_, lines, kind, block,
          [this](const Line& line) -> const RowStore::Row& { return delivery_.rows[line.after]; });
  }

 private:
  template <class RowOf>
  static void Write(BlockWriter& writer, std::span<const Line> lines, LineKind kind,
                    v1::RowBlock& block, RowOf row_of) {
    writer.Begin(block);
    for (const Line& line : lines) {
      if (line.kind == kind) writer.Add(row_of(line));
    }
    writer.End();
  }

  Delivery& delivery_;
  const std::vector<RowStore::Row>& held_;
  BlockWriter writer_;
  BlockWriter new_writer_;
};

bool HasAfter(LineKind kind) {
  return kind != LineKind::kResolved && kind != LineKind::kCancelled;
}
bool HasBefore(LineKind kind) {
  return kind != LineKind::kResolved && kind != LineKind::kRecorded;
}

void FillPiece(std::span<const Line> lines, PieceWriter& writer, v1::RowsStaged& staged) {
  const auto has = [&](LineKind kind) {
    return std::ranges::any_of(lines, [kind](const Line& line) { return line.kind == kind; });
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

}  // namespace

void SendMonth(app::CallContext& call, Delivery& delivery, AreaResolver& resolver,
               const MonthChange& change, const std::vector<RowStore::Row>& held,
               const ingest::RowChanges& changes, const std::vector<std::size_t>& sets,
               const std::vector<std::size_t>& new_sets) {
  const std::string& id = change.open.extract_id();
  const std::string step = absl::StrCat(id, "/", change.open.revision(), "/");
  call.Start({std::make_unique<v1::OpenExtract>(change.open), step + "open"});

  PlaceAreas areas(*delivery.store, resolver, sets);
  PlaceAreas new_areas(*delivery.store, resolver, new_sets);
  PieceWriter writer(delivery, held, areas, new_areas);
  ingest::RowDigester digester(DatasetKey(call.reader().tenant(), delivery.dataset.id));
  const std::vector<Line> lines = LinesOf(changes, held.size(), !new_sets.empty());
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
    for (std::size_t i = 0; i < areas.sets(); ++i) *staged.add_area_sets() = areas.set(i);
    for (std::size_t i = 0; i < new_areas.sets(); ++i) {
      *staged.add_resolved_sets() = new_areas.set(i);
    }
    FillPiece(piece, writer, staged);
    ingest::MultisetDigest added;
    ingest::MultisetDigest removed;
    for (const Line& line : piece) {
      if (HasAfter(line.kind)) added.Add(delivery.contents[line.after]);
      if (HasBefore(line.kind)) removed.Add(ContentOf(delivery, held[line.before], digester));
    }
    staged.set_digest_added(std::string(AsBytes(added.ToHash())));
    staged.set_digest_removed(std::string(AsBytes(removed.ToHash())));
    call.Start({std::move(stage), absl::StrCat(step, "stage/", seq)});
  }
  auto accept = std::make_unique<v1::AcceptExtract>();
  accept->set_extract_id(id);
  accept->set_revision(change.open.revision());
  call.Start({std::move(accept), step + "accept"});
}

}  // namespace holdfast::metrics
