// Did crime fall in the treated zone against its comparison, and did it only move next door?
// Weighted displacement difference and quotient.
//
// Comparison areas and the displacement zone are fixed before outcomes are seen and touch no other
// treated zone.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "statistics/outcome.h"

namespace holdfast::statistics {

struct BeforeAfter {
  std::int64_t before = 0;
  std::int64_t after = 0;
};

// What counts are divided by: spans of different length, areas of different size. All > 0.
struct DisplacementWeights {
  double before = 1;
  double after = 1;
  double treated = 1;
  double control = 1;
  double displacement = 1;
  double displacement_control = 1;
};

struct DisplacementInput {
  BeforeAfter treated;
  BeforeAfter control;
  std::optional<BeforeAfter> displacement = {};  // the zone around the treated one
  std::optional<BeforeAfter> displacement_control =
      {};  // its comparison; absent: none is subtracted
  DisplacementWeights weights = {};
  double level = 0.95;
  double phi = 1;
};

struct Estimate {
  double value = 0;
  double se = 0;
};

struct DisplacementDifference {
  Estimate local;                        // treated against control
  std::optional<Estimate> displacement;  // the zone around it
  Estimate total;
  double variance = 0;  // of the total
  double z = 0;
  Interval interval;
  double p = 1;               // two-sided
  bool small_counts = false;  // a count below 5: the normal form is doubtful. Caveat SMALL_COUNTS
};

// Below 0: crimes fell. No event anywhere: NO_EVENTS.
//   source   Wheeler & Ratcliffe (2018), Crime Science 7:11
Result<DisplacementDifference> Wdd(const DisplacementInput& input);

struct HarmWeighted {
  DisplacementInput counts;  // level and phi of the first offence hold for all
  double weight = 1;         // harm of one offence, > 0
};

// Sum over offences of weight times WDD. No offence: NO_EVENTS.
Result<DisplacementDifference> WddHarm(std::span<const HarmWeighted> offences);

struct DisplacementQuotient {
  double quotient = 0;          // buffer / success
  double success = 0;           // T1/C1 - T0/C0, below 0 where the treated zone did better
  double buffer = 0;            // D1/C1 - D0/C0
  double gross_effect = 0;      // T0 - T1
  double net_effect = 0;        // T0/C0 - T1/C1
  double total_net_effect = 0;  // crimes prevented in both zones, against the control's trend
};

// Above 1 diffusion of benefits exceeds the effect, 0 to 1 diffusion, -1 to 0 part displacement,
// below -1 displacement exceeds it. A control without events: NOT_ESTIMABLE. The interval of
// success holds 0: DENOMINATOR_COVERS_ZERO, there is no success that could be displaced.
//   source   Bowers & Johnson (2003), J. Quant. Criminol. 19; Guerette (2009), POP guide 10
Result<DisplacementQuotient> Wdq(const BeforeAfter& treated, const BeforeAfter& control,
                                 const BeforeAfter& displacement, double level = 0.95);

}  // namespace holdfast::statistics
