#include "app/way_out.h"

#include <cstdint>
#include <utility>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "holdfast/options/v1/options.pb.h"

#include "base/clock.h"
#include "rpc/method_plan.h"
#include "security/audit_receipt.h"
#include "security/key_vault.h"
#include "security/principal.h"

namespace holdfast::app {

using type::v1::Personal;

WayOut::WayOut(Parts parts) : parts_(parts) {
  if (parts_.vault != nullptr) opener_.emplace(*parts_.vault);
}

namespace {

security::AuditRecord RecordOf(const rpc::Admitted& caller, const rpc::MethodPlan& method,
                               std::size_t values, absl::Time now) {
  const auto& declared = method.method->options().GetExtension(options::v1::method).audit();
  security::AuditRecord record;
  record.tenant = caller.principal->tenant();
  record.actor_ref = caller.principal->actor_ref();
  record.agency = caller.principal->agency();
  record.client = caller.principal->kind() == security::PrincipalKind::kClient;
  for (const int verb : declared)
    record.verbs.push_back(static_cast<options::v1::Audit::Verb>(verb));
  record.purpose = caller.stated.purpose;
  record.method = method.path;
  record.rows = static_cast<std::uint32_t>(values);
  record.time = now;
  return record;
}

}  // namespace

void WayOut::Reveal(const rpc::Admitted& caller, const rpc::MethodPlan& method,
                    google::protobuf::Message& answer) const {
  const std::size_t sealed = eventsourcing::CountSealed(answer);
  if (sealed == 0) return;
  if (caller.principal == nullptr)
    return eventsourcing::Withhold(answer, Personal::Withheld::NOT_PERMITTED);
  if (!opener_ || parts_.audit == nullptr)
    return eventsourcing::Withhold(answer, Personal::Withheld::UNAVAILABLE);
  absl::StatusOr<security::AuditReceipt> receipt =
      parts_.audit->Record(RecordOf(caller, method, sealed, parts_.clock->Now()));
  if (!receipt.ok()) return eventsourcing::Withhold(answer, Personal::Withheld::UNAVAILABLE);
  opener_->Open(answer, *caller.principal, *std::move(receipt));
}

}  // namespace holdfast::app
