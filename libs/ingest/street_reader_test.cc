#include "ingest/street_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/errors_file.h"
#include "ingest/fuzz_entry.h"

namespace holdfast::ingest {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kHeader =
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime "
    "type,"
    "Last outcome category,Context\r\n";

// Invented: no such force, street or crime.
std::string Row(const std::string& month = "2016-01", const std::string& lon = "-1.500000",
                const std::string& lat = "54.250000", const std::string& type = "Burglary",
                const std::string& outcome = "Under investigation", const std::string& id = "ab12",
                const std::string& force = "Westmoor Police") {
  return id + "," + month + "," + force + "," + force + "," + lon + "," + lat +
         ",On or near Mill Lane,X01,Westmoor 1A," + type + "," + outcome + ",\r\n";
}

struct Outcome {
  std::vector<std::string> rows;   // type and point
  std::vector<std::string> codes;  // of faults
  std::vector<RowFault> faults;
  std::string refused;
  std::string month;
  std::string force;
};

Outcome Read(const std::string& text, const std::string& name = "2016-01-westmoor-street.csv") {
  FuzzProfiles(text);  // keeps its promises on every example
  Outcome outcome;
  MemorySource source(text);
  StreetFile file{0, name, std::nullopt, ""};
  if (const auto parsed = ParsePoliceUkName(name)) {
    file.month = parsed->month;
    file.force = parsed->force;
  }
  auto reader = StreetReader::Open(source, file);
  if (!reader.ok()) {
    EXPECT_EQ(reader.status().code(), absl::StatusCode::kInvalidArgument);
    outcome.refused = std::string(reader.status().message());
    return outcome;
  }
  while (true) {
    const auto item = (*reader)->Next();
    if (!item.ok()) {
      outcome.refused = std::string(item.status().message());
      return outcome;
    }
    if (*item == StreetReader::Item::kEnd) break;
    const StreetRow& row = (*reader)->row();
    if (*item == StreetReader::Item::kRow) {
      outcome.rows.push_back(
          std::string(SlugOf(row.category)) +
          (row.has_point ? "@" + std::to_string(row.lon_e6) + "," + std::to_string(row.lat_e6)
                         : "@nowhere"));
    }
    for (const RowFault& fault : (*reader)->faults()) {
      outcome.faults.push_back(fault);
      outcome.codes.push_back(fault.field + ":" + fault.code);
    }
  }
  if ((*reader)->month()) outcome.month = absl::FormatCivilTime(*(*reader)->month());
  outcome.force = (*reader)->force();
  return outcome;
}

TEST(StreetReader, YieldsTypeAndPointOfEachRow) {
  const Outcome outcome =
      Read(std::string(kHeader) + Row() + Row("2016-01", "", "", "Anti-social behaviour", "", ""));
  EXPECT_EQ(outcome.refused, "");
  EXPECT_THAT(outcome.rows,
              ElementsAre("burglary@-1500000,54250000", "anti-social-behaviour@nowhere"));
  EXPECT_THAT(outcome.codes, ElementsAre());
}

TEST(StreetReader, ReadsColumnsByNameNotByPosition) {
  const Outcome outcome = Read(
      "Latitude,Longitude,Month,Crime type,Reported by,Falls within,Location,LSOA code,LSOA "
      "name,Crime ID,Context,"
      "Last outcome category\n54.25,-1.5,2016-01,Drugs,Westmoor Police,,,,,,,\n");
  EXPECT_THAT(outcome.rows, ElementsAre("drugs@-1500000,54250000"));
}

TEST(StreetReader, KnowsTodaysAndFormerNamesOfTypes) {
  std::string text(kHeader);
  for (const char* type :
       {"Violence and sexual offences", "Violent crime", "Public disorder and weapons",
        "Public order", "Criminal damage and arson", "Other crime"}) {
    text += Row("2016-01", "", "", type);
  }
  EXPECT_THAT(Read(text).rows, ElementsAre("violent-crime@nowhere", "violent-crime@nowhere",
                                           "public-order@nowhere", "public-order@nowhere",
                                           "criminal-damage-arson@nowhere", "other-crime@nowhere"));
}

TEST(StreetReader, RejectsABadRowAloneWithItsLineFieldAndRule) {
  const Outcome outcome =
      Read(std::string(kHeader) + Row() + Row("2016-02") + Row("Jan-16") +
           Row("2016-01", "x", "54.25") + Row("2016-01", "-1.5", "") +
           Row("2016-01", "54.25", "-1.5") + Row("2016-01", "-1.5", "48.85") +
           Row("2016-01", "NaN", "NaN") + Row("2016-01", "", "", "Burglery") +
           "only,three,fields\r\n" + Row("2016-01", "", "", "Drugs", std::string(401, 'x')) +
           Row("2016-01", "", "", "Drugs", "\"a\nb\"") + Row());
  EXPECT_EQ(outcome.refused, "");
  EXPECT_EQ(outcome.rows.size(), 2U);
  EXPECT_THAT(outcome.codes, ElementsAre("Month:MONTH_OTHER", "Month:MONTH_MALFORMED",
                                         "Longitude:NOT_A_NUMBER", "Latitude:POINT_INCOMPLETE",
                                         "Longitude:OUT_OF_BOUNDS", "Latitude:OUT_OF_BOUNDS",
                                         "Longitude:NOT_A_NUMBER", "Crime type:CRIME_TYPE_UNKNOWN",
                                         ":ROW_WIDTH", "Last outcome category:TEXT_TOO_LONG",
                                         "Last outcome category:CONTROL_CHARACTER"));
  EXPECT_EQ(outcome.faults[0].line, 3U);
  EXPECT_EQ(outcome.faults[0].file, "2016-01-westmoor-street.csv");
  EXPECT_EQ(outcome.faults[0].hint, "This file is of 2016-01.");
  EXPECT_EQ(outcome.faults[4].hint, "Longitude and latitude seem to be exchanged.");
  EXPECT_EQ(outcome.faults[7].hint, "Did you mean Burglary?");
}

TEST(StreetReader, ReportsAllFaultsOfARowAtOnce) {
  EXPECT_THAT(
      Read(std::string(kHeader) + Row("2016-02", "x", "y", "Burglery")).codes,
      ElementsAre("Month:MONTH_OTHER", "Longitude:NOT_A_NUMBER", "Crime type:CRIME_TYPE_UNKNOWN"));
}

TEST(StreetReader, KeepsAnUnknownOutcomeWithAWarning) {
  const std::string text =
      std::string(kHeader) + Row() + Row("2016-01", "", "", "Drugs", "Sent to the moon");
  MemorySource source(text);
  auto reader = StreetReader::Open(source, {0, "x.csv", std::nullopt, ""});
  ASSERT_EQ(*(*reader)->Next(), StreetReader::Item::kRow);
  EXPECT_TRUE((*reader)->row().outcome_known);
  ASSERT_EQ(*(*reader)->Next(), StreetReader::Item::kRow);
  EXPECT_FALSE((*reader)->row().outcome_known);
  EXPECT_EQ((*reader)->row().last_outcome, "Sent to the moon");
}

TEST(StreetReader, RefusesAHeaderFromBefore2013NamingItsColumns) {
  const Outcome outcome = Read(
      "Month,Reported by,Falls within,Easting,Northing,Location,Crime "
      "type,Context\n2011-01,a,a,1,2,b,Burglary,\n");
  EXPECT_THAT(outcome.refused,
              HasSubstr("line 1: columns Easting, Northing: this layout ended in 2013"));
  EXPECT_THAT(outcome.refused, HasSubstr("Longitude and Latitude"));
}

TEST(StreetReader, RefusesAnUnknownOrMissingColumnNamingTheNearest) {
  std::string text = std::string(kHeader) + Row();
  text.replace(text.find("Longitude"), 9, "Longitud");
  EXPECT_EQ(Read(text).refused,
            "2016-01-westmoor-street.csv, line 1: unknown column \"Longitud\" (did you mean "
            "\"Longitude\"?); "
            "column \"Longitude\" is missing");
}

TEST(StreetReader, RefusesRowsOfAnotherForce) {
  const std::string other = Row("2016-01", "", "", "Drugs", "", "", "Eastvale Police");
  EXPECT_THAT(
      Read(std::string(kHeader) + Row() + other).refused,
      HasSubstr("line 3, column Reported by: the row is of another force than those before it"));
  EXPECT_THAT(
      Read(std::string(kHeader) + other).refused,
      HasSubstr(
          "line 2, column Reported by: the row is of another force than the file's name says"));
}

TEST(StreetReader, AcceptsAForceThatHasGrown) {
  EXPECT_EQ(Read(std::string(kHeader) +
                 Row("2016-01", "", "", "Drugs", "", "", "Westmoor and Isle of Reeds Constabulary"))
                .refused,
            "");
}

TEST(StreetReader, LearnsMonthAndForceFromTheRowsWhereTheNameTellsNothing) {
  const Outcome outcome =
      Read(std::string(kHeader) + Row("2016-03") + Row("2016-04"), "street.csv");
  EXPECT_EQ(outcome.month, "2016-03");
  EXPECT_EQ(outcome.force, "westmoor");
  EXPECT_THAT(outcome.codes, ElementsAre("Month:MONTH_OTHER"));
}

TEST(StreetReader, RefusesAnEmptyFileAndOneThatIsNotUtf8) {
  EXPECT_THAT(Read("").refused, HasSubstr("the file is empty"));
  EXPECT_THAT(Read(std::string(kHeader) + Row() + Row("2016-01", "", "", "Caf\xE9")).refused,
              HasSubstr("line 3: a byte is not UTF-8"));
}

TEST(StreetReader, OfAHeaderAloneHasNoRow) {
  const Outcome outcome = Read(std::string(kHeader));
  EXPECT_EQ(outcome.refused, "");
  EXPECT_TRUE(outcome.rows.empty());
  EXPECT_EQ(outcome.month, "2016-01");
}

TEST(StreetReader, ReadsItsOwnErrorsFile) {
  ErrorsFile errors(std::vector<std::string_view>{
      "Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location",
      "LSOA code", "LSOA name", "Crime type", "Last outcome category", "Context"});
  const std::vector<RowFault> faults = {
      {"a.csv", 2, "Month", "MONTH_OTHER", "The row is of another month.", ""}};
  errors.Add(std::vector<std::string_view>{"", "2016-01", "Westmoor Police", "Westmoor Police",
                                           "-1.5", "54.25", "@home", "", "", "Drugs", "", ""},
             faults);
  const std::string text = errors.Take();
  EXPECT_THAT(text, HasSubstr(",-1.5,54.25,'@home,"));
  MemorySource source(text);
  auto reader = StreetReader::Open(source, {0, "errors.csv", std::nullopt, ""});
  ASSERT_TRUE(reader.ok()) << reader.status();
  ASSERT_EQ(*(*reader)->Next(), StreetReader::Item::kRow);
  EXPECT_EQ((*reader)->row().location, "@home");
}

}  // namespace
}  // namespace holdfast::ingest
