#include "ingest/police_uk_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace holdfast::ingest {
namespace {

using testing::HasSubstr;

// A set of empty files with these paths.
class Paths final : public FileSet {
 public:
  explicit Paths(const std::vector<std::string>& paths) {
    for (const std::string& path : paths) entries_.push_back({path, 0});
  }
  absl::StatusOr<std::unique_ptr<ByteSource>> OpenEntry(std::size_t) override {
    return std::make_unique<MemorySource>("");
  }
};

TEST(PoliceUkName, GivesMonthForceAndKind) {
  const auto street = ParsePoliceUkName("2016-01/2016-01-metropolitan-street.csv");
  ASSERT_TRUE(street.has_value());
  EXPECT_EQ(street->month, absl::CivilMonth(2016, 1));
  EXPECT_EQ(street->force, "metropolitan");
  EXPECT_EQ(street->kind, PoliceUkKind::kStreet);
  EXPECT_EQ(ParsePoliceUkName("2016-12-avon-and-somerset-outcomes.csv")->kind,
            PoliceUkKind::kOutcomes);
  EXPECT_EQ(ParsePoliceUkName("x/2016-12-btp-stop-and-search.csv")->force, "btp");
}

TEST(PoliceUkName, IsNothingElse) {
  for (const char* path :
       {"street.csv", "2016-13-kent-street.csv", "2016-01-street.csv", "2016-01--street.csv",
        "2016-01-Kent-street.csv", "2016-01-kent-street.txt", "2016-01-kent-street.csv/", ""}) {
    EXPECT_FALSE(ParsePoliceUkName(path).has_value()) << path;
  }
}

TEST(ForceSlug, IsThatOfTheFileNames) {
  EXPECT_EQ(ForceSlug("Metropolitan Police Service"), "metropolitan");
  EXPECT_EQ(ForceSlug("British Transport Police"), "btp");
  EXPECT_EQ(ForceSlug("Devon & Cornwall Police"), "devon-and-cornwall");
  EXPECT_EQ(ForceSlug("Dyfed-Powys Police"), "dyfed-powys");
  EXPECT_EQ(ForceSlug("Avon and Somerset Constabulary"), "avon-and-somerset");
  EXPECT_EQ(ForceSlug("City of London Police"), "city-of-london");
  EXPECT_EQ(ForceSlug("Police Service of Northern Ireland"), "northern-ireland");
  EXPECT_EQ(ForceSlug("…"), "");
}

TEST(FindStreetFiles, OrdersByMonthAndForceAndListsWhatIsNotImported) {
  const auto found = FindStreetFiles(Paths(
      {"2016-02/2016-02-westmoor-street.csv", "README.txt", "2016-01/2016-01-westmoor-street.csv",
       "2016-01/2016-01-btp-street.csv", "2016-01/2016-01-westmoor-outcomes.csv",
       "2016-01/2016-01-westmoor-stop-and-search.csv"}));
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->street.size(), 3U);
  EXPECT_EQ(found->street[0].force, "btp");
  EXPECT_EQ(found->street[1].entry, 2U);
  EXPECT_EQ(found->street[2].month, absl::CivilMonth(2016, 2));
  ASSERT_EQ(found->not_imported.size(), 3U);
  EXPECT_THAT(found->not_imported[0].reason, HasSubstr("not a name of a police.uk file"));
  EXPECT_THAT(found->not_imported[1].reason, HasSubstr("outcomes are not imported"));
  EXPECT_THAT(found->not_imported[2].reason, HasSubstr("stop and search is not imported"));
}

TEST(FindStreetFiles, TakesALoneCsvOfAnyName) {
  const auto found = FindStreetFiles(Paths({"street.csv"}));
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->street.size(), 1U);
  EXPECT_FALSE(found->street[0].month.has_value());
  EXPECT_FALSE(FindStreetFiles(Paths({"a.csv", "b.csv"})).ok());
}

TEST(FindStreetFiles, RefusesASetWithoutStreetFilesOrWithOneTwice) {
  EXPECT_THAT(std::string(FindStreetFiles(Paths({"2016-01-kent-outcomes.csv"})).status().message()),
              HasSubstr("no street file is there"));
  EXPECT_THAT(
      std::string(FindStreetFiles(Paths({"a/2016-01-kent-street.csv", "b/2016-01-kent-street.csv"}))
                      .status()
                      .message()),
      HasSubstr("the same force and month"));
}

}  // namespace
}  // namespace holdfast::ingest
