#include "load.h"

#include <string>

#include <gtest/gtest.h>

namespace holdfast::flow {
namespace {

TEST(LoadNote, IsSaidInALineAndReadAgain) {
  const Load::Note said = {"westmoor", "Mill Lane", absl::UnavailableError("not now\nnot ever"),
                           absl::Milliseconds(1250)};
  Load::Note read;
  ASSERT_TRUE(ReadLine(LineOf(said), read));
  EXPECT_EQ(read.tenant, said.tenant);
  EXPECT_EQ(read.name, said.name);
  EXPECT_EQ(read.answer, absl::UnavailableError("not now not ever"));
  EXPECT_EQ(read.took, said.took);
}

TEST(LoadNote, IsNoLineOfAnotherKind) {
  Load::Note note;
  EXPECT_FALSE(ReadLine("", note));
  EXPECT_FALSE(ReadLine("x\t1\ta\tb\tc", note));
  EXPECT_FALSE(ReadLine("0\t1\ta\tb", note));
}

TEST(LoadRecord, TellsAcknowledgedUnknownAndFailed) {
  LoadRecord record;
  Record({"westmoor", "a", absl::OkStatus(), absl::Seconds(2)}, record);
  Record({"westmoor", "b", absl::UnavailableError("not now"), absl::Seconds(1)}, record);
  Record({"sandbox", "c", absl::InternalError("broken"), {}}, record);
  EXPECT_EQ(record.issued, 3);
  EXPECT_EQ(record.AcknowledgedCount(), 1U);
  EXPECT_EQ(record.UnknownCount(), 1U);
  EXPECT_EQ(record.failures.size(), 1U);
  EXPECT_EQ(record.longest, absl::Seconds(2));
}

}  // namespace
}  // namespace holdfast::flow
