// Where an event stands, and who did it: what views and reactors see beside the event.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/time/time.h"

namespace holdfast {

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
  std::string_view row_key;  // in Apply: the row being written
};

}  // namespace holdfast
