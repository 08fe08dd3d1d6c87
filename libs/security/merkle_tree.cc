#include "security/merkle_tree.h"

#include <bit>
#include <cstddef>

namespace holdfast::security {
namespace {

// k of RFC 9162 §2.1.1: the largest power of two below n. n > 1.
std::uint64_t SplitOf(std::uint64_t n) {
  return std::bit_floor(n - 1);
}

// MTH of leaves [from, from + size): complete subtrees where there are, their join otherwise.
Hash RootOf(std::uint64_t from, std::uint64_t size, MerkleNodes nodes) {
  if (std::has_single_bit(size)) {
    const auto level = static_cast<unsigned>(std::countr_zero(size));
    return nodes(level, from >> level);
  }
  const std::uint64_t left = SplitOf(size);
  return MerkleNode(RootOf(from, left, nodes), RootOf(from + left, size - left, nodes));
}

void PathOf(std::uint64_t index, std::uint64_t from, std::uint64_t size, MerkleNodes nodes,
            std::vector<Hash>& path) {
  if (size == 1) return;
  const std::uint64_t left = SplitOf(size);
  if (index < left) {
    PathOf(index, from, left, nodes, path);
    path.push_back(RootOf(from + left, size - left, nodes));
  } else {
    PathOf(index - left, from + left, size - left, nodes, path);
    path.push_back(RootOf(from, left, nodes));
  }
}

// SUBPROOF(old, leaves [from, from + size), whole): `whole` while that subtree is the old tree.
void SubproofOf(std::uint64_t old, std::uint64_t from, std::uint64_t size, bool whole,
                MerkleNodes nodes, std::vector<Hash>& proof) {
  if (old == size) {
    if (!whole) proof.push_back(RootOf(from, size, nodes));
    return;
  }
  const std::uint64_t left = SplitOf(size);
  if (old <= left) {
    SubproofOf(old, from, left, whole, nodes, proof);
    proof.push_back(RootOf(from + left, size - left, nodes));
  } else {
    SubproofOf(old - left, from + left, size - left, false, nodes, proof);
    proof.push_back(RootOf(from, left, nodes));
  }
}

// A place that climbs from a node towards the root of a tree whose last node climbs with it.
struct Climb {
  std::uint64_t node = 0;
  std::uint64_t last = 0;

  bool joins_from_left() const { return (node & 1U) != 0 || node == last; }
  void Up() {
    node >>= 1U;
    last >>= 1U;
  }
  // Past the levels where the node is a lone right edge.
  void UpToItsLeftSibling() {
    while ((node & 1U) == 0 && node != 0) Up();
  }
};

}  // namespace

Hash MerkleLeaf(std::string_view leaf) {
  thread_local Sha256 digest;
  return digest.Update(std::string_view("\0", 1)).Update(leaf).Finish();
}

Hash MerkleNode(const Hash& left, const Hash& right) {
  thread_local Sha256 digest;
  return digest.Update("\1").Update(AsBytes(left)).Update(AsBytes(right)).Finish();
}

Hash MerkleRoot(std::uint64_t size, MerkleNodes nodes) {
  return size == 0 ? Sha256Of({}) : RootOf(0, size, nodes);
}

std::vector<Hash> InclusionProof(std::uint64_t index, std::uint64_t size, MerkleNodes nodes) {
  std::vector<Hash> path;
  PathOf(index, 0, size, nodes, path);
  return path;
}

std::vector<Hash> ConsistencyProof(std::uint64_t from, std::uint64_t to, MerkleNodes nodes) {
  std::vector<Hash> proof;
  SubproofOf(from, 0, to, true, nodes, proof);
  return proof;
}

bool VerifyInclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                     const std::vector<Hash>& proof, const Hash& root) {
  if (index >= size) return false;
  Climb climb{index, size - 1};
  Hash hash = leaf;
  for (const Hash& sibling : proof) {
    if (climb.last == 0) return false;
    if (climb.joins_from_left()) {
      hash = MerkleNode(sibling, hash);
      climb.UpToItsLeftSibling();
    } else {
      hash = MerkleNode(hash, sibling);
    }
    climb.Up();
  }
  return climb.last == 0 && hash == root;
}

bool VerifyConsistency(std::uint64_t from, const Hash& root_from, std::uint64_t to,
                       const Hash& root_to, const std::vector<Hash>& proof) {
  if (from == 0) return proof.empty() && root_from == Sha256Of({});
  if (from == to) return proof.empty() && root_from == root_to;
  if (from > to || proof.empty()) return false;
  // Where the old tree is one complete subtree its root is known, and not sent.
  Climb climb{from - 1, to - 1};
  while ((climb.node & 1U) != 0) climb.Up();
  std::size_t next = 0;
  const Hash first = std::has_single_bit(from) ? root_from : proof[next++];
  Hash older = first;
  Hash newer = first;
  for (; next < proof.size(); ++next) {
    if (climb.last == 0) return false;
    if (climb.joins_from_left()) {
      older = MerkleNode(proof[next], older);
      newer = MerkleNode(proof[next], newer);
      climb.UpToItsLeftSibling();
    } else {
      newer = MerkleNode(newer, proof[next]);
    }
    climb.Up();
  }
  return climb.last == 0 && older == root_from && newer == root_to;
}

void MerkleTree::Append(const Hash& leaf) {
  Hash hash = leaf;
  for (std::size_t level = 0;; ++level) {
    if (level == levels_.size()) levels_.emplace_back();
    levels_[level].push_back(hash);
    const std::size_t count = levels_[level].size();
    if (count % 2 != 0) return;
    hash = MerkleNode(levels_[level][count - 2], hash);
  }
}

Hash MerkleTree::RootAt(std::uint64_t size) const {
  return MerkleRoot(size,
                    [this](unsigned level, std::uint64_t index) { return levels_[level][index]; });
}

std::vector<Hash> MerkleTree::Inclusion(std::uint64_t index, std::uint64_t size) const {
  return InclusionProof(index, size,
                        [this](unsigned level, std::uint64_t i) { return levels_[level][i]; });
}

std::vector<Hash> MerkleTree::Consistency(std::uint64_t from, std::uint64_t to) const {
  return ConsistencyProof(from, to,
                          [this](unsigned level, std::uint64_t i) { return levels_[level][i]; });
}

}  // namespace holdfast::security
