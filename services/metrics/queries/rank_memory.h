// Ranks that were drawn before: the same inputs give the same draws, so the digest of the inputs is
// all one must know.
#pragma once

#include <memory>

#include "absl/functional/function_ref.h"
#include "base/hash.h"
#include "statistics/ranks.h"

namespace holdfast::metrics {

// Of the process, for the newest 128 inputs; a few hundred bytes an area. Thread-safe. Two that ask
// at once for what is not there may both draw it.
std::shared_ptr<const statistics::Result<statistics::Ranking>> RememberRanks(
    const Hash& inputs, absl::FunctionRef<statistics::Result<statistics::Ranking>()> draw);

}  // namespace holdfast::metrics
