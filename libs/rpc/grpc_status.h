// To and from gRPC's own status. For the files of this room that speak gRPC.
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace holdfast::rpc {

// With google.rpc.Status in its details (grpc-status-details-bin).
grpc::Status ToGrpc(const absl::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace holdfast::rpc
