// How events of old are read: by (type, schema version), pure functions to what is written today.
//
//   Upcasters upcasters;
//   upcasters.Add<v1::SiteCreated, v1::SiteCreatedV2>(1, &ToV2);   // events are for ever
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <google/protobuf/message.h>

namespace holdfast::eventsourcing {

class Upcasters {
 public:
  using Upcast = std::function<std::unique_ptr<google::protobuf::Message>(
      const google::protobuf::Message& old)>;

  // What was written as `From` in `schema_version` is read as what `upcast` makes of it. If `To` is
  // the same type, it is its version + 1; else version 1 of the other type. Chains are followed.
  template <class From, class To>
  void Add(std::uint32_t schema_version, To (*upcast)(const From&)) {
    steps_[{From::descriptor()->full_name(), schema_version}] =
        [upcast](const google::protobuf::Message& old) {
          return std::make_unique<To>(upcast(static_cast<const From&>(old)));
        };
  }

  bool empty() const { return steps_.empty(); }
  // True where what was written so is read as something else today.
  bool Changes(const std::string& type, std::uint32_t schema_version) const {
    return steps_.contains({type, schema_version});
  }

  // What the event, written as that version, is today.
  std::unique_ptr<google::protobuf::Message> Today(std::unique_ptr<google::protobuf::Message> event,
                                                   std::uint32_t schema_version) const {
    while (true) {
      const auto step = steps_.find({event->GetDescriptor()->full_name(), schema_version});
      if (step == steps_.end()) return event;
      std::unique_ptr<google::protobuf::Message> newer = step->second(*event);
      schema_version = newer->GetDescriptor() == event->GetDescriptor() ? schema_version + 1 : 1;
      event = std::move(newer);
    }
  }

  // The version in which this type is written today.
  std::uint32_t VersionOf(const std::string& type) const {
    std::uint32_t version = 1;
    while (steps_.contains({type, version})) ++version;
    return version;
  }

 private:
  std::map<std::pair<std::string, std::uint32_t>, Upcast> steps_;
};

}  // namespace holdfast::eventsourcing
