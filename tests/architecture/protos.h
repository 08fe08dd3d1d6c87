// What a proto of ours must declare so that the door, the gateway, the command line and the
// documentation, which work by reflection alone, have nothing left to guess.
#pragma once

#include <google/protobuf/descriptor.h>

#include "fault.h"

namespace holdfast::architecture {

// One file of package holdfast.*:
//   a method    roles (or callers, or `public`), audit verbs, a deadline, a cap in bytes; purposes
//   if its messages are personal,
//               and NO_PERSONAL_DATA exactly if they are not
//   a command   (answered by a Receipt): limits on each string, bytes and repeated field it can
//   reach a refusal   a sentence, and below 10 the shared meaning a Personal  its class and key;
//   `of` names siblings any field   no map<>
Faults CheckProtoFile(const google::protobuf::FileDescriptor& file);

}  // namespace holdfast::architecture
