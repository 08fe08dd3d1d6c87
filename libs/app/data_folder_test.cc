#include "app/data_folder.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace holdfast::app {
namespace {

using ::testing::HasSubstr;

std::string FreshPath(const std::string& name) {
  const std::string path = absl::StrCat(::testing::TempDir(), "data_folder_", name);
  std::filesystem::remove_all(path);
  return path;
}

std::string Read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(DataFolder, SaysWhereItIsServedAndForgetsItAtTheEnd) {
  const std::string path = FreshPath("announce");
  auto folder = DataFolder::Open(path);
  ASSERT_TRUE(folder.ok()) << folder.status();
  EXPECT_EQ(Read(path + "/run/pid"), absl::StrCat(::getpid(), "\n"));
  ASSERT_TRUE(
      (*folder)->Announce({"http://127.0.0.1:1", "127.0.0.1:2", "http://127.0.0.1:3"}).ok());
  EXPECT_EQ(Read(path + "/run/holdfast.json"),
            absl::StrCat(R"({"console":"http://127.0.0.1:1","grpc":"127.0.0.1:2",)",
                         R"("admin":"http://127.0.0.1:3","data":")", (*folder)->path(),
                         R"(","pid":)", ::getpid(), "}\n"));
  folder->reset();
  EXPECT_FALSE(std::filesystem::exists(path + "/run/holdfast.json"));
  EXPECT_TRUE(DataFolder::Open(path).ok());
}

TEST(DataFolder, IsServedByOneAtATime) {
  const std::string path = FreshPath("second");
  const auto first = DataFolder::Open(path);
  ASSERT_TRUE(first.ok());
  const absl::Status second = DataFolder::Open(path).status();
  EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.message()), HasSubstr(path));
  EXPECT_THAT(std::string(second.message()), HasSubstr(absl::StrCat("(", ::getpid(), ")")));
  EXPECT_THAT(std::string(second.message()), HasSubstr("--data"));
}

TEST(DataFolder, NamesAFolderThatCannotBeWritten) {
  const std::string path = FreshPath("blocked");
  std::ofstream(path) << "a file stands where the folder should";
  const absl::Status refused = DataFolder::Open(path + "/inside").status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(refused.message()), HasSubstr(path));
}

}  // namespace
}  // namespace holdfast::app
