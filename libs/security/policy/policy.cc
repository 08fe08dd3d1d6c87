#include "security/policy/policy.h"

#include "security/policy/evaluator.h"

namespace holdfast::security::policy {
namespace {

std::vector<std::string> CellsOf(const Question& question) {
  std::vector<std::string> ids;
  for (int code = Role::Code_MIN + 1; code <= Role::Code_MAX; ++code) {
    if (!question.permitting.Has(code)) continue;
    ids.push_back(
        question.table.NameOf(question.resource.record_class, static_cast<Role::Code>(code)));
  }
  return ids;
}

std::vector<std::string> Against(const std::vector<Rule>& rules, const Question& question) {
  std::vector<std::string> ids;
  for (const Rule& rule : rules) {
    if (rule.forbids(question)) ids.emplace_back(rule.id);
  }
  return ids;
}

void Permit(const Question& question, Decision& decision) {
  decision.permitted = true;
  decision.rule_ids = CellsOf(question);
  if (question.break_glass) decision.rule_ids.emplace_back("BREAK_GLASS");
  decision.obligations = Owed(question);
}

void Deny(const Question& question, std::vector<std::string> against, Decision& decision) {
  decision.rule_ids = std::move(against);
  if (question.permitting.empty()) decision.rule_ids.emplace_back("DEFAULT");
  decision.obligations.Add(Obligation::kLog);
}

}  // namespace

Evaluator Evaluator::Shipped() {
  Evaluator made{RoleClassTable::Shipped(), {}};
  for (const auto& rules : {UnknownAttributes(), Forbids()}) {
    made.rules.insert(made.rules.end(), rules.begin(), rules.end());
  }
  return made;
}

Decision Evaluator::Decide(const Principal& principal, Verb verb, const Resource& resource,
                           const Context& context) const {
  Question question = Ask(principal, verb, resource, context, table);
  if (bend != nullptr) bend(question);
  question.permitting = Permitting(question, question.live);
  question.ever_permitted = !Permitting(question, question.held).empty();
  std::vector<std::string> against = Against(rules, question);
  const bool outweighed = !forbid_overrides_permit && !question.permitting.empty();
  Decision decision;
  if (!question.permitting.empty() && (against.empty() || outweighed)) {
    Permit(question, decision);
  } else {
    Deny(question, std::move(against), decision);
  }
  decision.digest = DigestOf(question, decision);
  return decision;
}

Decision Decide(const Principal& principal, Verb verb, const Resource& resource,
                const Context& context) {
  static const Evaluator shipped = Evaluator::Shipped();
  return shipped.Decide(principal, verb, resource, context);
}

}  // namespace holdfast::security::policy
