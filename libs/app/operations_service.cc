#include "app/operations_service.h"

#include <cstdint>
#include <memory>
#include <utility>

#include "holdfast/operations/v1/operations.pb.h"

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "app/contexts.h"
#include "app/journal_report.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/status_macros.h"
#include "base/timestamps.h"
#include "eventsourcing/context_store.h"
#include "journal/journal.h"
#include "journal/verification.h"
#include "readmodel/read_model.h"
#include "rpc/call.h"
#include "rpc/descriptor_service.h"
#include "rpc/worker_pool.h"
#include "security/principal.h"

namespace holdfast::app {
namespace {

namespace v1 = operations::v1;
using Call = std::unique_ptr<rpc::UnaryCall>;

constexpr std::size_t kMostExplanations = 1'000;
constexpr int kMostParkedRows = 1'000;
// Of one call: whoever asks sees progress, and a lost answer costs no more.
constexpr absl::Duration kReceiveFor = absl::Seconds(2);

// Runs on a worker; the full queue is an answer.
template <class Request, class Answer, class Work>
void OnWorker(rpc::WorkerPool& workers, Call call, Work work) {
  auto shared = std::make_shared<Call>(
      std::move(call));  // shared: kept here where the pool does not take the work
  const bool taken = workers.TryPost([shared, work = std::move(work)] {
    rpc::UnaryCall& running = **shared;
    Answer answer;
    const absl::Status status = work(static_cast<const Request&>(running.request()),
                                     running.admitted().principal->tenant(), answer);
    if (!status.ok()) return running.Fail(status);
    running.Answer(answer);
  });
  if (!taken) {
    (*shared)->Fail(WithRetry(
        ErrorWithReason(absl::StatusCode::kResourceExhausted, "QUEUE_FULL",
                        "Too much work of this kind waits already. Try again in a moment."),
        absl::Seconds(5)));
  }
}

absl::Status ListViews(const readmodel::ReadModel& model, const std::string& tenant,
                       v1::ListViewsResponse& answer) {
  for (const readmodel::ViewStatus& status : model.List()) {
    if (status.tenant != tenant) continue;
    auto* view = answer.add_views();
    view->set_context(status.context);
    view->set_view(status.view);
    view->set_seq(status.seq);
    *view->mutable_recorded_at() = ToTimestamp(status.recorded_at);
    view->set_lag_s(status.lag_s);
    view->set_family(status.family);
    view->set_parked_rows(status.parked_rows);
  }
  return absl::OkStatus();
}

absl::Status Report(absl::StatusOr<std::vector<readmodel::RebuildResult>> results,
                    v1::CheckedViews& answer) {
  if (!results.ok()) return results.status();
  answer.set_all_equal(true);
  for (const readmodel::RebuildResult& result : *results) {
    auto* view = answer.add_views();
    view->set_view(result.view);
    view->set_seq(result.seq);
    view->set_rows(result.rows);
    view->set_served_digest(result.served_digest);
    view->set_rebuilt_digest(result.rebuilt_digest);
    view->set_equal(result.equal());
    view->set_parked_rows(result.parked);
    if (!result.equal()) answer.set_all_equal(false);
  }
  return absl::OkStatus();
}

absl::Status ListParked(const readmodel::ReadModel& model, const std::string& tenant,
                        const std::string& view, v1::ListParkedRowsResponse& answer) {
  ASSIGN_OR_RETURN(const std::vector<readmodel::ParkedStatus> parked, model.Parked(tenant, view));
  answer.set_total(parked.size());
  for (const readmodel::ParkedStatus& status : parked) {
    if (answer.rows_size() == kMostParkedRows) break;
    auto* row = answer.add_rows();
    row->mutable_position()->set_context(status.context);
    row->mutable_position()->set_seq(status.row.seq());
    row->set_index(status.row.index());
    row->set_view(status.view);
    row->set_row_key(status.row_key);
    row->set_event_type(status.row.event_type());
    row->set_reason(status.row.reason());
    *row->mutable_recorded_at() = status.row.recorded_at();
    row->set_waiting(status.row.waiting());
  }
  return absl::OkStatus();
}

absl::Status RetryParked(readmodel::ReadModel& model, const std::string& tenant,
                         const std::string& view, v1::RetryParkedRowsResponse& answer) {
  ASSIGN_OR_RETURN(const std::vector<readmodel::RetryResult> results, model.Retry(tenant, view));
  for (const readmodel::RetryResult& result : results) {
    auto* retried = answer.add_views();
    retried->set_view(result.view);
    retried->set_seq(result.seq);
    retried->set_settled(result.settled);
    retried->set_parked_rows(result.parked);
  }
  return absl::OkStatus();
}

absl::Status VerifyJournal(const Operated& operated, const std::string& tenant,
                           v1::VerifyJournalResponse& answer) {
  for (const std::string& context : operated.contexts) {
    ASSIGN_OR_RETURN(const std::uint32_t partitions, operated.journal->Partitions(context));
    for (std::uint32_t i = 0; i < partitions; ++i) {
      ASSIGN_OR_RETURN(const journal::VerifiedPartition verified,
                       journal::VerifyPartition(*operated.journal, {context, i}));
      AddToReport(verified, tenant, answer);
    }
  }
  return absl::OkStatus();
}

absl::Status Explain(readmodel::ReadModel& model, const v1::ExplainRowRequest& request,
                     const std::string& tenant, v1::ExplainRowResponse& answer) {
  ASSIGN_OR_RETURN(
      const std::vector<readmodel::Explanation> events,
      model.Explain(tenant, request.view(), request.row_key(), request.field(), kMostExplanations));
  for (const readmodel::Explanation& event : events) {
    auto* added = answer.add_events();
    added->mutable_position()->set_seq(event.seq);
    added->set_index(event.index);
    added->set_type(event.type);
    added->set_event_id(event.event_id);
    added->set_stream(event.stream);
    *added->mutable_recorded_at() = ToTimestamp(event.recorded_at);
  }
  return absl::OkStatus();
}

absl::StatusOr<eventsourcing::ContextStore*> StoreOf(const Operated& operated,
                                                     const std::string& context) {
  eventsourcing::ContextStore* const store = operated.decided->StoreOf(context);
  if (store != nullptr) return store;
  return InvalidFields({{"context", "must be a context whose commands this process decides"}});
}

absl::Status GetPlace(const Operated& operated, const std::string& context,
                      const std::string& tenant, v1::TenantPlace& answer) {
  ASSIGN_OR_RETURN(eventsourcing::ContextStore* const store, StoreOf(operated, context));
  ASSIGN_OR_RETURN(const eventsourcing::TenantPlace place, store->PlaceOf(tenant));
  answer.set_context(context);
  answer.set_partition(place.partition);
  answer.set_home(place.home);
  answer.set_partitions(place.partitions);
  answer.set_open(place.open);
  answer.set_seq(place.head.seq);
  answer.set_head(std::string(AsBytes(place.head.hash)));
  return absl::OkStatus();
}

absl::Status Receive(const Operated& operated, const v1::ReceiveTenantRequest& request,
                     const std::string& tenant, v1::ReceiveTenantResponse& answer) {
  using State = eventsourcing::ReceptionProgress::State;
  ASSIGN_OR_RETURN(eventsourcing::ContextStore* const store, StoreOf(operated, request.context()));
  ASSIGN_OR_RETURN(const eventsourcing::ReceptionProgress progress,
                   store->ReceiveTenant(tenant, request.to_partition(), absl::Now() + kReceiveFor));
  answer.set_state(progress.state == State::kOpened     ? v1::ReceiveTenantResponse::OPENED
                   : progress.state == State::kCaughtUp ? v1::ReceiveTenantResponse::CAUGHT_UP
                                                        : v1::ReceiveTenantResponse::COPYING);
  answer.set_source(progress.source);
  answer.set_source_seq(progress.source_seq);
  answer.set_seq(progress.seq);
  return absl::OkStatus();
}

absl::Status Close(const Operated& operated, const v1::CloseTenantRequest& request,
                   const std::string& tenant) {
  ASSIGN_OR_RETURN(eventsourcing::ContextStore* const store, StoreOf(operated, request.context()));
  return store->CloseTenant(tenant, request.to_partition());
}

void BindMoves(const Operated& operated, rpc::DescriptorService& service) {
  rpc::WorkerPool& workers = *operated.workers;
  service.HandleUnary("GetTenantPlace", [&workers, operated](Call call) {
    OnWorker<v1::GetTenantPlaceRequest, v1::TenantPlace>(
        workers, std::move(call),
        [operated](const auto& request, const std::string& tenant, auto& answer) {
          return GetPlace(operated, request.context(), tenant, answer);
        });
  });
  service.HandleUnary("ReceiveTenant", [&workers, operated](Call call) {
    OnWorker<v1::ReceiveTenantRequest, v1::ReceiveTenantResponse>(
        workers, std::move(call),
        [operated](const auto& request, const std::string& tenant, auto& answer) {
          return Receive(operated, request, tenant, answer);
        });
  });
  service.HandleUnary("CloseTenant", [&workers, operated](Call call) {
    OnWorker<v1::CloseTenantRequest, v1::CloseTenantResponse>(
        workers, std::move(call),
        [operated](const auto& request, const std::string& tenant, auto&) {
          return Close(operated, request, tenant);
        });
  });
}

}  // namespace

void BindOperations(const Operated& operated, rpc::DescriptorService& service) {
  rpc::WorkerPool& workers = *operated.workers;
  readmodel::ReadModel& model = *operated.read_model;
  service.HandleUnary("ListViews", [&workers, &model](Call call) {
    OnWorker<v1::ListViewsRequest, v1::ListViewsResponse>(
        workers, std::move(call), [&model](const auto&, const std::string& tenant, auto& answer) {
          return ListViews(model, tenant, answer);
        });
  });
  service.HandleUnary("RebuildViews", [&workers, &model](Call call) {
    OnWorker<v1::RebuildViewsRequest, v1::CheckedViews>(
        workers, std::move(call),
        [&model](const auto& request, const std::string& tenant, auto& answer) {
          return Report(model.Rebuild(tenant, request.view()), answer);
        });
  });
  service.HandleUnary("VerifyViews", [&workers, &model](Call call) {
    OnWorker<v1::VerifyViewsRequest, v1::CheckedViews>(
        workers, std::move(call),
        [&model](const auto& request, const std::string& tenant, auto& answer) {
          return Report(model.Verify(tenant, request.view()), answer);
        });
  });
  service.HandleUnary("ListParkedRows", [&workers, &model](Call call) {
    OnWorker<v1::ListParkedRowsRequest, v1::ListParkedRowsResponse>(
        workers, std::move(call),
        [&model](const auto& request, const std::string& tenant, auto& answer) {
          return ListParked(model, tenant, request.view(), answer);
        });
  });
  service.HandleUnary("RetryParkedRows", [&workers, &model](Call call) {
    OnWorker<v1::RetryParkedRowsRequest, v1::RetryParkedRowsResponse>(
        workers, std::move(call),
        [&model](const auto& request, const std::string& tenant, auto& answer) {
          return RetryParked(model, tenant, request.view(), answer);
        });
  });
  service.HandleUnary("VerifyJournal", [&workers, operated](Call call) {
    OnWorker<v1::VerifyJournalRequest, v1::VerifyJournalResponse>(
        workers, std::move(call), [operated](const auto&, const std::string& tenant, auto& answer) {
          return VerifyJournal(operated, tenant, answer);
        });
  });
  BindMoves(operated, service);
  service.HandleUnary("ExplainRow", [&workers, &model](Call call) {
    OnWorker<v1::ExplainRowRequest, v1::ExplainRowResponse>(
        workers, std::move(call),
        [&model](const auto& request, const std::string& tenant, auto& answer) {
          return Explain(model, request, tenant, answer);
        });
  });
}

}  // namespace holdfast::app
