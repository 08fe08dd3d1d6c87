#include "directory/domain/tenant.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "directory/domain/same.h"

namespace holdfast::directory {
namespace {

using Refusal = v1::Refusal;
using State = v1::TenantState;

constexpr std::string_view kDirectory = "directory";

tl::unexpected<Refused<Refusal::Code>> NotThere(const State& now) {
  if (now.life() == State::LIFE_UNSPECIFIED)
    return Refuse(Refusal::WRONG_STATE, "slug", "a tenant that is registered");
  return Refuse(Refusal::WRONG_STATE, "slug",
                now.life() == State::CLOSED ? "a tenant that is not closed"
                                            : "a tenant that is not suspended");
}

bool Exists(const State& now) {
  return now.life() == State::OPEN || now.life() == State::SUSPENDED;
}

std::string TagOf(const std::string& public_slug) {
  return absl::StrCat("public-slug:", public_slug);
}

std::optional<Tenant::Decision> FaultIn(const v1::RegisterTenant& command) {
  if (command.name().empty()) return Refuse(Refusal::REQUIRED, "name");
  std::set<std::string> contexts;
  for (const v1::Placement& placement : command.placement()) {
    if (placement.context() == kDirectory) return Refuse(Refusal::HASH_HOLDS, "placement");
    if (!contexts.insert(placement.context()).second)
      return Refuse(Refusal::UNKNOWN_CODE, "placement", "each context once");
  }
  return std::nullopt;
}

v1::TenantRegistered RegisteredBy(const v1::RegisterTenant& command) {
  v1::TenantRegistered registered;
  registered.set_slug(command.slug());
  registered.set_name(command.name());
  *registered.mutable_placement() = command.placement();
  if (command.has_first_administrator())
    *registered.mutable_first_administrator() = command.first_administrator();
  return registered;
}

const v1::Placement* Find(const google::protobuf::RepeatedPtrField<v1::Placement>& placements,
                          const std::string& context) {
  const auto found = std::ranges::find(placements, context, &v1::Placement::context);
  return found == placements.end() ? nullptr : &*found;
}

void Put(google::protobuf::RepeatedPtrField<v1::Placement>& placements,
         const v1::Placement& placement) {
  for (v1::Placement& known : placements) {
    if (known.context() != placement.context()) continue;
    known = placement;
    return;
  }
  *placements.Add() = placement;
}

void Remove(google::protobuf::RepeatedPtrField<v1::Placement>& placements,
            const std::string& context) {
  placements.erase(std::remove_if(placements.begin(), placements.end(),
                                  [&](const v1::Placement& placement) {
                                    return placement.context() == context;
                                  }),
                   placements.end());
}

}  // namespace

Tenant::Decision Tenant::Decide(const State& now, const v1::RegisterTenant& command,
                                const DecisionContext&) {
  if (command.slug() == kOperator) return Refuse(Refusal::SLUG_TAKEN, "slug");
  if (auto fault = FaultIn(command)) return *std::move(fault);
  v1::TenantRegistered registered = RegisteredBy(command);
  if (now.life() == State::LIFE_UNSPECIFIED) return registered;
  State asked;
  Evolve(asked, registered);
  const bool same = Exists(now) && now.name() == asked.name() &&
                    Same(now.first_administrator(), asked.first_administrator()) &&
                    std::ranges::all_of(asked.placement(), [&](const v1::Placement& placement) {
                      const v1::Placement* is = Find(now.placement(), placement.context());
                      return is != nullptr && is->partition() == placement.partition();
                    });
  if (same) return {};
  return Refuse(Refusal::SLUG_TAKEN, "slug");
}

Tenant::Decision Tenant::Decide(const State& now, const v1::ChangeTenantSetting& command,
                                const DecisionContext&) {
  if (!Exists(now)) return NotThere(now);
  if (command.setting().to_case() == v1::TenantSetting::TO_NOT_SET)
    return Refuse(Refusal::REQUIRED, "setting");
  const bool same = std::ranges::any_of(now.settings(), [&](const v1::TenantSetting& setting) {
    return Same(setting, command.setting());
  });
  if (same) return {};
  v1::TenantSettingChanged changed;
  *changed.mutable_setting() = command.setting();
  return changed;
}

Tenant::Decision Tenant::Decide(const State& now, const v1::StartTenantMove& command,
                                const DecisionContext&) {
  if (!Exists(now)) return NotThere(now);
  if (command.to().context() == kDirectory) return Refuse(Refusal::HASH_HOLDS, "to.context");
  if (command.to().context().empty()) return Refuse(Refusal::REQUIRED, "to.context");
  const v1::Placement* moving = Find(now.moving(), command.to().context());
  if (moving != nullptr) {
    if (moving->partition() == command.to().partition()) return {};
    return Refuse(Refusal::WRONG_STATE, "to.context", "a context that is not on its way");
  }
  const v1::Placement* is = Find(now.placement(), command.to().context());
  if (is != nullptr && is->partition() == command.to().partition()) return {};
  v1::TenantMoveStarted started;
  *started.mutable_to() = command.to();
  return started;
}

Tenant::Decision Tenant::Decide(const State& now, const v1::CompleteTenantMove& command,
                                const DecisionContext&) {
  if (!Exists(now)) return NotThere(now);
  const v1::Placement* moving = Find(now.moving(), command.to().context());
  if (moving == nullptr || moving->partition() != command.to().partition()) {
    const v1::Placement* is = Find(now.placement(), command.to().context());
    if (moving == nullptr && is != nullptr && is->partition() == command.to().partition())
      return {};
    return Refuse(Refusal::MOVE_NOT_STARTED, "to");
  }
  v1::TenantMoved moved;
  *moved.mutable_to() = command.to();
  return moved;
}

Tenant::Decision Tenant::Decide(const State& now, const v1::SetPublicSlug& command,
                                const DecisionContext&) {
  if (!Exists(now)) return NotThere(now);
  if (command.public_slug().empty()) return Refuse(Refusal::REQUIRED, "public_slug");
  if (command.site_id().empty()) return Refuse(Refusal::REQUIRED, "site_id");
  const bool same = std::ranges::any_of(now.public_slugs(), [&](const State::PublicSlug& slug) {
    return slug.slug() == command.public_slug() && slug.site_id() == command.site_id();
  });
  if (same) return {};
  v1::PublicSlugSet set;
  set.set_slug(command.public_slug());
  set.set_site_id(command.site_id());
  Facts<Event, Refusal::Code> facts(std::move(set));
  facts.Unless(TagOf(command.public_slug()), Refusal::SLUG_TAKEN, "public_slug");
  return facts;
}

Tenant::Decision Tenant::Decide(const State& now, const v1::SuspendTenant& command,
                                const DecisionContext&) {
  if (now.life() == State::SUSPENDED) return {};
  if (now.life() != State::OPEN) return NotThere(now);
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  v1::TenantSuspended suspended;
  suspended.set_reason(command.reason());
  return suspended;
}

Tenant::Decision Tenant::Decide(const State& now, const v1::ResumeTenant& command,
                                const DecisionContext&) {
  if (now.life() == State::OPEN) return {};
  if (now.life() != State::SUSPENDED) return NotThere(now);
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  v1::TenantResumed resumed;
  resumed.set_reason(command.reason());
  return resumed;
}

Tenant::Decision Tenant::Decide(const State& now, const v1::RecordTenantExport& command,
                                const DecisionContext&) {
  if (now.life() == State::OPEN) return Refuse(Refusal::NOT_SUSPENDED, "slug");
  if (now.life() != State::SUSPENDED) return NotThere(now);
  if (command.sha256().empty()) return Refuse(Refusal::REQUIRED, "sha256");
  if (now.exported_sha256() == command.sha256()) return {};
  v1::TenantExported exported;
  exported.set_sha256(command.sha256());
  return exported;
}

Tenant::Decision Tenant::Decide(const State& now, const v1::CloseTenant& command,
                                const DecisionContext&) {
  if (now.life() == State::CLOSED) return {};
  if (now.life() == State::OPEN) return Refuse(Refusal::NOT_SUSPENDED, "slug");
  if (now.life() != State::SUSPENDED) return NotThere(now);
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  if (now.exported_sha256().empty()) return Refuse(Refusal::NOT_EXPORTED, "slug");
  v1::TenantClosed closed;
  closed.set_reason(command.reason());
  return closed;
}

Tenant::Decision Tenant::Decide(const State& now, const v1::CorrectTenant& command,
                                const DecisionContext&) {
  if (!Exists(now)) return NotThere(now);
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  if (command.name().empty()) return Refuse(Refusal::REQUIRED, "name");
  if (command.name() == now.name()) return {};
  v1::TenantCorrected corrected;
  corrected.set_field("name");
  corrected.set_reason(command.reason());
  corrected.set_name(command.name());
  return corrected;
}

void Tenant::Evolve(State& state, const v1::TenantRegistered& event) {
  state.set_life(State::OPEN);
  state.set_name(event.name());
  *state.mutable_placement() = event.placement();
  if (event.has_first_administrator())
    *state.mutable_first_administrator() = event.first_administrator();
}

void Tenant::Evolve(State& state, const v1::TenantSettingChanged& event) {
  for (v1::TenantSetting& setting : *state.mutable_settings()) {
    if (setting.to_case() != event.setting().to_case()) continue;
    setting = event.setting();
    return;
  }
  *state.add_settings() = event.setting();
}

void Tenant::Evolve(State& state, const v1::TenantMoveStarted& event) {
  Put(*state.mutable_moving(), event.to());
}

void Tenant::Evolve(State& state, const v1::TenantMoved& event) {
  Remove(*state.mutable_moving(), event.to().context());
  Put(*state.mutable_placement(), event.to());
}

void Tenant::Evolve(State& state, const v1::PublicSlugSet& event) {
  for (State::PublicSlug& slug : *state.mutable_public_slugs()) {
    if (slug.slug() != event.slug()) continue;
    slug.set_site_id(event.site_id());
    return;
  }
  State::PublicSlug& slug = *state.add_public_slugs();
  slug.set_slug(event.slug());
  slug.set_site_id(event.site_id());
}

void Tenant::Evolve(State& state, const v1::TenantSuspended&) {
  state.set_life(State::SUSPENDED);
}

void Tenant::Evolve(State& state, const v1::TenantResumed&) {
  state.set_life(State::OPEN);
  state.clear_exported_sha256();
}

void Tenant::Evolve(State& state, const v1::TenantExported& event) {
  state.set_exported_sha256(event.sha256());
}

void Tenant::Evolve(State& state, const v1::TenantClosed&) {
  state.set_life(State::CLOSED);
}

void Tenant::Evolve(State& state, const v1::TenantCorrected& event) {
  state.set_name(event.name());
}

std::vector<std::string> Tenant::Tags(const State& state) {
  std::vector<std::string> tags;
  for (const State::PublicSlug& slug : state.public_slugs()) tags.push_back(TagOf(slug.slug()));
  return tags;
}

}  // namespace holdfast::directory
