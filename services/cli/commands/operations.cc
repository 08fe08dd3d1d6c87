// projection list | rebuild | verify | parked | retry;  journal verify;  version
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "holdfast/operations/v1/operations.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "app/journal_report.h"
#include "base/hex.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/invocation.h"
#include "cli/progress.h"
#include "cli/rpc_names.h"
#include "cli/session.h"

namespace holdfast::cli {
namespace {

namespace v1 = operations::v1;

absl::Status ListViews(Invocation& in) {
  v1::ListViewsResponse answer;
  RETURN_IF_ERROR(in.session().Call(Operations("ListViews"), v1::ListViewsRequest(), answer));
  Rows rows{{"context", "view", "position", "lag_s", "parked", "generation"},
            {},
            {false, false, true, true, true}};
  for (const auto& view : answer.views()) {
    rows.rows.push_back({view.context(), view.view(), absl::StrCat(view.seq()),
                         ToText(view.lag_s(), 1), absl::StrCat(view.parked_rows()), view.family()});
  }
  return in.output().Print(answer, rows);
}

absl::Status ViewChosen(const Invocation& in) {
  if (in.Has("--all") != in.Has("VIEW")) return absl::OkStatus();
  return UsageError("Name a view (holdfast projection list), or --all.");
}

template <class Request>
absl::Status CheckViews(Invocation& in, std::string_view method) {
  RETURN_IF_ERROR(ViewChosen(in));
  Request request;
  request.set_view(in.Get("VIEW"));
  v1::CheckedViews answer;
  RETURN_IF_ERROR(in.session().Call(Operations(method), request, answer));
  Rows rows{{"view", "position", "rows", "served", "rebuilt", "equal"}, {}, {false, true, true}};
  for (const auto& view : answer.views()) {
    rows.rows.push_back({view.view(), absl::StrCat(view.seq()), absl::StrCat(view.rows()),
                         view.served_digest().substr(0, 16), view.rebuilt_digest().substr(0, 16),
                         view.equal() ? "yes" : "NO"});
  }
  RETURN_IF_ERROR(in.output().Print(answer, rows));
  if (std::ranges::any_of(answer.views(), &v1::CheckedViews::View::parked_rows)) {
    Say("Rows wait that could not be applied: holdfast projection parked");
  }
  if (answer.all_equal()) return absl::OkStatus();
  return absl::DataLossError(
      "What was served is not what the journal says. Rebuild it: holdfast projection rebuild "
      "--all");
}

// Parts of a key are joined by 0x1F, which a terminal does not show.
std::string ReadableKey(std::string key) {
  std::ranges::replace(key, '\x1F', '/');
  return key;
}

absl::Status ListParked(Invocation& in) {
  v1::ListParkedRowsRequest request;
  request.set_view(in.Get("VIEW"));
  v1::ListParkedRowsResponse answer;
  RETURN_IF_ERROR(in.session().Call(Operations("ListParkedRows"), request, answer));
  Rows rows{{"view", "row", "context", "position", "event", "reason", "waiting"},
            {},
            {false, false, false, true, false, false, true}};
  for (const auto& row : answer.rows()) {
    rows.rows.push_back({row.view(), ReadableKey(row.row_key()), row.position().context(),
                         absl::StrCat(row.position().seq()), row.event_type(), row.reason(),
                         absl::StrCat(row.waiting())});
  }
  const auto shown = static_cast<std::uint64_t>(answer.rows_size());
  if (shown < answer.total()) {
    Say(absl::StrCat("The first ", shown, " of ", answer.total(), " rows."));
  }
  return in.output().Print(answer, rows);
}

absl::Status RetryParked(Invocation& in) {
  v1::RetryParkedRowsRequest request;
  request.set_view(in.Get("--view"));
  v1::RetryParkedRowsResponse answer;
  RETURN_IF_ERROR(in.session().Call(Operations("RetryParkedRows"), request, answer));
  Rows rows{{"view", "position", "settled", "parked"}, {}, {false, true, true, true}};
  for (const auto& view : answer.views()) {
    rows.rows.push_back({view.view(), absl::StrCat(view.seq()), absl::StrCat(view.settled()),
                         absl::StrCat(view.parked_rows())});
  }
  RETURN_IF_ERROR(in.output().Print(answer, rows));
  if (std::ranges::none_of(answer.views(), &v1::RetryParkedRowsResponse::View::parked_rows)) {
    return absl::OkStatus();
  }
  return absl::DataLossError(
      "Some rows still wait, since this version cannot apply their events either. See which: "
      "holdfast projection parked.");
}

// Of the running platform; of the folder itself where --data names one that no process serves.
absl::StatusOr<v1::VerifyJournalResponse> VerifiedJournal(Invocation& in) {
  const SessionOptions& options = in.session().options();
  if (!options.data.empty()) {
    ASSIGN_OR_RETURN(std::optional<v1::VerifyJournalResponse> report,
                     app::VerifyStoppedJournal(options.data, options.tenant));
    if (report) return *std::move(report);
  }
  v1::VerifyJournalResponse answer;
  RETURN_IF_ERROR(
      in.session().Call(Operations("VerifyJournal"), v1::VerifyJournalRequest(), answer));
  return answer;
}

absl::Status VerifyJournal(Invocation& in) {
  ASSIGN_OR_RETURN(const v1::VerifyJournalResponse answer, VerifiedJournal(in));
  Rows rows{{"context", "partition", "records", "accepted", "fenced", "closed", "conflicts",
             "digest", "whole"},
            {},
            {false, true, true, true, true, true, true}};
  std::string damage;
  for (const auto& partition : answer.partitions()) {
    rows.rows.push_back({partition.context(), absl::StrCat(partition.partition()),
                         absl::StrCat(partition.records()), absl::StrCat(partition.accepted()),
                         absl::StrCat(partition.fenced()), absl::StrCat(partition.closed()),
                         absl::StrCat(partition.conflicts()),
                         ToHex(partition.digest()).substr(0, 16),
                         partition.damage().empty() ? "yes" : "NO"});
    if (!partition.damage().empty()) absl::StrAppend(&damage, partition.damage(), "\n");
  }
  for (const auto& head : answer.heads()) {
    Say(absl::StrCat("head of ", head.context(), ": ", head.seq(), " ",
                     ToHex(head.hash()).substr(0, 16)));
  }
  RETURN_IF_ERROR(in.output().Print(answer, rows));
  return damage.empty() ? absl::OkStatus() : absl::DataLossError(absl::StripSuffix(damage, "\n"));
}

}  // namespace

Commands OperationsCommands() {
  const std::vector<Positional> view = {{"VIEW", "Its name, such as site_list@1", false}};
  const std::vector<Option> all = {{"--all", "", "Every view"}};
  return {
      {"projection list", "How far every view is", {}, {}, "holdfast projection list", ListViews},
      {"projection rebuild", "Fold a view anew beside what is served, compare, switch", view, all,
       "holdfast projection rebuild --all",
       [](Invocation& in) { return CheckViews<v1::RebuildViewsRequest>(in, "RebuildViews"); }},
      {"projection verify", "Does what is served equal what the journal says?", view, all,
       "holdfast projection verify --all",
       [](Invocation& in) { return CheckViews<v1::VerifyViewsRequest>(in, "VerifyViews"); }},
      {"projection parked",
       "Which rows wait, and for which event",
       view,
       {},
       "holdfast projection parked",
       ListParked},
      {"projection retry",
       "Fold the rows that wait again, once a version can apply their events",
       {},
       {{"--view", "VIEW", "Of this view only"}},
       "holdfast projection retry",
       RetryParked},
      {"journal verify",
       "Read every record again: damage, chains, what was void. With --data also of a platform "
       "that "
       "is stopped",
       {},
       {},
       "holdfast journal verify",
       VerifyJournal},
  };
}

}  // namespace holdfast::cli
