#include "security/merkle_tree.h"

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hex.h"

namespace holdfast::security {
namespace {

using ::testing::ElementsAre;

// The leaves of the vectors that certificate transparency's libraries share.
std::vector<std::string> Leaves() {
  return {"",
          std::string("\x00", 1),
          "\x10",
          "\x20\x21",
          "\x30\x31",
          "\x40\x41\x42\x43",
          "\x50\x51\x52\x53\x54\x55\x56\x57",
          "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"};
}

std::string Start(const Hash& hash) {
  return ToHex(AsBytes(hash)).substr(0, 16);
}
std::vector<std::string> Starts(const std::vector<Hash>& hashes) {
  std::vector<std::string> starts;
  for (const Hash& hash : hashes) starts.push_back(Start(hash));
  return starts;
}

MerkleTree Grown(std::uint64_t size) {
  MerkleTree tree;
  for (std::uint64_t i = 0; i < size; ++i) tree.Append(MerkleLeaf(std::to_string(i)));
  return tree;
}

class Vectors : public ::testing::Test {
 protected:
  Vectors() {
    for (const std::string& leaf : Leaves()) tree_.Append(MerkleLeaf(leaf));
  }
  MerkleTree tree_;
};

TEST_F(Vectors, GiveTheRootsOfOneToEightLeaves) {
  const std::array<std::string, 8> roots = {
      "6e340b9cffb37a98", "fac54203e7cc696c", "aeb6bcfe274b70a1", "d37ee418976dd957",
      "4e3bbb1f7b478dcf", "76e67dadbcdf1e10", "ddb89be403809e32", "5dc9da79a70659a9"};
  for (std::uint64_t size = 1; size <= roots.size(); ++size)
    EXPECT_EQ(Start(tree_.RootAt(size)), roots[size - 1]) << size << " leaves";
  EXPECT_EQ(Start(tree_.RootAt(0)), "e3b0c44298fc1c14");
}

TEST_F(Vectors, GiveThePathOfALeaf) {
  EXPECT_THAT(Starts(tree_.Inclusion(5, 8)),
              ElementsAre("bc1a0643b12e4d2d", "ca854ea128ed050b", "d37ee418976dd957"));
}

TEST_F(Vectors, GiveTheProofsOfGrowth) {
  EXPECT_THAT(Starts(tree_.Consistency(6, 8)),
              ElementsAre("0ebc5d3437fbe2db", "ca854ea128ed050b", "d37ee418976dd957"));
  EXPECT_THAT(Starts(tree_.Consistency(3, 7)), ElementsAre("0298d122906dcfc1", "07506a85fd9dd2f1",
                                                           "fac54203e7cc696c", "837dbb152e9b0790"));
}

TEST(MerkleTree, ProvesEveryLeafOfEveryTreeAndNoOtherAtThatPlace) {
  constexpr std::uint64_t kMost = 40;
  const MerkleTree tree = Grown(kMost);
  for (std::uint64_t size = 1; size <= kMost; ++size) {
    const Hash root = tree.RootAt(size);
    for (std::uint64_t i = 0; i < size; ++i) {
      const std::vector<Hash> proof = tree.Inclusion(i, size);
      const Hash leaf = MerkleLeaf(std::to_string(i));
      EXPECT_TRUE(VerifyInclusion(leaf, i, size, proof, root)) << i << " of " << size;
      EXPECT_FALSE(VerifyInclusion(MerkleLeaf("other"), i, size, proof, root));
      EXPECT_FALSE(VerifyInclusion(leaf, i, size, proof, MerkleLeaf("other")));
      if (size > 1) {
        EXPECT_FALSE(VerifyInclusion(leaf, (i + 1) % size, size, proof, root));
      }
    }
  }
}

TEST(MerkleTree, ProvesThatEveryTreeGrewFromEveryOneBefore) {
  constexpr std::uint64_t kMost = 40;
  const MerkleTree tree = Grown(kMost);
  for (std::uint64_t to = 1; to <= kMost; ++to) {
    for (std::uint64_t from = 1; from <= to; ++from) {
      const std::vector<Hash> proof = tree.Consistency(from, to);
      EXPECT_TRUE(VerifyConsistency(from, tree.RootAt(from), to, tree.RootAt(to), proof))
          << from << " to " << to;
      EXPECT_FALSE(VerifyConsistency(from, MerkleLeaf("other"), to, tree.RootAt(to), proof));
      EXPECT_FALSE(VerifyConsistency(from, tree.RootAt(from), to, MerkleLeaf("other"), proof));
    }
  }
}

TEST(MerkleTree, EverythingGrewFromNothingAndWithoutProof) {
  const MerkleTree tree = Grown(5);
  EXPECT_TRUE(VerifyConsistency(0, tree.RootAt(0), 5, tree.Root(), {}));
  EXPECT_FALSE(VerifyConsistency(0, tree.RootAt(0), 5, tree.Root(), {MerkleLeaf("")}));
  EXPECT_FALSE(VerifyConsistency(0, tree.RootAt(1), 5, tree.Root(), {}));
}

TEST(MerkleTree, ATreeThatLostOrChangedALeafDidNotGrow) {
  const MerkleTree before = Grown(11);
  MerkleTree after;
  for (std::uint64_t i = 0; i < 20; ++i)
    after.Append(MerkleLeaf(i == 7 ? "rewritten" : std::to_string(i)));
  EXPECT_FALSE(VerifyConsistency(11, before.Root(), 20, after.Root(), after.Consistency(11, 20)));
  EXPECT_FALSE(VerifyConsistency(11, before.Root(), 10, before.RootAt(10), {}));
}

// Every bit of every hash of a proof counts; so do a hash too many and one too few.
TEST(MerkleTree, TakesNoProofThatWasChanged) {
  const MerkleTree tree = Grown(13);
  const Hash leaf = MerkleLeaf("6");
  const std::vector<Hash> path = tree.Inclusion(6, 13);
  const std::vector<Hash> growth = tree.Consistency(6, 13);
  const auto included = [&](const std::vector<Hash>& proof) {
    return VerifyInclusion(leaf, 6, 13, proof, tree.Root());
  };
  const auto grown = [&](const std::vector<Hash>& proof) {
    return VerifyConsistency(6, tree.RootAt(6), 13, tree.Root(), proof);
  };
  ASSERT_TRUE(included(path));
  ASSERT_TRUE(grown(growth));
  for (std::size_t i = 0; i < path.size(); ++i) {
    for (std::size_t bit = 0; bit < 256; ++bit) {
      std::vector<Hash> changed = path;
      changed[i][bit / 8] = static_cast<std::uint8_t>(changed[i][bit / 8] ^ (1U << (bit % 8)));
      EXPECT_FALSE(included(changed)) << "hash " << i << ", bit " << bit;
    }
  }
  for (std::size_t i = 0; i < growth.size(); ++i) {
    std::vector<Hash> changed = growth;
    changed[i][0] ^= 1U;
    EXPECT_FALSE(grown(changed)) << "hash " << i;
  }
  for (const auto& [proof, holds] :
       {std::pair{path, std::function<bool(const std::vector<Hash>&)>(included)},
        std::pair{growth, std::function<bool(const std::vector<Hash>&)>(grown)}}) {
    std::vector<Hash> longer = proof;
    longer.push_back(leaf);
    EXPECT_FALSE(holds(longer));
    EXPECT_FALSE(holds({proof.begin(), proof.end() - 1}));
    EXPECT_FALSE(holds({}));
  }
}

TEST(MerkleTree, ALeafIsNeverTakenForANode) {
  const Hash left = MerkleLeaf("left");
  const Hash right = MerkleLeaf("right");
  const std::string both = std::string(AsBytes(left)) + std::string(AsBytes(right));
  EXPECT_NE(MerkleLeaf(both), MerkleNode(left, right));
}

}  // namespace
}  // namespace holdfast::security
