// The accepted events behind one row, found by folding it again.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "readmodel/read_model.h"
#include "readmodel/view_type.h"

namespace holdfast::readmodel {

// As ReadModel::Explain promises. Reads the tenant's partition from its start.
absl::StatusOr<std::vector<Explanation>> ExplainRow(journal::Journal& journal, const ViewType& view,
                                                    const std::string& tenant,
                                                    const std::string& row_key,
                                                    const std::string& field, std::size_t limit);

}  // namespace holdfast::readmodel
