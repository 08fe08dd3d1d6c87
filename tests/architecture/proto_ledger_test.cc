// The ledger of this tree, and planted changes that would make old bytes lie.
#include "proto_ledger.h"

#include <cstdlib>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "planted_proto.h"
#include "source_tree.h"

namespace holdfast::architecture {
namespace {

namespace pb = google::protobuf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kHeading =
    "# Every number that a proto of ours ever gave. Lines are added (see README.md), never changed "
    "or removed.\n";

std::string LedgerPath() {
  return ProjectRoot() + "/tests/architecture/proto_numbers.txt";
}

std::vector<const pb::FileDescriptor*> OurFiles() {
  std::vector<const pb::FileDescriptor*> files;
  for (const SourceFile& file : ReadTree(ProjectRoot()).files) {
    if (!file.path.starts_with("proto/") || !file.path.ends_with(".proto")) continue;
    // Messages of tests are kept by nobody.
    if (file.path.starts_with("proto/holdfast/testing/")) continue;
    const pb::FileDescriptor* found =
        pb::DescriptorPool::generated_pool()->FindFileByName(file.path.substr(6));
    if (found != nullptr) files.push_back(found);
  }
  return files;
}

// Old lines stay as they are; new ones are added, all in order.
void UpdateLedger(const std::vector<const pb::FileDescriptor*>& files) {
  std::set<std::string> lines;
  for (const absl::string_view line :
       absl::StrSplit(ReadFile(LedgerPath()), '\n', absl::SkipEmpty())) {
    if (line.front() != '#') lines.emplace(line);
  }
  for (std::string& line : LedgerLines(files)) lines.insert(std::move(line));
  std::ofstream out(LedgerPath());
  out << kHeading;
  for (const std::string& line : lines) out << line << '\n';
}

TEST(ProtoLedger, HoldsEveryNumberOfTheTree) {
  const std::vector<const pb::FileDescriptor*> files = OurFiles();
  ASSERT_GE(files.size(), 5U);
  if (std::getenv("HOLDFAST_UPDATE_LEDGER") != nullptr) UpdateLedger(files);
  EXPECT_THAT(CompareWithLedger(ReadFile(LedgerPath()), files), IsEmpty());
}

TEST(ProtoLedger, LetsNoNumberChangeItsMeaning) {
  const PlantedProto before("message Row { string name = 1; int32 count = 2; }");
  ASSERT_NE(before.file(), nullptr) << before.errors();
  std::string ledger;
  for (const std::string& line : LedgerLines({before.file()})) absl::StrAppend(&ledger, line, "\n");
  EXPECT_THAT(CompareWithLedger(ledger, {before.file()}), IsEmpty());

  const PlantedProto renamed("message Row { string title = 1; int32 count = 2; }");
  EXPECT_THAT(CompareWithLedger(ledger, {renamed.file()}),
              ElementsAre(Field(&Fault::what, HasSubstr("now means")),
                          Field(&Fault::what, HasSubstr("not in the ledger"))));
  const PlantedProto retyped("message Row { string name = 1; int64 count = 2; }");
  EXPECT_THAT(CompareWithLedger(ledger, {retyped.file()}),
              ElementsAre(Field(&Fault::what, HasSubstr("now means")),
                          Field(&Fault::what, HasSubstr("not in the ledger"))));
}

TEST(ProtoLedger, LetsANumberGoOnlyWhenItIsReserved) {
  const std::string ledger =
      "field holdfast.planted.v1.Row 1 name string\nfield holdfast.planted.v1.Row 2 count int32\n";
  const PlantedProto gone("message Row { string name = 1; }");
  EXPECT_THAT(CompareWithLedger(ledger, {gone.file()}),
              ElementsAre(Field(&Fault::what, HasSubstr("not reserved"))));
  const PlantedProto reserved("message Row { reserved 2; string name = 1; }");
  EXPECT_THAT(CompareWithLedger(ledger, {reserved.file()}), IsEmpty());
}

TEST(ProtoLedger, WantsToBeToldOfANewNumber) {
  const PlantedProto added("message Row { string name = 1; }");
  EXPECT_THAT(CompareWithLedger("# nothing yet\n", {added.file()}),
              ElementsAre(Field(&Fault::what, HasSubstr("not in the ledger"))));
}

}  // namespace
}  // namespace holdfast::architecture
