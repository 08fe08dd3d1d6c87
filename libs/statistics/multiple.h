// Many tests on one page are one family: q beside each p, so that a badge means something.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "statistics/outcome.h"

namespace holdfast::statistics {

struct Family {
  std::vector<double> q;  // adjusted p, in the order of the input
  std::int64_t rejected = 0;
  std::int64_t bonferroni_rejected = 0;
};

//   p       each in [0, 1]
//   level   false discovery rate
//   source  Benjamini & Hochberg (1995), JRSS B 57
Result<Family> BenjaminiHochberg(std::span<const double> p, double level = 0.05);

}  // namespace holdfast::statistics
