#include "audit/audit_worker.h"

#include <string>
#include <utility>
#include <vector>

#include "holdfast/audit/v1/audit.pb.h"

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/error.h"
#include "base/thread_executor.h"
#include "observability/log.h"
#include "rpc/client.h"

namespace holdfast::audit {
namespace {

constexpr absl::Duration kEvery = absl::Seconds(1);
constexpr absl::Duration kPatience = absl::Seconds(20);
constexpr absl::Duration kMaxSilence = absl::Minutes(2);
constexpr char kSubject[] = "administrator";  // the house has one in every tenant
constexpr char kMethod[] = "/holdfast.audit.v1.AuditService/SignCheckpoint";

class Signing final : public app::Worker {
 public:
  explicit Signing(const app::WorkPlace& place) {
    for (const std::string& tenant : place.tenants)
      logs_.push_back({tenant, place.client_of(tenant, kSubject), ""});
    executor_.Post([this] { Round(); });
  }

  absl::Status Ready() const override { return absl::OkStatus(); }
  absl::Status Live() const override {
    if (absl::Now() - executor_.LastTick() <= kMaxSilence) return absl::OkStatus();
    return absl::UnavailableError("the audit log has not been signed for two minutes");
  }

 private:
  struct Signed {
    std::string tenant;
    rpc::Client client;
    std::string failure;  // that was logged last
  };

  void Round() {
    for (Signed& signed_log : logs_) {
      const v1::SignCheckpointRequest request;
      v1::SignCheckpointResponse answer;
      rpc::CallOptions options;
      options.timeout = kPatience;
      Note(signed_log, signed_log.client.Call(kMethod, request, answer, options));
    }
    executor_.PostAfter(kEvery, [this] { Round(); });
  }

  // Once for each kind of failure, and not each second.
  static void Note(Signed& signed_log, const absl::Status& status) {
    const std::string reason = status.ok() ? "" : ReasonOf(status);
    if (!status.ok() && reason != signed_log.failure)
      log::Error("checkpoint_not_signed", log::Tenant(signed_log.tenant), log::Reason(reason));
    signed_log.failure = reason;
  }

  std::vector<Signed> logs_;
  ThreadExecutor executor_{"audit"};  // last: it ends first
};

}  // namespace

absl::StatusOr<std::unique_ptr<app::Worker>> StartSigning(const app::WorkPlace& place) {
  return std::make_unique<Signing>(place);
}

}  // namespace holdfast::audit
