#include "metrics/domain/dataset.h"

#include <algorithm>
#include <tuple>

namespace holdfast::metrics {
namespace {

using Refusal = v1::Refusal;

auto Order(const type::v1::Month& month) {
  return std::tuple(month.year(), month.month());
}

}  // namespace

Dataset::Decision Dataset::Decide(const State& now, const v1::RegisterDataset& command,
                                  const DecisionContext&) {
  v1::DatasetRegistered registered;
  registered.set_dataset_id(command.dataset_id());
  registered.set_kind(command.kind());
  registered.set_agency(command.agency());
  registered.set_title(command.title());
  registered.set_definition(command.definition());
  registered.set_force(command.force());
  registered.set_territorial(command.territorial());
  registered.set_profile(command.profile());
  registered.set_lag_days(command.lag_days());
  if (!now.has_registered()) return registered;
  if (now.registered().kind() != command.kind() || now.registered().agency() != command.agency()) {
    return Refuse(Refusal::CONTENT_DIFFERS, "dataset_id");
  }
  return {};
}

Dataset::Decision Dataset::Decide(const State& now, const v1::DeclareNoDataHeld& command,
                                  const DecisionContext&) {
  if (now.has_registered()) return Refuse(Refusal::WRONG_STATE);
  if (now.no_data_held()) return {};
  v1::NoDataHeldDeclared declared;
  declared.set_agency(command.agency());
  declared.set_reason(command.reason());
  return declared;
}

Dataset::Decision Dataset::Decide(const State& now, const v1::DeclareDatasetGap& command,
                                  const DecisionContext&) {
  if (!now.has_registered()) return Refuse(Refusal::WRONG_STATE);
  if (Order(command.to()) < Order(command.from())) return Refuse(Refusal::DATE_ORDER, "to");
  const bool declared_before = std::ranges::any_of(now.gaps(), [&](const auto& gap) {
    return Order(gap.from()) == Order(command.from()) && Order(gap.to()) == Order(command.to());
  });
  if (declared_before) return {};
  v1::DatasetGapDeclared declared;
  *declared.mutable_from() = command.from();
  *declared.mutable_to() = command.to();
  declared.set_reason(command.reason());
  return declared;
}

void Dataset::Evolve(State& state, const v1::DatasetRegistered& event) {
  *state.mutable_registered() = event;
}

void Dataset::Evolve(State& state, const v1::NoDataHeldDeclared&) {
  state.set_no_data_held(true);
}

void Dataset::Evolve(State& state, const v1::DatasetGapDeclared& event) {
  *state.add_gaps() = event;
}

}  // namespace holdfast::metrics
