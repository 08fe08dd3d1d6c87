#include "app/secret_file.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace holdfast::app {
namespace {

using ::testing::HasSubstr;

class SecretFile : public ::testing::Test {
 protected:
  SecretFile() { std::ofstream(path_) << "secret"; }
  ~SecretFile() override { std::filesystem::remove(path_); }

  absl::StatusOr<std::string> ReadAs(mode_t mode) {
    EXPECT_EQ(::chmod(path_.c_str(), mode), 0);
    return ReadSecretFile(path_);
  }

  const std::string path_ = ::testing::TempDir() + "/secret-" + std::to_string(::getpid());
};

TEST_F(SecretFile, IsReadWhereItsOwnerAloneCan) {
  EXPECT_EQ(ReadAs(0600).value(), "secret");
  EXPECT_EQ(ReadAs(0400).value(), "secret");
}

TEST_F(SecretFile, ThatOthersCanReadIsRefusedWithTheWayOut) {
  for (const mode_t mode : {0604U, 0640U, 0460U, 0444U}) {
    EXPECT_THAT(std::string(ReadAs(mode).status().message()), HasSubstr("chmod 600")) << mode;
  }
}

TEST_F(SecretFile, ThatRootHandsToAGroupIsRead) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can own a file as root";
  EXPECT_EQ(ReadAs(0440).value(), "secret");
}

TEST_F(SecretFile, OfSomebodyElseThatItsGroupCanReadIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  ASSERT_EQ(::chown(path_.c_str(), 65532, 65532), 0);
  EXPECT_FALSE(ReadAs(0440).ok());
}

TEST(SecretFiles, ThatAreMissingAreNamed) {
  EXPECT_THAT(std::string(ReadSecretFile("/nowhere/key").status().message()),
              HasSubstr("/nowhere/key is not there"));
}

}  // namespace
}  // namespace holdfast::app
