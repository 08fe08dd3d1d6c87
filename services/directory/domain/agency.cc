#include "directory/domain/agency.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "directory/domain/client.h"
#include "directory/domain/member.h"

namespace holdfast::directory {
namespace {

using Refusal = v1::Refusal;
using State = v1::AgencyState;

tl::unexpected<Refused<Refusal::Code>> NotActive() {
  return Refuse(Refusal::WRONG_STATE, "agency_id", "an agency that is registered and not retired");
}

template <class Command>
std::optional<Agency::Decision> FaultIn(const Command& command) {
  if (command.name().empty()) return Refuse(Refusal::REQUIRED, "name");
  if (command.type() == type::v1::Agency::TYPE_UNSPECIFIED)
    return Refuse(Refusal::REQUIRED, "type");
  if (command.regime() == type::v1::Agency::REGIME_UNSPECIFIED)
    return Refuse(Refusal::REQUIRED, "regime");
  return std::nullopt;
}

template <class Command>
bool SaysTheSame(const State& now, const Command& command) {
  return now.name() == command.name() && now.type() == command.type() &&
         now.regime() == command.regime();
}

}  // namespace

std::string Agency::TagOf(std::string_view agency) {
  return absl::StrCat("agency:", absl::string_view(agency.data(), agency.size()));
}

void Agency::Look(std::string_view agency, const Neighbours& neighbours,
                  v1::PartyResolved& resolved) {
  const State* found = neighbours.Find<Agency>(agency);
  if (found == nullptr || found->life() != State::ACTIVE) resolved.add_unknown(std::string(agency));
}

Agency::Decision Agency::Decide(const State& now, const v1::RegisterAgency& command,
                                const DecisionContext& context) {
  if (auto fault = FaultIn(command)) return *std::move(fault);
  if (now.life() == State::ACTIVE && SaysTheSame(now, command)) return {};
  if (now.life() != State::LIFE_UNSPECIFIED)
    return Refuse(Refusal::WRONG_STATE, "agency_id", "an id that no agency has had");
  v1::AgencyRegistered registered;
  registered.set_agency_id(std::string(context.stream_id));
  registered.set_name(command.name());
  registered.set_type(command.type());
  registered.set_regime(command.regime());
  return registered;
}

Agency::Decision Agency::Decide(const State& now, const v1::ChangeAgency& command,
                                const DecisionContext&) {
  if (now.life() != State::ACTIVE) return NotActive();
  if (auto fault = FaultIn(command)) return *std::move(fault);
  if (SaysTheSame(now, command)) return {};
  v1::AgencyChanged changed;
  changed.set_name(command.name());
  changed.set_type(command.type());
  changed.set_regime(command.regime());
  return changed;
}

Agency::Decision Agency::Decide(const State& now, const v1::RetireAgency& command,
                                const DecisionContext&) {
  if (now.life() == State::RETIRED) return {};
  if (now.life() != State::ACTIVE) return NotActive();
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  if (command.resolved().members() + command.resolved().clients() > 0) {
    return Refuse(Refusal::HAS_MEMBERS, "agency_id",
                  absl::StrCat("it has ", command.resolved().members(), " members and ",
                               command.resolved().clients(), " clients"));
  }
  v1::AgencyRetired retired;
  retired.set_reason(command.reason());
  return retired;
}

Agency::Decision Agency::Decide(const State& now, const v1::CorrectAgency& command,
                                const DecisionContext&) {
  if (now.life() == State::LIFE_UNSPECIFIED) return NotActive();
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  if (command.name().empty()) return Refuse(Refusal::REQUIRED, "name");
  if (command.name() == now.name()) return {};
  v1::AgencyCorrected corrected;
  corrected.set_field("name");
  corrected.set_reason(command.reason());
  corrected.set_name(command.name());
  return corrected;
}

void Agency::Resolve(v1::RetireAgency& command, const Neighbours& neighbours) {
  const std::string tag = TagOf(command.agency_id());
  const auto count = [&](std::string_view kind) {
    return static_cast<std::uint32_t>(neighbours.Holding(kind, tag).size());
  };
  command.mutable_resolved()->set_members(count(Member::kStream));
  command.mutable_resolved()->set_clients(count(Client::kStream));
}

void Agency::Evolve(State& state, const v1::AgencyRegistered& event) {
  state.set_life(State::ACTIVE);
  state.set_name(event.name());
  state.set_type(event.type());
  state.set_regime(event.regime());
}

void Agency::Evolve(State& state, const v1::AgencyChanged& event) {
  state.set_name(event.name());
  state.set_type(event.type());
  state.set_regime(event.regime());
}

void Agency::Evolve(State& state, const v1::AgencyRetired&) {
  state.set_life(State::RETIRED);
}

void Agency::Evolve(State& state, const v1::AgencyCorrected& event) {
  state.set_name(event.name());
}

}  // namespace holdfast::directory
