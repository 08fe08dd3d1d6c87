#include "projection/views/metrics/measures_board.h"

#include <algorithm>

#include "base/civil_time.h"

namespace holdfast::projection {

namespace v1 = metrics::v1;

void MeasuresBoard::Apply(Row& row, const v1::BaselineLocked& event, const EventMeta& meta) {
  row.set_site_id(std::string(meta.stream_id));
  auto* baseline = row.add_baselines();
  baseline->set_number(event.number());
  *baseline->mutable_from() = event.window().from();
  *baseline->mutable_to() = event.window().to();
  baseline->set_retrospective(event.retrospective());
  *baseline->mutable_gates() = event.gates();
  *baseline->mutable_waived() = event.waived();
  *baseline->mutable_caveats() = event.caveats();
  *baseline->mutable_measures() = event.measures();
  *baseline->mutable_values() = event.values();
  *baseline->mutable_detectable_fall_percent() = event.detectable_fall_percent();
  *baseline->mutable_comparators() = event.comparators();
  *baseline->mutable_displacement_zone() = event.displacement_zone();
  baseline->set_digest(event.digest());
  const absl::CivilDay day = LondonDay(meta.recorded_at);
  baseline->mutable_locked_on()->set_year(static_cast<std::int32_t>(day.year()));
  baseline->mutable_locked_on()->set_month(day.month());
  baseline->mutable_locked_on()->set_day(day.day());
}

void MeasuresBoard::Apply(Row& row, const v1::BaselineSuperseded& event, const EventMeta&) {
  for (auto& baseline : *row.mutable_baselines()) {
    if (baseline.number() != event.number()) continue;
    baseline.set_superseded(true);
    baseline.set_superseded_reason(event.reason());
  }
}

void MeasuresBoard::Apply(Row& row, const v1::BreakMarked& event, const EventMeta& meta) {
  row.set_site_id(std::string(meta.stream_id));
  auto* marked = row.add_breaks();
  marked->set_break_id(event.break_id());
  marked->set_kind(event.kind());
  *marked->mutable_from() = event.from();
  if (event.has_to()) *marked->mutable_to() = event.to();
  *marked->mutable_measures() = event.measures();
  marked->set_text(event.text());
}

void MeasuresBoard::Apply(Row& row, const v1::BreakWithdrawn& event, const EventMeta&) {
  auto& breaks = *row.mutable_breaks();
  breaks.erase(std::remove_if(
                   breaks.begin(), breaks.end(),
                   [&event](const auto& marked) { return marked.break_id() == event.break_id(); }),
               breaks.end());
}

}  // namespace holdfast::projection
