#include "security/policy/policy.h"

#include <algorithm>
#include <array>
#include <string>

#include <google/protobuf/util/message_differencer.h>

#include "base/check.h"
#include "security/policy/label_join.h"
#include "targets.h"

namespace holdfast::fuzz {
namespace {

namespace policy = security::policy;
using google::protobuf::util::MessageDifferencer;
using type::v1::Label;

// Any numbers and words from bytes; nothing and zeros after their end.
class Source {
 public:
  explicit Source(std::string_view bytes) : bytes_(bytes) {}

  int Number() {
    if (bytes_.empty()) return 0;
    const int number = static_cast<unsigned char>(bytes_.front());
    bytes_.remove_prefix(1);
    return number;
  }
  template <class Code>
  Code Listed() {
    return static_cast<Code>(Number());
  }
  std::string Word() {
    constexpr std::array<std::string_view, 6> kWords = {"a", "b", "westmoor", "-", "*", ""};
    return std::string(kWords[static_cast<std::size_t>(Number()) % kWords.size()]);
  }
  absl::Time Instant() { return absl::FromUnixSeconds(1'800'000'000 + Number() * 60); }
  std::string_view Rest() const { return bytes_; }

 private:
  std::string_view bytes_;
};

struct Question {
  policy::Principal principal;
  policy::Verb verb = policy::Verb{};
  policy::Resource resource;
  policy::Context context;

  policy::Decision Decide() const { return policy::Decide(principal, verb, resource, context); }
  policy::Decision DecideWith(const Label& label) const {
    Question other = *this;
    other.resource.label = label;
    return other.Decide();
  }
};

void Fill(policy::Principal& to, Source& from) {
  to.kind = from.Listed<policy::PrincipalKind>();
  to.tenant = from.Word();
  to.ref = from.Word();
  to.agency = from.Word();
  to.agency_type = from.Listed<type::v1::Agency::Type>();
  to.regime = from.Listed<type::v1::Agency::Regime>();
  to.clearance = from.Listed<type::v1::Marking::Code>();
  to.roles = {{from.Listed<policy::Role::Code>(), std::nullopt},
              {from.Listed<policy::Role::Code>(), from.Instant()}};
  to.areas = {from.Word()};
  to.compartments = {from.Word()};
  to.signed_in_at = from.Instant();
}

void Fill(policy::Resource& to, Source& from) {
  to.tenant = from.Word();
  to.stream = from.Word();
  to.thing = from.Listed<policy::Thing>();
  to.record_class = from.Listed<policy::DataClass::Code>();
  to.areas = {from.Word()};
  to.assignees = {from.Word()};
  to.from_agency = from.Word();
  to.compartment = from.Word();
  to.retention = from.Listed<policy::Retention>();
}

void Fill(policy::Context& to, Source& from) {
  to.purpose = from.Listed<policy::Purpose::Code>();
  to.justification = from.Listed<policy::Justification>();
  to.justified = from.Number() % 2 == 1;
  to.break_glass_at = from.Instant();
  to.time = from.Instant();
}

bool IsRead(policy::Verb verb) {
  using options::v1::Audit;
  return verb == Audit::CONSULT || verb == Audit::DISCLOSE || verb == Audit::COMBINE;
}

void CheckDecision(const Question& question, const policy::Decision& decision) {
  HOLDFAST_CHECK(!decision.rule_ids.empty());
  HOLDFAST_CHECK(decision.digest == question.Decide().digest);
  if (!decision.permitted) {
    HOLDFAST_CHECK(decision.obligations.Has(policy::Obligation::kLog));
    return;
  }
  HOLDFAST_CHECK(question.principal.tenant == question.resource.tenant);
  HOLDFAST_CHECK(std::ranges::none_of(decision.rule_ids, [](const std::string& id) {
    return id.starts_with("U:") || id == "DEFAULT";
  }));
}

void CheckJoin(const Question& question, const Label& one, const Label& other) {
  const Label joined = policy::Join(one, other);
  HOLDFAST_CHECK(MessageDifferencer::Equals(joined, policy::Join(other, one)));
  HOLDFAST_CHECK(MessageDifferencer::Equals(joined, policy::Join(joined, one)));
  HOLDFAST_CHECK(MessageDifferencer::Equals(joined, policy::Normal(joined)));
  if (!IsRead(question.verb) || !policy::Opens(question.DecideWith(joined))) return;
  HOLDFAST_CHECK(policy::Opens(question.DecideWith(one)));
  HOLDFAST_CHECK(policy::Opens(question.DecideWith(other)));
}

}  // namespace

void Policy(std::string_view bytes) {
  Source source(bytes);
  Question question;
  question.verb = source.Listed<policy::Verb>();
  Fill(question.principal, source);
  Fill(question.resource, source);
  Fill(question.context, source);
  // Two labels: what comes of the length, and the rest. Where it is none, as far as it was read.
  const auto length = static_cast<std::size_t>(source.Number());
  const std::string_view rest = source.Rest();
  Label other;
  question.resource.label.ParsePartialFromString(std::string(rest.substr(0, length)));
  other.ParsePartialFromString(std::string(rest.substr(std::min(length, rest.size()))));
  CheckDecision(question, question.Decide());
  CheckJoin(question, question.resource.label, other);
}

}  // namespace holdfast::fuzz
