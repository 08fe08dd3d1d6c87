// The comparison, tested: each promise of the policy is broken in turn, and some case must show it
// against the other evaluator.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "reference.h"
#include "security/policy/evaluator.h"

namespace holdfast::security::policy {
namespace {

using options::v1::Audit;
using type::v1::Handling;

constexpr std::uint64_t kSeed = 20'261'129;
constexpr int kCases = 30'000;

struct Mutant {
  std::string name;
  std::function<void(Evaluator&)> mutate;
};

std::function<void(Evaluator&)> Without(std::string_view prefix) {
  return [prefix](Evaluator& e) {
    std::erase_if(e.rules, [&](const Rule& rule) { return rule.id.starts_with(prefix); });
  };
}

std::function<void(Evaluator&)> With(std::string_view id, bool (*forbids)(const Question&)) {
  return [id, forbids](Evaluator& e) {
    const auto rule = std::ranges::find(e.rules, id, &Rule::id);
    ASSERT_NE(rule, e.rules.end()) << id;
    rule->forbids = forbids;
  };
}

std::function<void(Evaluator&)> Bent(void (*bend)(Question&)) {
  return [bend](Evaluator& e) { e.bend = bend; };
}

std::function<void(Evaluator&)> WithCell(DataClass::Code of_class, Role::Code role, Cell cell) {
  return [=](Evaluator& e) { e.table.Set(of_class, role, cell); };
}

bool FallsUnderF4(const Question& q) {
  return q.label().handling() == Handling::C && !q.break_glass && !q.given &&
         q.verb != Audit::ERASE;
}

bool BrokenWithin(const Question& q, absl::Duration limit) {
  return q.context.break_glass_at.has_value() && q.verb == Audit::CONSULT && q.context.justified &&
         q.now - *q.context.break_glass_at < limit;
}

std::vector<Mutant> OfUnknownsAndOrder() {
  return {
      {"permits on what is unknown", Without("U:")},
      {"permits sensitive data without its condition", Without("U:label.condition_ref")},
      {"lets a permit override a forbid", [](Evaluator& e) { e.forbid_overrides_permit = false; }},
      {"lets an officer read all intelligence",
       WithCell(DataClass::INTEL, Role::OFFICER, kSubmit | kRead)},
      {"lets a partner write what is not its own",
       WithCell(DataClass::PARTNERSHIP, Role::PARTNER, kRead | kWrite)},
      {"lets an analyst see persons", WithCell(DataClass::PERSON, Role::ANALYST, kByRecord)},
  };
}

std::vector<Mutant> OfForbids() {
  return {
      {"opens what is restricted", Without("F1")},
      {"knows no tenants", With("F2",
                                [](const Question& q) {
                                  return q.cover == Cover::kNone || q.cover == Cover::kExpired;
                                })},
      {"opens a source to every handler", Without("F3")},
      {"is content with one condition of several",
       With("F4",
            [](const Question& q) {
              const ConditionTally tally = TallyConditions(q);
              return FallsUnderF4(q) && tally.broken == tally.asked;
            })},
      {"opens C without a condition",
       With("F4",
            [](const Question& q) { return FallsUnderF4(q) && TallyConditions(q).broken > 0; })},
      {"shows the community what is shared with its agency", Without("F5")},
      {"shows a partner what is not sanitised", Without("F6")},
      {"compares epochs by their sum", With("F7",
                                            [](const Question& q) {
                                              const Epoch& ours = q.context.policy_epoch;
                                              const Epoch& least = q.resource.min_policy_epoch;
                                              return ours.tenant_seq + ours.operator_seq <
                                                     least.tenant_seq + least.operator_seq;
                                            })},
      {"opens the log for any purpose", Without("F8")},
      {"knows no ceiling but the clearance",
       With("F9", [](const Question& q) { return q.label().marking() > q.principal.clearance; })},
      {"names no influencers to be closed", Without("F11")},
      {"looks at the roles alone before an influencer",
       With("F11",
            [](const Question& q) {
              return q.resource.stream.starts_with("influencer/") && q.live.Has(Role::OFFICER);
            })},
      {"ignores areas", Without("N1")},
      {"takes an old sign-in", Without("N6")},
      {"asks for no text", Without("N7")},
      {"lets what is held be erased", Without("N8")},
  };
}

std::vector<Mutant> OfWhatFollows() {
  return {
      {"counts an agreement that has expired", Bent([](Question& q) {
         if (q.cover == Cover::kExpired) q.cover = Cover::kInForce;
       })},
      {"counts a grant that has ended", Bent([](Question& q) { q.live = q.held; })},
      {"takes one owner of several for the only one", Bent([](Question& q) {
         q.own = std::ranges::count(q.label().owners(), q.principal.agency) > 0;
       })},
      {"breaks the glass for any purpose", Bent([](Question& q) {
         q.break_glass = BrokenWithin(q, absl::Minutes(60)) && !q.Concerns(DataClass::SOURCE);
       })},
      {"breaks the glass for ever", Bent([](Question& q) {
         q.break_glass = BrokenWithin(q, absl::InfiniteDuration()) &&
                         q.context.purpose == Purpose::THREAT_TO_LIFE &&
                         !q.Concerns(DataClass::SOURCE) && !q.Concerns(DataClass::AUDIT);
       })},
      {"breaks the glass before a source", Bent([](Question& q) {
         q.break_glass |= BrokenWithin(q, absl::Minutes(60)) && q.Concerns(DataClass::SOURCE) &&
                          q.context.purpose == Purpose::THREAT_TO_LIFE;
       })},
      {"takes consent for given once it was", Bent([](Question& q) {
         if (q.consent_until) q.consent_until = absl::InfiniteFuture();
       })},
      {"takes an action of anybody's for the caller's",
       Bent([](Question& q) { q.own_action = q.resource.thing == Thing::kAction; })},
      {"takes what is not sensitive for not personal", Bent([](Question& q) {
         q.personal = q.label().sensitivity() == options::v1::Sensitivity::SENSITIVE;
       })},
  };
}

std::vector<Mutant> Mutants() {
  std::vector<Mutant> all = OfUnknownsAndOrder();
  for (const auto& some : {OfForbids(), OfWhatFollows()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

class PolicyMutants : public testing::Test {
 protected:
  // Both evaluators' cases, asked once.
  static void SetUpTestSuite() {
    CaseMaker maker(kSeed);
    for (int i = 0; i < kCases; ++i) cases().push_back(maker.Make());
    answers() = AskReference(cases(), 0);
  }
  static std::vector<Case>& cases() {
    static std::vector<Case> cases;
    return cases;
  }
  static std::vector<Referred>& answers() {
    static std::vector<Referred> answers;
    return answers;
  }
  // The first case in which it answers otherwise than the reference.
  static std::optional<std::size_t> Shown(const Evaluator& evaluator) {
    for (std::size_t i = 0; i < cases().size(); ++i) {
      const Case& asked = cases()[i];
      const Decision ours =
          evaluator.Decide(asked.principal, asked.verb, asked.resource, asked.context);
      if (AnswerOf(ours) != answers()[i].answer) return i;
    }
    return std::nullopt;
  }
};

TEST_F(PolicyMutants, AreAllCaught) {
  std::size_t caught = 0;
  const std::vector<Mutant> mutants = Mutants();
  for (const Mutant& mutant : mutants) {
    Evaluator evaluator = Evaluator::Shipped();
    mutant.mutate(evaluator);
    const std::optional<std::size_t> shown = Shown(evaluator);
    if (!shown) {
      ADD_FAILURE() << "not caught in " << kCases << " cases: a policy that " << mutant.name;
      continue;
    }
    std::cout << "a policy that " << mutant.name << ": case " << *shown << "\n";
    ++caught;
  }
  std::cout << "mutants caught " << caught << "/" << mutants.size() << std::endl;
}

TEST_F(PolicyMutants, AreNotSeenWhereAllPromisesAreKept) {
  EXPECT_FALSE(Shown(Evaluator::Shipped()).has_value());
}

}  // namespace
}  // namespace holdfast::security::policy
