#include "app/router.h"

#include <thread>
#include <utility>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "absl/strings/str_cat.h"
#include "app/call_context.h"
#include "app/command_batches.h"
#include "app/service_parts.h"
#include "app/tenant_store.h"
#include "app/way_out.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "eventsourcing/command.h"
#include "eventsourcing/stream_type.h"
#include "observability/metrics.h"
#include "readmodel/read_model.h"
#include "rpc/batch_door.h"
#include "rpc/call.h"
#include "rpc/descriptor_service.h"
#include "rpc/method_plan.h"
#include "rpc/worker_pool.h"
#include "security/principal.h"

namespace holdfast::app {
namespace {

namespace pb = google::protobuf;

absl::Status NoHandler(const pb::MethodDescriptor& method) {
  return absl::FailedPreconditionError(absl::StrCat(
      method.full_name(), ": nothing answers its request ", method.input_type()->full_name(),
      "; list a stream, query or handler for it in the service"));
}

absl::Status OtherAnswer(const pb::MethodDescriptor& method, const pb::Descriptor& given) {
  return absl::FailedPreconditionError(absl::StrCat(method.full_name(), ": it promises ",
                                                    method.output_type()->full_name(),
                                                    ", but its handler gives ", given.full_name()));
}

constexpr std::string_view kQuery = "query";
constexpr std::string_view kHandler = "handler";
constexpr std::string_view kStream = "stream";

// `what`: which of the pools of threads is full.
absl::Status Busy(std::string_view what) {
  metrics::Process().GetCounter(metrics::kShed, {what}).Increment();
  return WithRetry(ErrorWithReason(absl::StatusCode::kResourceExhausted, "QUEUE_FULL",
                                   "There is too much to do at once. Wait a moment and ask again."),
                   absl::Seconds(1));
}

TenantStore StoreOf(const Router::Parts& parts, const rpc::Admitted& admitted) {
  return TenantStore(*admitted.principal, *parts.read_model, parts.files_folder);
}

void Command(const ContextCommands& context, std::unique_ptr<rpc::UnaryCall> call) {
  const rpc::Admitted& admitted = call->admitted();
  absl::StatusOr<eventsourcing::CommandRequest> request =
      RequestOf(context, admitted, call->method().path, call->TakeRequest(), admitted.command_id);
  if (!request.ok()) return call->Fail(request.status());
  request->expected_version = admitted.expected_version;
  request->cost = call->method().cost;
  context.sink->Submit(*std::move(request),
                       [call = std::move(call)](eventsourcing::CommandAnswer answer) {
                         if (!answer.ok()) return call->Fail(answer.status());
                         call->Answer(*answer);
                       });
}

// What sends commands, or keeps files for those that do, runs where the tenant's commands are
// decided.
absl::Status DecidesHere(const ContextCommands* commands, const security::TenantId& tenant) {
  return commands == nullptr ? absl::OkStatus() : commands->sink->DecidesHere(tenant.slug());
}

bool CarriesAsOf(const pb::Descriptor& answer) {
  for (int i = 0; i < answer.field_count(); ++i) {
    const pb::FieldDescriptor& field = *answer.field(i);
    if (!field.is_repeated() && field.message_type() == type::v1::AsOf::descriptor()) return true;
  }
  return false;
}

// One query: on a worker, to its snapshot, and on a worker again where the snapshot came later.
class RunningQuery : public std::enable_shared_from_this<RunningQuery> {
 public:
  RunningQuery(const Router::Parts& parts, const Service::ErasedQuery& query,
               std::unique_ptr<rpc::UnaryCall> call)
      : parts_(parts), query_(query), call_(std::move(call)) {}

  void Begin() {
    if (!parts_.queries->TryPost([self = shared_from_this()] { self->OpenSnapshot(); })) {
      call_->Fail(Busy(kQuery));
    }
  }

 private:
  using Snapshot = absl::StatusOr<std::unique_ptr<readmodel::Reader>>;

  void OpenSnapshot() {
    if (call_->cancelled()) return call_->Fail(absl::CancelledError(""));
    const rpc::Admitted& admitted = call_->admitted();
    StoreOf(parts_, admitted)
        .Open(ReadOptionsOf(call_->request()), admitted.deadline,
              [self = shared_from_this(), here = std::this_thread::get_id()](Snapshot snapshot) {
                if (!snapshot.ok()) return self->call_->Fail(snapshot.status());
                self->snapshot_ = *std::move(snapshot);
                if (CarriesAsOf(*self->call_->method().answer->GetDescriptor())) {
                  self->snapshot_->LeaveOutParkedRows();
                }
                if (std::this_thread::get_id() == here) return self->Answer();
                // On the projector's strand: nobody may wait there.
                if (!self->parts_.queries->TryPost([self] { self->Answer(); }))
                  self->call_->Fail(Busy(kQuery));
              });
  }

  void Answer() {
    const QueryView view(call_->admitted(), std::move(snapshot_), *parts_.clock);
    const std::unique_ptr<pb::Message> answer(call_->method().answer->New());
    const absl::Status status = query_(call_->request(), view, *answer);
    if (!status.ok()) return call_->Fail(status);
    parts_.way_out->Reveal(call_->admitted(), call_->method(), *answer);
    call_->Answer(*answer);
  }

  const Router::Parts& parts_;
  const Service::ErasedQuery& query_;
  const std::unique_ptr<rpc::UnaryCall> call_;
  std::unique_ptr<readmodel::Reader> snapshot_;
};

// A unary handler's call, on a thread of its own.
void RunHandler(const Router::Parts& parts, const ContextCommands* commands,
                const std::string& context, const Service::ErasedHandler& run,
                rpc::UnaryCall& call) {
  TenantStore store = StoreOf(parts, call.admitted());
  if (absl::Status here = DecidesHere(commands, store.tenant()); !here.ok()) return call.Fail(here);
  TenantStore::Snapshot reader =
      store.OpenNow(ReadOptionsOf(call.request()), call.admitted().deadline);
  if (!reader.ok()) return call.Fail(reader.status());
  WorkerCall worker({&call.admitted(), commands, &store, parts.clock, call.method().path,
                     store.Folder(context), [&call] { return call.cancelled(); }},
                    *std::move(reader));
  const std::unique_ptr<pb::Message> answer(call.method().answer->New());
  const absl::Status status = run(call.request(), worker, *answer);
  if (!status.ok()) return call.Fail(status);
  parts.way_out->Reveal(call.admitted(), call.method(), *answer);
  call.Answer(*answer);
}

// What a stream does with the call's context; the call ends by its status.
using StreamRun = std::function<absl::Status(rpc::StreamCall&, const pb::Message*, WorkerCall&)>;

StreamRun UploadBy(const Service::ErasedUpload& handler, const WayOut& way_out) {
  return [&handler, &way_out](rpc::StreamCall& call, const pb::Message*, WorkerCall& worker) {
    const std::unique_ptr<pb::Message> answer(call.method().answer->New());
    absl::Status status =
        handler([&call](pb::Message& into) { return call.Read(into); }, worker, *answer);
    way_out.Reveal(call.admitted(), call.method(), *answer);
    if (status.ok() && !call.Write(*answer)) return absl::CancelledError("");
    return status;
  };
}

StreamRun WatchBy(const Service::ErasedWatch& handler, const WayOut& way_out) {
  return [&handler, &way_out](rpc::StreamCall& call, const pb::Message* asked, WorkerCall& worker) {
    return handler(*asked, worker, [&call, &way_out](const pb::Message& message) {
      if (eventsourcing::CountSealed(message) == 0) return call.Write(message);
      const std::unique_ptr<pb::Message> revealed(message.New());
      revealed->CopyFrom(message);
      way_out.Reveal(call.admitted(), call.method(), *revealed);
      return call.Write(*revealed);
    });
  };
}

// A stream's call, on a thread of its own, up to its end.
absl::Status RunStream(const Router::Parts& parts, const ContextCommands* commands,
                       const std::string& context, const StreamRun& run, rpc::StreamCall& call) {
  TenantStore store = StoreOf(parts, call.admitted());
  RETURN_IF_ERROR(DecidesHere(commands, store.tenant()));
  const std::unique_ptr<pb::Message> asked = call.TakeRequest();
  ASSIGN_OR_RETURN(std::unique_ptr<readmodel::Reader> reader,
                   store.OpenNow(asked == nullptr ? type::v1::ReadOptions() : ReadOptionsOf(*asked),
                                 call.admitted().deadline));
  WorkerCall worker({&call.admitted(), commands, &store, parts.clock, call.method().path,
                     store.Folder(context), [&call] { return call.cancelled(); }},
                    std::move(reader));
  return run(call, asked.get(), worker);
}

}  // namespace

Router::Router(Parts parts) : parts_(std::move(parts)) {
  // At 0 from the start, so that the first call that is turned away is seen.
  for (const std::string_view what : {kQuery, kHandler, kStream})
    metrics::Process().GetCounter(metrics::kShed, {what});
}
Router::~Router() = default;

void Router::AddContext(const std::string& context, eventsourcing::CommandSink& sink,
                        const std::vector<eventsourcing::StreamType>& streams) {
  ContextCommands& commands = contexts_[context];
  commands.sink = &sink;
  for (const eventsourcing::StreamType& stream : streams) {
    for (const pb::Descriptor* command : stream.commands) {
      commands.streams.emplace(command, &stream);
    }
  }
}

absl::Status Router::Bind(const Service& service, rpc::DescriptorService& rpcs) {
  const Service::Parts& parts = service.parts();
  const pb::ServiceDescriptor& descriptor = rpcs.descriptor();
  rpc::BatchDoor commands(*parts_.door);
  std::vector<const pb::MethodDescriptor*> of_batches;
  for (int i = 0; i < descriptor.method_count(); ++i) {
    const pb::MethodDescriptor& method = *descriptor.method(i);
    if (method.input_type() == type::v1::CommandBatch::descriptor()) {
      of_batches.push_back(&method);
      continue;
    }
    const bool streaming = method.client_streaming() || method.server_streaming();
    absl::Status bound =
        streaming ? BindStream(parts, method, rpcs) : BindUnary(parts, method, rpcs, commands);
    if (!bound.ok()) return bound;
  }
  return BindBatches(parts, of_batches, rpcs, std::move(commands));
}

const ContextCommands* Router::CommandsOf(const Service::Parts& parts) const {
  const auto context = contexts_.find(parts.context);
  return context == contexts_.end() ? nullptr : &context->second;
}

absl::Status Router::BindBatches(const Service::Parts& parts,
                                 const std::vector<const pb::MethodDescriptor*>& methods,
                                 rpc::DescriptorService& rpcs, rpc::BatchDoor commands) {
  if (methods.empty()) return absl::OkStatus();
  const ContextCommands* context = CommandsOf(parts);
  if (context == nullptr || commands.empty()) return NoHandler(*methods.front());
  batches_.push_back(std::make_unique<const CommandBatches>(*context, std::move(commands)));
  const CommandBatches& batches = *batches_.back();
  for (const pb::MethodDescriptor* method : methods) {
    if (method->output_type() != type::v1::CommandResults::descriptor()) {
      return OtherAnswer(*method, *type::v1::CommandResults::descriptor());
    }
    if (method->client_streaming() != method->server_streaming()) return NoHandler(*method);
    if (!method->client_streaming()) {
      rpcs.HandleUnary(method->name(), [&batches](std::unique_ptr<rpc::UnaryCall> call) {
        batches.Answer(std::move(call));
      });
      continue;
    }
    rpcs.HandleStream(
        method->name(), [this, &batches](const std::shared_ptr<rpc::StreamCall>& call) {
          if (!parts_.streams->TryPost([&batches, call] { batches.Converse(call); })) {
            call->Finish(Busy(kStream));
          }
        });
  }
  return absl::OkStatus();
}

absl::Status Router::BindUnary(const Service::Parts& parts, const pb::MethodDescriptor& method,
                               rpc::DescriptorService& rpcs, rpc::BatchDoor& batched) {
  const pb::Descriptor* request = method.input_type();
  if (const auto query = parts.queries.find(request); query != parts.queries.end()) {
    if (query->second.answer != method.output_type()) {
      return OtherAnswer(method, *query->second.answer);
    }
    rpcs.HandleUnary(method.name(),
                     [this, run = &query->second.function](std::unique_ptr<rpc::UnaryCall> call) {
                       std::make_shared<RunningQuery>(parts_, *run, std::move(call))->Begin();
                     });
    return absl::OkStatus();
  }

  const ContextCommands* commands = CommandsOf(parts);
  if (const auto handler = parts.handlers.find(request); handler != parts.handlers.end()) {
    if (handler->second.answer != method.output_type()) {
      return OtherAnswer(method, *handler->second.answer);
    }
    rpcs.HandleUnary(
        method.name(), [this, commands, name = parts.context,
                        run = &handler->second.function](std::unique_ptr<rpc::UnaryCall> unary) {
          std::shared_ptr<rpc::UnaryCall> call = std::move(unary);
          const bool taken = parts_.handlers->TryPost([this, commands, name, run, call] {
            RunHandler(parts_, commands, name, *run, *call);
          });
          if (!taken) call->Fail(Busy(kHandler));
        });
    return absl::OkStatus();
  }

  if (commands == nullptr || !commands->streams.contains(request)) return NoHandler(method);
  if (method.output_type() != type::v1::Receipt::descriptor()) {
    return OtherAnswer(method, *type::v1::Receipt::descriptor());
  }
  batched.Add(rpcs.plan(method.name()));
  rpcs.HandleUnary(method.name(), [commands](std::unique_ptr<rpc::UnaryCall> call) {
    Command(*commands, std::move(call));
  });
  return absl::OkStatus();
}

absl::Status Router::BindStream(const Service::Parts& parts, const pb::MethodDescriptor& method,
                                rpc::DescriptorService& rpcs) {
  const pb::Descriptor* request = method.input_type();
  const ContextCommands* commands = CommandsOf(parts);
  const auto upload = parts.uploads.find(request);
  const auto watch = parts.watches.find(request);
  const bool is_upload = method.client_streaming() && !method.server_streaming();
  const bool is_watch = method.server_streaming() && !method.client_streaming();

  StreamRun run;
  if (is_upload && upload != parts.uploads.end()) {
    if (upload->second.answer != method.output_type()) {
      return OtherAnswer(method, *upload->second.answer);
    }
    run = UploadBy(upload->second.function, *parts_.way_out);
  } else if (is_watch && watch != parts.watches.end()) {
    if (watch->second.answer != method.output_type()) {
      return OtherAnswer(method, *watch->second.answer);
    }
    run = WatchBy(watch->second.function, *parts_.way_out);
  } else {
    return NoHandler(method);
  }

  rpcs.HandleStream(method.name(), [this, commands, name = parts.context, run = std::move(run)](
                                       const std::shared_ptr<rpc::StreamCall>& call) {
    const bool taken = parts_.streams->TryPost([this, commands, name, run, call] {
      call->Finish(RunStream(parts_, commands, name, run, *call));
    });
    if (!taken) call->Finish(Busy(kStream));
  });
  return absl::OkStatus();
}

}  // namespace holdfast::app
