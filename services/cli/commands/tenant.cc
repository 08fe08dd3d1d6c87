// tenant show | move
//
// A move, for each context: the owner of the target receives until it has caught up, the owner of
// the source closes, and the target receives the rest and opens (docs/decisions/0016). What is
// interrupted goes on where it was when it is asked for again.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "holdfast/operations/v1/operations.pb.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
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

// Between two looks of a target that waits for the closing to reach it.
constexpr absl::Duration kLookAgain = absl::Milliseconds(20);

// Asks the instances of one context, as a member of the tenant.
class Mover {
 public:
  Mover(Session& session, std::string context) : session_(session), context_(std::move(context)) {}

  absl::StatusOr<v1::TenantPlace> Place() {
    v1::GetTenantPlaceRequest request;
    request.set_context(context_);
    v1::TenantPlace place;
    RETURN_IF_ERROR(Ask("GetTenantPlace", request, place));
    return place;
  }

  absl::StatusOr<v1::TenantPlace> Move(std::uint32_t to) {
    Progress progress(absl::StrCat("copying ", context_));
    absl::Time closed_at = absl::InfiniteFuture();
    while (true) {
      v1::ReceiveTenantResponse received;
      RETURN_IF_ERROR(Receive(to, received));
      progress.At(received.seq(), std::max(received.seq(), received.source_seq()));
      if (received.state() == v1::ReceiveTenantResponse::OPENED) break;
      if (received.state() != v1::ReceiveTenantResponse::CAUGHT_UP) continue;
      if (closed_at == absl::InfiniteFuture()) {
        closed_at = absl::Now();
        RETURN_IF_ERROR(Close(to));
      } else {
        RETURN_IF_ERROR(AwaitClosing(closed_at));
      }
    }
    if (closed_at != absl::InfiniteFuture()) {
      const absl::Duration pause = absl::Trunc(absl::Now() - closed_at, absl::Milliseconds(1));
      Say(absl::StrCat(context_, ": its commands waited for ", absl::FormatDuration(pause)));
    }
    return Place();
  }

 private:
  template <class Request, class Answer>
  absl::Status Ask(std::string_view method, const Request& request, Answer& answer) {
    RETURN_IF_ERROR(session_.SignIn());
    rpc::CallOptions options = session_.Options();
    options.at_service = context_;
    return session_.client().Call(Operations(method), request, answer, options);
  }

  // The target reads the closing from the journal a moment after it was written.
  absl::Status AwaitClosing(absl::Time closed_at) const {
    if (absl::Now() - closed_at < session_.options().timeout) {
      absl::SleepFor(kLookAgain);
      return absl::OkStatus();
    }
    return absl::UnavailableError(absl::StrCat(
        context_,
        ": the tenant is closed where it was, and its target has not read that yet. Ask "
        "again: the move goes on where it is"));
  }

  absl::Status Receive(std::uint32_t to, v1::ReceiveTenantResponse& received) {
    v1::ReceiveTenantRequest request;
    request.set_context(context_);
    request.set_to_partition(to);
    return Ask("ReceiveTenant", request, received);
  }

  absl::Status Close(std::uint32_t to) {
    v1::CloseTenantRequest request;
    request.set_context(context_);
    request.set_to_partition(to);
    v1::CloseTenantResponse closed;
    return Ask("CloseTenant", request, closed);
  }

  Session& session_;
  const std::string context_;
};

absl::StatusOr<std::vector<std::string>> ContextsOf(const Invocation& in) {
  std::vector<std::string> contexts = in.GetAll("--context");
  for (const std::string& context : contexts) {
    if (std::ranges::find(kContexts, context) == std::end(kContexts)) {
      return UsageError(
          absl::StrCat("--context wants one of ",
                       absl::StrJoin(std::begin(kContexts), std::end(kContexts), ", "),
                       ": those have a journal"));
    }
  }
  if (contexts.empty()) contexts.assign(std::begin(kContexts), std::end(kContexts));
  return contexts;
}

void AddRow(const v1::TenantPlace& place, Rows& rows) {
  rows.rows.push_back({place.context(), absl::StrCat(place.partition()), absl::StrCat(place.home()),
                       absl::StrCat(place.partitions()), place.open() ? "open" : "on its way",
                       absl::StrCat(place.seq()), ToHex(place.head()).substr(0, 16)});
}

Rows EmptyRows() {
  return {{"context", "partition", "home", "of", "state", "position", "head"},
          {},
          {false, true, true, true, false, true}};
}

absl::Status Show(Invocation& in) {
  ASSIGN_OR_RETURN(const std::vector<std::string> contexts, ContextsOf(in));
  const auto session = in.session().As(in.Get("TENANT"), in.session().options().as);
  v1::TenantPlaces places;
  Rows rows = EmptyRows();
  for (const std::string& context : contexts) {
    ASSIGN_OR_RETURN(const v1::TenantPlace place, Mover(*session, context).Place());
    AddRow(place, rows);
    *places.add_places() = place;
  }
  return in.output().Print(places, rows);
}

absl::StatusOr<std::uint32_t> Target(const Invocation& in) {
  std::uint32_t to = 0;
  if (absl::SimpleAtoi(in.Get("--to"), &to)) return to;
  return UsageError("--to wants the number of a partition, such as 3: see holdfast tenant show");
}

absl::Status SayWhatWouldMove(const v1::TenantPlace& place, std::uint32_t to) {
  if (to >= place.partitions()) {
    return absl::InvalidArgumentError(absl::StrCat("--to wants a partition of ", place.context(),
                                                   ": 0 to ", place.partitions() - 1));
  }
  if (place.open() && place.partition() == to) {
    Say(absl::StrCat(place.context(), ": it is there already"));
  } else {
    Say(absl::StrCat(place.context(), ": ", place.seq(), " commits would move from partition ",
                     place.partition(), " to ", to));
  }
  return absl::OkStatus();
}

absl::Status Move(Invocation& in) {
  if (in.Has("--all") == in.Has("--context")) {
    return UsageError("Name the contexts with --context, or all of them with --all.");
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> contexts, ContextsOf(in));
  ASSIGN_OR_RETURN(const std::uint32_t to, Target(in));
  const auto session = in.session().As(in.Get("TENANT"), in.session().options().as);
  v1::TenantPlaces places;
  Rows rows = EmptyRows();
  for (const std::string& context : contexts) {
    Mover mover(*session, context);
    ASSIGN_OR_RETURN(v1::TenantPlace place, mover.Place());
    if (in.Has("--dry-run")) {
      RETURN_IF_ERROR(SayWhatWouldMove(place, to));
    } else {
      ASSIGN_OR_RETURN(place, mover.Move(to));
    }
    AddRow(place, rows);
    *places.add_places() = place;
  }
  return in.output().Print(places, rows);
}

}  // namespace

Commands TenantCommands() {
  const std::vector<Positional> tenant = {{"TENANT", "Its slug, such as westmoor"}};
  const Option context = {"--context", "CONTEXT", "Of this context only", false, true};
  return {
      {"tenant show",
       "In which partition of each journal a tenant stands",
       tenant,
       {context},
       "holdfast tenant show westmoor",
       Show},
      {"tenant move",
       "Move a tenant to another partition while others, and up to the last moment it, go on "
       "working. Asked again after an interruption it goes on",
       tenant,
       {context,
        {"--all", "", "Every context"},
        {"--to", "PARTITION", "The partition where it is to stand", true},
        {"--dry-run", "", "Say what would move, and change nothing"}},
       "holdfast tenant move westmoor --all --to 3",
       Move},
  };
}

}  // namespace holdfast::cli
