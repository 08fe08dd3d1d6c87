#include "rpc/library_log.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>

#include "observability/log.h"

namespace holdfast::rpc {

void TameLibraryLogs() {
  gpr_set_log_function([](gpr_log_func_args* said) {
    if (said->severity == GPR_LOG_SEVERITY_ERROR) log::Debug("grpc_complained");
  });
  google::protobuf::SetLogHandler([](google::protobuf::LogLevel, const char*, int,
                                     const std::string&) { log::Debug("protobuf_complained"); });
}

}  // namespace holdfast::rpc
