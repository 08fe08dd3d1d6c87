// librdkafka, held safely: owners of its handles, what every client is configured with, and its
// errors as statuses.
//
// The C API only. Its callbacks come on the thread that polls, or on librdkafka's own: what is
// registered here never throws through C.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "journal/journal.h"

namespace holdfast::journal::kafka {

template <auto kDestroy>
struct Destroyer {
  template <class Handle>
  void operator()(Handle* handle) const {
    kDestroy(handle);
  }
};

// The destroyer of a client may hang for as long as a broker does not answer: see Undertaker.
using Client = std::unique_ptr<rd_kafka_t, Destroyer<rd_kafka_destroy>>;
using Configuration = std::unique_ptr<rd_kafka_conf_t, Destroyer<rd_kafka_conf_destroy>>;
using TopicHandle = std::unique_ptr<rd_kafka_topic_t, Destroyer<rd_kafka_topic_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Destroyer<rd_kafka_queue_destroy>>;
using Message = std::unique_ptr<rd_kafka_message_t, Destroyer<rd_kafka_message_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, Destroyer<rd_kafka_event_destroy>>;
using Error = std::unique_ptr<rd_kafka_error_t, Destroyer<rd_kafka_error_destroy>>;

// The largest batch of a producer, and what a topic must take: a record and the batch's own header.
inline constexpr std::size_t kMaxMessageBytes = 1'114'112;

using Settings = std::vector<std::pair<std::string, std::string>>;

// What every client has, then `settings`, whose later ones count. kInvalidArgument naming the
// setting that librdkafka does not take.
absl::StatusOr<Configuration> Configure(const std::string& bootstrap, const Settings& settings);

// Takes the configuration. Connects to nothing yet. kUnavailable where threads or sockets are used
// up.
absl::StatusOr<Client> Open(rd_kafka_type_t type, Configuration configuration);

// The error with what was being done before it. Permanent ones of a record keep their own code;
// what may be well later is kUnavailable.
absl::Status StatusOf(rd_kafka_resp_err_t error, std::string_view doing);

inline int Milliseconds(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

}  // namespace holdfast::journal::kafka
