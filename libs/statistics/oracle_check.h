// Holds the methods to a file of oracles: known answers, from publications and from other programs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace holdfast::statistics {

enum class Verdict { kPass, kFail, kSkip };
std::string_view Name(Verdict verdict);  // "pass", "fail", "skip"

struct OracleOutcome {
  std::string id;
  std::string method;
  Verdict verdict = Verdict::kFail;
  double largest_deviation = 0;  // absolute, over all numbers of the row
  std::string message;           // what differs, or why it was skipped; empty on a pass
};

// Every row of a CSV file with the columns id, method, input, expected, tolerance, in its order. A
// method that is not built is skipped; an unknown one fails. Errors are of the file itself: not
// found, no CSV, a column missing.
//   data_dir   where `data` finds its files; empty: the folder of the file
absl::StatusOr<std::vector<OracleOutcome>> CheckOracles(const std::string& csv_path,
                                                        const std::string& data_dir = "");

}  // namespace holdfast::statistics
