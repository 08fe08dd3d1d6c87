// What gRPC's context says of a call, in our words. For the files of this room that speak gRPC.
#pragma once

#include <vector>

#include <grpcpp/server_context.h>

#include "absl/time/time.h"
#include "rpc/metadata.h"

namespace holdfast::rpc {

// Views into the context.
inline std::vector<MetadataEntry> MetadataOf(const grpc::CallbackServerContext& context) {
  std::vector<MetadataEntry> entries;
  entries.reserve(context.client_metadata().size());
  for (const auto& [key, value] : context.client_metadata()) {
    entries.push_back({{key.data(), key.size()}, {value.data(), value.size()}});
  }
  return entries;
}

// gRPC 1.51 reads a malformed grpc-timeout as none: the method's cap counts then.
inline absl::Time DeadlineOf(const grpc::CallbackServerContext& context) {
  const auto deadline = context.deadline();
  if (deadline == std::chrono::system_clock::time_point::max()) return absl::InfiniteFuture();
  return absl::FromChrono(deadline);
}

}  // namespace holdfast::rpc
