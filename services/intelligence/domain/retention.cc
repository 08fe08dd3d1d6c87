#include "intelligence/domain/retention.h"

#include <algorithm>

#include "base/day.h"

namespace holdfast::intelligence {
namespace {

using Action = RetentionDue::Action;
using Review = v1::RetentionHistory::Review;

// Years on the calendar; the day after where the year has no such day.
absl::CivilDay YearsAfter(absl::CivilDay day, std::uint32_t years) {
  return absl::CivilDay(day.year() + years, day.month(), day.day());
}

// Since when nothing has come in, and whether a review began the period.
struct Beginning {
  absl::CivilDay on;
  bool by_review = false;
};

Beginning BeginningOf(const v1::RetentionHistory& history) {
  Beginning beginning{ToDay(history.recorded_on()), false};
  for (const type::v1::Day& contact : history.contacts()) {
    if (ToDay(contact) > beginning.on) beginning = {ToDay(contact), false};
  }
  for (const Review& review : history.reviews()) {
    const absl::CivilDay day = ToDay(review.reviewed_on());
    if (review.outcome() == Review::RETAIN && day >= beginning.on) beginning = {day, true};
  }
  return beginning;
}

// The last review that decided for disposal, where nothing came in after it.
std::optional<absl::CivilDay> DisposalDecidedOn(const v1::RetentionHistory& history,
                                                const Beginning& beginning) {
  std::optional<absl::CivilDay> decided;
  for (const Review& review : history.reviews()) {
    const absl::CivilDay day = ToDay(review.reviewed_on());
    if (review.outcome() == Review::DISPOSE && day >= beginning.on) decided = day;
  }
  return decided;
}

RetentionDue ByRule(const v1::RetentionHistory& history, const Beginning& beginning,
                    const v1::RetentionRule& rule) {
  const bool again = beginning.by_review && rule.review_years() > 0;
  const absl::CivilDay end =
      YearsAfter(beginning.on, again ? rule.review_years() : rule.clear_years());
  RetentionDue due{rule.at_end() == v1::RetentionRule::DISPOSE ? Action::kDispose : Action::kReview,
                   end, &rule};
  if (rule.until_age() == 0 || !history.has_born_on()) return due;
  const absl::CivilDay of_age = YearsAfter(ToDay(history.born_on()), rule.until_age());
  // Kept until that age, and no longer than the last contact allows after it.
  if (of_age <= end) due = {Action::kDispose, std::max(of_age, beginning.on), &rule};
  return due;
}

// Behind every hold that covers the day; none where one lasts.
std::optional<absl::CivilDay> BehindHolds(const v1::RetentionHistory& history, absl::CivilDay day) {
  for (bool moved = true; moved;) {
    moved = false;
    for (const v1::RetentionHistory::LegalHold& hold : history.holds()) {
      if (ToDay(hold.set_on()) > day) continue;
      if (!hold.has_released_on()) return std::nullopt;
      if (ToDay(hold.released_on()) <= day) continue;
      day = ToDay(hold.released_on());
      moved = true;
    }
  }
  return day;
}

}  // namespace

const v1::RetentionRule* RetentionRuleOn(const v1::RetentionRules& rules,
                                         v1::RetentionGroup::Code group, const std::string& offence,
                                         absl::CivilDay day) {
  const v1::RetentionRule* best = nullptr;
  for (const v1::RetentionRule& rule : rules.rows()) {
    if (rule.group() != group || ToDay(rule.valid_from()) > day) continue;
    if (!rule.offence().empty() && rule.offence() != offence) continue;
    const bool closer = best != nullptr && best->offence().empty() && !rule.offence().empty();
    const bool same_kind = best != nullptr && best->offence() == rule.offence();
    if (best == nullptr || closer ||
        (same_kind && ToDay(rule.valid_from()) >= ToDay(best->valid_from()))) {
      best = &rule;
    }
  }
  return best;
}

RetentionDue NextRetention(const v1::RetentionHistory& history, const v1::RetentionRules& rules) {
  const Beginning beginning = BeginningOf(history);
  const v1::RetentionRule* const rule =
      RetentionRuleOn(rules, history.group(), history.offence(), beginning.on);
  if (rule == nullptr) return {Action::kNoRule, beginning.on, nullptr};
  RetentionDue due = ByRule(history, beginning, *rule);
  if (const auto decided = DisposalDecidedOn(history, beginning))
    due = {Action::kDispose, *decided, rule};
  const std::optional<absl::CivilDay> free = BehindHolds(history, due.on);
  if (!free) return {Action::kHeld, due.on, rule};
  due.on = *free;
  return due;
}

}  // namespace holdfast::intelligence
