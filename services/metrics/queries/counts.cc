#include "metrics/queries/counts.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "metrics/intake/area_resolver.h"
#include "metrics/views/dataset_list.h"
#include "metrics/views/measure_list.h"
#include "metrics/views/month_tally.h"
#include "metrics/views/reference_views.h"
#include "metrics/views/set_tally.h"

namespace holdfast::metrics {
namespace {

constexpr absl::civil_diff_t kMostMonths = 600;

using Row = v1::MonthTallyRow;

const Row::Revision* Counted(const Row& row) {
  for (int i = row.revisions_size(); i-- > 0;) {
    if (row.revisions(i).standing() == Row::ACCEPTED) return &row.revisions(i);
  }
  return nullptr;
}

const Row::SetTally* TallyOf(const Row::Revision& revision, std::string_view set_key) {
  for (const auto& tally : revision.sets()) {
    if (tally.set() == set_key) return &tally;
  }
  return nullptr;
}

// Whether a row of a revision that counts lay in the area, be it one of a count of none.
bool Names(const Row& row, std::string_view set_key, const std::string& code) {
  return std::ranges::any_of(row.revisions(), [&](const Row::Revision& revision) {
    const Row::SetTally* tally =
        revision.standing() == Row::ACCEPTED ? TallyOf(revision, set_key) : nullptr;
    return tally != nullptr && IndexOf(tally->areas(), code) >= 0;
  });
}

absl::Status NotLoaded() {
  return ErrorWithReason(absl::StatusCode::kNotFound, "NOT_FOUND",
                         "No areas of this kind and vintage are loaded; import the geography.");
}

// The sets of the kind and vintage asked for, the newest vintage first.
absl::StatusOr<std::vector<type::v1::AreaSet>> SetsAskedFor(const readmodel::Reader& reader,
                                                            const v1::AreaChoice& choice) {
  ASSIGN_OR_RETURN(std::vector<type::v1::AreaSet> sets, PublishedAreaSets(reader, choice.kind()));
  if (!choice.vintage().empty()) {
    std::erase_if(sets, [&](const auto& set) { return set.vintage() != choice.vintage(); });
  }
  std::ranges::stable_sort(sets,
                           [](const auto& a, const auto& b) { return a.vintage() > b.vintage(); });
  return sets;
}

bool AsksForNone(const v1::AreaChoice& choice) {
  return choice.codes().empty() && choice.kind().empty() && choice.vintage().empty();
}

// Chooses the codes asked for out of a set, or INVALID_ARGUMENT naming the first that it has not.
absl::Status TakeAreas(const type::v1::AreaSet& set, const v1::AreaListRow& list,
                       const v1::AreaChoice& choice, Areas& areas) {
  std::map<std::string, std::string> names;
  for (const auto& area : list.areas()) names.emplace(area.code(), area.name());
  for (int i = 0; i < choice.codes_size(); ++i) {
    if (names.contains(choice.codes(i))) continue;
    return InvalidFields({{absl::StrCat("areas.codes[", i, "]"),
                           absl::StrCat("a code of ", set.kind(), " ", set.vintage())}});
  }
  areas.set = set;
  areas.set_key = SetKey(set);
  areas.names = std::move(names);
  for (const auto& [code, name] : areas.names) areas.all.push_back(code);
  const std::set<std::string> asked(choice.codes().begin(), choice.codes().end());
  areas.codes.assign(asked.begin(), asked.end());
  if (areas.everything) areas.codes = areas.all;
  return absl::OkStatus();
}

// Crimes of a column in some areas of a tally; `codes` null: in every one.
std::int64_t SumOf(const Row::SetTally& tally, int column, const std::vector<std::string>* codes) {
  std::int64_t sum = 0;
  const auto add = [&](int area) { sum += tally.counts(area * tally.categories_size() + column); };
  if (codes == nullptr) {
    for (int area = 0; area < tally.areas_size(); ++area) add(area);
    return sum;
  }
  for (const std::string& code : *codes) {
    if (const int area = IndexOf(tally.areas(), code); area >= 0) add(area);
  }
  return sum;
}

// The same of the revisions that count.
std::int64_t SumOf(const Row& row, std::string_view set_key, const std::vector<std::string>* codes,
                   std::string_view category) {
  std::int64_t sum = 0;
  for (const auto& revision : row.revisions()) {
    if (revision.standing() != Row::ACCEPTED) continue;
    const Row::SetTally* tally = TallyOf(revision, set_key);
    if (tally == nullptr) continue;
    if (const int column = IndexOf(tally->categories(), category); column >= 0) {
      sum += SumOf(*tally, column, codes);
    }
  }
  return sum;
}

bool OfTheCalendar(const type::v1::Month& m) {
  return m.month() >= 1 && m.month() <= 12 && m.year() >= 1900 && m.year() <= 9999;
}

absl::StatusOr<std::vector<absl::CivilMonth>> MonthsFrom(absl::CivilMonth first,
                                                         absl::CivilMonth last) {
  if (last - first >= kMostMonths) return InvalidFields({{"to", "at most 600 months"}});
  std::vector<absl::CivilMonth> months;
  for (absl::CivilMonth month = first; month <= last; ++month) months.push_back(month);
  return months;
}

}  // namespace

type::v1::Month ToMonth(absl::CivilMonth month) {
  type::v1::Month out;
  out.set_year(static_cast<std::int32_t>(month.year()));
  out.set_month(month.month());
  return out;
}

absl::CivilMonth FromMonth(const type::v1::Month& month) {
  return absl::CivilMonth(month.year(), month.month());
}

type::v1::Day ToDay(absl::CivilDay day) {
  type::v1::Day out;
  out.set_year(static_cast<std::int32_t>(day.year()));
  out.set_month(day.month());
  out.set_day(day.day());
  return out;
}

int DaysOf(absl::CivilMonth month) {
  return static_cast<int>(absl::CivilDay(month + 1) - absl::CivilDay(month));
}

absl::StatusOr<MeasureChoice> ChooseMeasure(const readmodel::Reader& reader,
                                            const std::string& measure,
                                            const std::string& category) {
  if (measure.empty() == category.empty()) {
    return InvalidFields({{"measure", "name a measure or a category, one of the two"}});
  }
  const std::string& id = measure.empty() ? category : measure;
  ASSIGN_OR_RETURN(const auto row, reader.Get<MeasureList>(id));
  MeasureChoice choice;
  choice.version.set_measure_id(id);
  if (row) {
    choice.version.set_version(row->versions().rbegin()->version());
    choice.definition = row->versions().rbegin()->definition();
    return choice;
  }
  if (!measure.empty()) {
    return ErrorWithReason(absl::StatusCode::kNotFound, "NOT_FOUND",
                           "No measure has this name; list the measures.");
  }
  // A misspelt category must not read as a place without crime. (Where no measure is published
  // there is no list to hold it against.)
  bool published = false;
  bool counted = false;
  RETURN_IF_ERROR(
      reader.Scan<MeasureList>("", "", 0, [&](std::string_view, const v1::MeasureRow& known) {
        published = true;
        const auto& basket = known.versions().rbegin()->definition().basket();
        counted = std::find(basket.begin(), basket.end(), category) != basket.end();
        return !counted;
      }));
  if (published && !counted) {
    return ErrorWithReason(absl::StatusCode::kNotFound, "NOT_FOUND",
                           "No measure counts this category; list the measures for their names.");
  }
  choice.definition.set_title(category);
  choice.definition.set_unit(v1::Measure::COUNT);
  choice.definition.set_polarity(v1::Measure::AMBIGUOUS);
  choice.definition.add_basket(category);
  return choice;
}

v1::AreaRef Areas::Ref(const std::string& code) const {
  v1::AreaRef ref;
  if (set) *ref.mutable_set() = *set;
  ref.add_codes(code);
  const auto name = names.find(code);
  if (name != names.end()) ref.set_name(name->second);
  return ref;
}

v1::AreaRef Areas::RefOfAll() const {
  if (codes.size() == 1) return Ref(codes.front());
  v1::AreaRef ref;
  if (set) *ref.mutable_set() = *set;
  if (everything) {
    ref.set_name("every area, and crimes that lie in none");
    return ref;
  }
  *ref.mutable_codes() = {codes.begin(), codes.end()};
  ref.set_name(absl::StrCat(codes.size(), " areas"));
  return ref;
}

absl::StatusOr<Areas> ChooseAreas(const readmodel::Reader& reader, const v1::AreaChoice& choice) {
  Areas areas;
  areas.everything = choice.codes().empty();
  ASSIGN_OR_RETURN(const std::vector<type::v1::AreaSet> sets, SetsAskedFor(reader, choice));
  if (sets.empty() && AsksForNone(choice)) return areas;
  absl::Status unknown;
  for (const auto& set : sets) {
    ASSIGN_OR_RETURN(const auto list, reader.Get<AreaList>(SetKey(set)));
    if (!list) continue;
    absl::Status taken = TakeAreas(set, *list, choice, areas);
    if (taken.ok()) return areas;
    unknown.Update(taken);  // keeps the first: that of the newest set
  }
  return unknown.ok() ? NotLoaded() : unknown;
}

absl::StatusOr<Counts> Counts::Load(const readmodel::Reader& reader,
                                    const v1::MeasureDefinition& definition) {
  Counts counts;
  const std::set<std::string> wanted(definition.datasets().begin(), definition.datasets().end());
  RETURN_IF_ERROR(
      reader.Scan<DatasetList>("", "", 0, [&](std::string_view, const v1::DatasetRow& row) {
        const auto& dataset = row.dataset();
        if (dataset.kind() == v1::DatasetKind::CODE_UNSPECIFIED) return true;
        const bool named = wanted.empty() ? dataset.kind() == v1::DatasetKind::POLICE_UK_STREET
                                          : wanted.contains(dataset.dataset_id());
        if (named) {
          counts.datasets_.push_back(
              {dataset.dataset_id(),
               dataset.territorial() || dataset.kind() != v1::DatasetKind::POLICE_UK_STREET,
               dataset.kind() == v1::DatasetKind::AGENCY_SERIES,
               {}});
        }
        return true;
      }));
  // Where no force of the area delivers, whoever delivers decides.
  if (std::ranges::none_of(counts.datasets_, [](const Dataset& d) { return d.decides; })) {
    for (Dataset& dataset : counts.datasets_) dataset.decides = true;
  }
  for (Dataset& dataset : counts.datasets_) {
    RETURN_IF_ERROR(reader.Scan<MonthTally>(RowKey({dataset.id, ""}), "", 0,
                                            [&](std::string_view, const Row& row) {
                                              if (Counted(row) == nullptr) return true;
                                              const absl::CivilMonth month = FromMonth(row.month());
                                              dataset.months.emplace(month, row);
                                              if (!counts.first_ || month < *counts.first_)
                                                counts.first_ = month;
                                              if (!counts.last_ || month > *counts.last_)
                                                counts.last_ = month;
                                              return true;
                                            }));
  }
  return counts;
}

v1::Completeness::Code Counts::completeness(absl::CivilMonth month) const {
  bool partial = false;
  bool decided = false;
  for (const Dataset& dataset : datasets_) {
    if (!dataset.decides) continue;
    const auto row = dataset.months.find(month);
    if (row == dataset.months.end()) return v1::Completeness::MISSING;
    decided = true;
    partial = partial || Counted(row->second)->has_through();
  }
  if (!decided) return v1::Completeness::MISSING;
  return partial ? v1::Completeness::PARTIAL : v1::Completeness::COMPLETE;
}

bool Counts::covers(absl::CivilMonth month, std::string_view set_key,
                    const std::string& code) const {
  if (code.empty()) return true;  // in no area: not a place that could lie outside
  return std::ranges::any_of(datasets_, [&](const Dataset& dataset) {
    if (dataset.gives_zeros) {
      const auto row = dataset.months.find(month);
      return row != dataset.months.end() && Names(row->second, set_key, code);
    }
    return std::any_of(dataset.months.rbegin(), dataset.months.rend(),
                       [&](const auto& entry) { return Names(entry.second, set_key, code); });
  });
}

v1::Completeness::Code Counts::completeness(absl::CivilMonth month, std::string_view set_key,
                                            const std::vector<std::string>* codes) const {
  if (codes != nullptr && !std::ranges::all_of(*codes, [&](const std::string& code) {
        return covers(month, set_key, code);
      })) {
    return v1::Completeness::MISSING;
  }
  return completeness(month);
}

int Counts::days(absl::CivilMonth month) const {
  int days = DaysOf(month);
  for (const Dataset& dataset : datasets_) {
    const auto row = dataset.months.find(month);
    if (!dataset.decides || row == dataset.months.end()) continue;
    const auto& revision = *Counted(row->second);
    if (revision.has_through()) days = std::min(days, revision.through().day());
  }
  return days;
}

std::vector<v1::ExtractRef> Counts::extracts(absl::CivilMonth month) const {
  std::vector<v1::ExtractRef> refs;
  for (const Dataset& dataset : datasets_) {
    const auto row = dataset.months.find(month);
    if (row == dataset.months.end()) continue;
    const auto& revision = *Counted(row->second);
    v1::ExtractRef& ref = refs.emplace_back();
    ref.set_dataset(dataset.id);
    *ref.mutable_month() = row->second.month();
    ref.set_revision(revision.revision());
    ref.set_digest(revision.digest());
    ref.set_rows(revision.rows());
    ref.set_completeness(revision.has_through() ? v1::Completeness::PARTIAL
                                                : v1::Completeness::COMPLETE);
  }
  return refs;
}

std::int64_t Counts::count(absl::CivilMonth month, std::string_view set_key,
                           const std::vector<std::string>* codes, std::string_view category) const {
  const std::string_view set = codes == nullptr ? std::string_view(kEverywhere) : set_key;
  std::int64_t sum = 0;
  for (const Dataset& dataset : datasets_) {
    const auto row = dataset.months.find(month);
    if (row != dataset.months.end()) sum += SumOf(row->second, set, codes, category);
  }
  return sum;
}

std::vector<std::string> Counts::categories() const {
  std::set<std::string> all;
  for (const Dataset& dataset : datasets_) {
    for (const auto& [month, row] : dataset.months) {
      for (const auto& revision : row.revisions()) {
        if (revision.standing() != Row::ACCEPTED) continue;
        for (const auto& tally : revision.sets()) {
          all.insert(tally.categories().begin(), tally.categories().end());
        }
      }
    }
  }
  return {all.begin(), all.end()};
}

std::int64_t Counts::unlocated(absl::CivilMonth month, std::string_view set_key,
                               const std::vector<std::string>& basket) const {
  const std::vector<std::string> nowhere = {""};
  std::int64_t sum = 0;
  for (const std::string& category : basket) sum += count(month, set_key, &nowhere, category);
  return sum;
}

absl::StatusOr<std::vector<absl::CivilMonth>> ChooseMonths(const Counts& counts,
                                                           const type::v1::Month* from,
                                                           const type::v1::Month* to) {
  std::vector<FieldViolation> faults;
  if (from != nullptr && !OfTheCalendar(*from))
    faults.push_back({"from", "a month of the calendar"});
  if (to != nullptr && !OfTheCalendar(*to)) faults.push_back({"to", "a month of the calendar"});
  if (!faults.empty()) return InvalidFields(faults);
  const bool both = from != nullptr && to != nullptr;
  if (!both && !counts.first()) return std::vector<absl::CivilMonth>();
  const absl::CivilMonth first = from != nullptr ? FromMonth(*from) : *counts.first();
  const absl::CivilMonth last = to != nullptr ? FromMonth(*to) : *counts.last();
  if (both && last < first) return InvalidFields({{"to", "not before the first month"}});
  return MonthsFrom(first, last);
}

}  // namespace holdfast::metrics
