#include "delivery/inbound_desk.h"

#include <utility>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/status_macros.h"
#include "delivery/dead_letter.h"
#include "http/json_form.h"
#include "observability/log.h"
#include "rpc/wire_fault.h"

namespace holdfast::delivery {
namespace {

namespace pb = google::protobuf;

constexpr absl::Duration kAskEach = absl::Seconds(1);
constexpr char kRetryInfo[] = "type.googleapis.com/google.rpc.RetryInfo";

absl::string_view View(std::string_view text) {
  return {text.data(), text.size()};
}

absl::Status UnknownType() {
  return ErrorWithReason(
      absl::StatusCode::kInvalidArgument, "UNKNOWN_COMMAND",
      "The type of the event names no command. Name the method or its request, such as "
      "holdfast.initiative.v1.CreateSite.",
      {{"field", "type"}, {"rule", "must name a command"}});
}

absl::Status NotGranted() {
  return ErrorWithReason(
      absl::StatusCode::kPermissionDenied, "NOT_GRANTED",
      "The tenant's inbound client was not granted this command. Its operator adds the method to "
      "delivery.inbound.methods.",
      {{"field", "type"}, {"rule", "must be a command that was granted"}});
}

absl::Status UnknownContentType() {
  return InvalidFields({{"datacontenttype", "must be application/json or application/protobuf"}});
}

bool IsJson(std::string_view type) {
  return type.empty() || type == kJsonData || absl::EndsWith(View(type), "+json");
}
bool IsProtobuf(std::string_view type) {
  return type == kProtobufData || type == "application/x-protobuf";
}

absl::Status ParseJson(const std::string& data, pb::Message& request) {
  RETURN_IF_ERROR(
      http::CheckJsonForm(data, *request.GetDescriptor(), http::UnknownFields::kRefused));
  if (!pb::util::JsonStringToMessage(data, &request).ok()) {
    return InvalidFields({{"data", "must be the JSON form of the command"}});
  }
  return absl::OkStatus();
}

absl::Status ParseProtobuf(const std::string& data, pb::Message& request) {
  if (request.ParseFromString(data)) return absl::OkStatus();
  return InvalidFields({rpc::FindWireFault(*request.GetDescriptor(), data)});
}

absl::Status ParseData(const CloudEvent& event, pb::Message& request) {
  if (IsJson(event.content_type)) return ParseJson(event.data, request);
  if (IsProtobuf(event.content_type)) return ParseProtobuf(event.data, request);
  return UnknownContentType();
}

}  // namespace

std::string InboundTopic(std::string_view tenant) {
  return absl::StrCat("holdfast.", View(tenant), ".inbound.v1");
}

std::string DeadLetterTopic(std::string_view tenant) {
  return absl::StrCat("holdfast.", View(tenant), ".inbound-dlq.v1");
}

std::string CommandKeyOf(std::string_view tenant, const CloudEvent& event) {
  std::string items;
  for (const std::string_view item : {tenant, event.Get("source"), event.Get("id")}) {
    AppendBigEndian32(items, static_cast<std::uint32_t>(item.size()));
    items.append(item);
  }
  const Hash hash = Sha256Of(items);
  return absl::StrCat("ce-", ToHex(AsBytes(hash)));
}

bool IsForLater(const absl::Status& answer) {
  switch (answer.code()) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kUnauthenticated:  // our token, not the record
    case absl::StatusCode::kDataLoss:         // a tenant that is frozen, until it is mended
    case absl::StatusCode::kUnknown:
      return true;
    case absl::StatusCode::kResourceExhausted:  // else the record itself is too large
      return answer.GetPayload(kRetryInfo).has_value();
    default:
      return false;
  }
}

absl::StatusOr<Handled> InboundDesk::Handle(const journal::ReceivedRecord& received) {
  absl::StatusOr<InboundCommand> command = CommandOf(received.record);
  const absl::Status answer = command.ok() ? options_.ask(*command) : command.status();
  if (answer.ok()) return Handled::kAccepted;
  if (command.ok() && IsForLater(answer)) return answer;
  RETURN_IF_ERROR(DeadLetter(received, answer));
  return Handled::kDeadLetter;
}

absl::StatusOr<InboundCommand> InboundDesk::CommandOf(const journal::TopicRecord& record) const {
  ASSIGN_OR_RETURN(const CloudEvent event, ReadCloudEvent(record));
  InboundCommand command;
  command.method = options_.catalogue->Find(event.Get("type"));
  if (command.method == nullptr) return UnknownType();
  if (!options_.granted.contains(command.method)) return NotGranted();
  const pb::Message* prototype =
      pb::MessageFactory::generated_factory()->GetPrototype(command.method->input_type());
  command.request.reset(prototype->New());
  RETURN_IF_ERROR(ParseData(event, *command.request));
  command.key = CommandKeyOf(options_.tenant, event);
  command.traceparent = std::string(event.Get("traceparent"));
  return command;
}

absl::Status InboundDesk::DeadLetter(const journal::ReceivedRecord& received,
                                     const absl::Status& why) {
  log::Info("inbound_dead_letter", log::Tenant(options_.tenant),
            log::Partition(static_cast<std::uint64_t>(received.partition)),
            log::Offset(static_cast<std::uint64_t>(received.offset)), log::Reason(ReasonOf(why)));
  if (sender_ == nullptr) {
    ASSIGN_OR_RETURN(sender_, options_.open_sender());
  }
  absl::Status sent = sender_->Send(DeadLetterTopic(options_.tenant), DeadLetterOf(received, why));
  while (sent.ok()) {
    const absl::Status confirmed = sender_->AwaitConfirmed(kAskEach);
    if (confirmed.ok()) return absl::OkStatus();
    sent = absl::IsDeadlineExceeded(confirmed) ? options_.go_on() : confirmed;
  }
  sender_.reset();
  return WithContext(sent, "dead letter");
}

}  // namespace holdfast::delivery
