#include "metrics/domain/period.h"

#include "base/civil_time.h"

namespace holdfast::metrics {
namespace {

using Refusal = v1::Refusal;

v1::PeriodRestated RestatedOf(const v1::PeriodClosed& found, const std::string& reason) {
  v1::PeriodRestated restated;
  restated.set_measure_id(found.measure_id());
  restated.set_measure_version(found.measure_version());
  restated.set_period(found.period());
  *restated.mutable_set() = found.set();
  *restated.mutable_values() = found.values();
  restated.set_method(found.method());
  restated.set_weight_set(found.weight_set());
  *restated.mutable_extracts() = found.extracts();
  restated.set_inputs_digest(found.inputs_digest());
  restated.set_reason(reason);
  return restated;
}

}  // namespace

Period::Decision Period::Decide(const State& now, const v1::ClosePeriod& command,
                                const DecisionContext& context) {
  const auto half = ParseHalfYear(command.found().period());
  if (!half) return Refuse(Refusal::UNKNOWN_CODE, "found.period", "2017H1");
  if (context.today < absl::CivilDay(half->End())) return Refuse(Refusal::NOT_ENDED);
  if (command.found().values().empty()) return Refuse(Refusal::DATA_MISSING);
  if (now.inputs_digest().empty()) return command.found();
  if (now.inputs_digest() == command.found().inputs_digest()) return {};
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  return RestatedOf(command.found(), command.reason());
}

void Period::Evolve(State& state, const v1::PeriodClosed& event) {
  state.set_inputs_digest(event.inputs_digest());
}

void Period::Evolve(State& state, const v1::PeriodRestated& event) {
  state.set_inputs_digest(event.inputs_digest());
  state.set_restated(state.restated() + 1);
}

}  // namespace holdfast::metrics
