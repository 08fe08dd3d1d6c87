// The tree over a log (RFC 9162 §2.1): one hash that stands for every entry and its place, and
// short proofs that an entry is in it, or that a later tree only added to an earlier one.
//
//   leaf hash  SHA-256(00 ‖ leaf)         node  SHA-256(01 ‖ left ‖ right)
//
// Pure; nothing here knows what the entries are.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "base/hash.h"

namespace holdfast::security {

Hash MerkleLeaf(std::string_view leaf);
Hash MerkleNode(const Hash& left, const Hash& right);

// The hash of the complete subtree over leaves [index·2^level, (index + 1)·2^level). Asked only for
// subtrees that are complete in the tree at hand.
using MerkleNodes = absl::FunctionRef<Hash(unsigned level, std::uint64_t index)>;

// Of the first `size` leaves. Of none: SHA-256 of nothing.
Hash MerkleRoot(std::uint64_t size, MerkleNodes nodes);

// Path of leaf `index` in the tree of `size` leaves (§2.1.3.1). index < size.
std::vector<Hash> InclusionProof(std::uint64_t index, std::uint64_t size, MerkleNodes nodes);

// From the tree of `from` leaves to that of `to` (§2.1.4.1). 0 < from <= to; equal: empty.
std::vector<Hash> ConsistencyProof(std::uint64_t from, std::uint64_t to, MerkleNodes nodes);

// True only where the leaf with that hash stands at `index` in the tree of `size` leaves with that
// root (§2.1.3.2).
bool VerifyInclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                     const std::vector<Hash>& proof, const Hash& root);

// True only where the first `from` leaves of the second tree are the first tree (§2.1.4.2). From
// the empty tree everything follows, and the proof is empty.
bool VerifyConsistency(std::uint64_t from, const Hash& root_from, std::uint64_t to,
                       const Hash& root_to, const std::vector<Hash>& proof);

// A tree that grows in memory: 64 bytes a leaf. Not thread-safe.
class MerkleTree {
 public:
  void Append(const Hash& leaf);
  std::uint64_t size() const { return levels_.empty() ? 0 : levels_.front().size(); }
  Hash Root() const { return RootAt(size()); }
  // As of its first `size` leaves.
  Hash RootAt(std::uint64_t size) const;
  std::vector<Hash> Inclusion(std::uint64_t index, std::uint64_t size) const;
  std::vector<Hash> Consistency(std::uint64_t from, std::uint64_t to) const;

 private:
  // levels_[l][i]: the complete subtree of 2^l leaves that is the i-th.
  std::vector<std::vector<Hash>> levels_;
};

}  // namespace holdfast::security
