#include "journal/kafka_client.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "observability/log.h"

namespace holdfast::journal::kafka {
namespace {

constexpr int kSyslogWarning = 4;

// Only the name of the event (FAIL, REQTMOUT, …): the rest is free text.
void OnLog(const rd_kafka_t* /*client*/, int level, const char* name, const char* /*text*/) {
  if (level <= kSyslogWarning) {
    log::Warn("kafka_client", log::Reason(name));
  } else {
    log::Debug("kafka_client", log::Reason(name));
  }
}

// Was logged already; what it means for a record comes with the record.
void OnError(rd_kafka_t* /*client*/, int /*error*/, const char* /*why*/, void* /*opaque*/) {}

absl::StatusCode CodeOf(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
      return absl::StatusCode::kInvalidArgument;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
      return absl::StatusCode::kPermissionDenied;
    case RD_KAFKA_RESP_ERR_INVALID_CONFIG:
    case RD_KAFKA_RESP_ERR_INVALID_PARTITIONS:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
      return absl::StatusCode::kFailedPrecondition;
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return absl::StatusCode::kNotFound;
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
      return absl::StatusCode::kResourceExhausted;
    case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
    case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
      return absl::StatusCode::kCancelled;
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
      return absl::StatusCode::kAborted;
    default:
      return absl::StatusCode::kUnavailable;
  }
}

}  // namespace

absl::StatusOr<Configuration> Configure(const std::string& bootstrap, const Settings& settings) {
  Settings all = {
      {"bootstrap.servers", bootstrap},
      {"client.id", "holdfast"},
      {"allow.auto.create.topics", "false"},
      {"socket.nagle.disable", "true"},
      {"socket.keepalive.enable", "true"},
      {"message.max.bytes", std::to_string(kMaxMessageBytes)},
      // Ten seconds, the default, are longer than a take-over.
      {"reconnect.backoff.max.ms", "1000"},
  };
  all.insert(all.end(), settings.begin(), settings.end());
  Configuration configuration(rd_kafka_conf_new());
  for (const auto& [name, value] : all) {
    std::array<char, 512> why{};
    if (rd_kafka_conf_set(configuration.get(), name.c_str(), value.c_str(), why.data(),
                          why.size()) != RD_KAFKA_CONF_OK) {
      return absl::InvalidArgumentError(absl::StrCat("setting ", name, ": ", why.data()));
    }
  }
  rd_kafka_conf_set_log_cb(configuration.get(), OnLog);
  rd_kafka_conf_set_error_cb(configuration.get(), OnError);
  return configuration;
}

absl::StatusOr<Client> Open(rd_kafka_type_t type, Configuration configuration) {
  std::array<char, 512> why{};
  Client client(rd_kafka_new(type, configuration.get(), why.data(), why.size()));
  if (client == nullptr)
    return absl::UnavailableError(absl::StrCat("a client of Kafka could not start: ", why.data()));
  // The client has it now.
  static_cast<void>(configuration.release());  // NOLINT(bugprone-unused-return-value)
  return client;
}

absl::Status StatusOf(rd_kafka_resp_err_t error, std::string_view doing) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
  return WithContext(absl::Status(CodeOf(error), rd_kafka_err2str(error)), doing);
}

}  // namespace holdfast::journal::kafka
