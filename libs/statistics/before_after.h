// Before and after, against a comparison: the relative effect size, and the simple differences that
// are published so often.
#pragma once

#include <cstdint>

#include "statistics/displacement.h"
#include "statistics/outcome.h"

namespace holdfast::statistics {

struct RelativeEffect {
  double res = 0;  // T0 C1 / (T1 C0): above 1 the treated area did better
  double se_log = 0;
  Interval interval;
  double rate_ratio =
      0;  // its inverse: the difference-in-differences rate ratio of a Poisson model, with equal SE
  Interval rate_ratio_interval;
  double z = 0;
  double p = 1;
};

// A zero in any of the four counts: NOT_ESTIMABLE, nothing is added to it.
//   source   Farrington & Welsh (2006); Wilson (2022), on its variance
Result<RelativeEffect> RelativeEffectSize(const BeforeAfter& treated, const BeforeAfter& control,
                                          double level = 0.95, double phi = 1);

struct Means {
  double before = 0;
  double after = 0;
};
// (T1 - T0) - (C1 - C0) of means or rates, which may be anything finite.
Result<double> DifferenceOfMeans(const Means& treated, const Means& control);

struct ControlledChange {
  double absolute = 0;  // (T1 - T0) - (C1 - C0)
  double relative = 0;  // (T1/T0) / (C1/C0)
  double expected = 0;  // T0 C1 / C0: the treated area on the control's trend
};
// Nothing before on either side: ZERO_BASELINE. A control that fell to 0: NOT_ESTIMABLE.
Result<ControlledChange> Controlled(const BeforeAfter& treated, const BeforeAfter& control);

// The same relative change with the rest of the force as control; total includes treated.
Result<ControlledChange> AgainstRemainder(const BeforeAfter& treated, const BeforeAfter& total);

}  // namespace holdfast::statistics
