#include "initiative/domain/reference.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/day.h"
#include "initiative/domain/in_force.h"

namespace holdfast::initiative {
namespace {

using Faults = Refused<v1::Refusal::Code>;

bool SameRow(const v1::GateCriterion& a, const v1::GateCriterion& b) {
  return a.id() == b.id() && a.gate() == b.gate() && a.level() == b.level() &&
         a.kind() == b.kind() && a.operator_() == b.operator_() && a.threshold() == b.threshold() &&
         a.unit() == b.unit() && a.max_age_days() == b.max_age_days() && a.duty() == b.duty() &&
         a.title() == b.title() && a.remedy() == b.remedy() && a.owner() == b.owner();
}

// What every publication says of itself. True where a version says the same with other rows left to
// compare.
template <class Published, class Command>
bool SameHead(const Published& published, const Command& command) {
  return SameDay(published.valid_from(), command.valid_from()) &&
         published.source() == command.source() && published.standing() == command.standing();
}

template <class Command>
void CheckHead(const Command& command, Faults& faults) {
  if (!command.has_valid_from())
    faults.reasons.push_back({v1::Refusal::REQUIRED, "valid_from", ""});
  if (command.source().empty()) faults.reasons.push_back({v1::Refusal::REQUIRED, "source", ""});
  if (command.standing() == v1::Standing::CODE_UNSPECIFIED)
    faults.reasons.push_back({v1::Refusal::REQUIRED, "standing", ""});
}

void CheckRow(const v1::GateCriterion& row, const std::string& path, Faults& faults) {
  using Row = v1::GateCriterion;
  const auto incomplete = [&](std::string_view field, std::string rule) {
    faults.reasons.push_back(
        {v1::Refusal::ROW_INCOMPLETE,
         absl::StrCat(path, ".", absl::string_view(field.data(), field.size())), std::move(rule)});
  };
  if (row.id().empty()) incomplete("id", "an id");
  if (row.gate() == v1::Phase::CODE_UNSPECIFIED) incomplete("gate", "the phase it guards");
  if (row.level() == Row::LEVEL_UNSPECIFIED) incomplete("level", "HARD or WARNING");
  if (row.kind() == Row::KIND_UNSPECIFIED) incomplete("kind", "what it asks for");
  if (row.kind() == Row::SPONSOR && row.duty() == type::v1::Duty::CODE_UNSPECIFIED)
    incomplete("duty", "the duty of the sponsor");
  if (row.kind() != Row::EVIDENCE &&
      (row.operator_() != Row::OPERATOR_UNSPECIFIED || row.max_age_days() > 0))
    incomplete("kind", "EVIDENCE, where a value or an age is compared");
  if (row.operator_() != Row::OPERATOR_UNSPECIFIED && row.unit().empty())
    incomplete("unit", "the unit of the threshold");
  if (row.title().empty()) incomplete("title", "a title");
  if (row.remedy().empty()) incomplete("remedy", "what to do where it is missing");
}

}  // namespace

Reference::Decision Reference::Decide(const State& now, const v1::PublishGateCriteria& command,
                                      const DecisionContext&) {
  Faults faults;
  CheckHead(command, faults);
  if (command.rows().empty()) faults.reasons.push_back({Refusal::REQUIRED, "rows", ""});
  for (int i = 0; i < command.rows_size(); ++i) {
    const v1::GateCriterion& row = command.rows(i);
    const std::string path = absl::StrCat("rows[", i, "]");
    CheckRow(row, path, faults);
    for (int j = 0; j < i; ++j) {
      if (command.rows(j).id() == row.id() && command.rows(j).gate() == row.gate()) {
        faults.reasons.push_back({Refusal::DUPLICATE_ROW, absl::StrCat(path, ".id"),
                                  absl::StrCat("another id than rows[", j, "]")});
      }
    }
  }
  if (!faults.reasons.empty()) return RefuseAll(std::move(faults));
  const v1::GateCriteria* before = InForceOn(now.criteria(), ToDay(command.valid_from()));
  if (before != nullptr && SameHead(*before, command) &&
      std::ranges::equal(before->rows(), command.rows(), SameRow))
    return {};
  v1::GateCriteriaPublished published;
  v1::GateCriteria& criteria = *published.mutable_criteria();
  criteria.set_version(static_cast<std::uint32_t>(now.criteria_size()) + 1);
  *criteria.mutable_valid_from() = command.valid_from();
  criteria.set_source(command.source());
  criteria.set_standing(command.standing());
  *criteria.mutable_rows() = command.rows();
  return published;
}

Reference::Decision Reference::Decide(const State& now, const v1::PublishPoliceTerms& command,
                                      const DecisionContext&) {
  Faults faults;
  CheckHead(command, faults);
  if (command.terms().empty()) faults.reasons.push_back({Refusal::REQUIRED, "terms", ""});
  for (int i = 0; i < command.terms_size(); ++i) {
    for (int j = 0; j < i; ++j) {
      if (absl::AsciiStrToLower(command.terms(i)) == absl::AsciiStrToLower(command.terms(j))) {
        faults.reasons.push_back({Refusal::DUPLICATE_ROW, absl::StrCat("terms[", i, "]"),
                                  absl::StrCat("another term than terms[", j, "]")});
      }
    }
  }
  if (!faults.reasons.empty()) return RefuseAll(std::move(faults));
  const v1::PoliceTerms* before = InForceOn(now.terms(), ToDay(command.valid_from()));
  if (before != nullptr && SameHead(*before, command) &&
      std::ranges::equal(before->terms(), command.terms()))
    return {};
  v1::PoliceTermsPublished published;
  v1::PoliceTerms& terms = *published.mutable_terms();
  terms.set_version(static_cast<std::uint32_t>(now.terms_size()) + 1);
  *terms.mutable_valid_from() = command.valid_from();
  terms.set_source(command.source());
  terms.set_standing(command.standing());
  *terms.mutable_terms() = command.terms();
  return published;
}

void Reference::Evolve(State& state, const v1::GateCriteriaPublished& event) {
  *state.add_criteria() = event.criteria();
}

void Reference::Evolve(State& state, const v1::PoliceTermsPublished& event) {
  *state.add_terms() = event.terms();
}

}  // namespace holdfast::initiative
