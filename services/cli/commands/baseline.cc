// baseline comparators | check | lock | show | supersede;  board show | report | quality
#include <string>
#include <utility>

#include "holdfast/board/v1/board.pb.h"
#include "holdfast/metrics/v1/metrics.pb.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/hex.h"
#include "base/status_macros.h"
#include "cli/areas.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/figures.h"
#include "cli/invocation.h"
#include "cli/progress.h"
#include "cli/receipts.h"
#include "cli/report/report.h"
#include "cli/rpc_names.h"

namespace holdfast::cli {
namespace {

namespace v1 = metrics::v1;

// "G2" or the whole name.
absl::StatusOr<v1::Gate::Code> GateOf(const std::string& text) {
  const std::string wanted = absl::AsciiStrToUpper(text);
  for (int i = 1; i < v1::Gate::Code_descriptor()->value_count(); ++i) {
    const auto* value = v1::Gate::Code_descriptor()->value(i);
    if (value->name() == wanted || absl::StartsWith(value->name(), wanted + "_")) {
      return static_cast<v1::Gate::Code>(value->number());
    }
  }
  return UsageError("--waive must name gates of the baseline: G1 to G10.");
}

absl::Status AddWaivers(const Invocation& in, v1::LockBaselineRequest& request) {
  for (const std::string& gate : in.GetAll("--waive")) {
    ASSIGN_OR_RETURN(const v1::Gate::Code code, GateOf(gate));
    if (!in.Has("--reason"))
      return UsageError("--waive needs --reason: it is printed on every page of the site.");
    auto* waiver = request.add_waive();
    waiver->set_gate(code);
    waiver->set_reason(in.Get("--reason"));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::LockBaselineRequest> RequestOf(const Invocation& in) {
  v1::LockBaselineRequest request;
  request.set_site_id(in.Get("SITE"));
  RETURN_IF_ERROR(SetMonths(in, request));
  for (std::string& measure : in.GetAll("--measure")) request.add_measures(std::move(measure));
  request.set_keep_covid_months(in.Has("--keep-covid-months"));
  RETURN_IF_ERROR(AddWaivers(in, request));
  return request;
}

Rows GateRows(const v1::BaselineLocked& baseline) {
  Rows rows{{"gate", "outcome", "finding"}, {}, {}};
  for (const auto& gate : baseline.gates()) {
    rows.rows.push_back(
        {v1::Gate::Code_Name(gate.gate()), v1::Gate::Outcome_Name(gate.outcome()), gate.finding()});
  }
  return rows;
}

// A waiver of a gate that was met anyhow waived nothing.
bool WasFailing(const v1::BaselineLocked& baseline, v1::Gate::Code gate) {
  for (const auto& result : baseline.gates()) {
    if (result.gate() == gate) return result.outcome() == v1::Gate::WAIVED;
  }
  return true;
}

absl::Status Check(Invocation& in) {
  v1::CheckBaselineRequest request;
  ASSIGN_OR_RETURN(*request.mutable_request(), RequestOf(in));
  v1::CheckBaselineResponse answer;
  RETURN_IF_ERROR(in.session().Call(Metrics("CheckBaseline"), request, answer));
  for (const std::string& month : answer.missing_months()) Say("no data: " + month);
  for (const std::string& agency : answer.agencies_without_measure())
    Say("no measure of: " + agency);
  Say(answer.would_lock() ? "It would lock." : "It would not lock: meet or waive what failed.");
  return in.output().Print(answer, GateRows(answer.found()));
}

absl::Status Lock(Invocation& in) {
  if (in.Has("--dry-run")) return Check(in);
  ASSIGN_OR_RETURN(const v1::LockBaselineRequest request, RequestOf(in));
  type::v1::Receipt receipt;
  RETURN_IF_ERROR(in.session().Command(Metrics("LockBaseline"), request, receipt));
  return PrintReceipt(in, receipt);
}

absl::Status Show(Invocation& in) {
  v1::GetBaselineRequest request;
  request.set_site_id(in.Get("SITE"));
  v1::GetBaselineResponse answer;
  RETURN_IF_ERROR(in.session().Call(Metrics("GetBaseline"), request, answer));
  const v1::BaselineLocked& baseline = answer.baseline();
  Say(absl::StrCat("window ", ToText(baseline.window().from()), " to ",
                   ToText(baseline.window().to()), ", digest ",
                   ToHex(baseline.digest()).substr(0, 16),
                   baseline.retrospective() ? ", RETROSPECTIVE" : ""));
  for (const auto& waiver : baseline.waived()) {
    if (!WasFailing(baseline, waiver.gate())) continue;
    Say(absl::StrCat("waived ", v1::Gate::Code_Name(waiver.gate()), ": ", waiver.reason()));
  }
  Rows rows{{"measure", "mean_per_month", "lower", "upper", "detectable_fall_percent"},
            {},
            {false, true, true, true, true}};
  for (int i = 0; i < baseline.values_size(); ++i) {
    const auto& figure = baseline.values(i);
    const double fall =
        i < baseline.detectable_fall_percent_size() ? baseline.detectable_fall_percent(i) : 0;
    rows.rows.push_back({figure.measure().measure_id(), EstimateCell(figure), LowerCell(figure),
                         UpperCell(figure), fall > 0 ? ToText(fall, 1) : "none"});
  }
  return in.output().Print(answer, rows);
}

absl::Status Comparators(Invocation& in) {
  v1::ChooseComparators request;
  request.set_site_id(in.Get("SITE"));
  ASSIGN_OR_RETURN(*request.mutable_set(), AreaSetOf(in));
  for (std::string& code : in.GetAll("--area")) request.add_codes(std::move(code));
  for (std::string& code : in.GetAll("--displacement"))
    request.add_displacement_codes(std::move(code));
  ASSIGN_OR_RETURN(const auto rmspe, in.Number("--rmspe"));
  if (rmspe) request.set_rmspe(*rmspe);
  request.set_rationale(in.Get("--rationale"));
  type::v1::Receipt receipt;
  RETURN_IF_ERROR(in.session().Command(Metrics("ChooseComparators"), request, receipt));
  return PrintReceipt(in, receipt);
}

absl::Status Supersede(Invocation& in) {
  v1::SupersedeBaseline request;
  request.set_site_id(in.Get("SITE"));
  request.set_reason(in.Get("--reason"));
  type::v1::Receipt receipt;
  RETURN_IF_ERROR(in.session().Command(Metrics("SupersedeBaseline"), request, receipt));
  return PrintReceipt(in, receipt);
}

absl::Status DeclareNoData(Invocation& in) {
  v1::DeclareNoDataHeld request;
  request.set_agency(in.Get("--agency"));
  request.set_dataset_id(in.Get("--agency") + "-no-data");
  request.set_reason(in.Get("--reason"));
  type::v1::Receipt receipt;
  RETURN_IF_ERROR(in.session().Command(Metrics("DeclareNoDataHeld"), request, receipt));
  return PrintReceipt(in, receipt);
}

absl::Status ShowBoard(Invocation& in) {
  board::v1::GetSiteBoardRequest request;
  request.set_site_id(in.Get("SITE"));
  board::v1::SiteBoard answer;
  RETURN_IF_ERROR(in.session().Call(Board("GetSiteBoard"), request, answer));
  Rows rows{{"what", "from", "to", "note"}, {}, {}};
  for (const auto& band : answer.site().phases()) {
    rows.rows.push_back(
        {initiative::v1::Phase::Code_Name(band.phase()) + " in " + band.zone(), ToText(band.from()),
         band.has_to() ? ToText(band.to()) : "open",
         band.recorded_afterwards() ? "recorded afterwards: " + band.source() : ""});
  }
  for (const auto& override : answer.site().overrides()) {
    rows.rows.push_back({"override of " + initiative::v1::Phase::Code_Name(override.phase()), "",
                         ToText(override.until()), override.rationale()});
  }
  for (const auto& baseline : answer.baselines()) {
    rows.rows.push_back({absl::StrCat("baseline ", baseline.number()), ToText(baseline.from()),
                         ToText(baseline.to()),
                         absl::StrCat(baseline.retrospective() ? "retrospective " : "",
                                      baseline.superseded() ? "superseded " : "", "digest ",
                                      ToHex(baseline.digest()).substr(0, 16))});
  }
  return in.output().Print(answer, rows);
}

absl::Status Quality(Invocation& in) {
  board::v1::ListDataQualityRequest request;
  request.set_dataset_id(in.Get("--dataset"));
  board::v1::ListDataQualityResponse answer;
  RETURN_IF_ERROR(in.session().Call(Board("ListDataQuality"), request, answer));
  Rows rows{{"dataset", "month", "completeness", "revision", "rows", "rejected", "with_point",
             "declared"},
            {},
            {false, false, false, true, true, true, true}};
  for (const auto& dataset : answer.datasets()) {
    for (const auto& month : dataset.months()) {
      rows.rows.push_back({dataset.dataset_id(), ToText(month.month()),
                           v1::Completeness::Code_Name(month.completeness()),
                           absl::StrCat(month.revision()), absl::StrCat(month.rows()),
                           absl::StrCat(month.rejected()), absl::StrCat(month.with_point()),
                           month.declared()});
    }
  }
  return in.output().Print(answer, rows);
}

}  // namespace

Commands BaselineCommands() {
  const std::vector<Positional> site = {{"SITE", "The site's id: holdfast site list"}};
  constexpr char kSite[] = "0190a6f0-0000-7000-8000-000000000001";
  const std::vector<Option> window =
      Join({MonthOptions(),
            {{"--measure", "ID",
              "Measures to keep (default severity, crime and one of each agency)", false, true},
             {"--waive", "GATES",
              "Gates to waive, such as G2,G8: chief officer or SRO of the site only", false, true},
             {"--reason", "TEXT", "Why they are waived"},
             {"--keep-covid-months", "", "Keep March 2020 to July 2021 in the window"}}});
  return {
      {"baseline check", "What locking would find, gate by gate", site, window,
       absl::StrCat("holdfast baseline check ", kSite, " --from 2016-05 --to 2018-06"), Check},
      {"baseline lock", "Keep the picture before CLEAR: definitions, data, gates, values", site,
       Join({window, {{"--dry-run", "", "The same as baseline check"}}}),
       absl::StrCat("holdfast baseline lock ", kSite,
                    " --from 2016-05 --to 2018-06 --waive G2,G8 --reason \"first site, survey in "
                    "the field\""),
       Lock},
      {"baseline show",
       "What was locked, and the corrections beside it",
       site,
       {},
       absl::StrCat("holdfast baseline show ", kSite, " -o json"),
       Show},
      {"baseline comparators",
       "Choose comparison areas and the displacement zone, before outcomes are seen", site,
       Join({AreaOptions(),
             {{"--displacement", "CODE", "Areas of the displacement zone", false, true},
              {"--rmspe", "N", "How well they fit the months before"},
              {"--rationale", "TEXT", "How they were chosen", true}}}),
       absl::StrCat("holdfast baseline comparators ", kSite,
                    " --area E05000026,E05000039 --displacement E05000031 "
                    "--rationale \"best fit\""),
       Comparators},
      {"baseline supersede",
       "Give a locked baseline up, with a reason; it stays visible",
       site,
       {{"--reason", "TEXT", "Why", true}},
       absl::StrCat("holdfast baseline supersede ", kSite, " --reason \"boundary review\""),
       Supersede},
      {"baseline no-data",
       "An agency says that it holds no data",
       {},
       {{"--agency", "AGENCY", "Its id", true}, {"--reason", "TEXT", "Why", true}},
       "holdfast baseline no-data --agency health --reason \"not recorded by area\"",
       DeclareNoData},
  };
}

Commands BoardCommands() {
  const std::vector<Positional> site = {{"SITE", "The site's id: holdfast site list"}};
  constexpr char kSite[] = "0190a6f0-0000-7000-8000-000000000001";
  return {
      {"board show",
       "Phases, overrides, baselines, breaks and the months without data",
       site,
       {},
       absl::StrCat("holdfast board show ", kSite, " -o json"),
       ShowBoard},
      {"board report",
       "One printable page as at a day: -o html",
       site,
       {{"--as-of", "DAY", "The last day that it shows (default today)"}},
       absl::StrCat("holdfast board report ", kSite, " --as-of 2018-06-30 -o html"),
       RunReport},
      {"board quality",
       "Which months have data, and how good it is",
       {},
       {{"--dataset", "ID", "Only this dataset"}},
       "holdfast board quality",
       Quality},
  };
}

}  // namespace holdfast::cli
