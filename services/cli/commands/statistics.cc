// statistics check FILE | METHOD JSON: so that an analyst can check any figure by hand
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/invocation.h"
#include "cli/progress.h"
#include "statistics/methods.h"
#include "statistics/oracle_check.h"

namespace holdfast::cli {
namespace {

absl::Status Check(Invocation& in) {
  const std::string file = in.Get("FILE");
  ASSIGN_OR_RETURN(const auto checked, statistics::CheckOracles(file, in.Get("--files")));
  Rows rows{{"id", "method", "outcome", "deviation", "message"}, {}, {false, false, false, true}};
  int failed = 0;
  for (const auto& row : checked) {
    const std::string outcome(statistics::Name(row.verdict));
    failed += row.verdict == statistics::Verdict::kFail ? 1 : 0;
    rows.rows.push_back(
        {row.id, row.method, outcome, absl::StrCat(row.largest_deviation), row.message});
  }
  RETURN_IF_ERROR(in.output().Print(rows));
  if (failed == 0) return absl::OkStatus();
  return absl::UnknownError(absl::StrCat(failed, " of ", rows.rows.size(), " rows fail."));
}

absl::Status Evaluate(Invocation& in) {
  std::string json = in.Get("JSON");
  if (json == "-") {
    std::stringstream text;
    text << std::ifstream("/dev/stdin").rdbuf();
    json = text.str();
  }
  ASSIGN_OR_RETURN(const std::string answer,
                   statistics::EvaluateJson(in.Get("METHOD"), json, in.Get("--files")));
  return in.output().Raw(answer + "\n");
}

absl::Status List(Invocation& in) {
  Rows rows{{"method"}, {}, {}};
  for (const std::string_view method : statistics::MethodIds())
    rows.rows.push_back({std::string(method)});
  return in.output().Print(rows);
}

}  // namespace

Commands StatisticsCommands() {
  return {
      {"statistics check",
       "Check every row of a file of oracles; exit 1 where one fails",
       {{"FILE", "CSV: id, method, input, expected, tolerance"}},
       {{"--files", "DIR", "Where the files are that rows name (default beside FILE)"}},
       "holdfast statistics check oracles.csv",
       Check},
      {"statistics methods",
       "The methods that can be asked",
       {},
       {},
       "holdfast statistics methods",
       List},
      {"statistics evaluate",
       "One method on one input: holdfast statistics METHOD JSON",
       {{"METHOD", "Such as poisson_ci"}, {"JSON", "Its input; - reads it from standard input"}},
       {{"--files", "DIR", "Where the files are that the input names"}},
       "holdfast statistics evaluate poisson_ci '{\"interval\":\"garwood\",\"x\":10}'",
       Evaluate,
       true},
  };
}

}  // namespace holdfast::cli
