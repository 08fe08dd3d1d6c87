// The page of a gate: how it would be answered for a day, and first what is missing. No view of its
// own: read from the row of the site and the criteria in force.
#pragma once

#include <string>

#include "holdfast/initiative/v1/initiative.pb.h"
#include "holdfast/initiative/v1/views.pb.h"

#include "absl/time/civil_time.h"

namespace holdfast::initiative {

//   criteria   every published version; NO_CRITERIA where none is in force on `day`
//   zone       empty: the whole site
//   today      overrides that end before it do not count
// Leaves `as_of` to the caller.
v1::GetGateResponse GatePage(const v1::SitePage& site, const v1::ReferenceSet& criteria,
                             v1::Phase::Code phase, const std::string& zone, absl::CivilDay day,
                             absl::CivilDay today);

}  // namespace holdfast::initiative
