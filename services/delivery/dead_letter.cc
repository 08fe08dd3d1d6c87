#include "delivery/dead_letter.h"

#include <optional>
#include <string>
#include <string_view>

#include "google/rpc/error.pb.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"

namespace holdfast::delivery {
namespace {

constexpr char kPrefix[] = "holdfast-dlq-";
constexpr char kErrorInfo[] = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr char kBadRequest[] = "type.googleapis.com/google.rpc.BadRequest";

template <class Detail>
std::optional<Detail> DetailOf(const absl::Status& status, const char* type) {
  const auto payload = status.GetPayload(type);
  Detail detail;
  if (!payload || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return detail;
}

std::string Of(const google::rpc::ErrorInfo& info, const char* key) {
  const auto found = info.metadata().find(key);
  return found == info.metadata().end() ? "" : found->second;
}

// The first bad field: the door's, else the rule's.
FieldViolation ViolationOf(const absl::Status& why) {
  const auto bad = DetailOf<google::rpc::BadRequest>(why, kBadRequest);
  if (bad && bad->field_violations_size() > 0) {
    return {bad->field_violations(0).field(), bad->field_violations(0).description()};
  }
  const auto info = DetailOf<google::rpc::ErrorInfo>(why, kErrorInfo);
  if (info) return {Of(*info, "field"), Of(*info, "rule")};
  return {};
}

std::string ReasonOrCode(const absl::Status& why) {
  std::string reason = ReasonOf(why);
  return reason.empty() ? absl::StatusCodeToString(why.code()) : reason;
}

}  // namespace

journal::TopicRecord DeadLetterOf(const journal::ReceivedRecord& refused, const absl::Status& why) {
  journal::TopicRecord letter{refused.record.key, refused.record.value, {}};
  for (const journal::TopicHeader& header : refused.record.headers) {
    if (!absl::StartsWith(header.name, kPrefix)) letter.headers.push_back(header);
  }
  const auto add = [&letter](const char* name, std::string value) {
    if (!value.empty()) letter.headers.push_back({absl::StrCat(kPrefix, name), std::move(value)});
  };
  const FieldViolation violation = ViolationOf(why);
  add("reason", ReasonOrCode(why));
  add("field", violation.field);
  add("rule", violation.rule);
  add("sentence", std::string(why.message()));
  add("topic", refused.topic);
  add("partition", absl::StrCat(refused.partition));
  add("offset", absl::StrCat(refused.offset));
  return letter;
}

}  // namespace holdfast::delivery
