#include "app/way_out.h"

#include <cstdint>
#include <utility>

#include <google/protobuf/message.h>

#include "base/clock.h"
#include "security/audit_receipt.h"
#include "security/key_vault.h"
#include "security/principal.h"

namespace holdfast::app {

using type::v1::Personal;

WayOut::WayOut(Parts parts) : parts_(parts) {
  if (parts_.vault != nullptr) opener_.emplace(*parts_.vault);
}

void WayOut::Reveal(const rpc::Admitted& caller, const std::string& method,
                    google::protobuf::Message& answer) const {
  const std::size_t sealed = eventsourcing::CountSealed(answer);
  if (sealed == 0) return;
  if (caller.principal == nullptr)
    return eventsourcing::Withhold(answer, Personal::Withheld::NOT_PERMITTED);
  if (!opener_ || parts_.audit == nullptr)
    return eventsourcing::Withhold(answer, Personal::Withheld::UNAVAILABLE);
  absl::StatusOr<security::AuditReceipt> receipt =
      parts_.audit->Record({caller.principal->tenant(), caller.principal->actor_ref(), method,
                            static_cast<std::uint32_t>(sealed), parts_.clock->Now()});
  if (!receipt.ok()) return eventsourcing::Withhold(answer, Personal::Withheld::UNAVAILABLE);
  opener_->Open(answer, *caller.principal, *std::move(receipt));
}

}  // namespace holdfast::app
