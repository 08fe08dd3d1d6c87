// A measure by month; its control chart; its change.

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "metrics/queries/figures.h"
#include "metrics/queries/queries.h"
#include "metrics/views/site_views.h"
#include "statistics/dispersion.h"
#include "statistics/rate_ratio.h"
#include "statistics/severity.h"
#include "statistics/spc.h"

namespace holdfast::metrics {
namespace {

using Months = std::vector<absl::CivilMonth>;

const type::v1::Month* OrNull(bool has, const type::v1::Month& month) {
  return has ? &month : nullptr;
}

// All that the three have in common.
struct Asked {
  MeasureChoice choice;
  Areas areas;
  Counts counts;

  const std::vector<std::string>* codes() const {
    return areas.everything ? nullptr : &areas.codes;
  }
};

template <class Request>
absl::StatusOr<Asked> Read(const Request& request, const readmodel::Reader& reader) {
  Asked asked;
  ASSIGN_OR_RETURN(asked.choice, ChooseMeasure(reader, request.measure(), request.category()));
  ASSIGN_OR_RETURN(asked.areas, ChooseAreas(reader, request.areas()));
  ASSIGN_OR_RETURN(asked.counts, Counts::Load(reader, asked.choice.definition));
  return asked;
}

absl::CivilDay LastDayOf(absl::CivilMonth month) {
  return absl::CivilDay(month + 1) - 1;
}

// The residents of the chosen areas together, and the set that says so; 0 where any area has none.
struct Exposure {
  std::string population;
  double residents = 0;
};

absl::StatusOr<Exposure> ExposureOn(const readmodel::Reader& reader, const Asked& asked,
                                    const std::vector<std::string>* codes, absl::CivilDay day) {
  Exposure exposure;
  if (!asked.areas.set) return exposure;
  ASSIGN_OR_RETURN(const PopulationInForce population, PopulationOn(reader, *asked.areas.set, day));
  for (const std::string& code : codes == nullptr ? asked.areas.all : *codes) {
    const auto residents = population.residents.find(code);
    if (residents == population.residents.end()) return Exposure();
    exposure.residents += residents->second;
  }
  exposure.population = population.label;
  return exposure;
}

// One kind of exposure for a whole series: per resident in every month, or in none. Rates beside
// bare sums would draw a change that never was.
absl::StatusOr<std::vector<Exposure>> ExposuresOf(const readmodel::Reader& reader,
                                                  const Asked& asked,
                                                  const std::vector<std::string>* codes,
                                                  const Months& months) {
  std::vector<Exposure> exposures;
  for (const absl::CivilMonth month : months) {
    ASSIGN_OR_RETURN(Exposure exposure, ExposureOn(reader, asked, codes, LastDayOf(month)));
    exposures.push_back(std::move(exposure));
  }
  if (std::ranges::any_of(exposures, [](const Exposure& one) { return one.residents <= 0; })) {
    exposures.assign(exposures.size(), Exposure());
  }
  return exposures;
}

absl::StatusOr<v1::Series> OneSeries(const readmodel::Reader& reader, const Asked& asked,
                                     const std::vector<std::string>* codes, v1::AreaRef ref,
                                     const Months& months) {
  v1::Series series;
  *series.mutable_area() = ref;
  FigureInputs in;
  in.choice = &asked.choice;
  in.counts = &asked.counts;
  in.set_key = asked.areas.set_key;
  in.codes = codes;
  in.area = std::move(ref);
  in.as_of = reader.as_of();
  in.phi = DispersionOf(in, months);
  ASSIGN_OR_RETURN(const std::vector<Exposure> exposures,
                   ExposuresOf(reader, asked, codes, months));
  auto exposure = exposures.begin();
  for (const absl::CivilMonth month : months) {
    in.months = {month};
    const absl::CivilDay last_day = LastDayOf(month);
    WeightsInForce weights;
    if (asked.choice.definition.unit() == v1::Measure::SEVERITY) {
      ASSIGN_OR_RETURN(weights, WeightsOn(reader, asked.choice.definition.weight_set(), last_day));
    }
    in.weights = &weights;
    in.population = exposure->population;
    in.residents = exposure->residents;
    ++exposure;
    v1::SeriesPoint& point = *series.add_points();
    *point.mutable_month() = ToMonth(month);
    point.set_completeness(in.completeness(month));
    if (!in.missing()) {
      point.set_count(static_cast<std::uint64_t>(CrimesIn(in)));
    }
    *point.mutable_figure() = FigureOf(in);
  }
  return series;
}

double ValueOf(const v1::SeriesPoint& point) {
  return point.figure().has_value() ? point.figure().value().estimate()
                                    : std::numeric_limits<double>::quiet_NaN();
}

absl::Status ReadMarks(const readmodel::Reader& reader, const std::string& site,
                       v1::GetControlChartResponse& response) {
  if (site.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto marks, reader.Get<SeriesMarksPage>(site));
  if (!marks) return absl::OkStatus();
  *response.mutable_phases() = marks->phases();
  *response.mutable_breaks() = marks->breaks();
  return absl::OkStatus();
}

// The points on which the limits rest: [first, end).
absl::StatusOr<std::pair<std::size_t, std::size_t>> FrozenPoints(
    const v1::GetControlChartRequest& request, const Months& months,
    std::span<const double> values) {
  if (request.has_freeze_from() || request.has_freeze_to()) {
    const absl::CivilMonth from =
        request.has_freeze_from() ? FromMonth(request.freeze_from()) : months.front();
    const absl::CivilMonth to =
        request.has_freeze_to() ? FromMonth(request.freeze_to()) : months.back();
    if (from < months.front() || to > months.back() || to < from) {
      return InvalidFields({{"freeze_from", "months of the series, in order"}});
    }
    return std::pair(static_cast<std::size_t>(from - months.front()),
                     static_cast<std::size_t>(to - months.front()) + 1);
  }
  std::size_t seen = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isnan(values[i]) && ++seen == statistics::kPointsToFreeze) {
      return std::pair(std::size_t{0}, i + 1);
    }
  }
  return std::pair(std::size_t{0}, values.size());
}

void PaintRules(std::span<const double> values, const statistics::XmrLimits& limits,
                v1::GetControlChartResponse& response) {
  statistics::SpcLines lines;
  lines.mean = limits.mean;
  lines.lower = limits.lower;
  lines.upper = limits.upper;
  for (const statistics::SpcRule rule : statistics::kSpcRules) {
    const auto members = statistics::SpcMembers(rule, values, lines);
    if (!members.has_value()) continue;
    for (std::size_t i = 0; i < members->size(); ++i) {
      if ((*members)[i]) {
        response.mutable_points(static_cast<int>(i))
            ->add_rules(std::string(statistics::Name(rule)));
      }
    }
  }
}

// Two spans of months of some areas, side by side.
struct Side {
  FigureInputs in;
  std::int64_t crimes = 0;
  double exposure = 0;   // area-days, or thousand resident-days
  bool missing = false;  // a month of it, or an area in a month
};

Side SideOf(const Asked& asked, const Areas& areas, const WeightsInForce& weights, Months months) {
  Side side;
  side.in.choice = &asked.choice;
  side.in.counts = &asked.counts;
  side.in.set_key = areas.set_key;
  side.in.codes = areas.everything ? nullptr : &areas.codes;
  side.in.area = areas.RefOfAll();
  side.in.months = std::move(months);
  side.in.weights = &weights;
  for (const absl::CivilMonth month : side.in.months) {
    side.exposure += asked.counts.days(month);
  }
  side.exposure *= areas.everything ? 1 : static_cast<double>(areas.codes.size());
  side.missing = side.in.missing();
  if (!side.missing) side.crimes = CrimesIn(side.in);
  return side;
}

void SetRatio(v1::Figure& figure, const statistics::RateRatio& ratio, double scale, double shift,
              const Side& now, const Side& then) {
  v1::Value& value = *figure.mutable_value();
  value.set_estimate(scale * ratio.ratio + shift);
  value.set_lower(scale * ratio.exact.lower + shift);
  if (ratio.exact.upper) {
    value.set_upper(scale * *ratio.exact.upper + shift);
  } else {
    figure.add_caveats(v1::Caveat::UNBOUNDED);
  }
  value.set_level(0.95);
  value.set_interval_method("clopper_pearson");
  value.set_numerator(static_cast<double>(now.crimes));
  value.set_denominator(now.exposure);
  value.mutable_comparison()->set_numerator(static_cast<double>(then.crimes));
  value.mutable_comparison()->set_denominator(then.exposure);
  value.set_p(ratio.p);
  value.set_phi(1);
}

void CompareSeverity(const Side& now, const Side& then, v1::Figure& figure) {
  const auto offences_of = [](const Side& side) {
    std::vector<statistics::WeightedCount> offences;
    for (const std::string& category : side.in.choice->definition.basket()) {
      statistics::WeightedCount offence;
      for (const absl::CivilMonth month : side.in.months) {
        offence.count += side.in.counts->count(month, side.in.set_key, side.in.codes, category);
      }
      const auto weight = side.in.weights->weights.find(category);
      if (weight != side.in.weights->weights.end()) offence.weight = weight->second;
      offences.push_back(offence);
    }
    return offences;
  };
  const auto offences_now = offences_of(now);
  const auto offences_then = offences_of(then);
  statistics::SeverityInput after;
  after.offences = offences_now;
  after.population = now.exposure;
  statistics::SeverityInput before;
  before.offences = offences_then;
  before.population = then.exposure;
  const auto change = statistics::SeverityRatio(before, after);
  if (!change.has_value()) {
    *figure.mutable_undefined() = UndefinedOf(change.error());
    return;
  }
  v1::Value& value = *figure.mutable_value();
  value.set_estimate(change->ratio);
  value.set_lower(change->interval.lower);
  value.set_upper(change->interval.upper);
  value.set_level(0.95);
  value.set_interval_method("delta_log");
  value.set_unit("ratio");
  value.set_numerator(change->weighted1);
  value.set_denominator(now.exposure);
  value.mutable_comparison()->set_numerator(change->weighted0);
  value.mutable_comparison()->set_denominator(then.exposure);
  const auto lines = statistics::SensitivityOfRatio(before, after);
  if (lines.has_value()) AddSensitivity(*lines, value);
  figure.add_caveats(v1::Caveat::APPROXIMATE);
}

// A whole month without data says more than an area outside of it.
v1::Undefined::Reason WhyMissing(const Side& now, const Side& then) {
  for (const Side* side : {&now, &then}) {
    for (const absl::CivilMonth month : side->in.months) {
      if (side->in.counts->missing(month)) return v1::Undefined::MISSING_PERIOD;
    }
  }
  return v1::Undefined::INCOMPLETE_POPULATION;
}

bool IsSeverity(const Side& side) {
  return side.in.choice->definition.unit() == v1::Measure::SEVERITY;
}

// What the figures of a change have in common.
void Describe(const Side& now, const Side& then, std::string_view method,
              const std::string& canonical, const type::v1::AsOf& as_of, v1::Figure& figure) {
  *figure.mutable_measure() = now.in.choice->version;
  *figure.mutable_area() = now.in.area;
  *figure.mutable_period() = PeriodOf(now.in.months);
  v1::Provenance& provenance = *figure.mutable_provenance();
  provenance = ProvenanceOf(method, canonical, as_of);
  if (IsSeverity(now)) provenance.set_weight_set(now.in.weights->label);
  provenance.set_exposure_version("area-days");
  for (const Side* side : {&now, &then}) {
    for (const absl::CivilMonth month : side->in.months) {
      for (auto& extract : side->in.counts->extracts(month)) {
        *provenance.add_extracts() = std::move(extract);
      }
    }
  }
}

// No bare percentage on a small count.
void CompareRates(const Side& now, const Side& then, const std::string& label,
                  v1::Figure& rate_ratio, v1::Figure& percent_change) {
  statistics::RatioInput input;
  input.counts = {now.crimes, now.exposure, then.crimes, then.exposure};
  const auto ratio = statistics::ConditionalRateRatio(input);
  if (!ratio.has_value()) {
    *rate_ratio.mutable_undefined() = UndefinedOf(ratio.error());
    *percent_change.mutable_undefined() = UndefinedOf(ratio.error());
    return;
  }
  SetRatio(rate_ratio, *ratio, 1, 0, now, then);
  rate_ratio.mutable_value()->set_unit("ratio");
  rate_ratio.mutable_value()->mutable_comparison()->set_label(label);
  if (then.crimes < statistics::kBoardBaseline) {
    percent_change.mutable_undefined()->set_reason(v1::Undefined::BASELINE_TOO_SMALL);
    return;
  }
  SetRatio(percent_change, *ratio, 100, -100, now, then);
  percent_change.mutable_value()->set_unit("%");
  percent_change.mutable_value()->mutable_comparison()->set_label(label);
}

v1::CompareAreasResponse::Change ChangeOf(const Side& now, const Side& then,
                                          const std::string& label, const type::v1::AsOf& as_of) {
  v1::CompareAreasResponse::Change change;
  change.set_label(label);
  if (!now.missing) change.set_count(static_cast<std::uint64_t>(now.crimes));
  if (!then.missing) change.set_comparison_count(static_cast<std::uint64_t>(then.crimes));
  change.set_days(now.exposure);
  change.set_comparison_days(then.exposure);
  const std::string_view method = IsSeverity(now) ? "css_ratio@1" : "rate_ratio.conditional@1";
  const std::string canonical = CanonicalOf(method, now.in) + CanonicalOf(method, then.in);
  v1::Figure& rate_ratio = *change.mutable_rate_ratio();
  v1::Figure& percent_change = *change.mutable_percent_change();
  for (v1::Figure* figure : {&rate_ratio, &percent_change}) {
    Describe(now, then, method, canonical, as_of, *figure);
    if (now.missing || then.missing) {
      figure->mutable_undefined()->set_reason(WhyMissing(now, then));
    }
  }
  if (now.missing || then.missing) return change;
  if (IsSeverity(now)) {
    CompareSeverity(now, then, rate_ratio);
    percent_change.mutable_undefined()->set_reason(v1::Undefined::NOT_ESTIMABLE);
    return change;
  }
  CompareRates(now, then, label, rate_ratio, percent_change);
  return change;
}

Months Shifted(const Months& months, int by) {
  Months out;
  for (const absl::CivilMonth month : months) out.push_back(month + by);
  return out;
}

}  // namespace

absl::StatusOr<v1::GetSeriesResponse> GetSeries(const v1::GetSeriesRequest& request,
                                                const app::QueryContext& context) {
  const readmodel::Reader& reader = context.reader();
  ASSIGN_OR_RETURN(const Asked asked, Read(request, reader));
  ASSIGN_OR_RETURN(const Months months,
                   ChooseMonths(asked.counts, OrNull(request.has_from(), request.from()),
                                OrNull(request.has_to(), request.to())));
  v1::GetSeriesResponse response;
  *response.mutable_measure() = asked.choice.version;
  *response.mutable_definition() = asked.choice.definition;
  if (request.each()) {
    for (const std::string& code : asked.areas.codes) {
      const std::vector<std::string> one = {code};
      ASSIGN_OR_RETURN(*response.add_series(),
                       OneSeries(reader, asked, &one, asked.areas.Ref(code), months));
    }
  } else {
    ASSIGN_OR_RETURN(*response.add_series(),
                     OneSeries(reader, asked, asked.codes(), asked.areas.RefOfAll(), months));
  }
  for (const absl::CivilMonth month : months) {
    if (asked.counts.missing(month)) *response.add_months_without_data() = ToMonth(month);
  }
  *response.mutable_as_of() = reader.as_of();
  return response;
}

absl::StatusOr<v1::GetControlChartResponse> GetControlChart(
    const v1::GetControlChartRequest& request, const app::QueryContext& context) {
  const readmodel::Reader& reader = context.reader();
  ASSIGN_OR_RETURN(const Asked asked, Read(request, reader));
  ASSIGN_OR_RETURN(const Months months,
                   ChooseMonths(asked.counts, OrNull(request.has_from(), request.from()),
                                OrNull(request.has_to(), request.to())));
  v1::GetControlChartResponse response;
  *response.mutable_area() = asked.areas.RefOfAll();
  response.set_method("spc.xmr@1");
  response.set_rule_set(std::string(statistics::kSpcRuleSet));
  RETURN_IF_ERROR(ReadMarks(reader, request.site_id(), response));
  *response.mutable_as_of() = reader.as_of();
  if (months.empty()) {
    response.mutable_undefined()->set_reason(v1::Undefined::SERIES_TOO_SHORT);
    return response;
  }
  ASSIGN_OR_RETURN(const v1::Series series,
                   OneSeries(reader, asked, asked.codes(), asked.areas.RefOfAll(), months));
  std::vector<double> values;
  std::string canonical = "spc.xmr@1";
  for (const auto& point : series.points()) {
    values.push_back(ValueOf(point));
    canonical += point.figure().provenance().inputs_digest();
    v1::ControlPoint& shown = *response.add_points();
    *shown.mutable_month() = point.month();
    shown.set_completeness(point.completeness());
    if (!std::isnan(values.back())) shown.set_value(values.back());
  }
  ASSIGN_OR_RETURN(const auto frozen, FrozenPoints(request, months, values));
  absl::StrAppend(&canonical, " ", frozen.first, " ", frozen.second);
  statistics::XmrOptions options;
  options.screen_ranges = true;
  if (asked.choice.definition.unit() == v1::Measure::SEVERITY) options.poisson_below_mean = 0;
  const auto limits = statistics::XmrLimitsOf(
      std::span(values).subspan(frozen.first, frozen.second - frozen.first), options);
  *response.mutable_provenance() = ProvenanceOf("spc.xmr@1", canonical, reader.as_of());
  if (!limits.has_value()) {
    *response.mutable_undefined() = UndefinedOf(limits.error());
    return response;
  }
  response.set_mean(limits->mean);
  response.set_lower(std::max(0.0, limits->lower));
  response.set_upper(limits->upper);
  response.set_range_limit(limits->moving_range_limit);
  PaintRules(values, *limits, response);
  return response;
}

absl::StatusOr<v1::CompareAreasResponse> CompareAreas(const v1::CompareAreasRequest& request,
                                                      const app::QueryContext& context) {
  const readmodel::Reader& reader = context.reader();
  ASSIGN_OR_RETURN(const Asked asked, Read(request, reader));
  ASSIGN_OR_RETURN(const Months months, ChooseMonths(asked.counts, &request.from(), &request.to()));
  if (months.empty()) return InvalidFields({{"to", "not before the first month"}});
  WeightsInForce weights;
  if (asked.choice.definition.unit() == v1::Measure::SEVERITY) {
    ASSIGN_OR_RETURN(weights, WeightsOn(reader, asked.choice.definition.weight_set(),
                                        absl::CivilDay(months.back() + 1) - 1));
  }
  const Side now = SideOf(asked, asked.areas, weights, months);
  v1::CompareAreasResponse response;
  const type::v1::AsOf as_of = reader.as_of();
  const auto add = [&](const Areas& areas, Months then, const std::string& label) {
    *response.add_changes() =
        ChangeOf(now, SideOf(asked, areas, weights, std::move(then)), label, as_of);
  };
  if (request.has_comparison_from() || request.has_comparison_to()) {
    ASSIGN_OR_RETURN(const Months then, ChooseMonths(asked.counts, &request.comparison_from(),
                                                     &request.comparison_to()));
    add(asked.areas, then, "the months named");
  } else if (request.has_comparison()) {
    ASSIGN_OR_RETURN(const Areas other, ChooseAreas(reader, request.comparison()));
    add(other, months, "the same months, other areas");
  } else {
    add(asked.areas, Shifted(months, -12), "the same months a year before");
    add(asked.areas, Shifted(months, -static_cast<int>(months.size())), "the months before");
  }
  *response.mutable_as_of() = as_of;
  return response;
}

}  // namespace holdfast::metrics
