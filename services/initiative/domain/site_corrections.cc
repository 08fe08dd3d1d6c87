// Corrections: a name written wrongly, the days of an episode. What was said before stays in the
// journal.
#include <algorithm>
#include <optional>
#include <utility>

#include "initiative/domain/site.h"
#include "initiative/domain/site_rules.h"

namespace holdfast::initiative {
namespace {

Site::Decision CorrectName(const v1::SiteState& now, const v1::CorrectSite& command) {
  if (command.name().empty()) return Refuse(v1::Refusal::REQUIRED, "name");
  if (command.name() == now.name()) return {};
  v1::SiteCorrected corrected;
  corrected.set_field("name");
  corrected.set_reason(command.reason());
  corrected.set_name(command.name());
  return corrected;
}

// What is wrong with the days in themselves.
std::optional<Site::Decision> FaultIn(const v1::CorrectSite::EpisodeDays& days,
                                      const v1::SiteState::Episode& episode,
                                      const v1::SiteState& now, const DecisionContext& context) {
  using Refusal = v1::Refusal;
  if (!days.has_opened_on()) return Refuse(Refusal::REQUIRED, "episode.opened_on");
  const absl::CivilDay from = ToDay(days.opened_on());
  if (from > context.today) return Refuse(Refusal::IN_FUTURE, "episode.opened_on");
  if (days.has_closed_on() != episode.has_closed_on()) {
    return episode.has_closed_on()
               ? Refuse(Refusal::REQUIRED, "episode.closed_on")
               : Refuse(Refusal::WRONG_STATE, "episode.closed_on", "close the phase first");
  }
  const absl::CivilDay to = ToDay(days.closed_on());
  if (days.has_closed_on()) {
    if (to > context.today) return Refuse(Refusal::IN_FUTURE, "episode.closed_on");
    if (from > to) return Refuse(Refusal::DATE_ORDER, "episode.closed_on", "not before opened_on");
  }
  if (episode.recorded_afterwards() && to >= ToDay(now.created_on())) {
    return Refuse(Refusal::NOT_PAST, "episode.closed_on", "before the day the site was created");
  }
  return std::nullopt;
}

Site::Decision CorrectEpisode(const v1::SiteState& now, const v1::CorrectSite& command,
                              const DecisionContext& context) {
  using Refusal = v1::Refusal;
  const v1::CorrectSite::EpisodeDays& days = command.episode();
  const auto found =
      std::ranges::find(now.episodes(), days.episode(), &v1::SiteState::Episode::number);
  if (found == now.episodes().end())
    return Refuse(Refusal::UNKNOWN_CODE, "episode.episode", "the number of an episode");
  if (auto fault = FaultIn(days, *found, now, context)) return *std::move(fault);
  const absl::CivilDay from = ToDay(days.opened_on());
  const absl::CivilDay to = ToDay(days.closed_on());
  if (Overlaps(now, found->phase(), found->zone(), from, days.has_closed_on() ? &to : nullptr,
               found->number()))
    return Refuse(Refusal::EPISODE_OVERLAPS, "episode.opened_on");
  const bool same = SameDay(found->opened_on(), days.opened_on()) &&
                    (!days.has_closed_on() || SameDay(found->closed_on(), days.closed_on()));
  if (same) return {};
  v1::SiteCorrected corrected;
  corrected.set_field("episode");
  corrected.set_reason(command.reason());
  v1::SiteCorrected::Episode& episode = *corrected.mutable_episode();
  episode.set_episode(days.episode());
  *episode.mutable_opened_on() = days.opened_on();
  if (days.has_closed_on()) *episode.mutable_closed_on() = days.closed_on();
  return corrected;
}

}  // namespace

Site::Decision Site::Decide(const State& now, const v1::CorrectSite& command,
                            const DecisionContext& context) {
  if (now.life() == State::LIFE_UNSPECIFIED)
    return NotOpen(now);  // a closed site is corrected, too
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  if (command.has_name()) return CorrectName(now, command);
  if (command.has_episode()) return CorrectEpisode(now, command, context);
  return Refuse(Refusal::REQUIRED, "to", "a name, or the days of an episode");
}

void Site::Evolve(State& state, const v1::SiteCorrected& event) {
  if (event.has_name()) state.set_name(event.name());
  if (!event.has_episode()) return;
  for (State::Episode& episode : *state.mutable_episodes()) {
    if (episode.number() != event.episode().episode()) continue;
    *episode.mutable_opened_on() = event.episode().opened_on();
    if (event.episode().has_closed_on()) *episode.mutable_closed_on() = event.episode().closed_on();
  }
}

}  // namespace holdfast::initiative
