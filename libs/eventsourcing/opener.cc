#include "eventsourcing/opener.h"

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "holdfast/journal/v1/journal.pb.h"
#include "holdfast/options/v1/options.pb.h"

#include "base/check.h"
#include "eventsourcing/key_owners.h"
#include "eventsourcing/message_traits.h"
#include "observability/log.h"
#include "security/sealing.h"

namespace holdfast::eventsourcing {
namespace {

using google::protobuf::Message;
using journal::v1::SealedField;
using security::Opening;
using type::v1::Personal;

// A sealed value, and where what it says goes.
struct Found {
  Personal* place = nullptr;
  SealedField field;
};

void SayDamaged(const SealedField& field, std::string_view why) {
  log::Error("sealed_field_damaged", log::Tenant(field.origin().tenant()), log::Reason(why));
}

// Reads all sealed values; what is no sealed value, or stands beside another owner than the one
// that it was sealed for, is withheld at once.
std::vector<Found> FindSealed(Message& answer) {
  std::vector<Found> all;
  ForEachPersonalPlace(answer, [&all](const PersonalPlace& at) {
    auto& personal = static_cast<Personal&>(at.personal);
    if (personal.value_case() != Personal::kSealed) return;
    std::optional<SealedField> field = security::ParseSealedField(personal.sealed());
    if (!field || !NamesItsOwner(at, *field)) {
      SayDamaged(field.value_or(SealedField()), field ? "owner" : "form");
      personal.set_withheld(Personal::Withheld::DAMAGED);
      return;
    }
    all.push_back({&personal, *std::move(field)});
  });
  return all;
}

void Show(const Opening& opening, Found& found) {
  if (!opening.keys) {
    HOLDFAST_CHECK(opening.withheld != Personal::Withheld::REASON_UNSPECIFIED);
    return found.place->set_withheld(opening.withheld);
  }
  std::optional<Personal> value = security::Unseal(*opening.keys, found.field);
  if (value) {
    *found.place = *std::move(value);
    return;
  }
  SayDamaged(found.field, "seal");
  found.place->set_withheld(Personal::Withheld::DAMAGED);
}

Personal::Withheld::Reason ReasonOf(const absl::Status& refused) {
  return absl::IsPermissionDenied(refused) ? Personal::Withheld::NOT_PERMITTED
                                           : Personal::Withheld::UNAVAILABLE;
}

}  // namespace

std::size_t CountSealed(const Message& answer) {
  std::size_t sealed = 0;
  ForEachPersonal(const_cast<Message&>(answer), [&sealed](const std::string&, Message& personal) {
    if (static_cast<Personal&>(personal).value_case() == Personal::kSealed) ++sealed;
  });
  return sealed;
}

void Withhold(Message& answer, Personal::Withheld::Reason reason) {
  ForEachPersonal(answer, [reason](const std::string&, Message& message) {
    auto& personal = static_cast<Personal&>(message);
    if (personal.value_case() == Personal::kSealed) personal.set_withheld(reason);
  });
}

void Opener::Open(Message& answer, const security::VerifiedPrincipal& principal,
                  security::AuditReceipt&& receipt) const {
  const security::AuditReceipt used = std::move(receipt);
  std::vector<Found> all = FindSealed(answer);
  std::vector<SealedField> headers;
  for (std::size_t from = 0; from < all.size(); from += headers.size()) {
    headers.clear();
    const std::size_t end = std::min(all.size(), from + security::kMaxHeadersOfOpening);
    for (std::size_t i = from; i < end; ++i) {
      headers.push_back(all[i].field);
      headers.back().clear_ciphertext();
    }
    const absl::StatusOr<std::vector<Opening>> openings = vault_.Open(principal, used, headers);
    if (!openings.ok()) return Withhold(answer, ReasonOf(openings.status()));
    for (std::size_t i = from; i < end; ++i) Show((*openings)[i - from], all[i]);
  }
}

}  // namespace holdfast::eventsourcing
