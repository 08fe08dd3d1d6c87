// A generation of a view: its rows as they were folded from the journal at one go, in a column
// family of its own ("site_board@1#2").
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "readmodel/readers.h"
#include "readmodel/row_fold.h"
#include "readmodel/row_store.h"
#include "readmodel/view_type.h"

namespace holdfast::readmodel {

// Folds the tenant's commits up to `seq` that the fold has not seen yet.
absl::Status FoldUpTo(std::uint64_t seq, const ViewType& view, Replay& replay, RowFold& fold);

// Hexadecimal, of what a fold has, and of what a family serves: rows, and what is parked.
std::string DigestOf(const RowFold& fold);
absl::StatusOr<std::string> DigestOf(const RowSnapshot& served, const std::string& family);

// Writes the rows of `fold` as the generation after `served`, and answers its family. The one
// before `served` is dropped, and so is what a rebuild that did not end left.
absl::StatusOr<std::string> WriteNextGeneration(const RowFold& fold, const ViewType& view,
                                                const std::string& served, RowStore& store);

}  // namespace holdfast::readmodel
