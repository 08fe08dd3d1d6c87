#include "metrics/domain/series.h"

#include <algorithm>
#include <tuple>

namespace holdfast::metrics {
namespace {

using Refusal = v1::Refusal;

auto Order(const type::v1::Day& day) {
  return std::tuple(day.year(), day.month(), day.day());
}

template <class Marks, class Same>
auto FindMark(Marks& marks, Same same) {
  return std::find_if(marks.begin(), marks.end(), same);
}

}  // namespace

// What the command does not tell stays as it was; a first day comes with the last one or with none,
// a last day alone closes the episode.
SeriesMarks::Decision SeriesMarks::Decide(const State& now, const v1::MarkPhase& command,
                                          const DecisionContext&) {
  const auto known = FindMark(now.phases(), [&](const v1::PhaseMarked& phase) {
    return phase.episode_id() == command.episode_id();
  });
  v1::PhaseMarked marked;
  if (known != now.phases().end()) marked = *known;
  marked.set_site_id(command.site_id());
  marked.set_episode_id(command.episode_id());
  if (!command.phase().empty()) marked.set_phase(command.phase());
  if (!command.zone().empty()) marked.set_zone(command.zone());
  if (command.has_from()) {
    *marked.mutable_from() = command.from();
    marked.clear_to();
  }
  if (command.has_to()) *marked.mutable_to() = command.to();
  if (command.recorded_afterwards()) marked.set_recorded_afterwards(true);
  if (marked.has_to() && Order(marked.to()) < Order(marked.from())) {
    return Refuse(Refusal::DATE_ORDER, "to");
  }
  if (known != now.phases().end() && known->SerializeAsString() == marked.SerializeAsString()) {
    return {};
  }
  return marked;
}

SeriesMarks::Decision SeriesMarks::Decide(const State& now, const v1::MarkBreak& command,
                                          const DecisionContext&) {
  if (command.has_to() && Order(command.to()) < Order(command.from())) {
    return Refuse(Refusal::DATE_ORDER, "to");
  }
  v1::BreakMarked marked;
  marked.set_break_id(command.break_id());
  marked.set_kind(command.kind());
  *marked.mutable_from() = command.from();
  if (command.has_to()) *marked.mutable_to() = command.to();
  *marked.mutable_measures() = command.measures();
  marked.set_text(command.text());
  const auto known = FindMark(now.breaks(), [&](const v1::BreakMarked& mark) {
    return mark.break_id() == command.break_id();
  });
  if (known == now.breaks().end()) return marked;
  if (known->SerializeAsString() == marked.SerializeAsString()) return {};
  return Refuse(Refusal::CONTENT_DIFFERS, "break_id");
}

SeriesMarks::Decision SeriesMarks::Decide(const State& now, const v1::WithdrawBreak& command,
                                          const DecisionContext&) {
  const auto known = FindMark(now.breaks(), [&](const v1::BreakMarked& mark) {
    return mark.break_id() == command.break_id();
  });
  if (known == now.breaks().end()) return Refuse(Refusal::UNKNOWN_BREAK, "break_id");
  v1::BreakWithdrawn withdrawn;
  withdrawn.set_break_id(command.break_id());
  withdrawn.set_reason(command.reason());
  return withdrawn;
}

void SeriesMarks::Evolve(State& state, const v1::PhaseMarked& event) {
  auto& phases = *state.mutable_phases();
  const auto known = FindMark(phases, [&](const v1::PhaseMarked& phase) {
    return phase.episode_id() == event.episode_id();
  });
  if (known != phases.end()) {
    *known = event;
  } else {
    *phases.Add() = event;
  }
}

void SeriesMarks::Evolve(State& state, const v1::BreakMarked& event) {
  *state.add_breaks() = event;
}

void SeriesMarks::Evolve(State& state, const v1::BreakWithdrawn& event) {
  auto& breaks = *state.mutable_breaks();
  const auto known = FindMark(
      breaks, [&](const v1::BreakMarked& mark) { return mark.break_id() == event.break_id(); });
  if (known != breaks.end()) breaks.erase(known);
}

}  // namespace holdfast::metrics
