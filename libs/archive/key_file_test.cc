#include "archive/key_file.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "archive/archive_fixtures.h"

namespace holdfast::archive {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

TEST(KeyFile, IsAPairThatReadsBackAndThatOnlyItsOwnerMayRead) {
  const TemporaryFolder folder;
  const auto made = MakeKeyFiles(folder / "backup.key");
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(fs::status(folder / "backup.key").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
  const auto key = ReadPrivateKey(folder / "backup.key");
  const auto half = ReadPublicKey(folder / "backup.key.pub");
  ASSERT_TRUE(key.ok() && half.ok());
  EXPECT_TRUE((*half)->Verify("words", (*key)->Sign("words")));
}

TEST(KeyFile, IsNeverWrittenInPlaceOfAnother) {
  const TemporaryFolder folder;
  ASSERT_TRUE(MakeKeyFiles(folder / "backup.key").ok());
  const std::string before = ReadFile(folder / "backup.key");
  EXPECT_TRUE(absl::IsAlreadyExists(MakeKeyFiles(folder / "backup.key").status()));
  EXPECT_EQ(ReadFile(folder / "backup.key"), before);
}

TEST(KeyFile, IsRefusedWhereOthersMayReadIt) {
  const TemporaryFolder folder;
  ASSERT_TRUE(MakeKeyFiles(folder / "backup.key").ok());
  fs::permissions(folder / "backup.key", fs::perms::group_read, fs::perm_options::add);
  const auto refused = ReadPrivateKey(folder / "backup.key");
  EXPECT_TRUE(absl::IsFailedPrecondition(refused.status()));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("chmod 600"));
}

TEST(KeyFile, IsRefusedWhereItIsNoKeyOrAbsent) {
  const TemporaryFolder folder;
  EXPECT_TRUE(absl::IsNotFound(ReadPrivateKey(folder / "none").status()));
  ASSERT_TRUE(MakeKeyFiles(folder / "backup.key").ok());
  WriteFile(folder / "backup.key", "no key");
  EXPECT_TRUE(absl::IsFailedPrecondition(ReadPrivateKey(folder / "backup.key").status()));
}

}  // namespace
}  // namespace holdfast::archive
