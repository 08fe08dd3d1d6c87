#include "standalone/shipped_sets.h"

#include <string_view>

#include "holdfast/initiative/v1/initiative.pb.h"
#include "holdfast/metrics/v1/metrics.pb.h"

#include "app/platform.h"
#include "base/status_macros.h"
#include "initiative/shipped_reference.h"
#include "rpc/client.h"

namespace holdfast::standalone {
namespace {

constexpr char kAdministrator[] = "administrator";
constexpr char kInitiative[] = "/holdfast.initiative.v1.InitiativeService/";
constexpr char kMetrics[] = "/holdfast.metrics.v1.MetricsService/";

// True where the tenant has any version of the set: another one is then a decision of the tenant's
// own people.
bool Has(const initiative::v1::ListReferenceSetsResponse& sets, std::string_view name) {
  for (const auto& set : sets.sets()) {
    if (set.set() == name) return true;
  }
  return false;
}

}  // namespace

absl::Status PublishShippedSets(app::Platform& platform, const std::string& tenant) {
  rpc::Client client(platform.channel(),
                     [&platform, tenant] { return platform.TokenOf(tenant, kAdministrator); });
  initiative::v1::ListReferenceSetsResponse sets;
  RETURN_IF_ERROR(client.Call(std::string(kInitiative) + "ListReferenceSets",
                              initiative::v1::ListReferenceSetsRequest(), sets));
  type::v1::Receipt receipt;
  if (!Has(sets, "gate-criteria")) {
    ASSIGN_OR_RETURN(const auto criteria,
                     initiative::GateCriteriaFromJson(initiative::ShippedGateCriteriaJson()));
    RETURN_IF_ERROR(
        client.Call(std::string(kInitiative) + "PublishGateCriteria", criteria, receipt));
  }
  if (!Has(sets, "police-terms")) {
    ASSIGN_OR_RETURN(const auto terms,
                     initiative::PoliceTermsFromJson(initiative::ShippedPoliceTermsJson()));
    RETURN_IF_ERROR(client.Call(std::string(kInitiative) + "PublishPoliceTerms", terms, receipt));
  }
  metrics::v1::PublishShippedReferenceResponse published;
  return client.Call(std::string(kMetrics) + "PublishShippedReference",
                     metrics::v1::PublishShippedReferenceRequest(), published);
}

}  // namespace holdfast::standalone
