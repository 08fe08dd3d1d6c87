#include "audit/tree_files.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "security/merkle_tree.h"

namespace holdfast::audit {
namespace {

namespace fs = std::filesystem;

std::vector<Hash> Leaves(std::uint64_t from, std::uint64_t to) {
  std::vector<Hash> leaves;
  for (std::uint64_t i = from; i < to; ++i)
    leaves.push_back(security::MerkleLeaf(std::to_string(i)));
  return leaves;
}

security::MerkleTree InMemory(std::uint64_t size) {
  security::MerkleTree tree;
  for (const Hash& leaf : Leaves(0, size)) tree.Append(leaf);
  return tree;
}

class TreeFilesTest : public ::testing::Test {
 protected:
  TreeFilesTest() : folder_(::testing::TempDir() + "tree-files") { fs::remove_all(folder_); }
  ~TreeFilesTest() override { fs::remove_all(folder_); }
  TreeFiles Open() const {
    auto tree = TreeFiles::Open(folder_);
    EXPECT_TRUE(tree.ok()) << tree.status();
    return *std::move(tree);
  }
  const std::string folder_;
};

TEST_F(TreeFilesTest, GivesWhatATreeInMemoryGivesHoweverItGrew) {
  constexpr std::uint64_t kMost = 70;
  const security::MerkleTree wanted = InMemory(kMost);
  for (const std::uint64_t step : {1U, 2U, 3U, 7U, 64U, 70U}) {
    fs::remove_all(folder_);
    for (std::uint64_t size = 0; size < kMost;) {
      TreeFiles tree = Open();
      ASSERT_EQ(tree.size(), size);
      const std::uint64_t to = std::min(kMost, size + step);
      ASSERT_TRUE(tree.Append(Leaves(size, to)).ok());
      size = to;
    }
    const TreeFiles tree = Open();
    for (std::uint64_t size = 1; size <= kMost; ++size)
      EXPECT_EQ(*tree.RootAt(size), wanted.RootAt(size)) << size << " by " << step;
    EXPECT_EQ(*tree.Consistency(13, 70), wanted.Consistency(13, 70));
  }
}

TEST_F(TreeFilesTest, GivesTheSubtreesOfAPrefixWithTheLargestFirst) {
  TreeFiles tree = Open();
  ASSERT_TRUE(tree.Append(Leaves(0, 13)).ok());
  const auto prefix = tree.Prefix(13);
  ASSERT_TRUE(prefix.ok());
  ASSERT_EQ(prefix->size(), 3U);
  EXPECT_EQ(prefix->at(0), InMemory(8).Root());
  EXPECT_EQ(prefix->at(2), security::MerkleLeaf("12"));
  EXPECT_TRUE(tree.Prefix(0)->empty());
}

TEST_F(TreeFilesTest, GrowsOverATornWriteAndOverALevelThatIsShort) {
  for (const char* level : {"level-00", "level-01", "level-03"}) {
    fs::remove_all(folder_);
    {
      TreeFiles tree = Open();
      ASSERT_TRUE(tree.Append(Leaves(0, 37)).ok());
    }
    const fs::path file = fs::path(folder_) / level;
    fs::resize_file(file, fs::file_size(file) - 5);
    TreeFiles tree = Open();
    ASSERT_LT(tree.size(), 37U) << level;
    ASSERT_TRUE(tree.Append(Leaves(tree.size(), 37)).ok());
    EXPECT_EQ(*tree.RootAt(37), InMemory(37).Root()) << level;
  }
}

TEST_F(TreeFilesTest, BeginsAnewWhereItIsCleared) {
  TreeFiles tree = Open();
  ASSERT_TRUE(tree.Append(Leaves(0, 9)).ok());
  ASSERT_TRUE(tree.Clear().ok());
  EXPECT_EQ(tree.size(), 0U);
  ASSERT_TRUE(tree.Append(Leaves(0, 4)).ok());
  EXPECT_EQ(*tree.RootAt(4), InMemory(4).Root());
}

}  // namespace
}  // namespace holdfast::audit
