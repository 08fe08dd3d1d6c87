// What metrics keeps of a site: its baseline, the marks on its series, its mirror; and the periods
// that were closed.
#pragma once

#include <string_view>
#include <variant>

#include "holdfast/metrics/v1/events.pb.h"
#include "holdfast/metrics/v1/rows.pb.h"

#include "readmodel/view.h"

namespace holdfast::metrics {

struct BaselinePage {
  static constexpr std::string_view kName = "baseline_page@1";
  using Row = v1::BaselineRow;
  using Event = std::variant<v1::ComparatorsChosen, v1::BaselineLocked, v1::BaselineSuperseded>;

  static RowKeys Key(const auto&, const EventMeta& meta) { return meta.stream_id; }
  static void Apply(Row&, const v1::ComparatorsChosen&, const EventMeta&);
  static void Apply(Row&, const v1::BaselineLocked&, const EventMeta&);
  static void Apply(Row&, const v1::BaselineSuperseded&, const EventMeta&);
};
static_assert(View<BaselinePage>);

struct SeriesMarksPage {
  static constexpr std::string_view kName = "series_marks@1";
  using Row = v1::SeriesRow;
  using Event = std::variant<v1::PhaseMarked, v1::BreakMarked, v1::BreakWithdrawn>;

  static RowKeys Key(const auto&, const EventMeta& meta) { return meta.stream_id; }
  static void Apply(Row&, const v1::PhaseMarked&, const EventMeta&);
  static void Apply(Row&, const v1::BreakMarked&, const EventMeta&);
  static void Apply(Row&, const v1::BreakWithdrawn&, const EventMeta&);
};
static_assert(View<SeriesMarksPage>);

struct MirrorPage {
  static constexpr std::string_view kName = "mirror_page@1";
  using Row = v1::MirrorRow;
  using Event = std::variant<v1::SiteMirrored, v1::MirrorAgencySignedUp, v1::MirrorAgencyWithdrew,
                             v1::MirrorDutyHeld, v1::MirrorDutyEnded, v1::MirrorPhase>;

  static RowKeys Key(const auto&, const EventMeta& meta) { return meta.stream_id; }
  static void Apply(Row&, const v1::SiteMirrored&, const EventMeta&);
  static void Apply(Row&, const v1::MirrorAgencySignedUp&, const EventMeta&);
  static void Apply(Row&, const v1::MirrorAgencyWithdrew&, const EventMeta&);
  static void Apply(Row&, const v1::MirrorDutyHeld&, const EventMeta&);
  static void Apply(Row&, const v1::MirrorDutyEnded&, const EventMeta&);
  static void Apply(Row&, const v1::MirrorPhase&, const EventMeta&);
};
static_assert(View<MirrorPage>);

// Key: the stream's id, "severity.2017H1.ward.2013".
struct PeriodList {
  static constexpr std::string_view kName = "period_list@1";
  using Row = v1::PeriodRow;
  using Event = std::variant<v1::PeriodClosed, v1::PeriodRestated>;

  static RowKeys Key(const auto&, const EventMeta& meta) { return meta.stream_id; }
  static void Apply(Row&, const v1::PeriodClosed&, const EventMeta&);
  static void Apply(Row&, const v1::PeriodRestated&, const EventMeta&);
};
static_assert(View<PeriodList>);

}  // namespace holdfast::metrics
