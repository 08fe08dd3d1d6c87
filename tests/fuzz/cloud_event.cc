#include "delivery/cloud_event.h"

#include <string>
#include <string_view>

#include "absl/strings/match.h"
#include "base/check.h"
#include "journal/topic_client.h"
#include "targets.h"

namespace holdfast::fuzz {
namespace {

journal::TopicRecord RecordOf(std::string_view bytes) {
  journal::TopicRecord record;
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
    if (line.empty()) break;
    const std::size_t colon = line.find(": ");
    journal::TopicHeader header{std::string(line.substr(0, colon)), {}};
    if (colon != std::string_view::npos) header.value = std::string(line.substr(colon + 2));
    record.headers.push_back(std::move(header));
  }
  record.value = std::string(bytes);
  return record;
}

}  // namespace

void CloudEvent(std::string_view bytes) {
  const auto event = delivery::ReadCloudEvent(RecordOf(bytes));
  if (!event.ok()) return;
  for (const char* name : {"id", "source", "type"}) HOLDFAST_CHECK(!event->Get(name).empty());
  // An event in an event would be read as the inner one.
  if (absl::StartsWith(event->content_type, "application/cloudevents")) return;
  const auto again = delivery::ReadCloudEvent(delivery::ToRecord(*event));
  HOLDFAST_CHECK(again.ok() && again->attributes == event->attributes &&
                 again->data == event->data);
}

}  // namespace holdfast::fuzz
