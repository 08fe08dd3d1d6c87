// What holds of any question: laws, tried on random ones.
//
//   HOLDFAST_POLICY_SEED   from which seed (else the same every day)
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "random_case.h"
#include "reference.h"
#include "security/policy/evaluator.h"
#include "security/policy/label_join.h"

namespace holdfast::security::policy {
namespace {

using type::v1::Handling;
using type::v1::Label;

constexpr int kCases = 20'000;

std::uint64_t Seed() {
  const char* const text = std::getenv("HOLDFAST_POLICY_SEED");
  return text == nullptr ? 20'261'128 : std::strtoull(text, nullptr, 10);
}

Decision Answer(const Case& asked) {
  return Decide(asked.principal, asked.verb, asked.resource, asked.context);
}

// Tries the law on `kCases` cases until it fails once.
template <class Law>
void ForAnyCase(Law law) {
  CaseMaker maker(Seed());
  for (int i = 0; i < kCases; ++i) {
    const Case asked = maker.Make();
    law(asked, maker);
    ASSERT_FALSE(testing::Test::HasFailure())
        << "seed " << Seed() << ", case " << i << ": " << LineOf(asked, true);
  }
}

// ------------------------------------------------------------------------------------ decisions

TEST(PolicyLaw, AnAddedForbidNeverGrants) {
  Evaluator stricter = Evaluator::Shipped();
  stricter.rules.push_back(
      {"X", [](const Question& q) { return q.resource.areas.size() % 2 == 0; }});
  ForAnyCase([&](const Case& asked, CaseMaker&) {
    const Decision decision =
        stricter.Decide(asked.principal, asked.verb, asked.resource, asked.context);
    EXPECT_TRUE(!decision.permitted || Answer(asked).permitted);
  });
}

TEST(PolicyLaw, TheOrderOfRulesIsIrrelevant) {
  Evaluator shuffled = Evaluator::Shipped();
  ForAnyCase([&](const Case& asked, CaseMaker& make) {
    std::swap(shuffled.rules[make.Below(shuffled.rules.size())],
              shuffled.rules[make.Below(shuffled.rules.size())]);
    const Decision ours = Answer(asked);
    const Decision other =
        shuffled.Decide(asked.principal, asked.verb, asked.resource, asked.context);
    EXPECT_EQ(other.permitted, ours.permitted);
    EXPECT_EQ(other.obligations, ours.obligations);
    EXPECT_EQ(std::set(other.rule_ids.begin(), other.rule_ids.end()),
              std::set(ours.rule_ids.begin(), ours.rule_ids.end()));
  });
}

// What the principal, the context and the record bring in favour of an answer, each taken away.
using Removal = void (*)(Case&);
const std::vector<Removal>& Removals() {
  static const std::vector<Removal> removals = {
      [](Case& c) { c.principal.kind = PrincipalKind::kUnknown; },
      [](Case& c) { c.principal.tenant.clear(); },
      [](Case& c) { c.principal.ref.clear(); },
      [](Case& c) { c.principal.agency.clear(); },
      [](Case& c) { c.principal.agency_type = type::v1::Agency::TYPE_UNSPECIFIED; },
      [](Case& c) { c.principal.regime = type::v1::Agency::REGIME_UNSPECIFIED; },
      [](Case& c) { c.principal.clearance = type::v1::Marking::CODE_UNSPECIFIED; },
      [](Case& c) { c.principal.roles.clear(); },
      [](Case& c) { c.principal.areas.clear(); },
      [](Case& c) { c.principal.compartments.clear(); },
      [](Case& c) { c.principal.agreements.clear(); },
      [](Case& c) { c.principal.signed_in_at.reset(); },
      [](Case& c) { c.verb = options::v1::Audit::VERB_UNSPECIFIED; },
      [](Case& c) { c.resource.tenant.clear(); },
      [](Case& c) { c.resource.stream.clear(); },
      [](Case& c) { c.resource.thing = Thing::kUnknown; },
      [](Case& c) { c.resource.record_class = DataClass::CODE_UNSPECIFIED; },
      [](Case& c) { c.resource.label.clear_class_(); },
      [](Case& c) { c.resource.label.clear_handling(); },
      [](Case& c) { c.resource.label.clear_marking(); },
      [](Case& c) { c.resource.label.clear_shared_with(); },
      [](Case& c) { c.resource.label.clear_owners(); },
      [](Case& c) { c.resource.label.clear_released(); },
      [](Case& c) { c.resource.label.clear_sanitised(); },
      [](Case& c) { c.resource.label.clear_condition_ref(); },
      [](Case& c) { c.resource.label.mutable_conditions()->clear_consent_until(); },
      [](Case& c) { c.resource.areas.clear(); },
      [](Case& c) { c.resource.assignees.clear(); },
      [](Case& c) { c.resource.from_agency.clear(); },
      [](Case& c) { c.resource.compartment.clear(); },
      [](Case& c) { c.resource.retention = Retention::kUnknown; },
      [](Case& c) { c.context.purpose = Purpose::CODE_UNSPECIFIED; },
      [](Case& c) { c.context.justified = false; },
      [](Case& c) { c.context.justification = Justification::kUnknown; },
      [](Case& c) { c.context.phase.clear(); },
      [](Case& c) { c.context.operation.clear(); },
      [](Case& c) { c.context.recipient.clear(); },
      [](Case& c) { c.context.method_granted = false; },
      [](Case& c) { c.context.break_glass_at.reset(); },
      [](Case& c) { c.context.time.reset(); },
      [](Case& c) { c.context.policy_epoch = {}; },
  };
  return removals;
}

TEST(PolicyLaw, AnAttributeTakenAwayNeverGrants) {
  ForAnyCase([](const Case& asked, CaseMaker& make) {
    if (Answer(asked).permitted) return;
    const std::size_t which = make.Below(Removals().size());
    Case without = asked;
    Removals()[which](without);
    // Of what cannot be read the absence is better known.
    const type::v1::HandlingConditions& conditions = asked.resource.label.conditions();
    if (conditions.has_consent_until() && !IsInstant(conditions.consent_until())) return;
    EXPECT_FALSE(Answer(without).permitted) << "removal " << which;
  });
}

TEST(PolicyLaw, FewerAreasNeverGrant) {
  ForAnyCase([](const Case& asked, CaseMaker& make) {
    Case narrower = asked;
    std::erase_if(narrower.principal.areas, [&](const auto&) { return make.Chance(50); });
    EXPECT_TRUE(!Answer(narrower).permitted || Answer(asked).permitted);
  });
}

TEST(PolicyLaw, DeniedForPIsDeniedForC) {
  ForAnyCase([](const Case& asked, CaseMaker&) {
    Case p = asked;
    p.resource.label.set_handling(Handling::P);
    Case c = asked;
    c.resource.label.set_handling(Handling::C);
    EXPECT_TRUE(!Answer(c).permitted || Answer(p).permitted);
  });
}

TEST(PolicyLaw, NothingOfAnotherTenantIsEverPermitted) {
  ForAnyCase([](const Case& asked, CaseMaker&) {
    Case foreign = asked;
    foreign.resource.tenant = "eastvale";
    EXPECT_FALSE(Answer(foreign).permitted);
  });
}

TEST(PolicyLaw, BreakGlassNeverOpensSourceOrLog) {
  ForAnyCase([](const Case& asked, CaseMaker& make) {
    Case broken = asked;
    broken.resource.label.set_class_(make.Chance(50) ? DataClass::SOURCE : DataClass::AUDIT);
    Case whole = broken;
    whole.context.break_glass_at.reset();
    EXPECT_EQ(Answer(broken).permitted, Answer(whole).permitted);
  });
}

// --------------------------------------------------------------------------------------- labels

bool Same(const Label& one, const Label& other) {
  return google::protobuf::util::MessageDifferencer::Equals(one, other);
}

TEST(LabelLaw, JoinIsCommutativeAssociativeAndIdempotent) {
  CaseMaker maker(Seed());
  for (int i = 0; i < kCases; ++i) {
    const Label a = maker.Make().resource.label;
    const Label b = maker.Make().resource.label;
    const Label c = maker.Make().resource.label;
    ASSERT_TRUE(Same(Join(a, b), Join(b, a))) << a.DebugString() << b.DebugString();
    ASSERT_TRUE(Same(Join(Join(a, b), c), Join(a, Join(b, c))))
        << a.DebugString() << b.DebugString() << c.DebugString();
    ASSERT_TRUE(Same(Join(a, a), Normal(a))) << a.DebugString();
    ASSERT_TRUE(Same(Join(Join(a, b), b), Join(a, b))) << a.DebugString() << b.DebugString();
    ASSERT_TRUE(Same(Normal(Normal(a)), Normal(a))) << a.DebugString();
  }
}

// Monotone: what lies below stays below whatever is joined to both.
TEST(LabelLaw, JoinIsMonotone) {
  CaseMaker maker(Seed());
  for (int i = 0; i < kCases; ++i) {
    const Label a = maker.Make().resource.label;
    const Label above_a = Join(a, maker.Make().resource.label);
    const Label c = maker.Make().resource.label;
    ASSERT_TRUE(Same(Join(Join(a, c), Join(above_a, c)), Join(above_a, c)))
        << a.DebugString() << above_a.DebugString() << c.DebugString();
  }
}

bool IsRead(const Case& asked) {
  return asked.verb == options::v1::Audit::CONSULT || asked.verb == options::v1::Audit::DISCLOSE ||
         asked.verb == options::v1::Audit::COMBINE;
}

TEST(LabelLaw, WhatIsMadeOfTwoOpensOnlyWhereBothOpen) {
  std::uint64_t opened = 0;
  ForAnyCase([&](const Case& asked, CaseMaker& make) {
    if (!IsRead(asked)) return;
    Case made = asked;
    const Label other = make.MakeLabel();
    made.resource.label = Join(asked.resource.label, other);
    if (!Opens(Answer(made))) return;
    ++opened;
    EXPECT_TRUE(Opens(Answer(asked)));
    Case of_other = asked;
    of_other.resource.label = other;
    EXPECT_TRUE(Opens(Answer(of_other)));
  });
  EXPECT_GT(opened, 50U);
}

}  // namespace
}  // namespace holdfast::security::policy
