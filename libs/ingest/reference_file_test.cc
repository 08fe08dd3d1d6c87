#include "ingest/reference_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ingest/fuzz_entry.h"

namespace holdfast::ingest {
namespace {

absl::StatusOr<ReferenceFile> Read(ReferenceKind kind, std::string_view text,
                                   const AreaCodes* known = nullptr) {
  FuzzProfiles(text);  // keeps its promises on every example
  MemorySource source(text);
  return ReadReferenceFile(kind, source, "r.csv", known);
}

std::string Fault(ReferenceKind kind, std::string_view text, const AreaCodes* known = nullptr) {
  const auto file = Read(kind, text, known);
  EXPECT_FALSE(file.ok());
  EXPECT_EQ(file.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(file.status().message());
}

TEST(ReferenceFile, HoldsPopulationsInMillionths) {
  const auto file =
      Read(ReferenceKind::kPopulations, "Ward Code,Population\r\nW1,12786\r\nW2,0\r\n");
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_EQ(file->rows.size(), 2U);
  EXPECT_EQ(file->key, ReferenceKey::kArea);
  EXPECT_EQ(file->rows[0].key, "W1");
  EXPECT_EQ(file->rows[0].amount_e6, 12'786'000'000);
  EXPECT_EQ(file->rows[1].line, 3U);
}

TEST(ReferenceFile, ReadsEveryKind) {
  EXPECT_TRUE(Read(ReferenceKind::kDwellings, "area,dwellings\nW1,500\n").ok());
  EXPECT_TRUE(Read(ReferenceKind::kDeprivation, "area,decile\nW1,1\nW2,10\n").ok());
  const auto lookups = Read(ReferenceKind::kLookups, "lsoa,area\nL1,W1\nL2,W1\n");
  ASSERT_TRUE(lookups.ok());
  EXPECT_EQ(lookups->key, ReferenceKey::kSmallArea);
  EXPECT_EQ(lookups->rows[1].to, "W1");
  const auto codes = Read(ReferenceKind::kOffenceCodes,
                          "ho_code,category,title\n28E,burglary,\"Burglary, dwelling\"\n");
  ASSERT_TRUE(codes.ok());
  EXPECT_EQ(codes->rows[0].to, "burglary");
  EXPECT_EQ(codes->rows[0].text, "Burglary, dwelling");
}

TEST(ReferenceFile, HoldsWeightsByCategoryOrByOffenceCode) {
  const auto categories =
      Read(ReferenceKind::kWeights, "category,weight,basis\nburglary,300.5,mostly dwelling\n");
  ASSERT_TRUE(categories.ok()) << categories.status();
  EXPECT_EQ(categories->key, ReferenceKey::kCategory);
  EXPECT_EQ(categories->rows[0].amount_e6, 300'500'000);
  EXPECT_EQ(categories->rows[0].text, "mostly dwelling");
  const auto codes = Read(ReferenceKind::kWeights, "ho_code,weight\n28E,438\n");
  ASSERT_TRUE(codes.ok()) << codes.status();
  EXPECT_EQ(codes->key, ReferenceKey::kOffenceCode);
  EXPECT_EQ(Fault(ReferenceKind::kWeights, "category,weight\nburglary,0\n"),
            "r.csv, line 2, column weight: a weight is above zero");
  EXPECT_EQ(Fault(ReferenceKind::kWeights, "weight\n1\n"),
            "r.csv, line 1: a file of weights has either the column \"category\" or the column "
            "\"ho_code\"");
  EXPECT_EQ(
      Fault(ReferenceKind::kWeights, "category,weight\nburglery,1\n"),
      "r.csv, line 2, column category: this is no category of police.uk; did you mean burglary?");
}

TEST(ReferenceFile, IsRefusedWholeNamingLineAndColumn) {
  const auto kind = ReferenceKind::kPopulations;
  EXPECT_EQ(Fault(kind, "area,residents\nW1,1\nW2,2\nW1,3\n"),
            "r.csv, line 4, column area: this one stands already on line 2");
  EXPECT_EQ(Fault(kind, "area\nW1\n"), "r.csv, line 1: column \"residents\" is missing");
  EXPECT_EQ(Fault(kind, "area,residents\nW1,many\n"),
            "r.csv, line 2, column residents: this is not a number");
  EXPECT_EQ(Fault(kind, "area,residents\nW1,NaN\n"),
            "r.csv, line 2, column residents: this is not a number");
  EXPECT_EQ(Fault(kind, "area,residents\nW1,\n"),
            "r.csv, line 2, column residents: this is not a number");
  EXPECT_EQ(Fault(kind, "area,residents\nW1,-5\n"),
            "r.csv, line 2, column residents: the number is negative");
  EXPECT_EQ(Fault(kind, "area,residents\nW1,1.5\n"),
            "r.csv, line 2, column residents: the number is not whole");
  EXPECT_EQ(Fault(kind, "area,residents\nW1,9000000000\n"),
            "r.csv, line 2, column residents: the number is too large");
  EXPECT_EQ(Fault(kind, "area,residents\n,5\n"), "r.csv, line 2, column area: the code is missing");
  EXPECT_EQ(Fault(kind, "area,residents\nW1\n"),
            "r.csv, line 2: the row has 1 fields, the header 2");
  EXPECT_EQ(Fault(kind, "area,residents\n"), "r.csv, line 1: the file has no row");
  EXPECT_EQ(Fault(kind, ""), "r.csv, line 1: the file is empty");
  EXPECT_EQ(Fault(ReferenceKind::kDeprivation, "area,decile\nW1,11\n"),
            "r.csv, line 2, column decile: a decile is from 1 (most deprived) to 10");
}

TEST(ReferenceFile, IsRefusedForAnAreaThatIsNotKnown) {
  const AreaCodes known = {"W1"};
  EXPECT_TRUE(Read(ReferenceKind::kPopulations, "area,residents\nW1,1\n", &known).ok());
  EXPECT_EQ(Fault(ReferenceKind::kPopulations, "area,residents\nW1,1\nW9,1\n", &known),
            "r.csv, line 3, column area: this area is not known; import its boundaries first, or "
            "mend the code");
  EXPECT_EQ(Fault(ReferenceKind::kLookups, "lsoa,area\nL1,W9\n", &known),
            "r.csv, line 2, column area: this area is not known; import its boundaries first, or "
            "mend the code");
  EXPECT_TRUE(Read(ReferenceKind::kLookups, "lsoa,area\nL1,W1\n", &known).ok());
}

TEST(ReferenceKind, IsKnownByTheNameOnTheCommandLine) {
  for (const char* name :
       {"populations", "dwellings", "lookups", "deprivation", "offence-codes", "weights"}) {
    const auto kind = ReferenceKindOf(name);
    ASSERT_TRUE(kind.has_value()) << name;
    EXPECT_EQ(NameOf(*kind), name);
  }
  EXPECT_FALSE(ReferenceKindOf("people").has_value());
}

}  // namespace
}  // namespace holdfast::ingest
