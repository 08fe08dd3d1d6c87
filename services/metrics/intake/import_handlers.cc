#include "metrics/intake/import_handlers.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "base/timestamps.h"
#include "metrics/domain/extract.h"
#include "metrics/intake/file_refused.h"
#include "metrics/intake/import_job.h"
#include "metrics/intake/resolve_areas.h"
#include "metrics/intake/upload_store.h"
#include "metrics/views/extract_list.h"
#include "metrics/views/month_tally.h"
#include "observability/metrics.h"
#include "readmodel/reader.h"

namespace holdfast::metrics {
namespace {

constexpr std::size_t kErrorsCsvBytes = std::size_t{2} << 20U;
constexpr absl::Duration kWatchEvery = absl::Milliseconds(200);

absl::StatusOr<v1::ImportNote> NoteOf(const std::string& token, const UploadStore& uploads) {
  absl::StatusOr<std::string> bytes = uploads.ReadNote(PlanNoteName(token));
  if (absl::IsNotFound(bytes.status())) {
    return ErrorWithReason(absl::StatusCode::kNotFound, "NOT_FOUND",
                           "There is no plan with this token; plan the import again.");
  }
  RETURN_IF_ERROR(bytes.status());
  v1::ImportNote note;
  if (!note.ParseFromString(*bytes)) {
    return absl::DataLossError("import: its plan cannot be read; plan the import again");
  }
  return note;
}

absl::StatusOr<std::vector<v1::ExtractListRow>> AllExtracts(const readmodel::Reader& reader) {
  std::vector<v1::ExtractListRow> rows;
  RETURN_IF_ERROR(
      reader.Scan<ExtractList>("", "", 0, [&](std::string_view, const v1::ExtractListRow& row) {
        rows.push_back(row);
        return true;
      }));
  return rows;
}

void AddReceipts(const std::vector<type::v1::Receipt>& receipts, v1::ImportResult& result) {
  for (const auto& receipt : receipts) {
    if (!receipt.already_so() && !receipt.repeated()) result.set_events(result.events() + 1);
    if (receipt.position().seq() >= result.receipt().position().seq()) {
      *result.mutable_receipt() = receipt;
    }
  }
}

// Whether the import has done with a month: it counts, is held, or was given up or taken back
// since. What counts by another import is as planned where its content is.
bool HasEnded(const v1::ExtractListRow& row, const std::string& import,
              const v1::MonthPlan& month) {
  const auto* current = CurrentRevision(row);
  if (current != nullptr && current->opened().digest() == month.digest()) return true;
  for (int i = row.revisions_size(); i-- > 0;) {
    const auto& revision = row.revisions(i);
    if (revision.opened().import_id() != import) continue;
    return revision.accepted() || revision.quarantined() || revision.abandoned();
  }
  return false;
}

// Sends the reverts of one month, from the revision that counts down to the one of the import.
absl::StatusOr<bool> RevertMonth(const v1::ExtractListRow& row,
                                 const v1::RevertImportRequest& request, app::CallContext& call) {
  std::vector<std::uint32_t> counted;  // oldest first
  std::size_t of_import = 0;
  bool found = false;
  for (const auto& revision : row.revisions()) {
    if (!revision.accepted() || revision.reverted()) continue;
    if (revision.opened().import_id() == request.import_id() && !found) {
      of_import = counted.size();
      found = true;
    }
    if (found && revision.opened().import_id() != request.import_id() &&
        revision.opened().mode() != v1::Extract::RELOCATION) {
      return ErrorWithReason(absl::StatusCode::kFailedPrecondition, "NOT_CURRENT",
                             "A later import changed this month; take that one back first.",
                             {{"import", revision.opened().import_id()}});
    }
    counted.push_back(revision.opened().revision());
  }
  if (!found) return false;
  const std::string id = ExtractId(row.dataset_id(), row.month());
  for (std::size_t i = counted.size(); i-- > of_import;) {
    auto revert = std::make_unique<v1::RevertExtract>();
    revert->set_extract_id(id);
    revert->set_revision(counted[i]);
    revert->set_reason(request.reason());
    call.Start({std::move(revert), absl::StrCat(id, "/", counted[i], "/revert")});
  }
  return true;
}

// A revision that counts again, or at last, may be older than the newest areas. Whoever has the
// answer sees what it says.
absl::Status PlaceWhatCounts(app::CallContext& call, v1::ImportResult& result) {
  if (!result.has_receipt()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto reader, call.ReadAfter(result.receipt()));
  ASSIGN_OR_RETURN(const v1::ResolveAreasResponse placed, ResolveCrimes(*reader, call));
  if (placed.has_receipt()) *result.mutable_receipt() = placed.receipt();
  return absl::OkStatus();
}

absl::Status UnknownImport() {
  return ErrorWithReason(absl::StatusCode::kNotFound, "NOT_FOUND",
                         "No month that counts, or waits, came with this import.");
}

// What an import that went to its end did.
void CountImport(const v1::ImportNote& note, absl::Duration took) {
  Process().GetHistogram(kImportSeconds).Observe(took);
  const auto count = [&note](std::string_view outcome, std::uint64_t rows) {
    Process()
        .GetCounter(kImportRows, {note.request().profile(), outcome})
        .Increment(static_cast<double>(rows));
  };
  const v1::ImportPlan& plan = note.plan();
  count("accepted", plan.accepted());
  count("rejected", plan.rejected());
  count("unlocated", plan.unlocated());
  count("unchanged", plan.unchanged());
}

}  // namespace

absl::StatusOr<v1::UploadResponse> Upload(const app::Source<v1::UploadChunk>& source,
                                          app::CallContext& call) {
  UploadStore uploads(call.tenant_folder());
  uploads.Prune(call.now());
  ASSIGN_OR_RETURN(auto incoming, uploads.Begin());
  v1::UploadChunk chunk;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, source(chunk));
    if (!more) break;
    RETURN_IF_ERROR(incoming->Append(chunk.content()));
    chunk.Clear();
  }
  ASSIGN_OR_RETURN(const UploadStore::Kept kept, uploads.Finish(std::move(incoming)));
  v1::UploadResponse response;
  response.set_sha256(kept.sha256);
  response.set_bytes(kept.bytes);
  *response.mutable_kept_until() = ToTimestamp(call.now() + kUploadsKept);
  return response;
}

absl::StatusOr<v1::ImportPlan> PlanImport(const v1::PlanImportRequest& request,
                                          app::CallContext& call) {
  absl::StatusOr<std::unique_ptr<ImportJob>> job = ImportJob::Create(request, call);
  if (!job.ok()) return FileRefused(job.status());
  return FileRefused((*job)->Plan());
}

absl::StatusOr<v1::ImportResult> ApplyImport(const v1::ApplyImportRequest& request,
                                             app::CallContext& call) {
  ASSIGN_OR_RETURN(const v1::ImportNote note,
                   NoteOf(request.token(), UploadStore(call.tenant_folder())));
  const absl::Time began = call.now();
  ASSIGN_OR_RETURN(const auto job, ImportJob::Create(note.request(), call));
  absl::StatusOr<v1::ImportResult> result = FileRefused(job->Apply(note.plan()));
  if (result.ok()) CountImport(note, call.now() - began);
  return result;
}

absl::Status WatchImport(const v1::WatchImportRequest& request, app::CallContext& call,
                         const app::Sink<v1::ImportProgress>& sink) {
  ASSIGN_OR_RETURN(const v1::ImportNote note,
                   NoteOf(request.token(), UploadStore(call.tenant_folder())));
  while (!call.cancelled()) {
    ASSIGN_OR_RETURN(const auto reader, call.ReadAfter({}));
    v1::ImportProgress progress;
    for (const auto& month : note.plan().months()) {
      progress.set_months(progress.months() + 1);
      progress.set_rows(progress.rows() + month.accepted());
      ASSIGN_OR_RETURN(const auto row,
                       reader->Get<ExtractList>(MonthKey(month.dataset_id(), month.month())));
      if (!row) continue;
      const auto* open = OpenRevision(*row);
      if (HasEnded(*row, request.token(), month)) {
        progress.set_months_done(progress.months_done() + 1);
        progress.set_rows_done(progress.rows_done() + month.accepted());
      } else if (open != nullptr) {
        progress.set_rows_done(progress.rows_done() + std::min(open->recorded(), month.accepted()));
      }
    }
    progress.set_done(progress.months_done() == progress.months());
    if (!sink(progress) || progress.done()) return absl::OkStatus();
    absl::SleepFor(kWatchEvery);
  }
  return absl::CancelledError("the caller went away");
}

absl::StatusOr<v1::ListImportErrorsResponse> ListImportErrors(
    const v1::ListImportErrorsRequest& request, app::CallContext& call) {
  const UploadStore uploads(call.tenant_folder());
  ASSIGN_OR_RETURN(const v1::ImportNote note, NoteOf(request.token(), uploads));
  int first = 0;
  if (!request.page_token().empty() &&
      (!absl::SimpleAtoi(request.page_token(), &first) || first < 0)) {
    return ErrorWithReason(absl::StatusCode::kInvalidArgument, "PAGE_TOKEN_MISMATCH",
                           "The page token is of another list; start again without it.");
  }
  const int size = request.page_size() == 0
                       ? 50
                       : static_cast<int>(std::min<std::uint32_t>(request.page_size(), 1000));
  v1::ListImportErrorsResponse response;
  response.set_total(note.faults_total());
  const int end = std::min(note.faults_size(), first + size);
  for (int i = first; i < end; ++i) *response.add_faults() = note.faults(i);
  if (end < note.faults_size()) response.set_next_page_token(absl::StrCat(end));
  if (first == 0) {
    ASSIGN_OR_RETURN(std::string csv, uploads.ReadNote(ErrorsNoteName(request.token())));
    if (csv.size() <= kErrorsCsvBytes) response.set_csv(std::move(csv));
  }
  return response;
}

absl::StatusOr<v1::ImportResult> ApproveImport(const v1::ApproveImportRequest& request,
                                               app::CallContext& call) {
  ASSIGN_OR_RETURN(const auto rows, AllExtracts(call.reader()));
  v1::ImportResult result;
  result.set_import_id(request.import_id());
  bool known = false;
  for (const auto& row : rows) {
    known = known || std::ranges::any_of(row.revisions(), [&](const auto& revision) {
              return revision.opened().import_id() == request.import_id();
            });
    const auto* open = OpenRevision(row);
    if (open == nullptr || !open->quarantined() ||
        open->opened().import_id() != request.import_id()) {
      continue;
    }
    auto approve = std::make_unique<v1::ApproveExtract>();
    approve->set_extract_id(ExtractId(row.dataset_id(), row.month()));
    approve->set_revision(open->opened().revision());
    approve->set_reason(request.reason());
    std::string step = approve->extract_id() + "/approve";
    call.Start({std::move(approve), std::move(step)});
    result.set_extracts_accepted(result.extracts_accepted() + 1);
  }
  if (!known) return UnknownImport();
  ASSIGN_OR_RETURN(const auto receipts, call.AwaitStarted());
  AddReceipts(receipts, result);
  RETURN_IF_ERROR(PlaceWhatCounts(call, result));
  return result;
}

absl::StatusOr<v1::ImportResult> RevertImport(const v1::RevertImportRequest& request,
                                              app::CallContext& call) {
  ASSIGN_OR_RETURN(const auto rows, AllExtracts(call.reader()));
  v1::ImportResult result;
  result.set_import_id(request.import_id());
  bool known = false;
  for (const auto& row : rows) {
    known = known || std::ranges::any_of(row.revisions(), [&](const auto& revision) {
              return revision.opened().import_id() == request.import_id();
            });
    // What waits, staged or held, is given up with the rest.
    const auto* open = OpenRevision(row);
    if (open != nullptr && open->opened().import_id() == request.import_id()) {
      auto abandon = std::make_unique<v1::AbandonExtract>();
      abandon->set_extract_id(ExtractId(row.dataset_id(), row.month()));
      abandon->set_revision(open->opened().revision());
      abandon->set_reason(request.reason());
      std::string step = abandon->extract_id() + "/abandon";
      call.Start({std::move(abandon), std::move(step)});
    }
  }
  for (const auto& row : rows) {
    absl::StatusOr<bool> reverted = RevertMonth(row, request, call);
    if (!reverted.ok()) {
      // Months before it stay reverted; asked again after the later import it goes on.
      RETURN_IF_ERROR(call.AwaitStarted().status());
      return reverted.status();
    }
    if (*reverted) result.set_extracts_reverted(result.extracts_reverted() + 1);
  }
  if (!known) return UnknownImport();
  ASSIGN_OR_RETURN(const auto receipts, call.AwaitStarted());
  AddReceipts(receipts, result);
  RETURN_IF_ERROR(PlaceWhatCounts(call, result));
  return result;
}

}  // namespace holdfast::metrics
