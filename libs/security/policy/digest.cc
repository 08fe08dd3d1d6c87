// The canonical form of a decision. Written out attribute by attribute, since its order is for ever
// and no message's own serialisation is.
#include <algorithm>

#include "security/policy/evaluator.h"

namespace holdfast::security::policy {
namespace {

// Items, each u32be length ‖ bytes; integers as u64be.
class Canonical {
 public:
  Canonical& Text(std::string_view text) {
    AppendBigEndian32(bytes_, static_cast<std::uint32_t>(text.size()));
    bytes_.append(text);
    return *this;
  }
  Canonical& Number(std::int64_t number) {
    AppendBigEndian32(bytes_, 8);
    AppendBigEndian64(bytes_, static_cast<std::uint64_t>(number));
    return *this;
  }
  Canonical& Truth(bool truth) { return Number(truth ? 1 : 0); }
  Canonical& Instant(const std::optional<absl::Time>& instant) {
    return instant.has_value() ? Number(absl::ToUnixMicros(*instant)) : Text("");
  }
  Canonical& Stamp(bool there, const google::protobuf::Timestamp& stamp) {
    if (!there) return Text("");
    AppendBigEndian32(bytes_, 16);
    AppendBigEndian64(bytes_, static_cast<std::uint64_t>(stamp.seconds()));
    AppendBigEndian64(bytes_, static_cast<std::uint64_t>(std::int64_t{stamp.nanos()}));
    return *this;
  }
  // A set: sorted, without repeats. `add` writes one member.
  template <class List, class Add>
  Canonical& Set(const List& list, Add add) {
    std::vector<std::string> members;
    members.reserve(static_cast<std::size_t>(list.size()));
    for (const auto& member : list) {
      Canonical alone;
      add(alone, member);
      members.push_back(std::move(alone.bytes_));
    }
    std::ranges::sort(members);
    members.erase(std::unique(members.begin(), members.end()), members.end());
    Number(static_cast<std::int64_t>(members.size()));
    for (const std::string& member : members) bytes_.append(member);
    return *this;
  }
  template <class List>
  Canonical& Texts(const List& list) {
    return Set(list, [](Canonical& to, const std::string& text) { to.Text(text); });
  }
  template <class List>
  Canonical& Numbers(const List& list) {
    return Set(list, [](Canonical& to, auto number) { to.Number(number); });
  }
  Canonical& Reach(const Epoch& epoch) {
    return Number(static_cast<std::int64_t>(epoch.tenant_seq))
        .Number(static_cast<std::int64_t>(epoch.operator_seq));
  }
  const std::string& bytes() const { return bytes_; }
  void Reserve(std::size_t size) { bytes_.reserve(size); }

 private:
  std::string bytes_;
};

void Add(Canonical& to, const Principal& principal) {
  to.Number(static_cast<int>(principal.kind)).Text(principal.tenant).Text(principal.ref);
  to.Text(principal.agency).Number(principal.agency_type).Number(principal.regime);
  to.Number(principal.clearance);
  to.Set(principal.roles, [](Canonical& one, const RoleGrant& grant) {
    one.Number(grant.role).Instant(grant.until);
  });
  to.Texts(principal.areas).Texts(principal.compartments);
  to.Set(principal.agreements, [](Canonical& one, const Agreement& agreement) {
    one.Text(agreement.from).Text(agreement.to).Numbers(agreement.classes);
    one.Numbers(agreement.purposes).Texts(agreement.areas).Truth(agreement.is_signed);
    one.Instant(agreement.expires_at);
  });
  to.Instant(principal.signed_in_at);
}

void Add(Canonical& to, const type::v1::HandlingConditions& conditions) {
  to.Texts(conditions.named_recipients()).Texts(conditions.agencies());
  to.Truth(conditions.intelligence_unit_only()).Truth(conditions.originator_consent());
  to.Truth(conditions.no_onward()).Truth(conditions.no_local_copy());
  to.Stamp(conditions.has_expires_at(), conditions.expires_at());
  to.Stamp(conditions.has_consent_until(), conditions.consent_until());
}

void Add(Canonical& to, const type::v1::Label& label) {
  to.Number(label.class_()).Number(label.sensitivity()).Number(label.handling());
  Add(to, label.conditions());
  to.Number(label.marking()).Number(label.source_evaluation());
  to.Number(label.intelligence_assessment()).Number(label.category());
  to.Text(label.condition_ref()).Texts(label.owners()).Texts(label.shared_with());
  to.Truth(label.sanitised()).Truth(label.released());
}

void Add(Canonical& to, const Resource& resource) {
  to.Text(resource.tenant).Text(resource.stream).Number(static_cast<int>(resource.thing));
  to.Number(resource.record_class);
  Add(to, resource.label);
  to.Texts(resource.areas).Texts(resource.assignees).Text(resource.from_agency);
  to.Text(resource.compartment).Texts(resource.phases).Text(resource.operation);
  to.Truth(resource.restricted).Number(static_cast<int>(resource.retention));
  to.Reach(resource.min_policy_epoch);
}

void Add(Canonical& to, const Context& context) {
  to.Number(context.purpose).Truth(context.justified);
  to.Number(static_cast<int>(context.justification)).Text(context.phase).Text(context.operation);
  to.Text(context.recipient).Truth(context.method_granted).Instant(context.break_glass_at);
  to.Instant(context.time).Reach(context.policy_epoch);
}

void Add(Canonical& to, const Decision& decision) {
  to.Truth(decision.permitted).Number(static_cast<std::int64_t>(decision.rule_ids.size()));
  for (const std::string& id : decision.rule_ids) to.Text(id);
  to.Number(decision.obligations.bits());
}

}  // namespace

Hash DigestOf(const Question& question, const Decision& decision) {
  constexpr std::size_t kUsualSize = 1'600;
  Canonical canonical;
  canonical.Reserve(kUsualSize);
  canonical.Text("holdfast/policy/1").Text(AsBytes(question.table.digest()));
  Add(canonical, question.principal);
  canonical.Number(question.verb);
  Add(canonical, question.resource);
  Add(canonical, question.context);
  Add(canonical, decision);
  return Sha256Of(canonical.bytes());
}

}  // namespace holdfast::security::policy
