#include "eventsourcing/refusals.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "observability/log.h"

namespace holdfast::eventsourcing {
namespace {

using Metadata = std::vector<std::pair<std::string, std::string>>;

Metadata MetadataOf(const RefusalReason& reason) {
  Metadata metadata;
  if (!reason.field.empty()) metadata.emplace_back("field", reason.field);
  if (!reason.rule.empty()) metadata.emplace_back("rule", reason.rule);
  if (!reason.sentence.empty()) metadata.emplace_back("sentence", reason.sentence);
  return metadata;
}

absl::Status Away(std::string_view reason, std::string_view message, absl::Duration retry) {
  return WithRetry(ErrorWithReason(absl::StatusCode::kUnavailable, reason, message), retry);
}

}  // namespace

absl::Status RefusedByRule(const std::vector<RefusalReason>& reasons) {
  const RefusalReason& first = reasons.front();
  absl::Status status = ErrorWithReason(absl::StatusCode::kFailedPrecondition, first.reason,
                                        first.sentence, MetadataOf(first));
  for (std::size_t i = 1; i < reasons.size(); ++i)
    status = WithReason(std::move(status), reasons[i].reason, MetadataOf(reasons[i]));
  return status;
}

absl::Status VersionConflict(std::uint64_t expected, std::uint64_t actual) {
  return ErrorWithReason(
      absl::StatusCode::kAborted, "VERSION_CONFLICT",
      "Somebody else has changed this since you read it. Read it again, then decide again.",
      {{"expected", std::to_string(expected)}, {"actual", std::to_string(actual)}});
}

absl::Status CommandIdReused() {
  return ErrorWithReason(absl::StatusCode::kAlreadyExists, "COMMAND_ID_REUSED",
                         "Another command was accepted under this id. Give each new command an id "
                         "of its own; repeat an old one unchanged.");
}

absl::Status DeadlinePassed() {
  return ErrorWithReason(absl::StatusCode::kDeadlineExceeded, "DEADLINE_PASSED",
                         "The deadline passed before the command was written, so nothing has "
                         "changed. Send it again.");
}

absl::Status QueueFull() {
  return WithRetry(ErrorWithReason(absl::StatusCode::kResourceExhausted, "QUEUE_FULL",
                                   "More commands wait than can be taken. Wait a moment, then send "
                                   "it again under the same id."),
                   absl::Milliseconds(200));
}

absl::Status QuotaUsedUp(absl::Duration wait) {
  return WithRetry(ErrorWithReason(absl::StatusCode::kResourceExhausted, "QUOTA",
                                   "Your force has used what it may ask for in a second. Wait as "
                                   "long as is said here, then send it again under the same id."),
                   wait);
}

absl::Status SteppedDown() {
  return Away("STEPPED_DOWN",
              "The writer lost its place before it knew the outcome. Send it again under the same "
              "id: it takes effect once.",
              absl::Milliseconds(500));
}

absl::Status NotReady() {
  return Away("NOT_READY", "History is still being read. Send it again in a moment.",
              absl::Milliseconds(500));
}

absl::Status NotOwner(const std::string& owner) {
  std::vector<std::pair<std::string, std::string>> metadata;
  if (!owner.empty()) metadata.emplace_back("owner", owner);
  return WithRetry(
      ErrorWithReason(absl::StatusCode::kUnavailable, "NOT_OWNER",
                      "Another process writes this partition. Send it there, or again in a moment.",
                      std::move(metadata)),
      absl::Seconds(1));
}

absl::Status ReadOnly() {
  return Away("READ_ONLY",
              "The disk refused a write, so no commands are taken; reading goes on. The operator "
              "must make room, or replace the disk, and start the program again. Send it again "
              "then under the same id: it takes effect once.",
              absl::Minutes(1));
}

absl::Status OwnerUnsure() {
  return Away("OWNER_UNSURE",
              "It is not certain that this process still writes the partition. Send it again in a "
              "moment.",
              absl::Seconds(1));
}

absl::Status TenantMoving() {
  return Away("TENANT_MOVING", "The tenant is being moved. Send it again in a moment.",
              absl::Milliseconds(300));
}

absl::Status MoveUnderWay() {
  return Away("MOVE_UNDER_WAY",
              "A step of a move of this tenant is under way already. Ask again in a moment.",
              absl::Seconds(1));
}

absl::Status TenantElsewhere() {
  return ErrorWithReason(absl::StatusCode::kFailedPrecondition, "TENANT_ELSEWHERE",
                         "The tenant does not stand where the move was to begin. See where it is: "
                         "holdfast tenant show.");
}

absl::Status RightsBehind() {
  return Away("PROTECTION_DOWN",
              "Rights have changed, and this process does not know them yet. Send it again in a "
              "moment.",
              absl::Seconds(1));
}

absl::Status UnknownCommand(std::string_view type) {
  return ErrorWithReason(absl::StatusCode::kUnimplemented, "UNKNOWN_COMMAND",
                         "No stream of this context takes such a command.",
                         {{"command", std::string(type)}});
}

absl::Status CommitTooLarge() {
  return ErrorWithReason(absl::StatusCode::kInvalidArgument, "TOO_LARGE",
                         "What this command would record is larger than one record may be (1 MiB). "
                         "Send it in smaller parts.");
}

absl::Status DecisionFailed() {
  return ErrorWithReason(absl::StatusCode::kInternal, "DECISION_FAILED",
                         "The rules failed over this command, so nothing has changed. Tell the "
                         "operator.");
}

absl::Status PartitionFrozen(const absl::Status& why) {
  return ErrorWithReason(
      absl::StatusCode::kDataLoss, "PARTITION_FROZEN",
      absl::StrCat("History cannot be read on: ", why.message(), ". Tell the operator."));
}

absl::Status KeysUnavailable() {
  return Away(
      "KEYS_UNAVAILABLE",
      "What names a person cannot be sealed now, and nothing is kept unsealed. Send it again "
      "in a moment.",
      absl::Seconds(1));
}

absl::Status StateUnavailable(const absl::Status& why) {
  log::Warn("state_not_read", log::Code(absl::StatusCodeToString(why.code()).c_str()));
  return Away(
      "STATE_UNAVAILABLE",
      "The stored state of the stream cannot be read. Send it again in a moment; where that "
      "does not help, the operator must start the program again: what is damaged is then "
      "made anew from the journal.",
      absl::Seconds(1));
}

}  // namespace holdfast::eventsourcing
