#include "base/private_file.h"

#include <gtest/gtest.h>

namespace holdfast {
namespace {

TEST(PrivateFile, IsItsOwnersAlone) {
  EXPECT_TRUE(CheckPrivate("the key file", "/keys/a", 0600).ok());
  EXPECT_TRUE(CheckPrivate("the key file", "/keys/a", 0400).ok());
  EXPECT_TRUE(CheckPrivate("the key file", "/keys/a", 0100600).ok()) << "the bits of a plain file";
}

TEST(PrivateFile, IsRefusedWhereAnybodyElseMayTouchIt) {
  for (const mode_t mode : {0640U, 0604U, 0620U, 0602U, 0610U, 0644U}) {
    const absl::Status refused = CheckPrivate("the key file", "/keys/a", mode);
    EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << mode;
    EXPECT_EQ(refused.message(), "the key file /keys/a can be read by others: chmod 600 it");
  }
}

}  // namespace
}  // namespace holdfast
