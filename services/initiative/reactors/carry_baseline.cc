#include "initiative/reactors/carry_baseline.h"

#include <algorithm>
#include <string>

#include "holdfast/initiative/v1/initiative.pb.h"

#include "absl/strings/str_cat.h"
#include "base/civil_time.h"
#include "base/day.h"
#include "initiative/domain/gate.h"

namespace holdfast::initiative {

std::vector<eventsourcing::Reaction> CarryBaseline::React(const metrics::v1::BaselineLocked& event,
                                                          const EventMeta& meta) {
  const absl::CivilMonth from(event.window().from().year(), event.window().from().month());
  const absl::CivilMonth last(event.window().to().year(), event.window().to().month());
  const absl::CivilDay locked_on = LondonDay(meta.recorded_at);

  v1::RecordEvidence command;
  command.set_site_id(event.site_id());
  command.set_criterion(std::string(kBaselineCriterion));
  command.mutable_ref()->set_system("holdfast-metrics");
  command.mutable_ref()->set_id(absl::StrCat("baseline/", event.site_id(), "#", event.number()));
  command.mutable_ref()->set_sha256(event.digest());
  *command.mutable_ref()->mutable_taken_on() = ToMessage(locked_on);
  command.set_value(last - from + 1);
  *command.mutable_observed_on() = ToMessage(std::min(absl::CivilDay(last + 1) - 1, locked_on));
  command.set_retrospective(event.retrospective());
  for (const int caveat : event.caveats()) {
    command.add_caveats(
        metrics::v1::Caveat::Code_Name(static_cast<metrics::v1::Caveat::Code>(caveat)));
  }
  for (const metrics::v1::Waiver& waiver : event.waived())
    command.add_caveats(absl::StrCat("WAIVED_", metrics::v1::Gate::Code_Name(waiver.gate())));
  std::vector<eventsourcing::Reaction> reactions;
  reactions.push_back(eventsourcing::Reaction::Of(std::move(command)));
  return reactions;
}

}  // namespace holdfast::initiative
