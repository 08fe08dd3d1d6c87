// absl::Status <-> what stands on the wire: a code, a sentence, and google.rpc.Status in
// grpc-status-details-bin.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace google::rpc {
class Status;
}

namespace holdfast::rpc {

// The status as a stranger may see it: own errors (base/error.h) as they are; any other with the
// fixed sentence and reason of its code, since a library's message may hold input; a fault of ours
// with nothing but the trace id.
absl::Status ForStrangers(const absl::Status& status, std::string_view trace_id);

// Payloads become details and back; several of one type keep their order.
google::rpc::Status ToWire(const absl::Status& status);
absl::Status FromWire(const google::rpc::Status& wire);

// True for what ForStrangers would hide: somebody must look at the log.
bool IsOurFault(const absl::Status& status);

}  // namespace holdfast::rpc
