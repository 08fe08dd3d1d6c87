#include "rpc/wire_status.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "google/rpc/error.pb.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"

namespace holdfast::rpc {
namespace {

struct Catalogued {
  absl::StatusCode code;
  std::string_view reason;
  std::string_view sentence;
};

// What is said of a status that says nothing of itself for strangers.
constexpr Catalogued kCatalogue[] = {
    {absl::StatusCode::kCancelled, "CANCELLED", "The caller went away before the answer."},
    {absl::StatusCode::kInvalidArgument, "FIELD_INVALID",
     "Something in the request is not right. Correct it and send it again."},
    {absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
     "It took longer than the deadline allows. Ask again with the same idempotency key: it takes "
     "effect once."},
    {absl::StatusCode::kNotFound, "NOT_FOUND", "There is no such thing, or none that you may see."},
    {absl::StatusCode::kAlreadyExists, "ALREADY_EXISTS", "It exists already."},
    {absl::StatusCode::kPermissionDenied, "POLICY_DENIED", "You may not do this."},
    {absl::StatusCode::kResourceExhausted, "QUEUE_FULL",
     "There is too much to do at once. Wait a moment and ask again."},
    {absl::StatusCode::kFailedPrecondition, "FAILED_PRECONDITION", "This cannot be done now."},
    {absl::StatusCode::kAborted, "ABORTED", "Something came between. Read again, then ask again."},
    {absl::StatusCode::kOutOfRange, "OUT_OF_RANGE", "It asks for more than there is."},
    {absl::StatusCode::kUnimplemented, "UNIMPLEMENTED", "There is no such method here."},
    {absl::StatusCode::kUnavailable, "UNAVAILABLE", "Something is away. Wait and ask again."},
    {absl::StatusCode::kUnauthenticated, "TOKEN_INVALID", "Sign in again."},
};

absl::Status OfCatalogue(absl::StatusCode code) {
  for (const Catalogued& entry : kCatalogue) {
    if (entry.code == code) return ErrorWithReason(code, entry.reason, entry.sentence);
  }
  return ErrorWithReason(absl::StatusCode::kInternal, "INTERNAL", "");
}

constexpr std::string_view kRetryInfo = "type.googleapis.com/google.rpc.RetryInfo";

absl::Status Renamed(const absl::Status& status, absl::StatusCode code) {
  absl::Status out(code, status.message());
  status.ForEachPayload(
      [&out](absl::string_view type, const absl::Cord& payload) { out.SetPayload(type, payload); });
  return out;
}

}  // namespace

bool IsOurFault(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
      return true;
    case absl::StatusCode::kDataLoss:
      return ReasonOf(status).empty();
    default:
      return false;
  }
}

absl::Status ForStrangers(const absl::Status& status, std::string_view trace_id) {
  if (status.ok()) return status;
  if (IsOurFault(status)) {
    const std::string trace(trace_id);
    absl::Status hidden = ErrorWithReason(
        absl::StatusCode::kInternal, "INTERNAL",
        absl::StrCat("Something failed here that should not. Quote trace ", trace, "."),
        {{"trace_id", trace}});
    return status.code() == absl::StatusCode::kDataLoss
               ? Renamed(hidden, absl::StatusCode::kDataLoss)
               : hidden;
  }
  if (!ReasonOf(status).empty()) return status;
  absl::Status plain = OfCatalogue(status.code());
  const absl::string_view retry_type(kRetryInfo.data(), kRetryInfo.size());
  if (const auto retry = status.GetPayload(retry_type)) plain.SetPayload(retry_type, *retry);
  return plain;
}

google::rpc::Status ToWire(const absl::Status& status) {
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(status.code()));
  wire.set_message(std::string(status.message()));
  std::vector<std::pair<std::string, std::string>> details;
  status.ForEachPayload([&details](absl::string_view type, const absl::Cord& payload) {
    details.emplace_back(std::string(type), std::string(payload));
  });
  // absl keeps payloads in no order; "…", "…#2", "…#3" is ours.
  std::sort(details.begin(), details.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first.size(), a.first) < std::pair(b.first.size(), b.first);
  });
  for (auto& [type, payload] : details) {
    google::protobuf::Any& any = *wire.add_details();
    any.set_type_url(type.substr(0, type.find('#')));
    any.set_value(std::move(payload));
  }
  return wire;
}

absl::Status FromWire(const google::rpc::Status& wire) {
  absl::Status status(static_cast<absl::StatusCode>(wire.code()), wire.message());
  for (const google::protobuf::Any& any : wire.details()) {
    std::string type = any.type_url();
    for (int number = 2; status.GetPayload(type).has_value(); ++number) {
      type = absl::StrCat(any.type_url(), "#", number);
    }
    status.SetPayload(type, absl::Cord(any.value()));
  }
  return status;
}

}  // namespace holdfast::rpc
