#include "directory/domain/contact_point.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "directory/domain/same.h"

namespace holdfast::directory {
namespace {

using Refusal = v1::Refusal;

tl::unexpected<Refused<Refusal::Code>> NotInUse() {
  return Refuse(Refusal::WRONG_STATE, "level", "a level and duty that has a contact point");
}

}  // namespace

std::string ContactPoint::IdOf(std::uint32_t level, type::v1::Duty::Code duty) {
  return absl::StrCat(
      level, "-",
      absl::StrReplaceAll(absl::AsciiStrToLower(type::v1::Duty::Code_Name(duty)), {{"_", "-"}}));
}

ContactPoint::Decision ContactPoint::Decide(const State&, const v1::SetContactPoint& command,
                                            const DecisionContext& context) {
  if (command.level() == 0) return Refuse(Refusal::REQUIRED, "level");
  if (command.duty() == type::v1::Duty::CODE_UNSPECIFIED) return Refuse(Refusal::REQUIRED, "duty");
  if (command.channel() == v1::Channel::CODE_UNSPECIFIED)
    return Refuse(Refusal::REQUIRED, "channel");
  if (!command.has_address()) return Refuse(Refusal::REQUIRED, "address");
  v1::ContactPointSet set;
  set.set_contact_point_id(std::string(context.stream_id));
  set.set_level(command.level());
  set.set_duty(command.duty());
  set.set_channel(command.channel());
  *set.mutable_address() = command.address();
  *set.mutable_label() = LabelFor(context.agency);
  return set;
}

ContactPoint::Decision ContactPoint::Decide(const State& now, const v1::RetireContactPoint& command,
                                            const DecisionContext&) {
  if (now.channel() == v1::Channel::CODE_UNSPECIFIED) return NotInUse();
  if (!now.in_use()) return {};
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  v1::ContactPointRetired retired;
  retired.set_reason(command.reason());
  return retired;
}

ContactPoint::Decision ContactPoint::Decide(const State& now,
                                            const v1::CorrectContactPoint& command,
                                            const DecisionContext& context) {
  if (!now.in_use()) return NotInUse();
  if (command.reason().empty()) return Refuse(Refusal::REQUIRED, "reason");
  if (!command.has_address()) return Refuse(Refusal::REQUIRED, "address");
  v1::ContactPointCorrected corrected;
  corrected.set_contact_point_id(std::string(context.stream_id));
  corrected.set_field("address");
  corrected.set_reason(command.reason());
  *corrected.mutable_address() = command.address();
  *corrected.mutable_label() = LabelFor(context.agency);
  return corrected;
}

void ContactPoint::Evolve(State& state, const v1::ContactPointSet& event) {
  state.set_in_use(true);
  state.set_channel(event.channel());
}

void ContactPoint::Evolve(State& state, const v1::ContactPointRetired&) {
  state.set_in_use(false);
}

void ContactPoint::Evolve(State&, const v1::ContactPointCorrected&) {}

void ContactPoint::Resolve(v1::SetContactPoint& command, const Neighbours&) {
  command.set_contact_point_id(StreamId(command));
}

void ContactPoint::Resolve(v1::CorrectContactPoint& command, const Neighbours&) {
  command.set_contact_point_id(StreamId(command));
}

}  // namespace holdfast::directory
