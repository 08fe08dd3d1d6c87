#include "cli/report/command_line.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "cli/invocation.h"

namespace holdfast::cli::report {
namespace {

bool IsPlain(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         std::string_view("-_.,/:@+").find(c) != std::string_view::npos;
}

class Line {
 public:
  explicit Line(std::string_view words) : text_("bin/holdfast " + std::string(words)) {}

  Line& Word(std::string_view word) {
    text_ += " " + ShellWord(word);
    return *this;
  }
  Line& Option(std::string_view name, std::string_view value) {
    if (value.empty()) return *this;
    text_ += " " + std::string(name);
    return Word(value);
  }
  Line& Areas(const metrics::v1::AreaChoice& areas) {
    return Option("--area", absl::StrJoin(areas.codes(), ","))
        .Option("--kind", areas.kind())
        .Option("--vintage", areas.vintage());
  }
  template <class Request>
  Line& Measure(const Request& request) {
    return Option("--measure", request.measure()).Option("--category", request.category());
  }
  template <class Request>
  Line& Months(const Request& request) {
    if (request.has_from()) Option("--from", ToText(request.from()));
    if (request.has_to()) Option("--to", ToText(request.to()));
    return *this;
  }
  std::string Of(std::string_view tenant) { return Option("--tenant", tenant).text_ + " -o json"; }

 private:
  std::string text_;
};

}  // namespace

std::string ShellWord(std::string_view text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), IsPlain)) return std::string(text);
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted.push_back(c);
    }
  }
  return quoted + "'";
}

std::string CommandLine(const metrics::v1::GetSeriesRequest& request, std::string_view tenant) {
  Line line("measure series");
  line.Measure(request).Areas(request.areas()).Months(request);
  if (request.each()) line.Word("--each");
  return line.Of(tenant);
}

std::string CommandLine(const metrics::v1::GetControlChartRequest& request,
                        std::string_view tenant) {
  Line line("measure xmr");
  line.Measure(request).Areas(request.areas()).Months(request);
  if (request.has_freeze_from()) line.Option("--freeze-from", ToText(request.freeze_from()));
  if (request.has_freeze_to()) line.Option("--freeze-to", ToText(request.freeze_to()));
  return line.Option("--site", request.site_id()).Of(tenant);
}

std::string CommandLine(const metrics::v1::CompareAreasRequest& request, std::string_view tenant) {
  Line line("measure compare");
  line.Measure(request).Areas(request.areas()).Months(request);
  line.Option("--compare-area", absl::StrJoin(request.comparison().codes(), ","));
  if (request.has_comparison_from())
    line.Option("--compare-from", ToText(request.comparison_from()));
  if (request.has_comparison_to()) line.Option("--compare-to", ToText(request.comparison_to()));
  return line.Of(tenant);
}

std::string CommandLine(const metrics::v1::GetRanksRequest& request, std::string_view tenant) {
  return Line("measure rank")
      .Option("--measure", request.measure())
      .Areas(request.areas())
      .Option("--period", absl::StrJoin(request.periods(), ","))
      .Of(tenant);
}

std::string CommandLine(const metrics::v1::GetBaselineRequest& request, std::string_view tenant) {
  return Line("baseline show").Word(request.site_id()).Of(tenant);
}

std::string CommandLine(const metrics::v1::ListExtractsRequest& request, std::string_view tenant) {
  return Line("import status").Option("--dataset", request.dataset_id()).Months(request).Of(tenant);
}

std::string CommandLine(const board::v1::GetSiteBoardRequest& request, std::string_view tenant) {
  return Line("board show").Word(request.site_id()).Of(tenant);
}

}  // namespace holdfast::cli::report
