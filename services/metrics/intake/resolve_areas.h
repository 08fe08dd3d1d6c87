// Crimes that came before a set of areas, before a file that joined it, or before a lookup, are
// resolved by it: the same rows, as a revision of their own.
#pragma once

#include "holdfast/metrics/v1/metrics.pb.h"

#include "absl/status/statusor.h"
#include "app/service.h"
#include "readmodel/reader.h"

namespace holdfast::metrics {

// `reader` sees the sets that count. Interrupted and asked again it goes on.
absl::StatusOr<v1::ResolveAreasResponse> ResolveCrimes(const readmodel::Reader& reader,
                                                       app::CallContext& call);

}  // namespace holdfast::metrics
