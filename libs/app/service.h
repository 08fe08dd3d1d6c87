// A service in ten lines: which RPC service it answers, which streams decide its commands, which
// views and queries answer its reads, which reactors listen to other contexts.
//
//   app::Service Partners() {
//     return app::Service("holdfast.partners.v1.PartnersService")
//         .Streams<Intervention>()
//         .Views<InterventionBoard>()
//         .Reactors<MirrorSite>()
//         .Query(ListInterventions)     // absl::StatusOr<Answer>(const Request&, const
//         app::QueryContext&) .Handle(ApplyImport);         // absl::StatusOr<Answer>(const
//         Request&, app::CallContext&), on a worker
//   }
//
// The context is the package between "holdfast." and ".v1". An RPC finds its stream, query or
// handler by its request type; one that finds none stops the start with a sentence.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "holdfast/options/v1/options.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "eventsourcing/reactor.h"
#include "eventsourcing/stream_type.h"
#include "readmodel/reader.h"
#include "readmodel/view_type.h"

namespace google::protobuf {
class Message;
class Descriptor;
}  // namespace google::protobuf

namespace holdfast::security {
class VerifiedPrincipal;
}

namespace holdfast::app {

// What a query may use.
class QueryContext {
 public:
  virtual ~QueryContext() = default;
  virtual const security::VerifiedPrincipal& principal() const = 0;
  // A snapshot that is at least as fresh as the request's `read.min_position` asked for.
  virtual const readmodel::Reader& reader() const = 0;
  virtual absl::Time now() const = 0;
};

// One more command, on behalf of the same caller.
struct Submission {
  std::unique_ptr<google::protobuf::Message> command;
  // Makes the command id, with the call's idempotency key: the same step of a repeated call has one
  // effect.
  std::string step;
};

// What a handler may use beside: it runs on a worker thread and may block. Cancelled when the
// caller goes away.
class CallContext : public QueryContext {
 public:
  // Passes the decider like any command of this context; waits for the answer (bounded by the
  // call's deadline).
  virtual absl::StatusOr<type::v1::Receipt> Submit(Submission submission) = 0;
  // Starts one without waiting; answers come by Await, in order. At most 64 are in flight: then
  // Start waits.
  virtual void Start(Submission submission) = 0;
  virtual absl::StatusOr<std::vector<type::v1::Receipt>> AwaitStarted() = 0;
  // A fresh snapshot, once the views of this context have applied the commit of the receipt.
  virtual absl::StatusOr<std::unique_ptr<readmodel::Reader>> ReadAfter(
      const type::v1::Receipt& receipt) = 0;
  // A folder of the calling tenant that this context keeps for itself; exists, private (0700).
  virtual std::string tenant_folder() const = 0;
  virtual bool cancelled() const = 0;
  virtual absl::Time deadline() const = 0;
  // What the caller says it is for; unspecified where the method does not ask.
  virtual options::v1::Purpose::Code purpose() const = 0;
};

// The next message of a client stream; false at its end. A server stream's sink answers false when
// the client is gone.
template <class Message>
using Source = std::function<absl::StatusOr<bool>(Message&)>;
template <class Message>
using Sink = std::function<bool(const Message&)>;

class Service {
 public:
  explicit Service(std::string_view full_name);
  Service(Service&&) noexcept;
  Service& operator=(Service&&) noexcept;
  ~Service();

  template <Decider... D>
  Service&& Streams() && {
    (AddStream(eventsourcing::StreamTypeOf<D>()), ...);
    return std::move(*this);
  }
  template <View... V>
  Service&& Views() && {
    (AddView(readmodel::ViewTypeOf<V>()), ...);
    return std::move(*this);
  }
  template <eventsourcing::Reactor... R>
  Service&& Reactors() && {
    (AddReactor(eventsourcing::ReactorTypeOf<R>()), ...);
    return std::move(*this);
  }

  template <class Request, class Answer>
  Service&& Query(absl::StatusOr<Answer> (*query)(const Request&, const QueryContext&)) && {
    AddQuery(Request::descriptor(), Answer::descriptor(),
             [query](const google::protobuf::Message& request, const QueryContext& context,
                     google::protobuf::Message& answer) -> absl::Status {
               absl::StatusOr<Answer> got = query(static_cast<const Request&>(request), context);
               if (!got.ok()) return got.status();
               static_cast<Answer&>(answer) = *std::move(got);
               return absl::OkStatus();
             });
    return std::move(*this);
  }

  template <class Request, class Answer>
  Service&& Handle(absl::StatusOr<Answer> (*handler)(const Request&, CallContext&)) && {
    AddHandler(Request::descriptor(), Answer::descriptor(),
               [handler](const google::protobuf::Message& request, CallContext& context,
                         google::protobuf::Message& answer) -> absl::Status {
                 absl::StatusOr<Answer> got =
                     handler(static_cast<const Request&>(request), context);
                 if (!got.ok()) return got.status();
                 static_cast<Answer&>(answer) = *std::move(got);
                 return absl::OkStatus();
               });
    return std::move(*this);
  }

  // `stream Request -> Answer`: reads until the source ends.
  template <class Request, class Answer>
  Service&& HandleUpload(absl::StatusOr<Answer> (*handler)(const Source<Request>&,
                                                           CallContext&)) && {
    AddUpload(Request::descriptor(), Answer::descriptor(),
              [handler](const Source<google::protobuf::Message>& source, CallContext& context,
                        google::protobuf::Message& answer) -> absl::Status {
                absl::StatusOr<Answer> got =
                    handler([&source](Request& request) { return source(request); }, context);
                if (!got.ok()) return got.status();
                static_cast<Answer&>(answer) = *std::move(got);
                return absl::OkStatus();
              });
    return std::move(*this);
  }

  // `Request -> stream Answer`: writes until it returns.
  template <class Request, class Answer>
  Service&& HandleWatch(absl::Status (*handler)(const Request&, CallContext&,
                                                const Sink<Answer>&)) && {
    AddWatch(Request::descriptor(), Answer::descriptor(),
             [handler](const google::protobuf::Message& request, CallContext& context,
                       const Sink<google::protobuf::Message>& sink) -> absl::Status {
               return handler(static_cast<const Request&>(request), context,
                              [&sink](const Answer& answer) { return sink(answer); });
             });
    return std::move(*this);
  }

  using ErasedQuery = std::function<absl::Status(const google::protobuf::Message&,
                                                 const QueryContext&, google::protobuf::Message&)>;
  using ErasedHandler = std::function<absl::Status(const google::protobuf::Message&, CallContext&,
                                                   google::protobuf::Message&)>;
  using ErasedUpload = std::function<absl::Status(const Source<google::protobuf::Message>&,
                                                  CallContext&, google::protobuf::Message&)>;
  using ErasedWatch = std::function<absl::Status(const google::protobuf::Message&, CallContext&,
                                                 const Sink<google::protobuf::Message>&)>;

  struct Parts;
  const Parts& parts() const { return *parts_; }

 private:
  void AddStream(eventsourcing::StreamType stream);
  void AddView(readmodel::ViewType view);
  void AddReactor(eventsourcing::ReactorType reactor);
  void AddQuery(const google::protobuf::Descriptor* request,
                const google::protobuf::Descriptor* answer, ErasedQuery query);
  void AddHandler(const google::protobuf::Descriptor* request,
                  const google::protobuf::Descriptor* answer, ErasedHandler handler);
  void AddUpload(const google::protobuf::Descriptor* request,
                 const google::protobuf::Descriptor* answer, ErasedUpload upload);
  void AddWatch(const google::protobuf::Descriptor* request,
                const google::protobuf::Descriptor* answer, ErasedWatch watch);

  std::unique_ptr<Parts> parts_;
};

}  // namespace holdfast::app
