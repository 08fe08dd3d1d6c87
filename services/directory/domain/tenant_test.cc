#include "directory/domain/tenant.h"

#include <gtest/gtest.h>

#include "directory/domain/directory_fixtures.h"

namespace holdfast::directory {
namespace {

using Refusal = v1::Refusal;
constexpr testing::GivenEventsOf<Tenant> Given;

v1::RegisterTenant Register() {
  return Text(R"pb(slug: "westmoor" name: "Westmoor")pb");
}

template <class Command>
Command Because(const char* reason = "they asked") {
  Command command;
  command.set_slug("westmoor");
  command.set_reason(reason);
  return command;
}

v1::Placement To(const char* context, std::uint32_t partition) {
  v1::Placement to;
  to.set_context(context);
  to.set_partition(partition);
  return to;
}

template <class Command>
Command Move(const char* context, std::uint32_t partition) {
  Command command;
  command.set_slug("westmoor");
  *command.mutable_to() = To(context, partition);
  return command;
}

v1::TenantMoveStarted MoveStarted() {
  v1::TenantMoveStarted started;
  *started.mutable_to() = To("initiative", 3);
  return started;
}

v1::TenantMoved Moved() {
  v1::TenantMoved moved;
  *moved.mutable_to() = To("initiative", 3);
  return moved;
}

v1::TenantExported Exported() {
  v1::TenantExported exported;
  exported.set_sha256(Mac('x'));
  return exported;
}

TEST(Tenant, IsRegisteredOnce) {
  Given().When(Register()).Then(WestmoorRegistered());
  Given(WestmoorRegistered()).When(Register()).ThenNothingHappens();
}

TEST(Tenant, HasASlugOfItsOwn) {
  v1::RegisterTenant other = Register();
  other.set_name("Westmoorland");
  Given(WestmoorRegistered()).When(other).ThenRefused(Refusal::SLUG_TAKEN, "slug");
  v1::RegisterTenant reserved = Register();
  reserved.set_slug("operator");
  Given().When(reserved).ThenRefused(Refusal::SLUG_TAKEN, "slug");
  Given(WestmoorRegistered(), v1::TenantSuspended(), v1::TenantClosed())
      .When(Register())
      .ThenRefused(Refusal::SLUG_TAKEN, "slug");
}

TEST(Tenant, NeedsANameAndOnePlaceInAContext) {
  v1::RegisterTenant nameless = Register();
  nameless.clear_name();
  Given().When(nameless).ThenRefused(Refusal::REQUIRED, "name");
  v1::RegisterTenant twice = Register();
  *twice.add_placement() = To("metrics", 1);
  *twice.add_placement() = To("metrics", 2);
  Given().When(twice).ThenRefused(Refusal::UNKNOWN_CODE, "placement");
}

TEST(Tenant, IsPlacedByItsHashInTheDirectory) {
  v1::RegisterTenant placed = Register();
  *placed.add_placement() = To("directory", 1);
  Given().When(placed).ThenRefused(Refusal::HASH_HOLDS, "placement");
  Given(WestmoorRegistered())
      .When(Move<v1::StartTenantMove>("directory", 1))
      .ThenRefused(Refusal::HASH_HOLDS, "to.context");
}

TEST(Tenant, MovesInTwoSteps) {
  Given(WestmoorRegistered())
      .When(Move<v1::CompleteTenantMove>("initiative", 3))
      .ThenRefused(Refusal::MOVE_NOT_STARTED, "to");
  Given(WestmoorRegistered()).When(Move<v1::StartTenantMove>("initiative", 3)).Then(MoveStarted());
  Given(WestmoorRegistered(), MoveStarted())
      .When(Move<v1::CompleteTenantMove>("initiative", 4))
      .ThenRefused(Refusal::MOVE_NOT_STARTED, "to");
  Given(WestmoorRegistered(), MoveStarted())
      .When(Move<v1::CompleteTenantMove>("initiative", 3))
      .Then(Moved());
}

TEST(Tenant, IsOnOneWayAtATime) {
  Given(WestmoorRegistered(), MoveStarted())
      .When(Move<v1::StartTenantMove>("initiative", 3))
      .ThenNothingHappens();
  Given(WestmoorRegistered(), MoveStarted())
      .When(Move<v1::StartTenantMove>("initiative", 5))
      .ThenRefused(Refusal::WRONG_STATE, "to.context");
  Given(WestmoorRegistered(), MoveStarted(), Moved())
      .When(Move<v1::StartTenantMove>("initiative", 3))
      .ThenNothingHappens();
  Given(WestmoorRegistered(), MoveStarted(), Moved())
      .When(Move<v1::CompleteTenantMove>("initiative", 3))
      .ThenNothingHappens();
  Given(WestmoorRegistered())
      .When(Move<v1::StartTenantMove>("", 3))
      .ThenRefused(Refusal::REQUIRED, "to.context");
}

TEST(Tenant, ShowsItsSitesUnderSlugsThatNobodyElseHas) {
  v1::SetPublicSlug set = Text(R"pb(slug: "westmoor" public_slug: "larkhill" site_id: "s1")pb");
  const v1::PublicSlugSet fact = Text(R"pb(slug: "larkhill" site_id: "s1")pb");
  Given(WestmoorRegistered()).When(set).Then(fact);
  Given(WestmoorRegistered(), fact).When(set).ThenNothingHappens();
  set.set_site_id("s2");
  const auto other = Given(WestmoorRegistered(), fact).When(set);
  EXPECT_EQ(other.state().public_slugs_size(), 1);
  EXPECT_EQ(other.state().public_slugs(0).site_id(), "s2");
  Given(WestmoorRegistered())
      .With<Tenant>("eastvale", WestmoorRegistered(), fact)
      .When(set)
      .ThenRefused(Refusal::SLUG_TAKEN, "public_slug");
}

TEST(Tenant, NeedsSlugAndSiteForThePublic) {
  v1::SetPublicSlug set = Text(R"pb(slug: "westmoor" public_slug: "larkhill")pb");
  Given(WestmoorRegistered()).When(set).ThenRefused(Refusal::REQUIRED, "site_id");
  set.clear_public_slug();
  Given(WestmoorRegistered()).When(set).ThenRefused(Refusal::REQUIRED, "public_slug");
}

TEST(Tenant, IsSuspendedAndResumedOnce) {
  const v1::TenantSuspended suspended = Text(R"pb(reason: "they asked")pb");
  const v1::TenantResumed resumed = Text(R"pb(reason: "they asked")pb");
  Given(WestmoorRegistered()).When(Because<v1::SuspendTenant>()).Then(suspended);
  Given(WestmoorRegistered(), suspended).When(Because<v1::SuspendTenant>()).ThenNothingHappens();
  Given(WestmoorRegistered(), suspended).When(Because<v1::ResumeTenant>()).Then(resumed);
  Given(WestmoorRegistered()).When(Because<v1::ResumeTenant>()).ThenNothingHappens();
  Given(WestmoorRegistered())
      .When(Because<v1::SuspendTenant>(""))
      .ThenRefused(Refusal::REQUIRED, "reason");
  Given(WestmoorRegistered(), suspended)
      .When(Because<v1::ResumeTenant>(""))
      .ThenRefused(Refusal::REQUIRED, "reason");
}

TEST(Tenant, TakesItsDataAlongBeforeItIsClosed) {
  v1::RecordTenantExport record;
  record.set_slug("westmoor");
  record.set_sha256(Mac('x'));
  Given(WestmoorRegistered()).When(record).ThenRefused(Refusal::NOT_SUSPENDED);
  Given(WestmoorRegistered(), v1::TenantSuspended()).When(record).Then(Exported());
  Given(WestmoorRegistered(), v1::TenantSuspended(), Exported()).When(record).ThenNothingHappens();
  Given(WestmoorRegistered()).When(Because<v1::CloseTenant>()).ThenRefused(Refusal::NOT_SUSPENDED);
  Given(WestmoorRegistered(), v1::TenantSuspended())
      .When(Because<v1::CloseTenant>())
      .ThenRefused(Refusal::NOT_EXPORTED);
  // What was written after the export is not in it.
  Given(WestmoorRegistered(), v1::TenantSuspended(), Exported(), v1::TenantResumed(),
        v1::TenantSuspended())
      .When(Because<v1::CloseTenant>())
      .ThenRefused(Refusal::NOT_EXPORTED);
  const v1::TenantClosed closed = Text(R"pb(reason: "they asked")pb");
  Given(WestmoorRegistered(), v1::TenantSuspended(), Exported())
      .When(Because<v1::CloseTenant>())
      .Then(closed);
  Given(WestmoorRegistered(), v1::TenantSuspended(), Exported(), closed)
      .When(Because<v1::CloseTenant>())
      .ThenNothingHappens();
  record.clear_sha256();
  Given(WestmoorRegistered(), v1::TenantSuspended())
      .When(record)
      .ThenRefused(Refusal::REQUIRED, "sha256");
}

TEST(Tenant, KeepsTheNewestOfEachSetting) {
  v1::ChangeTenantSetting change = Text(R"pb(slug: "westmoor"
                                             setting: { session_idle_s: 900 })pb");
  const v1::TenantSettingChanged idle = Text(R"pb(setting: { session_idle_s: 900 })pb");
  const v1::TenantSettingChanged reason = Text(R"pb(setting: { justification: OFF })pb");
  Given(WestmoorRegistered()).When(change).Then(idle);
  Given(WestmoorRegistered(), idle, reason).When(change).ThenNothingHappens();
  change.mutable_setting()->set_session_idle_s(600);
  EXPECT_EQ(Given(WestmoorRegistered(), idle, reason).When(change).state().settings_size(), 2);
  change.clear_setting();
  Given(WestmoorRegistered()).When(change).ThenRefused(Refusal::REQUIRED, "setting");
}

TEST(Tenant, IsCorrectedInItsName) {
  v1::CorrectTenant correct = Because<v1::CorrectTenant>();
  correct.set_name("West Moor");
  const v1::TenantCorrected corrected =
      Text(R"pb(field: "name" reason: "they asked" name: "West Moor")pb");
  Given(WestmoorRegistered()).When(correct).Then(corrected);
  Given(WestmoorRegistered(), corrected).When(correct).ThenNothingHappens();
  correct.clear_name();
  Given(WestmoorRegistered()).When(correct).ThenRefused(Refusal::REQUIRED, "name");
  correct.clear_reason();
  Given(WestmoorRegistered()).When(correct).ThenRefused(Refusal::REQUIRED, "reason");
}

TEST(Tenant, MustBeThere) {
  Given().When(Because<v1::SuspendTenant>()).ThenRefused(Refusal::WRONG_STATE, "slug");
  Given().When(Because<v1::ResumeTenant>()).ThenRefused(Refusal::WRONG_STATE, "slug");
  Given().When(Because<v1::CloseTenant>()).ThenRefused(Refusal::WRONG_STATE, "slug");
  Given().When(Because<v1::CorrectTenant>()).ThenRefused(Refusal::WRONG_STATE, "slug");
  Given().When(Move<v1::StartTenantMove>("metrics", 1)).ThenRefused(Refusal::WRONG_STATE, "slug");
  Given()
      .When(Move<v1::CompleteTenantMove>("metrics", 1))
      .ThenRefused(Refusal::WRONG_STATE, "slug");
}

}  // namespace
}  // namespace holdfast::directory
