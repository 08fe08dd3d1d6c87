// The picture before CLEAR: what is found for the ten gates, locking it, and how it stands today.

#include <algorithm>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/civil_time.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/status_macros.h"
#include "metrics/queries/figures.h"
#include "metrics/queries/queries.h"
#include "metrics/views/dataset_list.h"
#include "metrics/views/extract_list.h"
#include "metrics/views/measure_list.h"
#include "metrics/views/month_tally.h"
#include "metrics/views/site_views.h"
#include "security/principal.h"
#include "statistics/power.h"

namespace holdfast::metrics {
namespace {

using Months = std::vector<absl::CivilMonth>;

constexpr int kWantedMonths = 36;
constexpr int kShortMonths = 24;
constexpr int kPeriodMonths = 6;
constexpr int kLagDays = 30;

bool IsCovid(absl::CivilMonth month) {
  return month >= absl::CivilMonth(2020, 3) && month <= absl::CivilMonth(2021, 7);
}

// All that a baseline is made of.
struct Found {
  v1::LockBaseline command;
  Areas areas;
  Months months;  // of the window, left-out ones taken off
};

struct MeasureData {
  MeasureChoice choice;
  Counts counts;
};

absl::StatusOr<std::vector<std::string>> MeasuresOf(const v1::LockBaselineRequest& request,
                                                    const readmodel::Reader& reader) {
  if (!request.measures().empty()) {
    return std::vector<std::string>(request.measures().begin(), request.measures().end());
  }
  std::vector<std::string> measures = {"severity", "crime"};
  RETURN_IF_ERROR(
      reader.Scan<MeasureList>("", "", 0, [&](std::string_view, const v1::MeasureRow& row) {
        const auto& agency = row.versions().rbegin()->definition().agency();
        if (!row.retired() && !agency.empty() && agency != "police") {
          measures.push_back(row.measure_id());
        }
        return true;
      }));
  return measures;
}

absl::StatusOr<Areas> AreasOf(const v1::LockBaselineRequest& request,
                              const std::optional<v1::MirrorRow>& mirror,
                              const readmodel::Reader& reader) {
  v1::AreaChoice choice;
  if (!request.areas().empty()) {
    choice.set_kind(request.set().kind());
    choice.set_vintage(request.set().vintage());
    *choice.mutable_codes() = request.areas();
  } else if (mirror && mirror->has_site()) {
    choice.set_kind(mirror->site().set().kind());
    choice.set_vintage(mirror->site().set().vintage());
    *choice.mutable_codes() = mirror->site().areas();
  }
  if (choice.codes().empty()) {
    return ErrorWithReason(absl::StatusCode::kFailedPrecondition, "UNKNOWN_SITE",
                           "Create the site first, or name its areas.");
  }
  return ChooseAreas(reader, choice);
}

// The last month before CLEAR, else the newest with data.
std::optional<absl::CivilMonth> LastMonth(const std::optional<v1::MirrorRow>& mirror,
                                          const Counts& counts) {
  std::optional<absl::CivilMonth> last = counts.last();
  if (!mirror) return last;
  for (const auto& phase : mirror->phases()) {
    if (phase.phase() != "CLEAR" || !phase.has_from()) continue;
    const absl::CivilMonth before = absl::CivilMonth(phase.from().year(), phase.from().month()) - 1;
    if (!last || before < *last) last = before;
  }
  return last;
}

// The window as asked; else up to 36 months before the last one, as far back as no month is
// missing.
absl::StatusOr<v1::BaselineWindow> WindowOf(const v1::LockBaselineRequest& request,
                                            const std::optional<v1::MirrorRow>& mirror,
                                            const Counts& counts) {
  v1::BaselineWindow window;
  const std::optional<absl::CivilMonth> last =
      request.has_to() ? FromMonth(request.to()) : LastMonth(mirror, counts);
  if (!last || !counts.first()) {
    return ErrorWithReason(absl::StatusCode::kFailedPrecondition, "MONTH_MISSING",
                           "There is no data yet; import crimes first.");
  }
  absl::CivilMonth from = *last;
  if (request.has_from()) {
    from = FromMonth(request.from());
  } else {
    while (*last - from < kWantedMonths - 1 && from > *counts.first() &&
           !counts.missing(from - 1)) {
      --from;
    }
  }
  if (from > *last || *last - from >= 600) {
    return InvalidFields({{"from", "up to 600 months, not after the last one"}});
  }
  *window.mutable_from() = ToMonth(from);
  *window.mutable_to() = ToMonth(*last);
  return window;
}

v1::GateResult Gate(v1::Gate::Code gate, bool passed, std::string finding) {
  v1::GateResult result;
  result.set_gate(gate);
  result.set_outcome(passed ? v1::Gate::PASSED : v1::Gate::FAILED);
  result.set_finding(std::move(finding));
  return result;
}

v1::GateResult SourcesGate(const std::vector<MeasureData>& measures) {
  std::size_t sourced = 0;
  std::size_t not_police = 0;
  for (const auto& measure : measures) {
    if (!measure.counts.first()) continue;
    ++sourced;
    const std::string& agency = measure.choice.definition.agency();
    if (!agency.empty() && agency != "police") ++not_police;
  }
  return Gate(v1::Gate::G1_SOURCES, sourced == measures.size() && not_police > 0,
              absl::StrCat(sourced, " of ", measures.size(), " measures have data, ", not_police,
                           " of them not of the police; asked: all, and one"));
}

v1::GateResult PunctualityGate(const readmodel::Reader& reader,
                               const std::vector<v1::ExtractRef>& extracts, std::size_t expected) {
  std::size_t punctual = 0;
  for (const auto& extract : extracts) {
    const auto row = reader.Get<ExtractList>(MonthKey(extract.dataset(), extract.month()));
    if (!row.ok() || !*row) continue;
    const auto* current = CurrentRevision(**row);
    if (current == nullptr) continue;
    const absl::CivilDay day =
        LondonDay(absl::FromUnixSeconds((*row)->revisions(0).accepted_at().seconds()));
    if (day - absl::CivilDay(FromMonth(extract.month()) + 1) <= kLagDays) ++punctual;
  }
  const bool whole = extracts.size() * 100 >= expected * 98;
  const bool in_time = punctual * 100 >= expected * 98;
  return Gate(v1::Gate::G3_PUNCTUALITY, whole && in_time,
              absl::StrCat(extracts.size(), " of ", expected, " expected extracts are there, ",
                           punctual, " within ", kLagDays, " days; asked: 98 %"));
}

v1::GateResult GeocodedGate(const std::vector<MeasureData>& measures, const Areas& areas,
                            const Months& months) {
  std::int64_t all = 0;
  std::int64_t unlocated = 0;
  for (const auto& measure : measures) {
    const auto& basket = measure.choice.definition.basket();
    if (measure.choice.definition.unit() != v1::Measure::COUNT) continue;
    for (const absl::CivilMonth month : months) {
      for (const std::string& category : basket) {
        all += measure.counts.count(month, areas.set_key, nullptr, category);
      }
      unlocated += measure.counts.unlocated(month, areas.set_key, {basket.begin(), basket.end()});
    }
  }
  const double percent =
      all == 0 ? 0 : 100.0 * static_cast<double>(all - unlocated) / static_cast<double>(all);
  return Gate(v1::Gate::G4_GEOCODED, percent >= 95,
              absl::StrFormat("%.1f %% of the crimes lie in an area; asked: 95 %%", percent));
}

void FindGates(const readmodel::Reader& reader, const std::vector<MeasureData>& measures,
               const Areas& areas, const Months& months, std::size_t expected, bool weights,
               v1::BaselineLocked& found) {
  const std::vector<v1::ExtractRef> extracts(found.extracts().begin(), found.extracts().end());
  *found.add_gates() = SourcesGate(measures);
  *found.add_gates() = Gate(v1::Gate::G2_HISTORY, months.size() >= kWantedMonths,
                            absl::StrCat(months.size(), " months; asked: 36 (24 with a waiver)"));
  *found.add_gates() = PunctualityGate(reader, extracts, expected);
  *found.add_gates() = GeocodedGate(measures, areas, months);
  const bool defined = std::ranges::all_of(
      measures, [](const MeasureData& m) { return m.choice.version.version() > 0; });
  *found.add_gates() = Gate(v1::Gate::G5_DEFINITIONS, defined && weights,
                            "versions of every measure and of the weights are kept");
  *found.add_gates() = Gate(v1::Gate::G6_COMPARATORS, !found.comparators().empty(),
                            absl::StrCat(found.comparators_size(), " comparison areas chosen"));
  *found.add_gates() =
      Gate(v1::Gate::G7_DISPLACEMENT_ZONE, !found.displacement_zone().empty(),
           absl::StrCat(found.displacement_zone_size(), " areas in the displacement zone"));
  *found.add_gates() =
      Gate(v1::Gate::G8_SURVEY, false, "no survey wave is recorded; asked: wave 0 with n >= 100");
  *found.add_gates() = Gate(v1::Gate::G9_REGISTRATION, false, "no evaluation is registered");
  *found.add_gates() = Gate(v1::Gate::G10_DIGESTS, !found.extracts().empty(),
                            absl::StrCat(found.extracts_size(), " extract digests are kept"));
}

// The mean per month of each measure, and the smallest fall over six months that could be seen.
absl::Status FindValues(const readmodel::Reader& reader, const std::vector<MeasureData>& measures,
                        const Areas& areas, const Months& months, bool& weights_found,
                        v1::BaselineLocked& found) {
  const absl::CivilDay last_day = absl::CivilDay(months.back() + 1) - 1;
  weights_found = true;
  for (const auto& measure : measures) {
    WeightsInForce weights;
    if (measure.choice.definition.unit() == v1::Measure::SEVERITY) {
      ASSIGN_OR_RETURN(weights,
                       WeightsOn(reader, measure.choice.definition.weight_set(), last_day));
      weights_found = weights_found && !weights.label.empty();
    }
    ASSIGN_OR_RETURN(const PopulationInForce population,
                     PopulationOn(reader, *areas.set, last_day));
    FigureInputs in;
    in.choice = &measure.choice;
    in.counts = &measure.counts;
    in.set_key = areas.set_key;
    in.codes = &areas.codes;
    in.area = areas.RefOfAll();
    in.months = months;
    in.weights = &weights;
    in.population = population.label;
    for (const std::string& code : areas.codes) {
      const auto residents = population.residents.find(code);
      if (residents != population.residents.end()) in.residents += residents->second;
    }
    in.phi = DispersionOf(in, months);
    in.per_month = true;
    in.as_of = reader.as_of();
    *found.add_values() = FigureOf(in);
    found.mutable_values()->rbegin()->mutable_provenance()->clear_extracts();  // kept once, above
    statistics::PowerInput power;
    power.baseline = static_cast<double>(CrimesIn(in));
    power.exposure_ratio = kPeriodMonths / static_cast<double>(months.size());
    power.phi = in.phi;
    const auto fall = power.baseline > 0 ? statistics::DetectableFall(power)
                                         : statistics::Because(statistics::Undefined::kNoEvents);
    found.add_detectable_fall_percent(fall.has_value() ? *fall : 0);
  }
  return absl::OkStatus();
}

void AddExtracts(const std::vector<MeasureData>& measures, const Months& months,
                 v1::BaselineLocked& found) {
  std::map<std::pair<std::string, absl::CivilMonth>, v1::ExtractRef> extracts;
  for (const auto& measure : measures) {
    for (const absl::CivilMonth month : months) {
      for (auto& extract : measure.counts.extracts(month)) {
        extracts.emplace(std::pair(extract.dataset(), month), std::move(extract));
      }
    }
  }
  Sha256 digest;
  for (auto& [key, extract] : extracts) {
    digest.Update(extract.digest());
    *found.add_extracts() = std::move(extract);
  }
  found.set_digest(std::string(AsBytes(digest.Finish())));
}

// "crime 2016-04" for a month without data, "crime in X003" for an area without, "crime in X003
// 2016-04" for an area in one month.
void AddMissing(const MeasureData& measure, const Areas& areas, const Months& months,
                v1::LockBaseline& command) {
  const std::string& id = measure.choice.version.measure_id();
  Months there;
  for (const absl::CivilMonth month : months) {
    if (measure.counts.missing(month)) {
      command.add_missing_months(absl::StrCat(id, " ", FormatMonth(month)));
    } else {
      there.push_back(month);
    }
  }
  for (const std::string& code : areas.codes) {
    const std::vector<std::string> one = {code};
    std::vector<std::string> missing;
    for (const absl::CivilMonth month : there) {
      if (!measure.counts.missing(month, areas.set_key, &one)) continue;
      missing.push_back(absl::StrCat(id, " in ", code, " ", FormatMonth(month)));
    }
    if (!missing.empty() && missing.size() == there.size()) {
      missing = {absl::StrCat(id, " in ", code)};
    }
    for (std::string& text : missing) command.add_missing_months(std::move(text));
  }
}

absl::StatusOr<std::vector<MeasureData>> LoadMeasures(const std::vector<std::string>& ids,
                                                      const readmodel::Reader& reader) {
  std::vector<MeasureData> measures;
  for (const std::string& id : ids) {
    MeasureData data;
    ASSIGN_OR_RETURN(data.choice, ChooseMeasure(reader, id, ""));
    ASSIGN_OR_RETURN(data.counts, Counts::Load(reader, data.choice.definition));
    measures.push_back(std::move(data));
  }
  return measures;
}

// The months of a window; those of the pandemic only where they are kept.
Months MonthsOf(const v1::BaselineWindow& window, bool keep_covid) {
  Months months;
  for (absl::CivilMonth month = FromMonth(window.from()); month <= FromMonth(window.to());
       ++month) {
    if (keep_covid || !IsCovid(month)) months.push_back(month);
  }
  return months;
}

// One a month of every dataset; of the British Transport Police, whose file may be absent, those
// that are there.
std::size_t ExpectedExtracts(const v1::BaselineLocked& found, std::size_t months) {
  std::map<std::string, std::size_t> there;
  for (const auto& extract : found.extracts()) ++there[extract.dataset()];
  std::size_t expected = 0;
  for (const auto& [dataset, extracts] : there) {
    expected += dataset == "btp-street" ? extracts : months;
  }
  return expected;
}

absl::StatusOr<Found> Find(const v1::LockBaselineRequest& request,
                           const readmodel::Reader& reader) {
  Found out;
  ASSIGN_OR_RETURN(const auto mirror, reader.Get<MirrorPage>(request.site_id()));
  ASSIGN_OR_RETURN(const auto page, reader.Get<BaselinePage>(request.site_id()));
  ASSIGN_OR_RETURN(out.areas, AreasOf(request, mirror, reader));
  ASSIGN_OR_RETURN(const std::vector<std::string> ids, MeasuresOf(request, reader));
  ASSIGN_OR_RETURN(const std::vector<MeasureData> measures, LoadMeasures(ids, reader));
  v1::LockBaseline& command = out.command;
  command.set_site_id(request.site_id());
  v1::BaselineLocked& found = *command.mutable_found();
  found.set_site_id(request.site_id());
  *found.mutable_set() = *out.areas.set;
  *found.mutable_areas() = {out.areas.codes.begin(), out.areas.codes.end()};
  ASSIGN_OR_RETURN(*found.mutable_window(), WindowOf(request, mirror, measures.front().counts));

  out.months = MonthsOf(found.window(), request.keep_covid_months());
  if (out.months.empty()) {
    return InvalidFields({{"from", "months that are not all between March 2020 and July 2021"}});
  }
  if (std::ranges::any_of(out.months, IsCovid)) found.add_caveats(v1::Caveat::COVID_BASELINE);
  if (out.months.size() < kShortMonths) found.add_caveats(v1::Caveat::SHORT_BASELINE);
  if (page) {
    *found.mutable_comparators() = page->comparators().codes();
    *found.mutable_displacement_zone() = page->comparators().displacement_codes();
  }
  for (const auto& measure : measures) {
    *found.add_measures() = measure.choice.version;
    const std::string& agency = measure.choice.definition.agency();
    if (measure.counts.first()) command.add_agencies(agency.empty() ? "police" : agency);
    AddMissing(measure, out.areas, out.months, command);
  }
  AddExtracts(measures, out.months, found);
  const std::size_t expected = ExpectedExtracts(found, out.months.size());
  bool weights = true;
  RETURN_IF_ERROR(FindValues(reader, measures, out.areas, out.months, weights, found));
  FindGates(reader, measures, out.areas, out.months, expected, weights, found);
  RETURN_IF_ERROR(
      reader.Scan<DatasetList>("", "", 0, [&](std::string_view, const v1::DatasetRow& row) {
        if (row.no_data_held()) command.add_no_data_agencies(row.dataset().agency());
        return true;
      }));
  for (const auto& waiver : request.waive()) *found.add_waived() = waiver;
  return out;
}

const v1::BaselineRow::Locked* InForce(const v1::BaselineRow& row) {
  return row.locked().empty() ? nullptr : &*row.locked().rbegin();
}

// What the locked values would be with the data of today.
absl::Status AddCorrections(const readmodel::Reader& reader, const v1::BaselineLocked& locked,
                            v1::GetBaselineResponse& response) {
  v1::LockBaselineRequest again;
  again.set_site_id(locked.site_id());
  *again.mutable_from() = locked.window().from();
  *again.mutable_to() = locked.window().to();
  for (const auto& measure : locked.measures()) again.add_measures(measure.measure_id());
  *again.mutable_set() = locked.set();
  *again.mutable_areas() = locked.areas();
  again.set_keep_covid_months(std::ranges::find(locked.caveats(), v1::Caveat::COVID_BASELINE) !=
                              locked.caveats().end());
  ASSIGN_OR_RETURN(const Found now, Find(again, reader));
  std::map<std::string, std::string> digests;
  const auto key = [](const v1::ExtractRef& extract) {
    return MonthKey(extract.dataset(), extract.month());
  };
  for (const auto& extract : locked.extracts()) digests.emplace(key(extract), extract.digest());
  std::vector<v1::ExtractRef> changed;
  for (const auto& extract : now.command.found().extracts()) {
    const auto was = digests.find(key(extract));
    if (was == digests.end() || was->second != extract.digest()) changed.push_back(extract);
  }
  if (changed.empty()) return absl::OkStatus();
  for (int i = 0; i < locked.values_size() && i < now.command.found().values_size(); ++i) {
    auto& correction = *response.add_corrections();
    *correction.mutable_measure() = locked.measures(i);
    *correction.mutable_locked() = locked.values(i);
    *correction.mutable_now() = now.command.found().values(i);
    *correction.mutable_changed() = {changed.begin(), changed.end()};
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<type::v1::Receipt> LockBaseline(const v1::LockBaselineRequest& request,
                                               app::CallContext& call) {
  ASSIGN_OR_RETURN(Found found, Find(request, call.reader()));
  auto lock = std::make_unique<v1::LockBaseline>(std::move(found.command));
  if (!request.waive().empty()) lock->set_waived_by(call.principal().actor_ref());
  return call.Submit({std::move(lock), "lock"});
}

absl::StatusOr<v1::CheckBaselineResponse> CheckBaseline(const v1::CheckBaselineRequest& request,
                                                        const app::QueryContext& context) {
  ASSIGN_OR_RETURN(const Found found, Find(request.request(), context.reader()));
  v1::CheckBaselineResponse response;
  *response.mutable_found() = found.command.found();
  *response.mutable_missing_months() = found.command.missing_months();
  ASSIGN_OR_RETURN(const auto mirror,
                   context.reader().Get<MirrorPage>(request.request().site_id()));
  if (mirror) {
    for (const auto& agency : mirror->agencies()) {
      const bool has = std::ranges::find(found.command.agencies(), agency.agency()) !=
                           found.command.agencies().end() ||
                       std::ranges::find(found.command.no_data_agencies(), agency.agency()) !=
                           found.command.no_data_agencies().end() ||
                       agency.type() == type::v1::Agency::POLICE ||
                       agency.type() >= type::v1::Agency::VOLUNTARY;
      if (!has) response.add_agencies_without_measure(agency.agency());
    }
  }
  const bool gates = std::ranges::all_of(response.found().gates(), [&](const v1::GateResult& g) {
    return g.outcome() == v1::Gate::PASSED ||
           std::ranges::any_of(response.found().waived(),
                               [&](const v1::Waiver& w) { return w.gate() == g.gate(); });
  });
  response.set_would_lock(gates && response.missing_months().empty() &&
                          response.agencies_without_measure().empty() && found.months.size() >= 12);
  *response.mutable_as_of() = context.reader().as_of();
  return response;
}

absl::StatusOr<v1::GetBaselineResponse> GetBaseline(const v1::GetBaselineRequest& request,
                                                    const app::QueryContext& context) {
  const readmodel::Reader& reader = context.reader();
  ASSIGN_OR_RETURN(const auto row, reader.Get<BaselinePage>(request.site_id()));
  if (!row) {
    return ErrorWithReason(absl::StatusCode::kNotFound, "NOT_FOUND",
                           "This site has no baseline yet; lock one.");
  }
  v1::GetBaselineResponse response;
  if (row->has_comparators()) *response.mutable_comparators() = row->comparators();
  if (const auto* locked = InForce(*row)) {
    *response.mutable_baseline() = locked->baseline();
    *response.mutable_locked_at() = locked->locked_at();
    response.set_actor_ref(locked->actor());
    response.set_superseded(locked->superseded());
    RETURN_IF_ERROR(AddCorrections(reader, locked->baseline(), response));
  }
  *response.mutable_as_of() = reader.as_of();
  return response;
}

absl::StatusOr<v1::ListBaselinesResponse> ListBaselines(const v1::ListBaselinesRequest&,
                                                        const app::QueryContext& context) {
  v1::ListBaselinesResponse response;
  RETURN_IF_ERROR(context.reader().Scan<BaselinePage>(
      "", "", 0, [&](std::string_view, const v1::BaselineRow& row) {
        const auto* locked = InForce(row);
        if (locked == nullptr || locked->superseded()) return true;
        auto& entry = *response.add_baselines();
        entry.set_site_id(row.site_id());
        *entry.mutable_window() = locked->baseline().window();
        entry.set_retrospective(locked->baseline().retrospective());
        for (const auto& waiver : locked->baseline().waived()) entry.add_waived(waiver.gate());
        *entry.mutable_locked_at() = locked->locked_at();
        return true;
      }));
  *response.mutable_as_of() = context.reader().as_of();
  return response;
}

}  // namespace holdfast::metrics
