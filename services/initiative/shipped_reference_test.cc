#include "initiative/shipped_reference.h"

#include <gtest/gtest.h>

#include "initiative/domain/gate.h"
#include "initiative/domain/reference.h"
#include "testing/scenario.h"

namespace holdfast::initiative {
namespace {

constexpr testing::GivenEventsOf<Reference> Given;

TEST(ShippedReference, IsPublishedAsItIs) {
  const auto criteria = GateCriteriaFromJson(ShippedGateCriteriaJson());
  ASSERT_TRUE(criteria.ok()) << criteria.status();
  const auto published = Given().When(*criteria);
  ASSERT_FALSE(published.decision().refused);
  EXPECT_EQ(published.state().criteria_size(), 1);
  const auto terms = PoliceTermsFromJson(ShippedPoliceTermsJson());
  ASSERT_TRUE(terms.ok()) << terms.status();
  const auto listed = Given().When(*terms);
  ASSERT_FALSE(listed.decision().refused);
  EXPECT_EQ(listed.state().terms_size(), 1);
}

TEST(ShippedReference, SaysThatNobodyHasVerifiedIt) {
  EXPECT_EQ(GateCriteriaFromJson(ShippedGateCriteriaJson())->standing(), v1::Standing::UNVERIFIED);
  EXPECT_EQ(PoliceTermsFromJson(ShippedPoliceTermsJson())->standing(), v1::Standing::UNVERIFIED);
}

TEST(ShippedReference, GuardsEachPhaseWithAHardCriterionAndClearWithTheBaseline) {
  const auto criteria = GateCriteriaFromJson(ShippedGateCriteriaJson());
  ASSERT_TRUE(criteria.ok());
  for (int phase = v1::Phase::PREPARE; phase <= v1::Phase::SUSTAIN; ++phase) {
    EXPECT_TRUE(std::any_of(criteria->rows().begin(), criteria->rows().end(),
                            [phase](const v1::GateCriterion& row) {
                              return row.gate() == phase && row.level() == v1::GateCriterion::HARD;
                            }))
        << phase;
  }
  EXPECT_TRUE(std::any_of(
      criteria->rows().begin(), criteria->rows().end(), [](const v1::GateCriterion& row) {
        return row.gate() == v1::Phase::CLEAR && row.level() == v1::GateCriterion::HARD &&
               row.id() == kBaselineCriterion;
      }));
}

TEST(ShippedReference, RefusesTextThatIsNotACommand) {
  EXPECT_EQ(GateCriteriaFromJson("{").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(PoliceTermsFromJson(R"({"rows": []})").status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace holdfast::initiative
