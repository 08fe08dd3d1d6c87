#include "metrics/domain/reference_set.h"

#include <string>

#include "gtest/gtest.h"
#include "testing/scenario.h"

namespace holdfast::metrics {
namespace {

using Refusal = v1::Refusal;
using testing::Text;

constexpr testing::GivenEventsOf<ReferenceSet> Given;

v1::OpenReference Residents(char sha, int year) {
  v1::OpenReference open = Text(R"pb(
    set: "populations"
    kind: POPULATIONS
    area_set { kind: "ward" vintage: "2013" }
    rows: 2
    verification: VERIFIED
    keyed_by: AREA
  )pb");
  open.set_sha256(std::string(32, sha));
  open.mutable_valid_from()->set_year(year);
  open.mutable_valid_from()->set_month(6);
  open.mutable_valid_from()->set_day(30);
  return open;
}

v1::ReferenceSetOpened Opened(const v1::OpenReference& by, std::uint32_t version) {
  v1::ReferenceSetOpened opened;
  opened.set_set(by.set());
  opened.set_kind(by.kind());
  opened.set_version(version);
  *opened.mutable_area_set() = by.area_set();
  opened.set_sha256(by.sha256());
  opened.set_rows(by.rows());
  *opened.mutable_valid_from() = by.valid_from();
  opened.set_verification(by.verification());
  opened.set_keyed_by(by.keyed_by());
  return opened;
}

v1::ReferenceRowsStaged Rows(std::uint32_t seq, std::initializer_list<const char*> keys) {
  v1::ReferenceRowsStaged staged;
  staged.set_version(1);
  staged.set_seq(seq);
  for (const char* key : keys) {
    staged.add_rows()->set_key(key);
    staged.mutable_rows()->rbegin()->set_amount_e6(5'000'000'000);
  }
  return staged;
}

v1::StageReferenceRows Stage(const v1::ReferenceRowsStaged& rows) {
  v1::StageReferenceRows stage;
  stage.set_set("populations");
  stage.set_seq(rows.seq());
  *stage.mutable_rows() = rows.rows();
  return stage;
}

v1::PublishReference Publish() {
  v1::PublishReference publish;
  publish.set_set("populations");
  return publish;
}

v1::ReferenceSetPublished Published(const v1::OpenReference& by, std::uint32_t version) {
  v1::ReferenceSetPublished published;
  published.set_set(by.set());
  published.set_kind(by.kind());
  published.set_version(version);
  *published.mutable_area_set() = by.area_set();
  published.set_sha256(by.sha256());
  published.set_rows(by.rows());
  *published.mutable_valid_from() = by.valid_from();
  published.set_verification(by.verification());
  published.set_keyed_by(by.keyed_by());
  return published;
}

TEST(ReferenceSet, IsPublishedWhenAllItsRowsAreThere) {
  const auto open = Residents('a', 2016);
  Given().When(open).Then(Opened(open, 1));
  Given(Opened(open, 1)).When(Stage(Rows(0, {"X001", "X002"}))).Then(Rows(0, {"X001", "X002"}));
  Given(Opened(open, 1), Rows(0, {"X001", "X002"})).When(Publish()).Then(Published(open, 1));
}

TEST(ReferenceSet, IsNotPublishedInPart) {
  Given(Opened(Residents('a', 2016), 1), Rows(0, {"X001"}))
      .When(Publish())
      .ThenRefused(Refusal::ROW_COUNT_MISMATCH);
}

TEST(ReferenceSet, HasEachCodeOnce) {
  Given(Opened(Residents('a', 2016), 1), Rows(0, {"X001"}))
      .When(Stage(Rows(1, {"X001"})))
      .ThenRefused(Refusal::DUPLICATE_CODE, "rows");
}

TEST(ReferenceSet, TakesItsPiecesInOrderAndOnce) {
  Given(Opened(Residents('a', 2016), 1), Rows(0, {"X001"}))
      .When(Stage(Rows(0, {"X001"})))
      .ThenNothingHappens();
  Given(Opened(Residents('a', 2016), 1))
      .When(Stage(Rows(1, {"X001"})))
      .ThenRefused(Refusal::OUT_OF_ORDER, "rows");
  Given().When(Stage(Rows(0, {"X001"}))).ThenRefused(Refusal::WRONG_STATE, "rows");
}

TEST(ReferenceSet, TakesTheSameFileOnce) {
  const auto open = Residents('a', 2016);
  Given(Opened(open, 1), Rows(0, {"X001", "X002"}), Published(open, 1))
      .When(open)
      .ThenNothingHappens();
  Given(Opened(open, 1)).When(open).ThenNothingHappens();
}

// A second file of the same areas and day: another district's residents.
v1::ReferenceRowsStaged RowsOfSecond(std::initializer_list<const char*> keys) {
  v1::ReferenceRowsStaged staged = Rows(0, keys);
  staged.set_version(2);
  return staged;
}

TEST(ReferenceSet, TakesASecondFileOfOtherAreasBesideTheFirst) {
  const auto open = Residents('a', 2016);
  const auto second = Residents('b', 2016);
  Given(Opened(open, 1), Rows(0, {"X001", "X002"}), Published(open, 1))
      .When(second)
      .Then(Opened(second, 2));
  Given(Opened(open, 1), Rows(0, {"X001", "X002"}), Published(open, 1), Opened(second, 2))
      .When(Stage(Rows(0, {"X003", "X004"})))
      .Then(RowsOfSecond({"X003", "X004"}));
}

TEST(ReferenceSet, HasOneValueOfAnAreaFromADay) {
  const auto open = Residents('a', 2016);
  Given(Opened(open, 1), Rows(0, {"X001", "X002"}), Published(open, 1),
        Opened(Residents('b', 2016), 2))
      .When(Stage(Rows(0, {"X003", "X002"})))
      .ThenRefused(Refusal::OVERLAPPING_VALIDITY, "rows");
  Given(Opened(open, 1), Rows(0, {"X001", "X002"}), Published(open, 1),
        Opened(Residents('b', 2017), 2))
      .When(Stage(Rows(0, {"X001", "X002"})))
      .Then(RowsOfSecond({"X001", "X002"}));
}

TEST(ReferenceSet, OfWeightsHasOneVersionFromADay) {
  v1::OpenReference weights = Residents('a', 2016);
  weights.set_keyed_by(v1::KeyedBy::CATEGORY);
  v1::OpenReference others = weights;
  others.set_sha256(std::string(32, 'b'));
  Given(Opened(weights, 1), Rows(0, {"burglary", "robbery"}), Published(weights, 1))
      .When(others)
      .ThenRefused(Refusal::OVERLAPPING_VALIDITY, "valid_from");
}

TEST(ReferenceSet, GivesUpAVersionThatAnotherFileInterrupts) {
  v1::ReferenceSetAbandoned abandoned;
  abandoned.set_version(1);
  Given(Opened(Residents('a', 2016), 1))
      .When(Residents('b', 2016))
      .Then(abandoned, Opened(Residents('b', 2016), 2));
}

v1::OpenReference Wards(char sha) {
  v1::OpenReference wards = Residents(sha, 2016);
  wards.set_set("geography.ward.2013");
  wards.set_kind(v1::ReferenceKind::GEOGRAPHY);
  wards.clear_valid_from();
  return wards;
}

v1::FeaturesStaged Features(std::uint32_t version, std::initializer_list<const char*> codes) {
  v1::FeaturesStaged staged;
  staged.set_version(version);
  for (const char* code : codes) staged.add_features()->set_code(code);
  return staged;
}

v1::StageFeatures StageWards(std::initializer_list<const char*> codes) {
  v1::StageFeatures stage;
  stage.set_set("geography.ward.2013");
  *stage.mutable_features() = Features(1, codes).features();
  return stage;
}

TEST(ReferenceSet, OfGeographyTakesTheAreasOfASecondDistrict) {
  const auto first = Wards('a');
  const auto second = Wards('b');
  auto published = Published(second, 2);
  published.add_codes("X003");
  published.add_codes("X004");
  Given(Opened(first, 1), Features(1, {"X001", "X002"}), Published(first, 1))
      .When(second)
      .Then(Opened(second, 2));
  Given(Opened(first, 1), Features(1, {"X001", "X002"}), Published(first, 1), Opened(second, 2),
        Features(2, {"X003", "X004"}))
      .When(Publish())
      .Then(published);
}

TEST(ReferenceSet, OfGeographyNeverChangesAnArea) {
  const auto first = Wards('a');
  Given(Opened(first, 1), Features(1, {"X001", "X002"}), Published(first, 1), Opened(Wards('b'), 2))
      .When(StageWards({"X003", "X002"}))
      .ThenRefused(Refusal::CONTENT_DIFFERS, "features");
}

}  // namespace
}  // namespace holdfast::metrics
