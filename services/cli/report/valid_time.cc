#include "cli/report/valid_time.h"

#include <algorithm>
#include <tuple>

#include "cli/report/words.h"

namespace holdfast::cli::report {
namespace {

constexpr int kMostPeriods = 40;
constexpr int kMostMonths = 12;

bool IsAfter(const type::v1::Day& day, absl::CivilDay limit) {
  return ToCivil(day) > limit;
}

template <class Spans>
void CutSpans(Spans& spans, absl::CivilDay day) {
  for (int i = spans.size() - 1; i >= 0; --i) {
    auto& span = spans[i];
    if (span.has_to() && IsAfter(span.to(), day)) span.clear_to();
    if (span.has_from() && IsAfter(span.from(), day)) spans.DeleteSubrange(i, 1);
  }
}

// Work before the open one, latest last.
bool IsBefore(const board::v1::PhaseBand& a, const board::v1::PhaseBand& b) {
  const auto key = [](const board::v1::PhaseBand& band) {
    return std::tuple(band.phase() != initiative::v1::Phase::PREPARE, !band.has_to(),
                      ToCivil(band.from()), band.episode());
  };
  return key(a) < key(b);
}

}  // namespace

absl::CivilMonth LastEndedMonth(absl::CivilDay day) {
  const absl::CivilMonth month(day);
  return absl::CivilMonth(day + 1) > month ? month : month - 1;
}

board::v1::SiteBoard CutTo(board::v1::SiteBoard board, absl::CivilDay day) {
  CutSpans(*board.mutable_site()->mutable_phases(), day);
  CutSpans(*board.mutable_breaks(), day);
  if (board.site().has_closed_on() && IsAfter(board.site().closed_on(), day))
    board.mutable_site()->clear_closed_on();
  const absl::CivilMonth last = LastEndedMonth(day);
  for (auto& dataset : *board.mutable_datasets()) {
    auto& months = *dataset.mutable_months();
    while (!months.empty() && ToCivil(months[months.size() - 1].month()) > last)
      months.RemoveLast();
  }
  return board;
}

std::vector<HalfYear> EndedHalfYears(const MonthSpan& span, absl::CivilDay day) {
  const absl::CivilMonth last = std::min(span.last, LastEndedMonth(day));
  std::vector<HalfYear> halves;
  for (HalfYear half = HalfYearOf(span.first); half.End() - 1 <= last; half = half.Next())
    halves.push_back(half);
  if (halves.size() > kMostPeriods) halves.erase(halves.begin(), halves.end() - kMostPeriods);
  return halves;
}

std::optional<ComparedPhase> PhaseToCompare(const board::v1::SiteBoard& board,
                                            const MonthSpan& covered) {
  const auto& phases = board.site().phases();
  const auto found = std::max_element(phases.begin(), phases.end(), IsBefore);
  if (found == phases.end()) return std::nullopt;
  ComparedPhase compared{*found, std::nullopt, false};
  const absl::CivilDay from = ToCivil(found->from());
  absl::CivilMonth first(from);
  if (from.day() > 1) ++first;
  absl::CivilMonth last = covered.last;
  if (found->has_to()) last = std::min(last, LastEndedMonth(ToCivil(found->to())));
  if (first > last) return compared;
  if (last - first >= kMostMonths) {
    first = last - (kMostMonths - 1);
    compared.shortened = true;
  }
  compared.months = MonthSpan{first, last};
  return compared;
}

}  // namespace holdfast::cli::report
