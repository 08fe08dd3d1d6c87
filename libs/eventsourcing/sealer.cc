#include "eventsourcing/sealer.h"

#include <string>

#include <google/protobuf/message.h>

#include "base/error.h"
#include "eventsourcing/message_traits.h"

namespace holdfast::eventsourcing {
namespace {

absl::Status RefusePersonal(google::protobuf::Message& message) {
  std::string first;
  ForEachPersonal(message, [&first](const std::string& path, google::protobuf::Message&) {
    if (first.empty()) first = path;
  });
  if (first.empty()) return absl::OkStatus();
  return ErrorWithReason(absl::StatusCode::kFailedPrecondition, "PERSONAL_NOT_YET_SUPPORTED",
                         "This server cannot yet seal what names a person, and keeps nothing "
                         "unsealed. Leave the personal fields out.",
                         {{"field", first}});
}

}  // namespace

absl::Status NoSealer::Admit(google::protobuf::Message& command) {
  return RefusePersonal(command);
}

absl::Status NoSealer::Seal(google::protobuf::Message& event, journal::v1::EventRecord&) {
  return RefusePersonal(event);
}

}  // namespace holdfast::eventsourcing
