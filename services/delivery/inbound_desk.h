// Commands from other people's systems: one tenant's inbound topic, record by record.
//
//   holdfast.<tenant>.inbound.v1 -> CloudEvent -> command -> the door, as the tenant's client
//                                        | refused                | receipt
//                                        v                        v
//            holdfast.<tenant>.inbound-dlq.v1                 the next record
//
// The tenant follows from the topic; nothing in a record can name another. A command's id follows
// from tenant, source and id of its event, so an event that comes again has one effect.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "delivery/cloud_event.h"
#include "delivery/command_catalogue.h"
#include "journal/topic_client.h"

namespace google::protobuf {
class Message;
class MethodDescriptor;
}  // namespace google::protobuf

namespace holdfast::delivery {

std::string InboundTopic(std::string_view tenant);
std::string DeadLetterTopic(std::string_view tenant);

// The idempotency key of the command that an event asks for. On the wire: never another.
std::string CommandKeyOf(std::string_view tenant, const CloudEvent& event);

// One command, as the door is asked for it.
struct InboundCommand {
  const google::protobuf::MethodDescriptor* method = nullptr;
  std::unique_ptr<google::protobuf::Message> request;
  std::string key;
  std::string traceparent;
};

struct DeskOptions {
  std::string tenant;
  const CommandCatalogue* catalogue = nullptr;
  // What the tenant's client was granted; nothing else is asked for.
  std::set<const google::protobuf::MethodDescriptor*> granted;
  // Waits for the answer.
  std::function<absl::Status(const InboundCommand& command)> ask;
  std::function<absl::StatusOr<std::unique_ptr<journal::TopicSender>>()> open_sender;
  // Asked while it waits for a broker: an error ends the waiting.
  std::function<absl::Status()> go_on = [] { return absl::OkStatus(); };
};

enum class Handled { kAccepted, kDeadLetter };

// Used by one thread.
class InboundDesk {
 public:
  explicit InboundDesk(DeskOptions options) : options_(std::move(options)) {}

  // The record is done once this answers: there is a receipt, or its dead letter is confirmed. An
  // error says that nobody can tell now: the same record comes again later.
  absl::StatusOr<Handled> Handle(const journal::ReceivedRecord& received);

 private:
  absl::StatusOr<InboundCommand> CommandOf(const journal::TopicRecord& record) const;
  absl::Status DeadLetter(const journal::ReceivedRecord& received, const absl::Status& why);

  const DeskOptions options_;
  std::unique_ptr<journal::TopicSender> sender_;  // of dead letters; null until there is one
};

// Not the record's fault: overload, an owner that is away, a deadline. It is asked again, and never
// a dead letter.
bool IsForLater(const absl::Status& answer);

}  // namespace holdfast::delivery
