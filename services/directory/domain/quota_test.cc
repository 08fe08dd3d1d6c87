#include "directory/domain/quota.h"

#include <gtest/gtest.h>

#include "directory/domain/directory_fixtures.h"
#include "directory/domain/tenant.h"

namespace holdfast::directory {
namespace {

using Refusal = v1::Refusal;
constexpr testing::GivenEventsOf<Quota> Given;

v1::SetQuota Set(std::uint32_t per_second = 50) {
  v1::SetQuota set = Text(R"pb(slug: "westmoor"
                               figures: { burst: 100 streams: 10 })pb");
  set.mutable_figures()->set_cost_per_second(per_second);
  return set;
}

v1::QuotaSet FiftySet() {
  return Text(R"pb(figures: { cost_per_second: 50 burst: 100 streams: 10 })pb");
}

TEST(Quota, IsSetOfATenantThatIsThere) {
  Given().With<Tenant>("westmoor", WestmoorRegistered()).When(Set()).Then(FiftySet());
  Given(FiftySet()).With<Tenant>("westmoor", WestmoorRegistered()).When(Set()).ThenNothingHappens();
  Given().When(Set()).ThenRefused(Refusal::WRONG_STATE, "slug");
  Given()
      .With<Tenant>("westmoor", WestmoorRegistered(), v1::TenantClosed())
      .When(Set())
      .ThenRefused(Refusal::WRONG_STATE, "slug");
}

TEST(Quota, StaysBelowTheCeiling) {
  Given()
      .With<Tenant>("westmoor", WestmoorRegistered())
      .When(Set(Quota::kMostPerSecond + 1))
      .ThenRefused(Refusal::ABOVE_CEILING, "figures.cost_per_second");
  Given()
      .With<Tenant>("westmoor", WestmoorRegistered())
      .When(Set(0))
      .ThenRefused(Refusal::REQUIRED, "figures.cost_per_second");
}

TEST(Quota, IsCorrected) {
  v1::CorrectQuota correct = Text(R"pb(
    slug: "westmoor"
    reason: "a nought too many"
    figures: { cost_per_second: 5 burst: 100 streams: 10 }
  )pb");
  const v1::QuotaCorrected corrected = Text(R"pb(
    field: "figures"
    reason: "a nought too many"
    figures: { cost_per_second: 5 burst: 100 streams: 10 }
  )pb");
  Given(FiftySet()).When(correct).Then(corrected);
  Given(FiftySet(), corrected).When(correct).ThenNothingHappens();
  Given().When(correct).ThenRefused(Refusal::WRONG_STATE, "slug");
  correct.mutable_figures()->set_streams(Quota::kMostStreams + 1);
  Given(FiftySet()).When(correct).ThenRefused(Refusal::ABOVE_CEILING, "figures.streams");
  correct.clear_reason();
  Given(FiftySet()).When(correct).ThenRefused(Refusal::REQUIRED, "reason");
}

}  // namespace
}  // namespace holdfast::directory
