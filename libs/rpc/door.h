// The door: every call passes it, in this order, and no service repeats any of it.
//
//   Admit, before a byte of the body is parsed:
//     peer -> metadata -> token -> principal, tenant -> draining -> role -> age of the sign-in ->
//     purpose -> deadline
//   Read:
//     size -> parse -> tenant -> fields
//
// Below gRPC, so that it can be tested without a socket.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/options/v1/options.pb.h"

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/uuid.h"
#include "rpc/metadata.h"
#include "rpc/peer_guard.h"
#include "rpc/trace.h"
#include "security/principal.h"

namespace google::protobuf {
class Message;
namespace io {
class ZeroCopyInputStream;
}
}  // namespace google::protobuf

namespace holdfast {
class Clock;
class Random;
}  // namespace holdfast

namespace holdfast::security {
class PrincipalIssuer;
}

namespace holdfast::rpc {

class CallObserver;
class FieldValidator;
struct MethodPlan;

// What a call says it is for. Checked against the method; what it opens, the policy decides.
struct StatedPurpose {
  options::v1::Purpose::Code purpose = options::v1::Purpose::CODE_UNSPECIFIED;
  std::string justification;  // free text: for the audit alone, never into a log
  bool break_glass = false;
};

// A call that may go on, and what it brought.
struct Admitted {
  std::shared_ptr<const security::VerifiedPrincipal> principal;  // null for a public method
  // From the idempotency key: the same for the same caller and key. Drawn where there was none.
  Uuid command_id{};
  bool repeatable = false;  // the caller gave a key
  std::optional<std::uint64_t> expected_version;
  StatedPurpose stated;
  TraceParent trace;
  absl::Time deadline;
  bool ends_by_limit = false;  // the deadline is the method's own limit, not the caller's
};

// One command of a batch that may go on; the rest is its call's.
struct AdmittedItem {
  Uuid command_id{};
  absl::Time deadline;
};

class Door {
 public:
  struct Parts {
    security::PrincipalIssuer* principals = nullptr;
    const FieldValidator* validator = nullptr;  // prepared for every method's request
    const Clock* clock = nullptr;
    Random* random = nullptr;
    CallObserver* observer = nullptr;
  };

  explicit Door(Parts parts);  // all borrowed

  // kUnauthenticated, kPermissionDenied, kInvalidArgument (PURPOSE_REQUIRED among them),
  // kUnavailable (DRAINING): with the reasons of `experience.md`.
  absl::StatusOr<Admitted> Admit(const MethodPlan& method,
                                 const std::vector<MetadataEntry>& metadata,
                                 absl::Time client_deadline, PeerOf peer = NoPeer) const;

  // The same for one command within a call that was let in: whether its caller may send it alone,
  // and by when it must be answered. Its key makes the command id that it would have alone.
  // kPermissionDenied; kInvalidArgument (PURPOSE_REQUIRED).
  absl::StatusOr<AdmittedItem> AdmitItem(const MethodPlan& method, const Admitted& call,
                                         std::string_view key) const;

  // Parses `bytes` bytes into `request` and checks every field. kResourceExhausted
  // (MESSAGE_TOO_LARGE), kInvalidArgument, kPermissionDenied where it names a tenant that is not
  // the caller's. `again` gives the whole body once more; asked only where it cannot be parsed, to
  // say where. `within`: where the request stands in what was sent, before the name of each bad
  // field. A `peer` that sends too much that cannot be parsed is heard no more.
  absl::Status Read(const MethodPlan& method, const Admitted& call,
                    google::protobuf::io::ZeroCopyInputStream& in, std::size_t bytes,
                    absl::FunctionRef<std::string()> again, google::protobuf::Message& request,
                    std::string_view within = {}, PeerOf peer = NoPeer) const;

  // From now on everything but health is refused with DRAINING.
  void StartDraining() { draining_.store(true, std::memory_order_relaxed); }

  const Clock& clock() const { return *parts_.clock; }
  CallObserver& observer() const { return *parts_.observer; }

 private:
  absl::Status Refuse(std::string_view check, absl::Status status) const;
  absl::Status RefuseOperator() const;
  absl::Status CheckRole(const MethodPlan& method,
                         const security::VerifiedPrincipal& principal) const;
  absl::Status CheckSignInAge(const MethodPlan& method,
                              const security::VerifiedPrincipal& principal) const;
  absl::Status CheckPurpose(const MethodPlan& method, const StatedPurpose& stated) const;
  // Role, age of the sign-in, purpose.
  absl::Status CheckMethod(const MethodPlan& method, const Admitted& call) const;
  Parts parts_;
  mutable PeerGuard peers_;
  std::atomic<bool> draining_{false};
};

// What a streaming call in flight hears when the process goes away.
absl::Status DrainingStatus();

}  // namespace holdfast::rpc
