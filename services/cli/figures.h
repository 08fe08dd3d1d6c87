// Figures as cells of a table: never a number without its reason where there is none.
#pragma once

#include <string>
#include <vector>

#include "holdfast/metrics/v1/figure.pb.h"

namespace holdfast::cli {

// The estimate, or why there is none ("no_data", "undefined: NO_EVENTS", "c" where suppressed).
std::string EstimateCell(const metrics::v1::Figure& figure);
std::string LowerCell(const metrics::v1::Figure& figure);
std::string UpperCell(const metrics::v1::Figure& figure);

// Of severity: with its weights capped, and with the heaviest offences left out. Empty of other
// figures.
std::string CappedCell(const metrics::v1::Figure& figure);
std::string LeftOutCell(const metrics::v1::Figure& figure);

// One line on stderr for each caveat, once.
template <class Caveats>
void SayCaveats(const Caveats& caveats);

}  // namespace holdfast::cli
