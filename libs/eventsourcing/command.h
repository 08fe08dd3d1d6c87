// A command on its way to the actor, and the answer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "holdfast/type/v1/type.pb.h"

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/uuid.h"
#include "security/policy_epoch.h"

namespace google::protobuf {
class Message;
}

namespace holdfast::security {
struct LeasedKey;
}

namespace holdfast::eventsourcing {

struct CommandRequest {
  std::string tenant;
  std::string
      method;  // "/holdfast.initiative.v1.InitiativeService/OpenPhase": part of the command's MAC
  std::unique_ptr<google::protobuf::Message> command;
  Uuid command_id{};
  // Of the stream: 0 = must not exist yet; empty = any. Another answers kAborted
  // (VERSION_CONFLICT).
  std::optional<std::uint64_t> expected_version;
  std::string actor_ref;
  std::string agency;
  Uuid correlation_id{};
  std::string traceparent;
  absl::Time deadline = absl::InfiniteFuture();
  // Units of the tenant's quota. 0: part of a call that is paid for already.
  std::uint32_t cost = 1;
  // The facts of the directory under which the caller was let in; empty for a command that nobody
  // asked for. kUnavailable (PROTECTION_DOWN) where the tenant's history was written under newer
  // ones.
  std::optional<security::PolicyEpoch> policy_epoch;
  // Of a reactor's command.
  std::optional<type::v1::CausedBy> caused_by;
  // What the personal fields of its events are sealed with; filled on the way to the actor. Shared:
  // commands about the same person within a minute have the same.
  std::vector<std::shared_ptr<const security::LeasedKey>> sealing_keys;
};

// Receipt, or a status whose payload is the error model of base/error.h.
using CommandAnswer = absl::StatusOr<type::v1::Receipt>;

// Where commands of one context go in. Thread-safe; the answer comes on a thread of the store and
// must not block.
class CommandSink {
 public:
  virtual ~CommandSink() = default;
  virtual void Submit(CommandRequest request, absl::AnyInvocable<void(CommandAnswer)> done) = 0;
  // kUnavailable (NOT_OWNER, with the door of the process that does) where commands of the tenant
  // are not decided here. For what does not go in as a command, but must be where they are.
  virtual absl::Status DecidesHere(const std::string& /*tenant*/) const { return absl::OkStatus(); }
};

}  // namespace holdfast::eventsourcing
