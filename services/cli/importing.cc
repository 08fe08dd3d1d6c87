#include "cli/importing.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <utility>

#include "base/status_macros.h"
#include "cli/progress.h"
#include "cli/rpc_names.h"
#include "cli/session.h"

namespace holdfast::cli {

absl::StatusOr<metrics::v1::ImportPlan> PlanImport(Session& session,
                                                   const metrics::v1::PlanImportRequest& request) {
  RETURN_IF_ERROR(session.SignIn());
  rpc::CallOptions options = session.Options();
  options.timeout = std::max(options.timeout, absl::Minutes(10));
  metrics::v1::ImportPlan plan;
  RETURN_IF_ERROR(session.client().Call(Metrics("PlanImport"), request, plan, options));
  return plan;
}

absl::StatusOr<metrics::v1::ImportResult> ApplyImport(Session& session, const std::string& token,
                                                      std::uint64_t rows) {
  RETURN_IF_ERROR(session.SignIn());
  rpc::CallOptions options = session.Options();
  options.timeout = std::max(options.timeout, absl::Hours(1));
  options.idempotency_key = "import/" + token;
  metrics::v1::WatchImportRequest wanted;
  wanted.set_token(token);
  const std::unique_ptr<rpc::Watch> watch =
      session.client().OpenWatch(Metrics("WatchImport"), wanted, session.Options());
  std::jthread shown([&watch, rows] {
    Progress progress("import");
    metrics::v1::ImportProgress at;
    while (true) {
      const absl::StatusOr<bool> more = watch->Read(at);
      if (!more.ok() || !*more) return;
      progress.At(at.rows_done(), std::max<std::uint64_t>(at.rows(), rows));
    }
  });
  metrics::v1::ApplyImportRequest request;
  request.set_token(token);
  metrics::v1::ImportResult result;
  const absl::Status applied =
      session.client().Call(Metrics("ApplyImport"), request, result, options);
  watch->Cancel();
  shown.join();
  RETURN_IF_ERROR(applied);
  return result;
}

}  // namespace holdfast::cli
