// E27: how long one decision of the policy takes: a partner reads a report with conditions, under
// an agreement, and every rule is looked at. Beside the budget that the design gives it.
#include "absl/time/clock.h"
#include "bench.h"
#include "scenarios.h"
#include "security/policy/policy.h"

namespace holdfast::bench {
namespace {

namespace policy = security::policy;
using type::v1::Agency;

constexpr double kBudgetUs = 10;
constexpr int kRound = 10'000;

struct Question {
  policy::Principal principal;
  policy::Resource resource;
  policy::Context context;
};

policy::Principal Partner(absl::Time now) {
  policy::Principal partner;
  partner.kind = policy::PrincipalKind::kPerson;
  partner.tenant = "westmoor";
  partner.ref = "0190a6f0-5a3e-7c3a-9b1e-000000000001";
  partner.agency = "westmoor-homes";
  partner.agency_type = Agency::HOUSING;
  partner.regime = Agency::UK_GDPR;
  partner.clearance = type::v1::Marking::OFFICIAL_SENSITIVE;
  partner.roles = {{policy::Role::PARTNER, now + absl::Hours(24)},
                   {policy::Role::COMMUNITY, std::nullopt}};
  partner.areas = {"ward@2013:E05000026", "ward@2013:E05000027", "ward@2013:E05000028"};
  partner.signed_in_at = now - absl::Minutes(5);
  for (const char* from : {"westmoor-council", "westmoor-police"}) {
    partner.agreements.push_back({from,
                                  "westmoor-homes",
                                  {policy::DataClass::INTEL, policy::DataClass::PARTNERSHIP},
                                  {policy::Purpose::SAFEGUARDING, policy::Purpose::PARTNERSHIP},
                                  {"*"},
                                  true,
                                  now + absl::Hours(24)});
  }
  return partner;
}

policy::Resource Report() {
  policy::Resource report;
  report.tenant = "westmoor";
  report.stream = "product/0190a6f0-5a3e-7c3a-9b1e-000000000002";
  report.thing = policy::Thing::kPackage;
  report.record_class = policy::DataClass::INTEL;
  report.label.set_class_(policy::DataClass::INTEL);
  report.label.set_sensitivity(options::v1::Sensitivity::PERSONAL);
  report.label.set_handling(type::v1::Handling::C);
  report.label.mutable_conditions()->add_agencies("westmoor-homes");
  report.label.mutable_conditions()->set_no_onward(true);
  report.label.set_marking(type::v1::Marking::OFFICIAL_SENSITIVE);
  report.label.add_owners("westmoor-police");
  report.label.add_shared_with("westmoor-homes");
  report.label.set_sanitised(true);
  report.areas = {"ward@2013:E05000026"};
  report.from_agency = "westmoor-police";
  report.retention = policy::Retention::kKept;
  return report;
}

Question Typical() {
  const absl::Time now = absl::FromUnixSeconds(1'790'000'000);
  policy::Context context;
  context.purpose = policy::Purpose::SAFEGUARDING;
  context.justified = true;
  context.justification = policy::Justification::kRequired;
  context.time = now;
  return {Partner(now), Report(), context};
}

}  // namespace

absl::Status E27(Bench& bench) {
  const Question question = Typical();
  const Measure ours = [&]() -> absl::StatusOr<double> {
    int permitted = 0;
    const absl::Time began = absl::Now();
    for (int i = 0; i < kRound; ++i) {
      permitted += policy::Decide(question.principal, options::v1::Audit::CONSULT,
                                  question.resource, question.context)
                           .permitted
                       ? 1
                       : 0;
    }
    const double took_us = absl::ToDoubleMicroseconds(absl::Now() - began);
    if (permitted != kRound) return absl::InternalError("the typical question is not permitted");
    return took_us / kRound;
  };
  const Measure budget = []() -> absl::StatusOr<double> { return kBudgetUs; };
  Row row;
  row.path = "policy decision with its digest";
  row.unit = "µs";
  row.sense = Sense::kAtMost;
  row.note = "one thread; a package of intelligence under an agreement, handling C";
  return bench.Compare(row, ours, {{"its budget, 10 µs", 1, budget}});
}

}  // namespace holdfast::bench
