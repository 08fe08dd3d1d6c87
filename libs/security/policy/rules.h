// What forbids: attributes that are unknown, F1 to F11 of security.md §6, and what narrows beside
// them (N1 to N8). Each rule looks at the question alone; none knows of another.
#pragma once

#include <span>
#include <string_view>

#include "security/policy/question.h"

namespace holdfast::security::policy {

struct Rule {
  std::string_view id;
  bool (*forbids)(const Question&);
};

// In the order of docs/methods/policy.md, which is the order of rule ids in an answer. The answer
// itself does not depend on it.
std::span<const Rule> UnknownAttributes();
std::span<const Rule> Forbids();

// How the conditions of handling C (College of Policing, 3x5x2) stand now.
struct ConditionTally {
  int asked = 0;
  int broken = 0;
};
ConditionTally TallyConditions(const Question& question);

}  // namespace holdfast::security::policy
