#include "metrics/domain/measure.h"

#include <optional>
#include <set>
#include <string>

namespace holdfast::metrics {
namespace {

using Refusal = v1::Refusal;

// Nothing where the definition can be counted by.
std::optional<Refused<Refusal::Code>> Faults(const v1::MeasureDefinition& definition) {
  Refused<Refusal::Code> refused;
  if (definition.basket().empty()) {
    refused.reasons.push_back({Refusal::EMPTY_BASKET, "definition.basket", ""});
  }
  const std::set<std::string> distinct(definition.basket().begin(), definition.basket().end());
  if (static_cast<int>(distinct.size()) != definition.basket_size()) {
    refused.reasons.push_back({Refusal::DUPLICATE_CODE, "definition.basket", ""});
  }
  if (definition.unit() == v1::Measure::UNIT_UNSPECIFIED) {
    refused.reasons.push_back({Refusal::REQUIRED, "definition.unit", ""});
  }
  if (definition.unit() == v1::Measure::SEVERITY && definition.weight_set().empty()) {
    refused.reasons.push_back({Refusal::MISSING_WEIGHT_SET, "definition.weight_set", ""});
  }
  if (refused.reasons.empty()) return std::nullopt;
  return refused;
}

bool Same(const v1::MeasureDefinition& a, const v1::MeasureDefinition& b) {
  return a.SerializeAsString() == b.SerializeAsString();
}

}  // namespace

Measure::Decision Measure::Decide(const State& now, const v1::DefineMeasure& command,
                                  const DecisionContext&) {
  if (auto faults = Faults(command.definition())) return RefuseAll(*std::move(faults));
  if (now.version() > 0) {
    if (Same(now.definition(), command.definition())) return {};
    return Refuse(Refusal::CONTENT_DIFFERS, "measure_id");
  }
  v1::MeasureDefined defined;
  defined.set_measure_id(command.measure_id());
  *defined.mutable_definition() = command.definition();
  return defined;
}

Measure::Decision Measure::Decide(const State& now, const v1::VersionMeasure& command,
                                  const DecisionContext&) {
  if (now.version() == 0 || now.retired()) return Refuse(Refusal::WRONG_STATE);
  if (auto faults = Faults(command.definition())) return RefuseAll(*std::move(faults));
  if (now.definition().unit() != command.definition().unit()) {
    return Refuse(Refusal::DEFINITION_LOCKED, "definition.unit");
  }
  if (Same(now.definition(), command.definition())) return {};
  v1::MeasureVersioned versioned;
  versioned.set_version(now.version() + 1);
  *versioned.mutable_definition() = command.definition();
  versioned.set_reason(command.reason());
  return versioned;
}

Measure::Decision Measure::Decide(const State& now, const v1::RetireMeasure& command,
                                  const DecisionContext&) {
  if (now.version() == 0) return Refuse(Refusal::WRONG_STATE);
  if (now.retired()) return {};
  v1::MeasureRetired retired;
  retired.set_reason(command.reason());
  return retired;
}

void Measure::Evolve(State& state, const v1::MeasureDefined& event) {
  state.set_version(1);
  *state.mutable_definition() = event.definition();
}

void Measure::Evolve(State& state, const v1::MeasureVersioned& event) {
  state.set_version(event.version());
  *state.mutable_definition() = event.definition();
}

void Measure::Evolve(State& state, const v1::MeasureRetired&) {
  state.set_retired(true);
}

}  // namespace holdfast::metrics
