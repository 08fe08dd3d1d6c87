// What a Service was told of itself. For this room.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "app/service.h"

namespace holdfast::app {

struct Service::Parts {
  template <class Function>
  struct Answering {
    const google::protobuf::Descriptor* answer = nullptr;
    Function function;
  };
  template <class Function>
  using ByRequest = std::unordered_map<const google::protobuf::Descriptor*, Answering<Function>>;

  std::string full_name;  // "holdfast.initiative.v1.InitiativeService"
  std::string context;    // "initiative"
  std::vector<eventsourcing::StreamType> streams;
  std::vector<readmodel::ViewType> views;
  std::vector<eventsourcing::ReactorType> reactors;
  ByRequest<ErasedQuery> queries;
  ByRequest<ErasedHandler> handlers;
  ByRequest<ErasedUpload> uploads;
  ByRequest<ErasedWatch> watches;
};

}  // namespace holdfast::app
