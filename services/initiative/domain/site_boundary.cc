// The boundary: areas of one set, each of which the metrics context knows.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "initiative/domain/areas.h"
#include "initiative/domain/site.h"
#include "initiative/domain/site_rules.h"

namespace holdfast::initiative {

tl::expected<v1::BoundarySet, Refused<v1::Refusal::Code>> DecideBoundary(
    const google::protobuf::RepeatedPtrField<v1::BoundaryArea>& areas,
    const v1::BoundaryResolved& resolved) {
  if (areas.empty()) return Refuse(v1::Refusal::REQUIRED, "areas");
  const type::v1::AreaSet& set = areas.begin()->set();
  Refused<v1::Refusal::Code> faults;
  for (int i = 0; i < areas.size(); ++i) {
    const type::v1::AreaSet& own = areas[i].set();
    if (own.kind() != set.kind() || own.vintage() != set.vintage()) {
      faults.reasons.push_back({v1::Refusal::MIXED_VINTAGE, absl::StrCat("areas[", i, "].set"),
                                "the same kind and vintage as areas[0]"});
    }
  }
  if (!faults.reasons.empty()) return RefuseAll(std::move(faults));
  if (!resolved.set_loaded()) return Refuse(v1::Refusal::BOUNDARIES_NOT_LOADED, "areas[0].set");
  for (int i = 0; i < areas.size(); ++i) {
    if (std::ranges::find(resolved.unknown_codes(), areas[i].code()) !=
        resolved.unknown_codes().end()) {
      faults.reasons.push_back({v1::Refusal::UNKNOWN_CODE, absl::StrCat("areas[", i, "].code"),
                                "a code of this set of boundaries"});
    }
  }
  if (!faults.reasons.empty()) return RefuseAll(std::move(faults));

  std::vector<std::string> codes;
  for (const v1::BoundaryArea& area : areas) codes.push_back(area.code());
  std::ranges::sort(codes);
  codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
  v1::BoundarySet boundary;
  *boundary.mutable_set() = set;
  boundary.mutable_codes()->Add(codes.begin(), codes.end());
  return boundary;
}

void ResolveBoundary(const google::protobuf::RepeatedPtrField<v1::BoundaryArea>& areas,
                     v1::BoundaryResolved& resolved, const Neighbours& neighbours) {
  resolved.Clear();
  if (areas.empty()) return;
  const v1::AreasState* known = neighbours.Find<Areas>(Areas::IdOf(areas.begin()->set()));
  if (known == nullptr) return;
  resolved.set_set_loaded(true);
  for (const v1::BoundaryArea& area : areas) {
    if (!std::binary_search(known->codes().begin(), known->codes().end(), area.code()))
      resolved.add_unknown_codes(area.code());
  }
}

Site::Decision Site::Decide(const State& now, const v1::SetBoundary& command,
                            const DecisionContext&) {
  if (now.life() != State::OPEN) return NotOpen(now);
  auto boundary = DecideBoundary(command.areas(), command.resolved());
  if (!boundary.has_value()) return RefuseAll(std::move(boundary.error()));
  const bool same = now.set().kind() == boundary->set().kind() &&
                    now.set().vintage() == boundary->set().vintage() &&
                    std::ranges::equal(now.codes(), boundary->codes());
  if (same) return {};
  return *std::move(boundary);
}

void Site::Resolve(v1::CreateSite& command, const Neighbours& neighbours) {
  ResolveBoundary(command.areas(), *command.mutable_resolved(), neighbours);
}

void Site::Resolve(v1::SetBoundary& command, const Neighbours& neighbours) {
  ResolveBoundary(command.areas(), *command.mutable_resolved(), neighbours);
}

void Site::Evolve(State& state, const v1::BoundarySet& event) {
  *state.mutable_set() = event.set();
  *state.mutable_codes() = event.codes();
}

}  // namespace holdfast::initiative
