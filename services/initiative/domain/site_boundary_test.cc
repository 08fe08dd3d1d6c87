#include <gtest/gtest.h>

#include "initiative/domain/areas.h"
#include "initiative/domain/site.h"
#include "initiative/domain/site_fixtures.h"

namespace holdfast::initiative {
namespace {

constexpr testing::GivenEventsOf<Site> Given;
constexpr testing::GivenEventsOf<Areas> GivenAreas;
using Refusal = v1::Refusal;

v1::AreasMirrored Wards() {
  return Text(R"pb(set: { kind: "ward" vintage: "2013" }
                   codes: "W01"
                   codes: "W02"
                   codes: "W03")pb");
}
v1::SetBoundary Boundary() {
  return Text(R"pb(areas: {
                     set: { kind: "ward" vintage: "2013" }
                     code: "W02"
                   }
                   areas: {
                     set: { kind: "ward" vintage: "2013" }
                     code: "W01"
                   }
                   areas: {
                     set: { kind: "ward" vintage: "2013" }
                     code: "W02"
                   })pb");
}
v1::BoundarySet TwoWards() {
  return Text(R"pb(set: { kind: "ward" vintage: "2013" }
                   codes: "W01"
                   codes: "W02")pb");
}

TEST(SiteBoundary, IsSortedAndNamesEachAreaOnce) {
  Given(MillLaneCreated()).With<Areas>("ward@2013", Wards()).When(Boundary()).Then(TwoWards());
}

TEST(SiteBoundary, IsSetOnce) {
  Given(MillLaneCreated(), TwoWards())
      .With<Areas>("ward@2013", Wards())
      .When(Boundary())
      .ThenNothingHappens();
}

TEST(SiteBoundary, MayComeWithTheSite) {
  v1::CreateSite create = Text(R"pb(site_id: "01900000-0000-7000-8000-000000000001"
                                    name: "Mill Lane")pb");
  *create.mutable_areas() = Boundary().areas();
  Given()
      .To(kSiteId)
      .With<Areas>("ward@2013", Wards())
      .When(create)
      .Then(MillLaneCreated(), TwoWards());
  Given(MillLaneCreated(), TwoWards())
      .To(kSiteId)
      .With<Areas>("ward@2013", Wards())
      .When(create)
      .ThenNothingHappens();
  Given().To(kSiteId).When(create).ThenRefused(Refusal::BOUNDARIES_NOT_LOADED, "areas[0].set");
}

TEST(SiteBoundary, IsOfOneVintage) {
  v1::SetBoundary mixed = Boundary();
  mixed.mutable_areas(2)->mutable_set()->set_vintage("2022");
  Given(MillLaneCreated())
      .With<Areas>("ward@2013", Wards())
      .When(mixed)
      .ThenRefused(Refusal::MIXED_VINTAGE, "areas[2].set");
}

TEST(SiteBoundary, NamesOnlyAreasThatExistAndTellsEachThatDoesNot) {
  v1::SetBoundary unknown = Boundary();
  unknown.mutable_areas(0)->set_code("W07");
  unknown.mutable_areas(2)->set_code("W08");
  Given(MillLaneCreated())
      .With<Areas>("ward@2013", Wards())
      .When(unknown)
      .ThenRefused(Refusal::UNKNOWN_CODE, "areas[0].code")
      .ThenRefused(Refusal::UNKNOWN_CODE, "areas[2].code");
}

TEST(SiteBoundary, WaitsForTheBoundariesToBeLoaded) {
  Given(MillLaneCreated())
      .When(Boundary())
      .ThenRefused(Refusal::BOUNDARIES_NOT_LOADED, "areas[0].set");
  Given(MillLaneCreated()).When(v1::SetBoundary()).ThenRefused(Refusal::REQUIRED, "areas");
}

v1::MirrorAreas Mirror() {
  return Text(R"pb(set: { kind: "ward" vintage: "2013" }
                   codes: "W03"
                   codes: "W01"
                   codes: "W02"
                   codes: "W01")pb");
}

TEST(Areas, AreMirroredSortedAndOnce) {
  GivenAreas().When(Mirror()).Then(Wards());
  GivenAreas(Wards()).When(Mirror()).ThenNothingHappens();
}

TEST(Areas, AddWhatIsNew) {
  v1::MirrorAreas more = Mirror();
  more.add_codes("W00");
  v1::AreasMirrored added = Text(R"pb(set: { kind: "ward" vintage: "2013" }
                                      codes: "W00")pb");
  const auto outcome = GivenAreas(Wards()).When(more);
  outcome.Then(added);
  ASSERT_EQ(outcome.state().codes_size(), 4);
  EXPECT_EQ(outcome.state().codes(0), "W00");
  EXPECT_EQ(outcome.state().codes(3), "W03");
}

TEST(Areas, BelongToASetOfOneVintage) {
  EXPECT_EQ(Areas::StreamId(Mirror()), "ward@2013");
  GivenAreas().When(v1::MirrorAreas()).ThenRefused(Refusal::REQUIRED, "set.kind");
  v1::MirrorAreas ageless = Mirror();
  ageless.mutable_set()->clear_vintage();
  GivenAreas().When(ageless).ThenRefused(Refusal::REQUIRED, "set.vintage");
}

}  // namespace
}  // namespace holdfast::initiative
