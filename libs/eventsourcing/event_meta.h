// Where an event stands, and who did it: what views and reactors see beside the event.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace holdfast {

// An event as it stands in the journal, byte for byte: for a view that must prove it.
class StoredEvent {
 public:
  virtual ~StoredEvent() = default;
  // Personal fields moved out.
  virtual std::string_view payload() const = 0;
  // These, each as it is stored.
  virtual std::vector<std::string> sealed() const = 0;
};

// Where an event stands, and who did it. Views are valid during the call.
struct EventMeta {
  std::string_view tenant;
  std::string_view stream;     // "site/<id>"
  std::string_view stream_id;  // "<id>"
  std::uint64_t version = 0;   // of the stream
  std::uint64_t seq = 0;       // of the commit in the tenant's history of the context
  std::uint32_t index = 0;     // of the event in its commit
  std::string_view event_id;   // 16 bytes
  absl::Time recorded_at;
  absl::Time occurred_at;
  std::string_view actor;
  std::string_view agency;
  std::string_view row_key;             // in Apply: the row being written
  const StoredEvent* stored = nullptr;  // in Apply of a view
};

}  // namespace holdfast
