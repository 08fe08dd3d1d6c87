// projection list | rebuild | verify;  journal verify;  version
#include <string>

#include "holdfast/operations/v1/operations.pb.h"

#include "absl/strings/str_cat.h"
#include "base/hex.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/invocation.h"
#include "cli/progress.h"
#include "cli/rpc_names.h"

namespace holdfast::cli {
namespace {

namespace v1 = operations::v1;

absl::Status ListViews(Invocation& in) {
  v1::ListViewsResponse answer;
  RETURN_IF_ERROR(in.session().Call(Operations("ListViews"), v1::ListViewsRequest(), answer));
  Rows rows{{"context", "view", "position", "lag_s", "generation"}, {}, {false, false, true, true}};
  for (const auto& view : answer.views()) {
    rows.rows.push_back({view.context(), view.view(), absl::StrCat(view.seq()),
                         ToText(view.lag_s(), 1), view.family()});
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
  if (answer.all_equal()) return absl::OkStatus();
  return absl::DataLossError(
      "What was served is not what the journal says. Rebuild it: holdfast projection rebuild "
      "--all");
}

absl::Status VerifyJournal(Invocation& in) {
  v1::VerifyJournalResponse answer;
  RETURN_IF_ERROR(
      in.session().Call(Operations("VerifyJournal"), v1::VerifyJournalRequest(), answer));
  Rows rows{
      {"context", "partition", "records", "accepted", "fenced", "closed", "conflicts", "digest"},
      {},
      {false, true, true, true, true, true, true}};
  for (const auto& partition : answer.partitions()) {
    rows.rows.push_back({partition.context(), absl::StrCat(partition.partition()),
                         absl::StrCat(partition.records()), absl::StrCat(partition.accepted()),
                         absl::StrCat(partition.fenced()), absl::StrCat(partition.closed()),
                         absl::StrCat(partition.conflicts()),
                         ToHex(partition.digest()).substr(0, 16)});
  }
  for (const auto& head : answer.heads()) {
    Say(absl::StrCat("head of ", head.context(), ": ", head.seq(), " ",
                     ToHex(head.hash()).substr(0, 16)));
  }
  return in.output().Print(answer, rows);
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
      {"journal verify",
       "Read every record again: damage, chains, what was void",
       {},
       {},
       "holdfast journal verify",
       VerifyJournal},
  };
}

}  // namespace holdfast::cli
