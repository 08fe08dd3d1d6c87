// The files of the tree, and planted ones that must be refused.
#include "names.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "source_tree.h"

namespace holdfast::architecture {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Written to disk and read back as the real tree is.
Faults Plant(const std::string& path, const std::string& text) {
  const fs::path root = fs::path(::testing::TempDir()) / "planted_names";
  fs::remove_all(root);
  fs::create_directories((root / path).parent_path());
  std::ofstream(root / path) << text;
  return CheckNames(ReadTree(root.string()));
}

auto OneFault(const std::string& what) {
  return ElementsAre(Field(&Fault::what, HasSubstr(what)));
}

TEST(Names, HoldInTheTree) {
  EXPECT_THAT(CheckNames(ReadTree(ProjectRoot())), IsEmpty());
}

TEST(Names, SayWhatIsInside) {
  EXPECT_THAT(Plant("libs/base/string_utils.cc", "// Text.\n"), OneFault("says nothing"));
  EXPECT_THAT(Plant("libs/base/Helper.cc", "// Text.\n"), OneFault("says nothing"));
  EXPECT_THAT(Plant("libs/journal/segment_manager.cc", "// Text.\n"), OneFault("says nothing"));
  EXPECT_THAT(Plant("libs/base/commonwealth.cc", "// Text.\n"), IsEmpty());
}

TEST(Names, BelongToFilesThatCanBeRead) {
  std::string text;
  for (int i = 0; i < kMaxLines; ++i) text += "// A line.\n";
  EXPECT_THAT(Plant("libs/base/long.cc", text), IsEmpty());
  EXPECT_THAT(Plant("libs/base/long.cc", text + "// One more.\n"), OneFault("lines, more than"));
  EXPECT_THAT(Plant("deploy/reference/rows.csv", text + "a,b\n"), IsEmpty());
}

TEST(Names, LeaveTheBuildersMachineOut) {
  const std::string home = std::string("/ho") + "me/somebody/project";
  EXPECT_THAT(Plant("docs/x.md", "Built in " + home + ".\n"), OneFault("builder's machine"));
  EXPECT_THAT(Plant("docs/x.md", "See src" + home + " for it.\n"), IsEmpty());
  EXPECT_THAT(Plant("web/package-lock.json",
                    std::string("\"resolved\": \"https://registry.np") + "mjs.org/x\"\n"),
              OneFault("package registry"));
}

TEST(Names, PromiseNothingWithoutAnOwner) {
  const std::string promise = std::string("// TO") + "DO";
  EXPECT_THAT(Plant("libs/base/x.cc", promise + ": later\n"), OneFault("without an owner"));
  EXPECT_THAT(Plant("libs/base/x.cc", promise + "(): later\n"), OneFault("without an owner"));
  EXPECT_THAT(Plant("libs/base/x.cc", promise + "(records team): after the review\n"), IsEmpty());
}

TEST(Names, OpenAHeaderWithWhatItIs) {
  EXPECT_THAT(Plant("libs/base/x.h", "#pragma once\n"), OneFault("does not open with what it is"));
  EXPECT_THAT(Plant("libs/base/x.h", "// A thing.\n"), OneFault("#pragma once"));
}

TEST(Names, KeepTestsAwake) {
  const std::string nap = std::string("std::this_thread::sle") + "ep_for(1s);\n";
  EXPECT_THAT(Plant("libs/base/x_test.cc", nap), OneFault("sleeps"));
}

TEST(Names, GiveEveryServiceItsFurniture) {
  EXPECT_THAT(Plant("services/clocks/CMakeLists.txt", "holdfast_service(clocks SRCS main.cc)\n"),
              ElementsAre(Field(&Fault::where, "services/clocks/README.md"),
                          Field(&Fault::where, "services/clocks/main.cc")));
  EXPECT_THAT(Plant("services/clocks/CMakeLists.txt", "holdfast_domain(clocks SRCS clock.cc)\n"),
              ElementsAre(Field(&Fault::where, "services/clocks/README.md")));
}

}  // namespace
}  // namespace holdfast::architecture
