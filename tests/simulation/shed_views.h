// The boards of the tool shed: the views that each node of the simulated world folds.
//
//   tool_board@1    a row per tool                            counts its loans
//   on_loan@1       a row per tool that is out                gone when it is back
//   activity@1      a row per stream, and one for all         touched by every event; of the second
//                                                             release of the program only
//   ledger_board@1  a row per ledger, of the other context    counts the reactions
//
// A commit that is missed, or applied twice, shows in the counts.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "readmodel/reader.h"
#include "readmodel/view_type.h"

namespace holdfast::simulation {

// Key and serialised row, in key order.
using Rows = std::vector<std::pair<std::string, std::string>>;

struct ShedView {
  readmodel::ViewType type;
  int release = 1;  // of the program that brought it
  // All rows, by a scan; kInternal where Get gives another row than the scan.
  absl::StatusOr<Rows> (*read)(const readmodel::Reader& reader) = nullptr;
};

// Live as long as the program.
const std::vector<ShedView>& ShedViews();
std::vector<readmodel::ViewType> ViewsOfRelease(int release);

}  // namespace holdfast::simulation
