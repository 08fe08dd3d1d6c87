#include "base/error.h"

#include <optional>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "google/rpc/error.pb.h"

#include "absl/strings/cord.h"

namespace holdfast {
namespace {

constexpr char kErrorInfo[] = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr char kBadRequest[] = "type.googleapis.com/google.rpc.BadRequest";
constexpr char kRetryInfo[] = "type.googleapis.com/google.rpc.RetryInfo";

absl::string_view View(std::string_view text) {
  return {text.data(), text.size()};
}

std::string Serialise(const google::protobuf::Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    // Metadata is a map: the same refusal is the same bytes, or it would tell two apart.
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

}  // namespace

absl::Status ErrorWithReason(absl::StatusCode code, std::string_view reason,
                             std::string_view message,
                             std::vector<std::pair<std::string, std::string>> metadata) {
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain("holdfast");
  for (auto& entry : metadata) {
    (*info.mutable_metadata())[entry.first] = std::move(entry.second);
  }
  absl::Status status(code, View(message));
  status.SetPayload(kErrorInfo, absl::Cord(Serialise(info)));
  return status;
}

absl::Status InvalidFields(const std::vector<FieldViolation>& violations) {
  google::rpc::BadRequest bad;
  std::string message = "Some fields of the request are not right:";
  for (const FieldViolation& violation : violations) {
    auto* added = bad.add_field_violations();
    added->set_field(violation.field);
    added->set_description(violation.rule);
    message += message.back() == ':' ? " " : "; ";
    message += violation.field + " " + violation.rule;
  }
  message += ". Correct them and send it again.";
  absl::Status status =
      ErrorWithReason(absl::StatusCode::kInvalidArgument, "FIELD_INVALID", message);
  status.SetPayload(kBadRequest, absl::Cord(Serialise(bad)));
  return status;
}

absl::Status WithRetry(absl::Status status, absl::Duration delay) {
  google::rpc::RetryInfo retry;
  const std::int64_t seconds = absl::IDivDuration(delay, absl::Seconds(1), &delay);
  retry.mutable_retry_delay()->set_seconds(seconds);
  retry.mutable_retry_delay()->set_nanos(
      static_cast<std::int32_t>(absl::ToInt64Nanoseconds(delay)));
  status.SetPayload(kRetryInfo, absl::Cord(Serialise(retry)));
  return status;
}

absl::Status WithReason(absl::Status status, std::string_view reason,
                        std::vector<std::pair<std::string, std::string>> metadata) {
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain("holdfast");
  for (auto& entry : metadata) {
    (*info.mutable_metadata())[entry.first] = std::move(entry.second);
  }
  int number = 1;
  std::string type = kErrorInfo;
  while (status.GetPayload(type).has_value()) {
    type = std::string(kErrorInfo) + "#" + std::to_string(++number);
  }
  status.SetPayload(type, absl::Cord(Serialise(info)));
  return status;
}

std::string ReasonOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kErrorInfo);
  google::rpc::ErrorInfo info;
  if (!payload || !info.ParseFromString(std::string(*payload))) return "";
  return info.reason();
}

}  // namespace holdfast
