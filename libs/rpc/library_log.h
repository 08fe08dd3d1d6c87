// gRPC and protobuf write free text to stderr on their own. The log of a Holdfast process has none:
// see observability/log.h.
#pragma once

namespace holdfast::rpc {

// Once, before the first thread. What they say becomes one line without their words.
void TameLibraryLogs();

}  // namespace holdfast::rpc
