#include "metrics/views/month_tally.h"

#include "gtest/gtest.h"
#include "metrics/views/set_tally.h"
#include "testing/scenario.h"

namespace holdfast::metrics {
namespace {

using testing::Text;

EventMeta At(std::uint64_t seq) {
  EventMeta meta;
  meta.seq = seq;
  return meta;
}

v1::ExtractOpened Opened(std::uint32_t revision, std::uint32_t base) {
  v1::ExtractOpened opened = Text(R"pb(dataset_id: "westmoor-street"
                                       month { year: 2016 month: 3 })pb");
  opened.set_revision(revision);
  opened.set_base(base);
  return opened;
}

// Two burglaries in X001, a robbery in none.
v1::RowBlock ThreeCrimes() {
  return Text(R"pb(
    rows: 3
    texts: "burglary"
    texts: "X001"
    texts: "robbery"
    places { longitude_e6: 50000 latitude_e6: 51050000 area: 2 method: POINT_IN_POLYGON }
    places { area: 0 method: UNLOCATED }
    place: 0
    place: 0
    place: 1
    category: 1
    category: 1
    category: 3
  )pb");
}

v1::RowsStaged Staged(std::uint32_t revision) {
  v1::RowsStaged staged = Text(R"pb(
    dataset_id: "westmoor-street"
    month { year: 2016 month: 3 }
    area_sets { kind: "ward" vintage: "2013" }
  )pb");
  staged.set_revision(revision);
  return staged;
}

std::int64_t CountIn(const v1::MonthTallyRow::Revision& revision, std::string_view set,
                     std::string_view area, std::string_view category) {
  for (const auto& tally : revision.sets()) {
    if (tally.set() != set) continue;
    const int row = IndexOf(tally.areas(), area);
    const int column = IndexOf(tally.categories(), category);
    if (row < 0 || column < 0) return 0;
    return tally.counts(row * tally.categories_size() + column);
  }
  return -1;
}

TEST(MonthTally, CountsByAreaAndCategoryAndEverywhere) {
  v1::MonthTallyRow row;
  MonthTally::Apply(row, Opened(1, 0), At(1));
  v1::RowsStaged staged = Staged(1);
  *staged.mutable_recorded() = ThreeCrimes();
  MonthTally::Apply(row, staged, At(2));
  const auto& revision = row.revisions(0);
  EXPECT_EQ(revision.standing(), v1::MonthTallyRow::STAGED);
  EXPECT_EQ(CountIn(revision, "ward/2013", "X001", "burglary"), 2);
  EXPECT_EQ(CountIn(revision, "ward/2013", "X001", "robbery"), 0);
  EXPECT_EQ(CountIn(revision, "ward/2013", "", "robbery"), 1);
  EXPECT_EQ(CountIn(revision, "all", "", "burglary"), 2);
  EXPECT_EQ(CountIn(revision, "all", "", "robbery"), 1);
}

TEST(MonthTally, TakesCancelledCrimesOff) {
  v1::MonthTallyRow row;
  MonthTally::Apply(row, Opened(2, 1), At(1));
  v1::RowsStaged staged = Staged(2);
  *staged.mutable_cancelled() = ThreeCrimes();
  MonthTally::Apply(row, staged, At(2));
  EXPECT_EQ(CountIn(row.revisions(0), "ward/2013", "X001", "burglary"), -2);
  EXPECT_EQ(CountIn(row.revisions(0), "all", "", "robbery"), -1);
}

TEST(MonthTally, MovesAReclassifiedCrime) {
  v1::MonthTallyRow row;
  MonthTally::Apply(row, Opened(2, 1), At(1));
  v1::RowsStaged staged = Staged(2);
  *staged.mutable_reclassified()->mutable_from() = ThreeCrimes();
  v1::RowBlock& to = *staged.mutable_reclassified()->mutable_to();
  to = ThreeCrimes();
  to.set_texts(0, "vehicle-crime");
  MonthTally::Apply(row, staged, At(2));
  EXPECT_EQ(CountIn(row.revisions(0), "ward/2013", "X001", "burglary"), -2);
  EXPECT_EQ(CountIn(row.revisions(0), "ward/2013", "X001", "vehicle-crime"), 2);
  EXPECT_EQ(CountIn(row.revisions(0), "ward/2013", "", "robbery"), 0);
}

TEST(MonthTally, CountsResolvedRowsInTheNewSetOnly) {
  v1::MonthTallyRow row;
  MonthTally::Apply(row, Opened(2, 1), At(1));
  v1::RowsStaged staged = Staged(2);
  staged.clear_area_sets();
  staged.add_resolved_sets()->set_kind("lsoa");
  staged.mutable_resolved_sets(0)->set_vintage("2021");
  *staged.mutable_resolved() = ThreeCrimes();
  MonthTally::Apply(row, staged, At(2));
  EXPECT_EQ(CountIn(row.revisions(0), "lsoa/2021", "X001", "burglary"), 2);
  EXPECT_EQ(CountIn(row.revisions(0), "all", "", "burglary"), -1);  // no such tally
}

TEST(MonthTally, KnowsWhatCountsAndWhatNoLongerDoes) {
  v1::MonthTallyRow row;
  MonthTally::Apply(row, Opened(1, 0), At(1));
  v1::ExtractAccepted accepted;
  accepted.set_revision(1);
  MonthTally::Apply(row, accepted, At(3));
  EXPECT_EQ(row.revisions(0).standing(), v1::MonthTallyRow::ACCEPTED);
  EXPECT_EQ(row.revisions(0).accepted_seq(), 3);
  v1::ExtractReverted reverted;
  reverted.set_revision(1);
  MonthTally::Apply(row, reverted, At(4));
  EXPECT_EQ(row.revisions(0).standing(), v1::MonthTallyRow::REVERTED);
  MonthTally::Apply(row, Opened(2, 0), At(5));
  v1::ExtractAbandoned abandoned;
  abandoned.set_revision(2);
  MonthTally::Apply(row, abandoned, At(6));
  EXPECT_EQ(row.revisions_size(), 1);
}

TEST(MonthTally, TakesNoPieceWhoseRowsPointAtWhatIsNotThere) {
  v1::MonthTallyRow row;
  MonthTally::Apply(row, Opened(1, 0), At(1));
  v1::RowsStaged staged = Staged(1);
  *staged.mutable_recorded() = ThreeCrimes();
  staged.mutable_recorded()->set_category(0, 99);
  const Fit fit = MonthTally::Apply(row, staged, At(2));
  ASSERT_FALSE(fit.has_value());
  EXPECT_EQ(fit.error().reason, "MALFORMED_BLOCK");
}

TEST(MonthTally, CountsARowThatStandsForMany) {
  v1::MonthTallyRow row;
  MonthTally::Apply(row, Opened(1, 0), At(1));
  v1::RowsStaged staged = Staged(1);
  *staged.mutable_recorded() = ThreeCrimes();
  staged.mutable_recorded()->add_count(7);
  staged.mutable_recorded()->add_count(0);
  staged.mutable_recorded()->add_count(5);
  MonthTally::Apply(row, staged, At(2));
  EXPECT_EQ(CountIn(row.revisions(0), "ward/2013", "X001", "burglary"), 7);
  EXPECT_EQ(CountIn(row.revisions(0), "ward/2013", "", "robbery"), 5);
}

}  // namespace
}  // namespace holdfast::metrics
