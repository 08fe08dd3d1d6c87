#include "initiative/domain/reference.h"

#include <gtest/gtest.h>

#include "initiative/domain/in_force.h"
#include "initiative/domain/site_fixtures.h"

namespace holdfast::initiative {
namespace {

constexpr testing::GivenEventsOf<Reference> Given;
using Refusal = v1::Refusal;

v1::PublishGateCriteria Publish() {
  const v1::GateCriteria published = CriteriaPublished().criteria();
  v1::PublishGateCriteria command;
  *command.mutable_valid_from() = published.valid_from();
  command.set_source(published.source());
  command.set_standing(published.standing());
  *command.mutable_rows() = published.rows();
  return command;
}
v1::PublishPoliceTerms PublishTerms() {
  return Text(R"pb(valid_from: { year: 2010 month: 1 day: 1 }
                   source: "a test"
                   standing: UNVERIFIED
                   terms: "OCG"
                   terms: "LRO")pb");
}

TEST(Reference, PublishesASetOnce) {
  Given().When(Publish()).Then(CriteriaPublished());
  Given(CriteriaPublished()).When(Publish()).ThenNothingHappens();
  EXPECT_EQ(Reference::StreamId(Publish()), "gate-criteria");
  EXPECT_EQ(Reference::StreamId(PublishTerms()), "police-terms");
}

TEST(Reference, NumbersItsVersions) {
  v1::PublishGateCriteria next = Publish();
  next.mutable_rows(2)->set_threshold(150);
  v1::GateCriteriaPublished second = CriteriaPublished();
  second.mutable_criteria()->set_version(2);
  second.mutable_criteria()->mutable_rows(2)->set_threshold(150);
  Given(CriteriaPublished()).When(next).Then(second);
}

TEST(Reference, IsPublishedWholeOrNotAtAllNamingEveryFault) {
  v1::PublishGateCriteria faulty = Publish();
  *faulty.add_rows() = faulty.rows(0);
  faulty.mutable_rows(1)->clear_title();
  faulty.mutable_rows(2)->clear_unit();
  faulty.mutable_rows(3)->set_kind(v1::GateCriterion::SPONSOR);
  faulty.clear_source();
  Given()
      .When(faulty)
      .ThenRefused(Refusal::REQUIRED, "source")
      .ThenRefused(Refusal::ROW_INCOMPLETE, "rows[1].title")
      .ThenRefused(Refusal::ROW_INCOMPLETE, "rows[2].unit")
      .ThenRefused(Refusal::ROW_INCOMPLETE, "rows[3].duty")
      .ThenRefused(Refusal::DUPLICATE_ROW, "rows[4].id");
}

TEST(Reference, AsksForWhatEachRowNeeds) {
  v1::PublishGateCriteria empty_row = Publish();
  empty_row.mutable_rows(0)->Clear();
  Given()
      .When(empty_row)
      .ThenRefused(Refusal::ROW_INCOMPLETE, "rows[0].id")
      .ThenRefused(Refusal::ROW_INCOMPLETE, "rows[0].gate")
      .ThenRefused(Refusal::ROW_INCOMPLETE, "rows[0].level")
      .ThenRefused(Refusal::ROW_INCOMPLETE, "rows[0].kind")
      .ThenRefused(Refusal::ROW_INCOMPLETE, "rows[0].remedy");
  v1::PublishGateCriteria aged_fact = Publish();
  aged_fact.mutable_rows(1)->set_kind(v1::GateCriterion::BOUNDARY);
  Given().When(aged_fact).ThenRefused(Refusal::ROW_INCOMPLETE, "rows[1].kind");
  Given()
      .When(v1::PublishGateCriteria())
      .ThenRefused(Refusal::REQUIRED, "valid_from")
      .ThenRefused(Refusal::REQUIRED, "standing")
      .ThenRefused(Refusal::REQUIRED, "rows");
}

TEST(Reference, PublishesPoliceTermsOnce) {
  v1::PoliceTermsPublished published = Text(R"pb(terms: {
                                                   version: 1
                                                   valid_from: { year: 2010 month: 1 day: 1 }
                                                   source: "a test"
                                                   standing: UNVERIFIED
                                                   terms: "OCG"
                                                   terms: "LRO"
                                                 })pb");
  Given().When(PublishTerms()).Then(published);
  Given(published).When(PublishTerms()).ThenNothingHappens();
  v1::PublishPoliceTerms twice = PublishTerms();
  twice.add_terms("ocg");
  Given().When(twice).ThenRefused(Refusal::DUPLICATE_ROW, "terms[2]");
  Given().When(v1::PublishPoliceTerms()).ThenRefused(Refusal::REQUIRED, "terms");
}

google::protobuf::RepeatedPtrField<v1::GateCriteria> Versions() {
  google::protobuf::RepeatedPtrField<v1::GateCriteria> versions;
  int number = 0;
  for (const type::v1::Day& day :
       {On(2020, 1, 1), On(2022, 1, 1), On(2021, 1, 1), On(2022, 1, 1)}) {
    v1::GateCriteria& version = *versions.Add();
    version.set_version(static_cast<std::uint32_t>(++number));
    *version.mutable_valid_from() = day;
  }
  return versions;
}

TEST(InForce, IsTheVersionOfTheLatestFirstDayAndThenTheNewest) {
  const auto versions = Versions();
  EXPECT_EQ(InForceOn(versions, absl::CivilDay(2019, 12, 31)), nullptr);
  EXPECT_EQ(InForceOn(versions, absl::CivilDay(2020, 1, 1))->version(), 1U);
  EXPECT_EQ(InForceOn(versions, absl::CivilDay(2021, 6, 1))->version(), 3U);
  EXPECT_EQ(InForceOn(versions, absl::CivilDay(2022, 1, 1))->version(), 4U);
}

}  // namespace
}  // namespace holdfast::initiative
