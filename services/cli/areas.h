// How areas and months are chosen on the command line, the same by every command.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "holdfast/metrics/v1/metrics.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/command.h"

namespace holdfast::cli {

class Invocation;

// --kind, --vintage, --area.
std::vector<Option> AreaOptions();
// --from, --to: months, both included.
std::vector<Option> MonthOptions();
// --measure or --category.
std::vector<Option> MeasureOptions();

metrics::v1::AreaChoice AreasOf(const Invocation& invocation);

// The set of --kind and --vintage; without a vintage the newest that is loaded. kNotFound where
// none is.
absl::StatusOr<type::v1::AreaSet> AreaSetOf(Invocation& invocation);

// Sets `from` and `to` of a request where they were given.
template <class Request>
absl::Status SetMonths(const Invocation& invocation, Request& request);

// Exactly one of measure and category.
template <class Request>
absl::Status SetMeasure(const Invocation& invocation, Request& request);

std::vector<Option> Join(std::initializer_list<std::vector<Option>> lists);

}  // namespace holdfast::cli
