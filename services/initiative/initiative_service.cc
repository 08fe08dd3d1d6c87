#include "initiative/initiative_service.h"

#include "initiative/domain/areas.h"
#include "initiative/domain/reference.h"
#include "initiative/domain/site.h"
#include "initiative/domain/team.h"
#include "initiative/queries.h"
#include "initiative/reactors/carry_baseline.h"
#include "initiative/reactors/mirror_areas.h"
#include "initiative/views/phase_timeline.h"
#include "initiative/views/reference_sets.h"
#include "initiative/views/site_list.h"
#include "initiative/views/site_page.h"

namespace holdfast::initiative {

app::Service Initiative() {
  return app::Service("holdfast.initiative.v1.InitiativeService")
      .Streams<Site, Team, Reference, Areas>()
      .Views<SiteList, SitePage, PhaseTimeline, ReferenceSets>()
      .Reactors<CarryBaseline, MirrorGeography>()
      .Query(GetSite)
      .Query(ListSites)
      .Query(GetGate)
      .Query(ListPhases)
      .Query(ListReferenceSets);
}

}  // namespace holdfast::initiative
