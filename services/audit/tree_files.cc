#include "audit/tree_files.h"

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "security/merkle_tree.h"

namespace holdfast::audit {
namespace {

constexpr std::size_t kHashBytes = 32;
constexpr unsigned kLevels = 48;  // 2^48 entries

std::string PathOf(const std::string& folder, unsigned level) {
  return absl::StrCat(folder, "/", absl::StrFormat("level-%02u", level));
}

absl::Status Refused(const std::string& folder) {
  return absl::ErrnoToStatus(errno, absl::StrCat("the tree of the audit log in ", folder));
}

off_t At(std::uint64_t index) {
  return static_cast<off_t>(index * kHashBytes);
}

}  // namespace

absl::StatusOr<TreeFiles> TreeFiles::Open(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  TreeFiles tree(folder);
  for (unsigned level = 0; level < kLevels; ++level) {
    RETURN_IF_ERROR(tree.OpenLevel(level));
    struct stat found {};
    if (::fstat(tree.levels_[level], &found) != 0) return Refused(folder);
    const std::uint64_t nodes = static_cast<std::uint64_t>(found.st_size) / kHashBytes;
    if (level == 0) tree.size_ = nodes;
    // A level that is short of its parents' children says how far the tree is whole.
    if (nodes < tree.size_ >> level) tree.size_ = ((nodes + 1) << level) - 1;
    if (tree.size_ >> level <= 1) break;
  }
  return tree;
}

TreeFiles::TreeFiles(TreeFiles&& other) noexcept {
  *this = std::move(other);
}
TreeFiles& TreeFiles::operator=(TreeFiles&& other) noexcept {
  std::swap(folder_, other.folder_);
  std::swap(levels_, other.levels_);
  std::swap(size_, other.size_);
  return *this;
}
TreeFiles::~TreeFiles() {
  Close();
}

void TreeFiles::Close() {
  for (const int descriptor : levels_) ::close(descriptor);
  levels_.clear();
}

absl::Status TreeFiles::OpenLevel(unsigned level) {
  if (level < levels_.size()) return absl::OkStatus();
  const int descriptor =
      ::open(PathOf(folder_, level).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return Refused(folder_);
  levels_.push_back(descriptor);
  return absl::OkStatus();
}

absl::Status TreeFiles::Write(unsigned level, std::uint64_t index,
                              const std::vector<Hash>& hashes) {
  RETURN_IF_ERROR(OpenLevel(level));
  const auto* bytes = reinterpret_cast<const char*>(hashes.data());
  std::size_t left = hashes.size() * kHashBytes;
  off_t at = At(index);
  while (left > 0) {
    const ssize_t written = ::pwrite(levels_[level], bytes, left, at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return Refused(folder_);
    bytes += written;
    left -= static_cast<std::size_t>(written);
    at += written;
  }
  return absl::OkStatus();
}

// Level by level: the pairs that the new nodes complete are the new nodes above. The leaves come
// last, so that a tree whose leaves are there has all above them.
absl::Status TreeFiles::Append(const std::vector<Hash>& leaves) {
  std::vector<Hash> nodes = leaves;
  std::uint64_t first = size_;
  for (unsigned level = 1; !nodes.empty() && level < kLevels; ++level) {
    std::vector<Hash> above;
    std::size_t i = 0;
    if (first % 2 != 0) {
      ASSIGN_OR_RETURN(const Hash left, Node(level - 1, first - 1));
      above.push_back(security::MerkleNode(left, nodes[0]));
      i = 1;
    }
    for (; i + 1 < nodes.size(); i += 2)
      above.push_back(security::MerkleNode(nodes[i], nodes[i + 1]));
    first /= 2;
    if (!above.empty()) RETURN_IF_ERROR(Write(level, first, above));
    nodes = std::move(above);
  }
  RETURN_IF_ERROR(Write(0, size_, leaves));
  size_ += leaves.size();
  return absl::OkStatus();
}

absl::StatusOr<Hash> TreeFiles::Node(unsigned level, std::uint64_t index) const {
  Hash hash{};
  if (level >= levels_.size()) return absl::DataLossError("the tree of the audit log is too short");
  const ssize_t read = ::pread(levels_[level], hash.data(), kHashBytes, At(index));
  if (read < 0) return Refused(folder_);
  if (static_cast<std::size_t>(read) != kHashBytes) {
    return absl::DataLossError("the tree of the audit log is too short");
  }
  return hash;
}

// The pure functions of the tree know no errors: the first one is kept.
template <class Answer>
absl::StatusOr<Answer> TreeFiles::Computed(
    absl::FunctionRef<Answer(security::MerkleNodes)> compute) const {
  absl::Status failed;
  Answer answer = compute([&](unsigned level, std::uint64_t index) {
    const absl::StatusOr<Hash> hash = Node(level, index);
    failed.Update(hash.status());
    return hash.ok() ? *hash : Hash{};
  });
  RETURN_IF_ERROR(failed);
  return answer;
}

absl::StatusOr<Hash> TreeFiles::RootAt(std::uint64_t size) const {
  return Computed<Hash>(
      [size](security::MerkleNodes nodes) { return security::MerkleRoot(size, nodes); });
}

absl::StatusOr<std::vector<Hash>> TreeFiles::Consistency(std::uint64_t from,
                                                         std::uint64_t to) const {
  return Computed<std::vector<Hash>>([from, to](security::MerkleNodes nodes) {
    return security::ConsistencyProof(from, to, nodes);
  });
}

absl::StatusOr<std::vector<Hash>> TreeFiles::Prefix(std::uint64_t size) const {
  std::vector<Hash> prefix;
  std::uint64_t at = 0;
  for (unsigned level = kLevels; level-- > 0;) {
    if ((size >> level & 1U) == 0) continue;
    ASSIGN_OR_RETURN(const Hash hash, Node(level, at >> level));
    prefix.push_back(hash);
    at += std::uint64_t{1} << level;
  }
  return prefix;
}

absl::Status TreeFiles::Clear() {
  for (const int descriptor : levels_) {
    if (::ftruncate(descriptor, 0) != 0) return Refused(folder_);
  }
  size_ = 0;
  return absl::OkStatus();
}

}  // namespace holdfast::audit
