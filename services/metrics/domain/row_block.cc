#include "metrics/domain/row_block.h"

#include <cstddef>

namespace holdfast::metrics {
namespace {

template <class Column>
bool Fits(const Column& column, std::uint32_t rows, std::uint64_t limit) {
  const auto size = static_cast<std::uint32_t>(column.size());
  if (size > 1 && size != rows) return false;
  for (const auto entry : column) {
    if (entry >= limit) return false;
  }
  return true;
}

bool PlacesFit(const v1::RowBlock& block, int area_sets, std::uint64_t texts) {
  for (const auto& place : block.places()) {
    if (place.location() >= texts || place.lsoa_code() >= texts || place.lsoa_name() >= texts) {
      return false;
    }
    if (place.area_size() != area_sets || place.method_size() != area_sets) return false;
    for (const auto area : place.area()) {
      if (area >= texts) return false;
    }
  }
  return true;
}

bool IdsFit(const v1::RowBlock& block, std::uint64_t texts) {
  if (!Fits(block.id(), block.rows(), texts + 1)) return false;
  std::size_t hashed = 0;
  for (std::uint32_t i = 0; i < block.rows(); ++i) {
    if (ColumnAt(block.id(), static_cast<int>(i)) == 1) ++hashed;
  }
  return block.ids().size() == hashed * 32;
}

bool IsWellFormed(const v1::RowChanges& changes, int sets) {
  return changes.from().rows() == changes.to().rows() &&
         metrics::IsWellFormed(changes.from(), sets) && metrics::IsWellFormed(changes.to(), sets);
}

}  // namespace

bool IsWellFormed(const v1::RowBlock& block, int area_sets) {
  const std::uint32_t rows = block.rows();
  const std::uint64_t texts = static_cast<std::uint64_t>(block.texts_size()) + 1;
  if (rows > 0 && block.place().empty()) return false;
  return Fits(block.place(), rows, static_cast<std::uint64_t>(block.places_size())) &&
         Fits(block.category(), rows, texts) && Fits(block.outcome(), rows, texts) &&
         Fits(block.reported_by(), rows, texts) && Fits(block.falls_within(), rows, texts) &&
         Fits(block.note(), rows, texts) && Fits(block.count(), rows, std::uint64_t{1} << 40U) &&
         IdsFit(block, texts) && PlacesFit(block, area_sets, texts);
}

bool IsWellFormed(const v1::RowsStaged& staged) {
  const int sets = staged.area_sets_size();
  const auto is_digest = [](const std::string& d) { return d.empty() || d.size() == 32; };
  return IsWellFormed(staged.recorded(), sets) && IsWellFormed(staged.cancelled(), sets) &&
         IsWellFormed(staged.reclassified(), sets) &&
         IsWellFormed(staged.outcome_changed(), sets) && IsWellFormed(staged.relocated(), sets) &&
         IsWellFormed(staged.resolved(), staged.resolved_sets_size()) &&
         is_digest(staged.digest_added()) && is_digest(staged.digest_removed());
}

}  // namespace holdfast::metrics
