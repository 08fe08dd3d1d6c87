#include "app/service.h"

#include <utility>

#include "app/service_parts.h"
#include "base/check.h"

namespace holdfast::app {
namespace {

// "holdfast.initiative.v1.InitiativeService" -> "initiative".
std::string ContextOfService(std::string_view full_name) {
  constexpr std::string_view kPrefix = "holdfast.";
  HOLDFAST_CHECK(full_name.starts_with(kPrefix));
  full_name.remove_prefix(kPrefix.size());
  return std::string(full_name.substr(0, full_name.find('.')));
}

// One request type has one answer: two would be a matter of order.
template <class Map, class Function>
void AddOnce(Map& map, const google::protobuf::Descriptor* request,
             const google::protobuf::Descriptor* answer, Function function) {
  HOLDFAST_CHECK(
      map.emplace(request, typename Map::mapped_type{answer, std::move(function)}).second);
}

}  // namespace

Service::Service(std::string_view full_name) : parts_(std::make_unique<Parts>()) {
  parts_->full_name = std::string(full_name);
  parts_->context = ContextOfService(full_name);
}
Service::Service(Service&&) noexcept = default;
Service& Service::operator=(Service&&) noexcept = default;
Service::~Service() = default;

void Service::AddStream(eventsourcing::StreamType stream) {
  parts_->streams.push_back(std::move(stream));
}
void Service::AddView(readmodel::ViewType view) {
  parts_->views.push_back(std::move(view));
}
void Service::AddReactor(eventsourcing::ReactorType reactor) {
  parts_->reactors.push_back(std::move(reactor));
}
void Service::AddQuery(const google::protobuf::Descriptor* request,
                       const google::protobuf::Descriptor* answer, ErasedQuery query) {
  AddOnce(parts_->queries, request, answer, std::move(query));
}
void Service::AddHandler(const google::protobuf::Descriptor* request,
                         const google::protobuf::Descriptor* answer, ErasedHandler handler) {
  AddOnce(parts_->handlers, request, answer, std::move(handler));
}
void Service::AddUpload(const google::protobuf::Descriptor* request,
                        const google::protobuf::Descriptor* answer, ErasedUpload upload) {
  AddOnce(parts_->uploads, request, answer, std::move(upload));
}
void Service::AddWatch(const google::protobuf::Descriptor* request,
                       const google::protobuf::Descriptor* answer, ErasedWatch watch) {
  AddOnce(parts_->watches, request, answer, std::move(watch));
}

}  // namespace holdfast::app
