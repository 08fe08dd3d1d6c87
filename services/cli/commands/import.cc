// import police-uk | run | plan | apply | errors | approve | revert | status
#include <cstdint>
#include <string>
#include <utility>

#include "holdfast/metrics/v1/metrics.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/hex.h"
#include "base/status_macros.h"
#include "cli/areas.h"
#include "cli/exit_code.h"
#include "cli/importing.h"
#include "cli/invocation.h"
#include "cli/progress.h"
#include "cli/rpc_names.h"
#include "cli/upload.h"

namespace holdfast::cli {
namespace {

namespace v1 = metrics::v1;

Rows RowsOf(const v1::ImportPlan& plan) {
  Rows rows{{"dataset", "month", "rows", "accepted", "unlocated", "rejected", "new", "changed",
             "unchanged", "withdrawn"},
            {},
            {false, false, true, true, true, true, true, true, true, true}};
  for (const auto& month : plan.months()) {
    rows.rows.push_back({month.dataset_id(), ToText(month.month()), absl::StrCat(month.rows_in()),
                         absl::StrCat(month.accepted()), absl::StrCat(month.unlocated()),
                         absl::StrCat(month.rejected()), absl::StrCat(month.new_rows()),
                         absl::StrCat(month.changed()), absl::StrCat(month.unchanged()),
                         absl::StrCat(month.withdrawn())});
  }
  rows.rows.push_back({"total", "", absl::StrCat(plan.rows_in()), absl::StrCat(plan.accepted()),
                       absl::StrCat(plan.unlocated()), absl::StrCat(plan.rejected()),
                       absl::StrCat(plan.new_rows()), absl::StrCat(plan.changed()),
                       absl::StrCat(plan.unchanged()), absl::StrCat(plan.withdrawn())});
  return rows;
}

void SayPlan(const v1::ImportPlan& plan) {
  for (const auto& fault : plan.faults()) {
    Say(absl::StrCat("rejected: ", fault.file(), " line ", fault.line(), ", ", fault.field(), " ",
                     fault.rule()));
  }
  if (plan.rejected() > static_cast<std::uint64_t>(plan.faults_size())) {
    Say(absl::StrCat("… ", plan.rejected(), " rejected in all: holdfast import errors ",
                     plan.token()));
  }
  for (const auto& missing : plan.missing()) {
    Say(absl::StrCat("no data: ", missing.dataset_id(), " has no file for ",
                     ToText(missing.month())));
  }
  for (const auto& month : plan.months()) {
    if (month.would_quarantine()) {
      Say(absl::StrCat("would be held: ", month.dataset_id(), " ", ToText(month.month()), " (",
                       absl::StrJoin(month.would_hold_for(), ", "),
                       "), until a person accepts it: holdfast import approve"));
    }
  }
}

absl::Status PrintPlan(Invocation& in, const v1::ImportPlan& plan) {
  SayPlan(plan);
  Say(absl::StrCat("planned, nothing written. Apply it with: holdfast import apply ",
                   plan.token()));
  return in.output().Print(plan, RowsOf(plan));
}

absl::Status PrintResult(Invocation& in, const v1::ImportResult& result) {
  SayPlan(result.plan());
  Say(absl::StrCat("import ", result.import_id(), ": ", result.plan().rows_in(), " rows read, ",
                   result.plan().accepted(), " accepted (", result.plan().unlocated(),
                   " unlocated), ", result.plan().rejected(),
                   " rejected; extracts: ", result.extracts_accepted(), " accepted, ",
                   result.extracts_unchanged(), " unchanged, ", result.extracts_quarantined(),
                   " held; ", result.events(), " events written"));
  RETURN_IF_ERROR(in.output().Print(result, RowsOf(result.plan())));
  if (result.extracts_quarantined() == 0) return absl::OkStatus();
  return PartlyDone(
      absl::StrCat("Some months are held until a person accepts them: holdfast import approve ",
                   result.import_id(), " --reason …"));
}

absl::Status Run(Invocation& in, v1::PlanImportRequest request, const std::string& path) {
  ASSIGN_OR_RETURN(std::vector<v1::UploadedFile> files, UploadPath(in.session(), path));
  for (v1::UploadedFile& file : files) *request.add_files() = std::move(file);
  ASSIGN_OR_RETURN(const v1::ImportPlan plan, PlanImport(in.session(), request));
  if (in.Has("--dry-run")) return PrintPlan(in, plan);
  Say(absl::StrCat("plan ", plan.token()));
  ASSIGN_OR_RETURN(const v1::ImportResult result,
                   ApplyImport(in.session(), plan.token(), plan.rows_in()));
  return PrintResult(in, result);
}

v1::PlanImportRequest RequestOf(const Invocation& in) {
  v1::PlanImportRequest request;
  request.set_profile(in.Get("--profile"));
  request.set_dataset_id(in.Get("--dataset"));
  request.set_agency(in.Get("--agency"));
  request.set_title(in.Get("--title"));
  request.set_kind(in.Get("--kind"));
  request.set_vintage(in.Get("--vintage"));
  return request;
}

absl::Status PoliceUk(Invocation& in) {
  v1::PlanImportRequest request;
  request.set_profile("police-uk-street");
  return Run(in, std::move(request), in.Get("PATH"));
}

absl::Status RunProfile(Invocation& in) {
  return Run(in, RequestOf(in), in.Get("FILE"));
}

absl::Status Plan(Invocation& in) {
  v1::PlanImportRequest request = RequestOf(in);
  ASSIGN_OR_RETURN(std::vector<v1::UploadedFile> files, UploadPath(in.session(), in.Get("FILE")));
  for (v1::UploadedFile& file : files) *request.add_files() = std::move(file);
  ASSIGN_OR_RETURN(const v1::ImportPlan plan, PlanImport(in.session(), request));
  return PrintPlan(in, plan);
}

absl::Status Apply(Invocation& in) {
  ASSIGN_OR_RETURN(const v1::ImportResult result, ApplyImport(in.session(), in.Get("TOKEN"), 0));
  return PrintResult(in, result);
}

absl::Status Errors(Invocation& in) {
  v1::ListImportErrorsRequest request;
  request.set_token(in.Get("TOKEN"));
  v1::ListImportErrorsResponse answer;
  RETURN_IF_ERROR(in.session().Call(Metrics("ListImportErrors"), request, answer));
  if (in.output().format() == Format::kCsv && !answer.csv().empty())
    return in.output().Raw(answer.csv());
  v1::ListImportErrorsResponse page = answer;
  while (!page.next_page_token().empty()) {
    request.set_page_token(page.next_page_token());
    RETURN_IF_ERROR(in.session().Call(Metrics("ListImportErrors"), request, page));
    *answer.mutable_faults() = [&] {
      auto all = answer.faults();
      all.MergeFrom(page.faults());
      return all;
    }();
  }
  answer.clear_next_page_token();
  Rows rows{{"file", "line", "field", "rule", "code"}, {}, {false, true}};
  for (const auto& fault : answer.faults()) {
    rows.rows.push_back(
        {fault.file(), absl::StrCat(fault.line()), fault.field(), fault.rule(), fault.code()});
  }
  return in.output().Print(answer, rows);
}

template <class Request>
absl::Status Settle(Invocation& in, std::string_view method) {
  Request request;
  request.set_import_id(in.Get("IMPORT"));
  request.set_reason(in.Get("--reason"));
  v1::ImportResult result;
  RETURN_IF_ERROR(in.session().Command(Metrics(method), request, result));
  // No file was read: what counts is which months it settled.
  Rows rows{{"import", "let_through", "taken_back", "events"}, {}, {false, true, true, true}};
  rows.rows.push_back({result.import_id(), absl::StrCat(result.extracts_accepted()),
                       absl::StrCat(result.extracts_reverted()), absl::StrCat(result.events())});
  return in.output().Print(result, rows);
}

absl::Status Status(Invocation& in) {
  v1::ListExtractsRequest request;
  request.set_dataset_id(in.Get("--dataset"));
  request.set_page_size(1000);
  RETURN_IF_ERROR(SetMonths(in, request));
  v1::ListExtractsResponse all;
  do {
    v1::ListExtractsResponse page;
    RETURN_IF_ERROR(in.session().Call(Metrics("ListExtracts"), request, page));
    request.set_page_token(page.next_page_token());
    all.MergeFrom(page);
  } while (!request.page_token().empty());
  all.clear_next_page_token();
  Rows rows{{"dataset", "month", "completeness", "revision", "rows", "accepted", "rejected",
             "unlocated", "geocoded", "held", "digest"},
            {},
            {false, false, false, true, true, true, true, true, true}};
  for (const auto& extract : all.extracts()) {
    rows.rows.push_back({extract.dataset_id(), ToText(extract.month()),
                         v1::Completeness::Code_Name(extract.completeness()),
                         absl::StrCat(extract.revision()), absl::StrCat(extract.rows_in()),
                         absl::StrCat(extract.accepted()), absl::StrCat(extract.rejected()),
                         absl::StrCat(extract.unlocated()), ToText(extract.geocoded_percent(), 2),
                         extract.quarantined() ? "yes" : "",
                         ToHex(extract.digest()).substr(0, 16)});
  }
  return in.output().Print(all, rows);
}

// What brings rows in.
Commands DeliveryCommands() {
  const std::vector<Option> profile = {
      {"--profile", "PROFILE", "police-uk-street or agency-series", true},
      {"--dataset", "ID", "Of agency-series: the dataset (default from the file's name)"},
      {"--agency", "AGENCY", "Of agency-series: whose it is"},
      {"--title", "TITLE", "Of agency-series: what it is called"},
      {"--kind", "KIND", "Of agency-series: the kind of its areas"},
      {"--vintage", "VINTAGE", "Of agency-series: the vintage of its areas"}};
  const std::vector<Option> dry = {{"--dry-run", "", "Say what would happen; write nothing"}};
  return {
      {"import police-uk",
       "Street-level crime of police.uk: a zip, a folder or one CSV",
       {{"PATH", "The zip, folder or CSV"}},
       dry,
       "holdfast import police-uk crimes-2016-01-2018-06.zip",
       PoliceUk},
      {"import run",
       "Plan and apply a file of a profile",
       {{"FILE", "The file"}},
       Join({profile, dry}),
       "holdfast import run noise.csv --profile agency-series --agency council --title \"Noise "
       "complaints\"",
       RunProfile},
      {"import plan",
       "What an import would do; writes nothing",
       {{"FILE", "The file, folder or zip"}},
       profile,
       "holdfast import plan street.csv --profile police-uk-street",
       Plan},
      {"import apply",
       "Do what was planned; goes on where it was interrupted",
       {{"TOKEN", "Of import plan"}},
       {},
       "holdfast import apply 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
       Apply},
  };
}

// What looks after them.
Commands CareCommands() {
  const std::vector<Option> reason = {{"--reason", "TEXT", "Why; kept with the fact", true}};
  return {
      {"import errors",
       "The lines that an import refused, to mend and upload again (-o csv)",
       {{"TOKEN", "Of import plan"}},
       {},
       "holdfast import errors 5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03 -o "
       "csv",
       Errors},
      {"import approve",
       "Let held months through, with a reason",
       {{"IMPORT", "The import's id"}},
       reason,
       "holdfast import approve 5891b5b522d5df08 --reason \"checked with the force\"",
       [](Invocation& in) { return Settle<v1::ApproveImportRequest>(in, "ApproveImport"); }},
      {"import revert",
       "Take an import back as a unit",
       {{"IMPORT", "The import's id"}},
       reason,
       "holdfast import revert 5891b5b522d5df08 --reason \"wrong file\"",
       [](Invocation& in) { return Settle<v1::RevertImportRequest>(in, "RevertImport"); }},
      {"import status",
       "Every month of every dataset, and how good it is",
       {},
       Join({{{"--dataset", "ID", "Only this dataset"}}, MonthOptions()}),
       "holdfast import status -o csv",
       Status},
  };
}

}  // namespace

Commands ImportCommands() {
  Commands all = DeliveryCommands();
  for (Command& command : CareCommands()) all.push_back(std::move(command));
  return all;
}

}  // namespace holdfast::cli
