#include "ingest/row_changes.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <tuple>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast::ingest {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A short row: id, type, place, outcome.
struct Crime {
  std::string id;
  CrimeCategory type = CrimeCategory::kBurglary;
  std::int32_t lon_e6 = 0;
  std::string outcome = "Under investigation";
  friend bool operator==(const Crime&, const Crime&) = default;
  friend bool operator<(const Crime& a, const Crime& b) {
    return std::tie(a.id, a.type, a.lon_e6, a.outcome) <
           std::tie(b.id, b.type, b.lon_e6, b.outcome);
  }
};

std::vector<RowKey> Keys(const std::vector<Crime>& crimes) {
  RowDigester digester("key");
  std::vector<RowKey> keys;
  for (const Crime& crime : crimes) {
    StreetRow row;
    row.crime_id = crime.id;
    row.category = crime.type;
    row.has_point = true;
    row.lon_e6 = crime.lon_e6;
    row.last_outcome = crime.outcome;
    keys.push_back(KeyOf(row, digester));
  }
  return keys;
}

RowChanges Compare(const std::vector<Crime>& before, const std::vector<Crime>& after) {
  return CompareDeliveries(Keys(before), Keys(after));
}

constexpr auto kDrugs = CrimeCategory::kDrugs;
constexpr auto kBurglary = CrimeCategory::kBurglary;

TEST(CompareDeliveries, FindsNothingInTheSameRowsInAnotherOrder) {
  const RowChanges changes =
      Compare({{"a"}, {""}, {""}, {"b"}, {"a"}}, {{""}, {"b"}, {"a"}, {"a"}, {""}});
  EXPECT_TRUE(changes.none());
  EXPECT_EQ(changes.unchanged, 5U);
}

TEST(CompareDeliveries, CountsEqualRowsWithoutAnId) {
  const RowChanges more = Compare({{""}, {""}}, {{""}, {""}, {""}});
  EXPECT_EQ(more.recorded.size(), 1U);
  EXPECT_EQ(more.unchanged, 2U);
  const RowChanges fewer = Compare({{""}, {""}, {""}}, {{""}});
  EXPECT_EQ(fewer.cancelled.size(), 2U);
}

TEST(CompareDeliveries, TakesARowWithoutAnIdForANewOneWhenAnythingDiffers) {
  const RowChanges changes = Compare({{"", kDrugs}}, {{"", kBurglary}});
  EXPECT_THAT(changes.cancelled, ElementsAre(0));
  EXPECT_THAT(changes.recorded, ElementsAre(0));
  EXPECT_THAT(changes.reclassified, IsEmpty());
}

TEST(CompareDeliveries, TellsOutcomePlaceAndTypeApart) {
  const std::vector<Crime> before = {{"a"}, {"b"}, {"c"}, {"d"}, {"e"}};
  const RowChanges changes = Compare(before, {{"a", kBurglary, 0, "Offender fined"},
                                              {"b", kBurglary, 5},
                                              {"c", kDrugs},
                                              {"d", kDrugs, 5, "x"},
                                              {"f"}});
  EXPECT_THAT(changes.outcome_changed, ElementsAre(RowPair{0, 0}));
  EXPECT_THAT(changes.relocated, ElementsAre(RowPair{1, 1}));
  EXPECT_THAT(changes.reclassified, ElementsAre(RowPair{2, 2}, RowPair{3, 3}));
  EXPECT_THAT(changes.cancelled, ElementsAre(4));
  EXPECT_THAT(changes.recorded, ElementsAre(4));
}

TEST(CompareDeliveries, MatchesARepeatedIdByTypeAndPlaceFirst) {
  // One id, two crimes: the drugs row got an outcome, the burglary was reclassified.
  const RowChanges changes =
      Compare({{"a", kBurglary}, {"a", kDrugs}},
              {{"a", kDrugs, 0, "Offender fined"}, {"a", CrimeCategory::kRobbery}});
  EXPECT_THAT(changes.outcome_changed, ElementsAre(RowPair{1, 0}));
  EXPECT_THAT(changes.reclassified, ElementsAre(RowPair{0, 1}));
  EXPECT_TRUE(changes.recorded.empty() && changes.cancelled.empty());
}

TEST(CompareDeliveries, MatchesEqualRowsBeforeAllElse) {
  const RowChanges changes = Compare({{"a", kBurglary, 0, "x"}, {"a", kBurglary, 0, "y"}},
                                     {{"a", kBurglary, 0, "y"}, {"a", kBurglary, 0, "z"}});
  EXPECT_EQ(changes.unchanged, 1U);
  EXPECT_THAT(changes.outcome_changed, ElementsAre(RowPair{0, 1}));
}

TEST(CompareDeliveries, RecordsAFirstDeliveryAndCancelsAWithdrawnOne) {
  EXPECT_THAT(Compare({}, {{"a"}, {""}}).recorded, ElementsAre(0, 1));
  EXPECT_THAT(Compare({{"a"}, {""}}, {}).cancelled, ElementsAre(0, 1));
  EXPECT_TRUE(Compare({}, {}).none());
}

// What the changes do to the multiset, row by row.
std::map<Crime, int> Applied(const std::vector<Crime>& before, const std::vector<Crime>& after,
                             const RowChanges& changes) {
  std::map<Crime, int> rows;
  for (const Crime& crime : before) ++rows[crime];
  for (const std::uint32_t i : changes.cancelled) --rows[before[i]];
  for (const std::uint32_t i : changes.recorded) ++rows[after[i]];
  for (const auto* pairs : {&changes.reclassified, &changes.relocated, &changes.outcome_changed}) {
    for (const RowPair pair : *pairs) {
      EXPECT_EQ(before[pair.before].id, after[pair.after].id);
      --rows[before[pair.before]];
      ++rows[after[pair.after]];
    }
  }
  std::erase_if(rows, [](const auto& entry) { return entry.second == 0; });
  return rows;
}

std::vector<Crime> AnyDelivery(std::mt19937& random) {
  const auto pick = [&random](unsigned n) { return random() % n; };
  std::vector<Crime> crimes(pick(30));
  for (Crime& crime : crimes) {
    crime.id = pick(3) == 0 ? "" : std::string(1, static_cast<char>('a' + pick(8)));
    crime.type = pick(2) == 0 ? kDrugs : kBurglary;
    crime.lon_e6 = static_cast<std::int32_t>(pick(3));
    crime.outcome = std::string(1, static_cast<char>('p' + pick(3)));
  }
  return crimes;
}

TEST(CompareDeliveries, OfAnyTwoDeliveriesLeadsFromTheOneToTheOther) {
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same histories every time
  for (int round = 0; round < 500; ++round) {
    const std::vector<Crime> before = AnyDelivery(random);
    const std::vector<Crime> after = AnyDelivery(random);
    const RowChanges changes = Compare(before, after);
    std::map<Crime, int> expected;
    for (const Crime& crime : after) ++expected[crime];
    EXPECT_EQ(Applied(before, after, changes), expected);
    const std::size_t changed =
        changes.reclassified.size() + changes.relocated.size() + changes.outcome_changed.size();
    EXPECT_EQ(changes.unchanged + changed + changes.cancelled.size(), before.size());
    EXPECT_EQ(changes.unchanged + changed + changes.recorded.size(), after.size());
  }
}

TEST(CompareDeliveries, NeverCancelsAndRecordsTheSameId) {
  std::mt19937 random(11);  // NOLINT(cert-msc51-cpp): the same histories every time
  for (int round = 0; round < 200; ++round) {
    const std::vector<Crime> before = AnyDelivery(random);
    const std::vector<Crime> after = AnyDelivery(random);
    const RowChanges changes = Compare(before, after);
    std::set<std::string> gone;
    for (const std::uint32_t i : changes.cancelled) gone.insert(before[i].id);
    gone.erase("");
    for (const std::uint32_t i : changes.recorded) EXPECT_FALSE(gone.contains(after[i].id));
  }
}

// The pairs by content, so that two orders of one delivery compare equal.
std::multiset<std::pair<Crime, Crime>> Contents(const std::vector<Crime>& before,
                                                const std::vector<Crime>& after,
                                                const RowChanges& changes) {
  std::multiset<std::pair<Crime, Crime>> out;
  for (const auto* pairs : {&changes.reclassified, &changes.relocated, &changes.outcome_changed}) {
    for (const RowPair pair : *pairs) out.emplace(before[pair.before], after[pair.after]);
  }
  return out;
}

TEST(CompareDeliveries, DoesNotDependOnTheOrderOfTheRows) {
  std::mt19937 random(13);  // NOLINT(cert-msc51-cpp): the same histories every time
  for (int round = 0; round < 200; ++round) {
    std::vector<Crime> before = AnyDelivery(random);
    std::vector<Crime> after = AnyDelivery(random);
    const RowChanges changes = Compare(before, after);
    const auto contents = Contents(before, after, changes);
    std::ranges::shuffle(before, random);
    std::ranges::shuffle(after, random);
    const RowChanges again = Compare(before, after);
    EXPECT_EQ(again.recorded.size(), changes.recorded.size());
    EXPECT_EQ(again.cancelled.size(), changes.cancelled.size());
    EXPECT_EQ(Contents(before, after, again), contents);
  }
}

}  // namespace
}  // namespace holdfast::ingest
