// A CloudEvent 1.0, and how it stands in a record of Kafka (the CloudEvents Kafka protocol binding,
// 1.0.2).
//
//   binary      attributes in headers "ce_<name>", the data as the value, its type in content-type
//   structured  one JSON object as the value, content-type application/cloudevents+json
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "journal/topic_client.h"

namespace holdfast::delivery {

inline constexpr std::string_view kJsonData = "application/json";
inline constexpr std::string_view kProtobufData = "application/protobuf";

struct CloudEvent {
  // By their names without "ce_": id, source, type, and what else there is. Not datacontenttype.
  std::map<std::string, std::string, std::less<>> attributes;
  std::string content_type;  // of the data; empty where nothing says
  std::string data;

  // Empty where there is none.
  std::string_view Get(std::string_view name) const {
    const auto found = attributes.find(name);
    return found == attributes.end() ? std::string_view() : found->second;
  }
};

// In binary mode; without a key.
journal::TopicRecord ToRecord(const CloudEvent& event);

// From either mode. kInvalidArgument with reason NOT_A_CLOUD_EVENT, or FIELD_INVALID naming each
// attribute that is missing or otherwise than it may be. Values are never echoed.
absl::StatusOr<CloudEvent> ReadCloudEvent(const journal::TopicRecord& record);

}  // namespace holdfast::delivery
