// Under which facts of the directory something was decided or read.
#pragma once

#include <algorithm>
#include <cstdint>

namespace holdfast::security {

// How far the tenant's own history and the operator's were folded. Compared part by part.
struct PolicyEpoch {
  std::uint64_t own = 0;
  std::uint64_t operators = 0;

  // At least as far in both.
  bool Covers(const PolicyEpoch& other) const {
    return own >= other.own && operators >= other.operators;
  }
  // As far as either.
  void Join(const PolicyEpoch& other) {
    own = std::max(own, other.own);
    operators = std::max(operators, other.operators);
  }
  friend bool operator==(const PolicyEpoch&, const PolicyEpoch&) = default;
};

}  // namespace holdfast::security
