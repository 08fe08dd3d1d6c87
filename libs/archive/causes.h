// What must not be torn by a cut through several partitions: one that holds a reaction holds its
// cause, too, and one in which a tenant was opened holds the closing that led there.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace holdfast::journal::v1 {
class Commit;
}

namespace holdfast::archive {

// How far the chains of a cut reach: seq by context and tenant.
class Chains {
 public:
  // The highest that was given counts.
  void Reach(std::string_view context, std::string_view tenant, std::uint64_t seq);
  bool Hold(std::string_view context, std::string_view tenant, std::uint64_t seq) const;

  using ByPlace = std::map<std::pair<std::string, std::string>, std::uint64_t>;
  const ByPlace& all() const { return chains_; }

 private:
  ByPlace chains_;
};

class Causes {
 public:
  void Add(const journal::v1::Commit& commit);

  // A cause that is not in the cut, such as "commit 7 of metrics".
  std::optional<std::string> MissingIn(const Chains& cut) const;

 private:
  Chains highest_;
};

// Where the tenants of a cut are open.
class OpenTenants {
 public:
  void Add(std::string_view context, std::string_view tenant, bool receiving);
  // One that is open in two partitions of a context, such as "tenant westmoor of metrics": its move
  // is torn.
  std::optional<std::string> InTwoPartitions() const;

 private:
  std::map<std::pair<std::string, std::string>, int> open_;
};

}  // namespace holdfast::archive
