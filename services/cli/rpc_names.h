// Full names of the methods that the commands call.
#pragma once

#include <string>
#include <string_view>

namespace holdfast::cli {

inline std::string Directory(std::string_view method) {
  return "/holdfast.directory.v1.DirectoryService/" + std::string(method);
}
inline std::string Operator(std::string_view method) {
  return "/holdfast.directory.v1.OperatorService/" + std::string(method);
}
inline std::string Initiative(std::string_view method) {
  return "/holdfast.initiative.v1.InitiativeService/" + std::string(method);
}
inline std::string Metrics(std::string_view method) {
  return "/holdfast.metrics.v1.MetricsService/" + std::string(method);
}
inline std::string Board(std::string_view method) {
  return "/holdfast.board.v1.BoardService/" + std::string(method);
}
inline std::string Audit(std::string_view method) {
  return "/holdfast.audit.v1.AuditService/" + std::string(method);
}
inline std::string Operations(std::string_view method) {
  return "/holdfast.operations.v1.OperationsService/" + std::string(method);
}

// The contexts that decide, and so have a journal.
inline constexpr const char* kContexts[] = {"initiative", "metrics"};

}  // namespace holdfast::cli
