#include "initiative/publish_shipped.h"

#include <string_view>

#include "holdfast/initiative/v1/initiative.pb.h"

#include "absl/strings/str_cat.h"
#include "app/platform.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/status_macros.h"
#include "initiative/shipped_reference.h"
#include "rpc/client.h"

namespace holdfast::initiative {
namespace {

constexpr char kAdministrator[] = "administrator";
constexpr char kService[] = "/holdfast.initiative.v1.InitiativeService/";

// True where the tenant has any version of the set: another one is then a decision of the tenant's
// own people.
bool Has(const v1::ListReferenceSetsResponse& sets, std::string_view name) {
  for (const auto& set : sets.sets()) {
    if (set.set() == name) return true;
  }
  return false;
}

// The same content has the same key: two instances that start together publish it once.
rpc::CallOptions Once(std::string_view content) {
  rpc::CallOptions options;
  options.idempotency_key = absl::StrCat("shipped-", ToHex(AsBytes(Sha256Of(content))));
  return options;
}

}  // namespace

absl::Status PublishShipped(app::Platform& platform, const std::string& tenant) {
  rpc::Client client = platform.ClientOf(tenant, kAdministrator);
  v1::ListReferenceSetsResponse sets;
  RETURN_IF_ERROR(client.Call(std::string(kService) + "ListReferenceSets",
                              v1::ListReferenceSetsRequest(), sets));
  type::v1::Receipt receipt;
  if (!Has(sets, "gate-criteria")) {
    ASSIGN_OR_RETURN(const auto criteria, GateCriteriaFromJson(ShippedGateCriteriaJson()));
    RETURN_IF_ERROR(client.Call(std::string(kService) + "PublishGateCriteria", criteria, receipt,
                                Once(ShippedGateCriteriaJson())));
  }
  if (Has(sets, "police-terms")) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto terms, PoliceTermsFromJson(ShippedPoliceTermsJson()));
  return client.Call(std::string(kService) + "PublishPoliceTerms", terms, receipt,
                     Once(ShippedPoliceTermsJson()));
}

}  // namespace holdfast::initiative
