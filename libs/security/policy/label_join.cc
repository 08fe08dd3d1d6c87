#include "security/policy/label_join.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include <google/protobuf/message.h>
#include <google/protobuf/unknown_field_set.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "security/policy/question.h"

namespace holdfast::security::policy {
namespace {

using google::protobuf::Timestamp;
using options::v1::DataClass;
using options::v1::Sensitivity;
using type::v1::Handling;
using type::v1::HandlingConditions;
using type::v1::Label;
using type::v1::Marking;
using type::v1::SubjectCategory;

using Strings = google::protobuf::RepeatedPtrField<std::string>;

// ---------------------------------------------------------------------------------------- lists

void Sort(Strings& list) {
  std::sort(list.begin(), list.end());
  const auto end = std::unique(list.begin(), list.end());
  list.erase(end, list.end());
}

// Of sorted lists, as all below.
Strings All(const Strings& one, const Strings& other) {
  Strings all = one;
  all.MergeFrom(other);
  Sort(all);
  return all;
}

Strings Both(const Strings& one, const Strings& other) {
  std::vector<std::string> both;
  std::ranges::set_intersection(one, other, std::back_inserter(both));
  return {both.begin(), both.end()};
}

// Of lists that restrict: empty means everybody.
Strings BothNamed(const Strings& one, const Strings& other) {
  if (one.empty()) return other;
  if (other.empty()) return one;
  Strings both = Both(one, other);
  if (both.empty()) both.Add(std::string(kNobody));
  return both;
}

// ------------------------------------------------------------------------------------- instants

// An instant that cannot be read stays so, in one way of writing.
void NormaliseInstant(Timestamp& stamp) {
  if (IsInstant(stamp)) return;
  stamp.set_seconds(std::numeric_limits<std::int64_t>::min());
  stamp.set_nanos(0);
}

bool Earlier(const Timestamp& one, const Timestamp& other) {
  return std::pair(one.seconds(), one.nanos()) < std::pair(other.seconds(), other.nanos());
}

void JoinExpiry(HandlingConditions& into, const HandlingConditions& other) {
  if (!other.has_expires_at()) return;
  if (into.has_expires_at() && !Earlier(other.expires_at(), into.expires_at())) return;
  *into.mutable_expires_at() = other.expires_at();
}

// Strictest first: an instant that cannot be read, no consent, the earlier end of one.
void JoinConsent(HandlingConditions& into, const HandlingConditions& other) {
  if (!other.originator_consent()) return;
  if (!into.originator_consent()) {
    into.set_originator_consent(true);
    if (other.has_consent_until()) *into.mutable_consent_until() = other.consent_until();
    return;
  }
  const auto unreadable = [](const HandlingConditions& conditions) {
    return conditions.has_consent_until() && !IsInstant(conditions.consent_until());
  };
  if (unreadable(into)) return;
  if (unreadable(other) || (into.has_consent_until() && other.has_consent_until() &&
                            Earlier(other.consent_until(), into.consent_until()))) {
    *into.mutable_consent_until() = other.consent_until();
  } else if (!other.has_consent_until()) {
    into.clear_consent_until();
  }
}

// ----------------------------------------------------------------------------------- conditions

void NormaliseConditions(HandlingConditions& conditions) {
  Sort(*conditions.mutable_named_recipients());
  Sort(*conditions.mutable_agencies());
  if (conditions.has_expires_at()) NormaliseInstant(*conditions.mutable_expires_at());
  if (conditions.has_consent_until()) NormaliseInstant(*conditions.mutable_consent_until());
  const bool unreadable = conditions.has_consent_until() && !IsInstant(conditions.consent_until());
  if (unreadable) conditions.set_originator_consent(true);
  if (!conditions.originator_consent()) conditions.clear_consent_until();
}

bool Asks(const HandlingConditions& conditions) {
  return !conditions.named_recipients().empty() || !conditions.agencies().empty() ||
         conditions.intelligence_unit_only() || conditions.originator_consent() ||
         conditions.no_onward() || conditions.no_local_copy() || conditions.has_expires_at();
}

HandlingConditions JoinConditions(const HandlingConditions& one, const HandlingConditions& other) {
  HandlingConditions joined = one;
  *joined.mutable_named_recipients() = BothNamed(one.named_recipients(), other.named_recipients());
  *joined.mutable_agencies() = BothNamed(one.agencies(), other.agencies());
  joined.set_intelligence_unit_only(one.intelligence_unit_only() || other.intelligence_unit_only());
  joined.set_no_onward(one.no_onward() || other.no_onward());
  joined.set_no_local_copy(one.no_local_copy() || other.no_local_copy());
  JoinConsent(joined, other);
  JoinExpiry(joined, other);
  return joined;
}

// ------------------------------------------------------------------------------------ the ranks

// Where it stands in a list that begins with the least strict; what is in no list is stricter.
template <std::size_t n>
std::uint64_t RankIn(const std::array<int, n>& order, int code) {
  const auto found = std::ranges::find(order, code);
  if (found != order.end()) return static_cast<std::uint64_t>(found - order.begin());
  return n + std::uint64_t{static_cast<std::uint32_t>(code)};
}

DataClass::Code JoinClasses(DataClass::Code one, DataClass::Code other) {
  constexpr std::array<int, 5> kOrder = {DataClass::COMMUNITY, DataClass::PERSON,
                                         DataClass::PARTNERSHIP, DataClass::OPERATIONAL,
                                         DataClass::INTEL};
  if (one == other) return one;
  const auto joins = [&](int code) { return std::ranges::find(kOrder, code) != kOrder.end(); };
  if (!joins(one) || !joins(other)) return DataClass::CODE_UNSPECIFIED;
  return RankIn(kOrder, one) > RankIn(kOrder, other) ? one : other;
}

SubjectCategory::Code JoinCategories(SubjectCategory::Code one, SubjectCategory::Code other) {
  constexpr std::array<int, 6> kOrder = {
      SubjectCategory::CODE_UNSPECIFIED, SubjectCategory::OTHER,  SubjectCategory::CONVICTED,
      SubjectCategory::SUSPECT,          SubjectCategory::VICTIM, SubjectCategory::WITNESS};
  return RankIn(kOrder, one) > RankIn(kOrder, other) ? one : other;
}

Sensitivity::Code JoinSensitivities(Sensitivity::Code one, Sensitivity::Code other) {
  constexpr std::array<int, 3> kOrder = {Sensitivity::NONE, Sensitivity::PERSONAL,
                                         Sensitivity::SENSITIVE};
  return RankIn(kOrder, one) > RankIn(kOrder, other) ? one : other;
}

// The higher; unspecified where either is.
template <class Code>
Code HigherKnown(Code one, Code other) {
  return one == Code{} || other == Code{} ? Code{} : std::max(one, other);
}

// ------------------------------------------------------------------------------ condition_ref

std::string References(const std::string& one, const std::string& other) {
  std::vector<std::string> all =
      absl::StrSplit(absl::StrCat(one, " ", other), ' ', absl::SkipEmpty());
  std::ranges::sort(all);
  all.erase(std::unique(all.begin(), all.end()), all.end());
  if (std::ranges::find(all, kNobody) != all.end()) return std::string(kNobody);
  return absl::StrJoin(all, " ");
}

}  // namespace

bool HoldsUnreadFields(const Label& label) {
  const auto unread = [](const google::protobuf::Message& message) {
    return !message.GetReflection()->GetUnknownFields(message).empty();
  };
  return unread(label) || unread(label.conditions());
}

Label Normal(const Label& label) {
  Label normal = label;
  normal.DiscardUnknownFields();
  if (!DataClass::Code_IsValid(label.class_()) || HoldsUnreadFields(label)) {
    normal.set_class_(DataClass::CODE_UNSPECIFIED);
  }
  if (label.class_() == DataClass::PERSON && label.sensitivity() == Sensitivity::NONE) {
    normal.set_sensitivity(Sensitivity::PERSONAL);
  }
  if (!Handling::Code_IsValid(label.handling())) normal.set_handling(Handling::CODE_UNSPECIFIED);
  if (!Marking::Code_IsValid(label.marking())) normal.set_marking(Marking::CODE_UNSPECIFIED);
  const bool sensitive = normal.sensitivity() == Sensitivity::SENSITIVE;
  normal.set_condition_ref(References(label.condition_ref(), ""));
  if (sensitive && normal.condition_ref().empty()) normal.set_condition_ref(std::string(kNobody));
  Sort(*normal.mutable_owners());
  Sort(*normal.mutable_shared_with());
  NormaliseConditions(*normal.mutable_conditions());
  if (normal.handling() == Handling::C && !Asks(normal.conditions())) {
    normal.mutable_conditions()->add_named_recipients(std::string(kNobody));
  }
  return normal;
}

Label Join(const Label& one, const Label& other) {
  const Label a = Normal(one);
  const Label b = Normal(other);
  Label joined;
  joined.set_class_(JoinClasses(a.class_(), b.class_()));
  joined.set_sensitivity(JoinSensitivities(a.sensitivity(), b.sensitivity()));
  joined.set_handling(HigherKnown(a.handling(), b.handling()));
  *joined.mutable_conditions() = JoinConditions(a.conditions(), b.conditions());
  joined.set_marking(HigherKnown(a.marking(), b.marking()));
  joined.set_source_evaluation(std::max(a.source_evaluation(), b.source_evaluation()));
  joined.set_intelligence_assessment(
      std::max(a.intelligence_assessment(), b.intelligence_assessment()));
  joined.set_category(JoinCategories(a.category(), b.category()));
  joined.set_condition_ref(References(a.condition_ref(), b.condition_ref()));
  *joined.mutable_owners() = All(a.owners(), b.owners());
  *joined.mutable_shared_with() = Both(a.shared_with(), b.shared_with());
  joined.set_sanitised(a.sanitised() && b.sanitised());
  joined.set_released(a.released() && b.released());
  return joined;
}

}  // namespace holdfast::security::policy
