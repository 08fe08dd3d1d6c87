#include "directory/domain/quota.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "directory/domain/same.h"
#include "directory/domain/tenant.h"

namespace holdfast::directory {
namespace {

using Refusal = v1::Refusal;

struct Ceiling {
  const char* field;
  std::uint32_t (v1::QuotaFigures::*figure)() const;
  std::uint32_t most;
};
constexpr Ceiling kCeilings[] = {
    {"figures.cost_per_second", &v1::QuotaFigures::cost_per_second, Quota::kMostPerSecond},
    {"figures.burst", &v1::QuotaFigures::burst, Quota::kMostBurst},
    {"figures.streams", &v1::QuotaFigures::streams, Quota::kMostStreams},
};

std::optional<Quota::Decision> FaultIn(const v1::QuotaFigures& figures) {
  for (const Ceiling& ceiling : kCeilings) {
    const std::uint32_t asked = (figures.*ceiling.figure)();
    if (asked == 0) return Refuse(Refusal::REQUIRED, ceiling.field);
    if (asked > ceiling.most)
      return Refuse(Refusal::ABOVE_CEILING, ceiling.field, absl::StrCat("at most ", ceiling.most));
  }
  return std::nullopt;
}

}  // namespace

Quota::Decision Quota::Decide(const State& now, const v1::SetQuota& command,
                              const DecisionContext&) {
  if (!command.resolved().tenant_open())
    return Refuse(Refusal::WRONG_STATE, "slug", "a tenant that is registered and not closed");
  if (auto fault = FaultIn(command.figures())) return *std::move(fault);
  if (Same(now.figures(), command.figures())) return {};
  v1::QuotaSet set;
  *set.mutable_figures() = command.figures();
  return set;
}

Quota::Decision Quota::Decide(const State& now, const v1::CorrectQuota& command,
                              const DecisionContext&) {
  if (!now.has_figures()) return Refuse(Refusal::WRONG_STATE, "slug", "a tenant that has a quota");
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  if (auto fault = FaultIn(command.figures())) return *std::move(fault);
  if (Same(now.figures(), command.figures())) return {};
  v1::QuotaCorrected corrected;
  corrected.set_field("figures");
  corrected.set_reason(command.reason());
  *corrected.mutable_figures() = command.figures();
  return corrected;
}

void Quota::Evolve(State& state, const v1::QuotaSet& event) {
  *state.mutable_figures() = event.figures();
}

void Quota::Evolve(State& state, const v1::QuotaCorrected& event) {
  *state.mutable_figures() = event.figures();
}

void Quota::Resolve(v1::SetQuota& command, const Neighbours& neighbours) {
  const v1::TenantState* tenant = neighbours.Find<Tenant>(command.slug());
  command.mutable_resolved()->set_tenant_open(tenant != nullptr &&
                                              tenant->life() != v1::TenantState::CLOSED);
}

}  // namespace holdfast::directory
