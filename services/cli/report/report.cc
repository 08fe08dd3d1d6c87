#include "cli/report/report.h"

#include "absl/time/clock.h"
#include "base/civil_time.h"
#include "base/status_macros.h"
#include "cli/exit_code.h"
#include "cli/invocation.h"
#include "cli/report/words.h"

namespace holdfast::cli {

absl::Status RunReport(Invocation& invocation) {
  const Format format = invocation.output().format();
  if (format != Format::kHtml && format != Format::kJson) {
    return UsageError(
        "A report is a page: say -o html > report.html, or -o json for what it rests on.");
  }
  const absl::CivilDay today = LondonDay(absl::Now());
  ASSIGN_OR_RETURN(const auto given, invocation.Day("--as-of"));
  const absl::CivilDay as_of = given ? report::ToCivil(*given) : today;
  if (as_of > today)
    return UsageError("--as-of must be a day up to today: a report says what was so.");
  ASSIGN_OR_RETURN(const report::ReportData data,
                   report::Collect(invocation.session(), invocation.Get("SITE"), as_of));
  if (format == Format::kHtml) return invocation.output().Raw(report::Render(data));
  ASSIGN_OR_RETURN(const std::string json, report::JsonOf(data));
  return invocation.output().Raw(json);
}

}  // namespace holdfast::cli
