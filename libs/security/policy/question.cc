#include "security/policy/question.h"

#include <algorithm>

namespace holdfast::security::policy {
namespace {

using options::v1::Audit;

constexpr absl::Duration kBreakGlass = absl::Minutes(60);
constexpr Cell kAnyReading = kRead | kReadShared | kReadOwn | kGranted;

bool Covers(const Question& question, const Agreement& agreement, const std::string& to) {
  const std::vector<std::string>& areas = question.resource.areas;
  return agreement.is_signed && agreement.from == question.resource.from_agency &&
         agreement.to == to &&
         std::ranges::find(agreement.classes, question.resource.record_class) !=
             agreement.classes.end() &&
         std::ranges::find(agreement.purposes, question.context.purpose) !=
             agreement.purposes.end() &&
         (Names(agreement.areas, "*") || std::ranges::all_of(areas, [&](const auto& area) {
            return Names(agreement.areas, area);
          }));
}

// Whether an agreement allows the package to come where it goes.
Cover CoverOf(const Question& question) {
  const std::string& from = question.resource.from_agency;
  const std::string& to =
      question.verb == Audit::DISCLOSE ? question.context.recipient : question.principal.agency;
  if (question.resource.thing != Thing::kPackage) return Cover::kNotNeeded;
  if (from.empty() || to.empty()) return Cover::kNone;
  if (from == to) return Cover::kNotNeeded;
  Cover best = Cover::kNone;
  for (const Agreement& agreement : question.principal.agreements) {
    if (!Covers(question, agreement, to)) continue;
    if (question.now < agreement.expires_at.value_or(absl::InfiniteFuture())) {
      return Cover::kInForce;
    }
    best = Cover::kExpired;
  }
  return best;
}

bool BreakGlassInForce(const Question& question) {
  if (!question.context.break_glass_at.has_value()) return false;
  const absl::Duration since = question.now - *question.context.break_glass_at;
  return since >= absl::ZeroDuration() && since < kBreakGlass &&
         question.principal.kind == PrincipalKind::kPerson &&
         question.context.purpose == Purpose::THREAT_TO_LIFE && question.verb == Audit::CONSULT &&
         question.context.justified && !question.Concerns(DataClass::SOURCE) &&
         !question.Concerns(DataClass::AUDIT);
}

void AskOfPrincipal(Question& question) {
  for (const RoleGrant& grant : question.principal.roles) {
    if (!Role::Code_IsValid(grant.role)) continue;
    question.held.Add(grant.role);
    if (question.now < grant.until.value_or(absl::InfiniteFuture())) {
      question.live.Add(grant.role);
    }
  }
}

void AskOfResource(Question& question) {
  const Resource& resource = question.resource;
  const type::v1::Label& label = resource.label;
  const std::string& agency = question.principal.agency;
  for (const int of_class : {int{label.class_()}, int{resource.record_class}}) {
    if (DataClass::Code_IsValid(of_class)) question.classes.Add(of_class);
  }
  question.personal = label.sensitivity() == options::v1::Sensitivity::PERSONAL ||
                      label.sensitivity() == options::v1::Sensitivity::SENSITIVE ||
                      question.Concerns(DataClass::PERSON);
  question.shared = label.released() ||
                    std::ranges::find(label.shared_with(), agency) != label.shared_with().end();
  question.own =
      !label.owners().empty() &&
      std::ranges::all_of(label.owners(), [&](const auto& owner) { return owner == agency; });
  question.own_action =
      resource.thing == Thing::kAction && Names(resource.assignees, question.principal.ref);
  const type::v1::HandlingConditions& conditions = label.conditions();
  question.expires_at = InstantOf(conditions.has_expires_at(), conditions.expires_at());
  question.consent_until = InstantOf(conditions.has_consent_until(), conditions.consent_until());
}

void AskOfVerb(Question& question) {
  const Verb verb = question.verb;
  const Thing thing = question.resource.thing;
  question.reading = verb == Audit::CONSULT || verb == Audit::DISCLOSE || verb == Audit::COMBINE;
  question.writing = verb == Audit::COLLECT || verb == Audit::ALTER;
  question.given =
      verb == Audit::COLLECT &&
      (thing == Thing::kReport || thing == Thing::kDisruption || thing == Thing::kBreachOfOrder);
}

// ------------------------------------------------------------------------------------- permits

// What one ability reaches, beside break-glass and by-record.
struct Reach {
  Ability ability;
  bool (*reaches)(const Question&);
};
bool Collects(const Question& question, Thing thing) {
  return question.verb == Audit::COLLECT && question.resource.thing == thing;
}
constexpr std::array<Reach, 11> kReach = {{
    {kRead, [](const Question& q) { return q.reading; }},
    {kWrite, [](const Question& q) { return q.writing; }},
    {kReadShared, [](const Question& q) { return q.reading && q.shared; }},
    {kReadOwn, [](const Question& q) { return q.reading && q.own; }},
    {kWriteOwn, [](const Question& q) { return q.writing && q.own; }},
    {kWriteOwnAction, [](const Question& q) { return q.writing && q.own_action; }},
    {kSubmit, [](const Question& q) { return Collects(q, Thing::kReport); }},
    {kClaim, [](const Question& q) { return Collects(q, Thing::kDisruption); }},
    {kReportBreach, [](const Question& q) { return Collects(q, Thing::kBreachOfOrder); }},
    {kDispose, [](const Question& q) { return q.verb == Audit::ERASE; }},
    {kGranted,
     [](const Question& q) { return (q.reading || q.writing) && q.context.method_granted; }},
}};

// By-record resolved: a person is as open as the record.
Cell CellFor(const Question& question, DataClass::Code of_class, Role::Code role) {
  const Cell cell = question.table.At(of_class, role);
  if ((cell & kByRecord) == 0) return cell;
  const DataClass::Code record = question.resource.record_class;
  const Cell of_record = record == DataClass::PERSON ? Cell{0} : question.table.At(record, role);
  return static_cast<Cell>((cell | of_record) & ~kByRecord);
}

// What this question needs a cell to hold: any of these.
Cell WantedBy(const Question& question) {
  Cell wanted = question.break_glass ? kAnyReading : Cell{0};
  for (const Reach& reach : kReach) {
    if (reach.reaches(question)) wanted = static_cast<Cell>(wanted | reach.ability);
  }
  return wanted;
}

}  // namespace

Question Ask(const Principal& principal, Verb verb, const Resource& resource,
             const Context& context, const RoleClassTable& table) {
  Question question{principal, verb, resource, context, table};
  question.now = context.time.value_or(absl::InfiniteFuture());
  AskOfPrincipal(question);
  AskOfVerb(question);
  AskOfResource(question);
  question.break_glass = BreakGlassInForce(question);
  question.cover = CoverOf(question);
  return question;
}

CodeSet Permitting(const Question& question, CodeSet roles) {
  CodeSet permitting;
  const Cell wanted = WantedBy(question);
  const DataClass::Code of_label = question.label().class_();
  const DataClass::Code of_record = question.resource.record_class;
  for (int code = Role::Code_MIN + 1; code <= Role::Code_MAX; ++code) {
    const auto role = static_cast<Role::Code>(code);
    if (roles.Has(code) && (CellFor(question, of_label, role) & wanted) != 0 &&
        (CellFor(question, of_record, role) & wanted) != 0) {
      permitting.Add(code);
    }
  }
  return permitting;
}

bool IsInstant(const google::protobuf::Timestamp& stamp) {
  constexpr std::int64_t kYear1 = -62'135'596'800;
  constexpr std::int64_t kYear9999 = 253'402'300'799;
  return stamp.seconds() >= kYear1 && stamp.seconds() <= kYear9999 && stamp.nanos() >= 0 &&
         stamp.nanos() <= 999'999'999;
}

std::optional<absl::Time> InstantOf(bool there, const google::protobuf::Timestamp& stamp) {
  if (!there || !IsInstant(stamp)) return std::nullopt;
  return absl::FromUnixSeconds(stamp.seconds()) + absl::Nanoseconds(stamp.nanos());
}

bool Names(const std::vector<std::string>& list, const std::string& one) {
  return std::ranges::find(list, one) != list.end();
}

bool AreasMeet(const std::vector<std::string>& of_principal,
               const std::vector<std::string>& of_resource) {
  return Names(of_principal, "*") || Names(of_resource, "*") ||
         std::ranges::any_of(of_resource,
                             [&](const auto& area) { return Names(of_principal, area); });
}

}  // namespace holdfast::security::policy
