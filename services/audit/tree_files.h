// The tree of one tenant's log on disk: for each level a file of the hashes of its complete
// subtrees, 32 bytes each, that only grows. Derived: made again from the entries where it is lost,
// damaged or longer than they are.
//
//   <folder>/level-00   leaves          <folder>/level-01   pairs of leaves    …
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/hash.h"
#include "security/merkle_tree.h"

namespace holdfast::audit {

// One thread at a time; several objects may read one folder while one grows it, for a reader never
// looks past the size that it was opened with.
class TreeFiles {
 public:
  // Made where it is not there. Whatever stands behind the last leaf whose parents are all there
  // is left out, so that a torn write is grown over. kUnavailable where the disk refuses.
  static absl::StatusOr<TreeFiles> Open(const std::string& folder);
  TreeFiles(TreeFiles&&) noexcept;
  TreeFiles& operator=(TreeFiles&&) noexcept;
  ~TreeFiles();

  std::uint64_t size() const { return size_; }

  // Written when it returns, not synced: what is lost is grown again.
  absl::Status Append(const std::vector<Hash>& leaves);

  // size <= size(); the proofs as security/merkle_tree.h. kUnavailable, kDataLoss where a file
  // cannot be read.
  absl::StatusOr<Hash> RootAt(std::uint64_t size) const;
  absl::StatusOr<std::vector<Hash>> Consistency(std::uint64_t from, std::uint64_t to) const;
  // Of the complete subtrees of the first `size` leaves, the largest first.
  absl::StatusOr<std::vector<Hash>> Prefix(std::uint64_t size) const;

  // Begins anew.
  absl::Status Clear();

 private:
  explicit TreeFiles(std::string folder) : folder_(std::move(folder)) {}
  absl::Status OpenLevel(unsigned level);
  template <class Answer>
  absl::StatusOr<Answer> Computed(absl::FunctionRef<Answer(security::MerkleNodes)> compute) const;
  absl::StatusOr<Hash> Node(unsigned level, std::uint64_t index) const;
  absl::Status Write(unsigned level, std::uint64_t index, const std::vector<Hash>& hashes);
  void Close();

  std::string folder_;
  std::vector<int> levels_;  // descriptors
  std::uint64_t size_ = 0;
};

}  // namespace holdfast::audit
