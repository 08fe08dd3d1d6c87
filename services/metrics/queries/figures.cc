#include "metrics/queries/figures.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "absl/strings/str_cat.h"
#include "base/civil_time.h"
#include "base/hash.h"
#include "statistics/dispersion.h"
#include "statistics/intervals.h"

namespace holdfast::metrics {
namespace {

constexpr double kLevel = 0.95;
constexpr double kPerResidents = 1000;

std::int64_t CountOf(const FigureInputs& in, std::string_view category) {
  std::int64_t sum = 0;
  for (const absl::CivilMonth month : in.months) {
    sum += in.counts->count(month, in.set_key, in.codes, category);
  }
  return sum;
}

int DaysOf(const FigureInputs& in) {
  int days = 0;
  for (const absl::CivilMonth month : in.months) days += in.counts->days(month);
  return days;
}

// The same inputs give the same bytes: doubles by their bits.
void Append(std::string& canonical, std::string_view text) {
  canonical.append(text);
  canonical.push_back('\0');
}
void Append(std::string& canonical, double number) {
  std::uint64_t bits = 0;
  static_assert(sizeof bits == sizeof number);
  std::copy_n(reinterpret_cast<const char*>(&number), sizeof bits, reinterpret_cast<char*>(&bits));
  AppendBigEndian64(canonical, bits);
}

struct Exposed {
  double denominator = 1;  // by which the value is divided
  std::string unit;
};

// Residents in thousands, or the areas themselves.
Exposed ExposureOf(const FigureInputs& in, std::string_view what) {
  const std::string time = in.per_month ? "/month" : "";
  if (in.residents > 0) {
    return {in.residents / kPerResidents, absl::StrCat(std::string(what), "/1000 residents", time)};
  }
  return {1, absl::StrCat(std::string(what), time)};
}

void SetValue(v1::Figure& figure, double estimate, const statistics::Interval& interval,
              std::string_view method) {
  v1::Value& value = *figure.mutable_value();
  value.set_estimate(estimate);
  value.set_lower(interval.lower);
  value.set_upper(interval.upper);
  value.set_level(kLevel);
  value.set_interval_method(std::string(method));
}

// A count is shown as a count: with residents its rate stands in the ranks and comparisons.
void CountValue(const FigureInputs& in, v1::Figure& figure) {
  const std::int64_t crimes = CrimesIn(in);
  const double months = in.per_month ? static_cast<double>(in.months.size()) : 1;
  const bool over = in.phi > statistics::kOverDispersed;
  const auto method =
      crimes < 10 && !over ? statistics::PoissonMethod::kGarwood : statistics::PoissonMethod::kByar;
  const auto interval = over ? statistics::ScaledPoissonInterval(method, crimes, in.phi, kLevel)
                             : statistics::PoissonInterval(method, crimes, kLevel);
  if (!interval.has_value()) {
    *figure.mutable_undefined() = UndefinedOf(interval.error());
    return;
  }
  SetValue(figure, static_cast<double>(crimes) / months,
           {interval->lower / months, interval->upper / months}, statistics::Name(method));
  v1::Value& value = *figure.mutable_value();
  const std::string& agency = in.choice->definition.agency();
  const std::string what = agency.empty() || agency == "police" ? "crimes" : "counts";
  value.set_unit(in.per_month ? what + "/month" : what);
  value.set_numerator(static_cast<double>(crimes));
  value.set_denominator(static_cast<double>(DaysOf(in)));
  value.set_phi(in.phi);
}

template <class Score, class EstimateOf, class IntervalOf>
void AddLine(v1::SensitivityLine::Kind kind, const statistics::Result<Score>& score,
             EstimateOf estimate_of, IntervalOf interval_of, v1::Value& value) {
  v1::SensitivityLine& line = *value.add_sensitivity();
  line.set_kind(kind);
  line.set_cap(statistics::kSeverityCap);
  if (!score.has_value()) {
    *line.mutable_undefined() = UndefinedOf(score.error());
    return;
  }
  line.set_estimate(estimate_of(*score));
  line.set_lower(interval_of(*score).lower);
  line.set_upper(interval_of(*score).upper);
}

void SeverityValue(const FigureInputs& in, v1::Figure& figure) {
  std::vector<statistics::WeightedCount> offences;
  for (const std::string& category : in.choice->definition.basket()) {
    statistics::WeightedCount offence;
    offence.count = CountOf(in, category);
    const auto weight = in.weights->weights.find(category);
    if (weight != in.weights->weights.end()) offence.weight = weight->second;
    offences.push_back(offence);
  }
  const double months = in.per_month ? static_cast<double>(in.months.size()) : 1;
  const Exposed exposed = ExposureOf(in, "weighted crimes");
  statistics::SeverityInput input;
  input.offences = offences;
  input.population = exposed.denominator * months;
  input.level = kLevel;
  input.phi = in.phi;
  const auto score = statistics::Severity(input);
  if (!score.has_value()) {
    *figure.mutable_undefined() = UndefinedOf(score.error());
    return;
  }
  SetValue(figure, score->score, score->interval(),
           score->method == statistics::SeverityMethod::kDobson ? "dobson" : "fay_feuer");
  v1::Value& value = *figure.mutable_value();
  value.set_unit(exposed.unit);
  value.set_numerator(score->score * input.population);
  value.set_denominator(input.population);
  value.set_n_eff(score->n_eff);
  value.set_phi(in.phi);
  const auto lines = statistics::Sensitivity(input);
  if (lines.has_value()) AddSensitivity(*lines, value);
}

void AddCaveats(const FigureInputs& in, bool severity, v1::Figure& figure) {
  if (in.residents <= 0) figure.add_caveats(v1::Caveat::NO_POPULATION);
  if (severity) {
    figure.add_caveats(v1::Caveat::APPROXIMATE);
    figure.add_caveats(v1::Caveat::ASB_NOT_WEIGHTED);
    if (in.weights->unverified) figure.add_caveats(v1::Caveat::UNVERIFIED_WEIGHTS);
  }
  const bool partial = std::ranges::any_of(in.months, [&](absl::CivilMonth month) {
    return in.completeness(month) == v1::Completeness::PARTIAL;
  });
  if (partial) figure.add_caveats(v1::Caveat::PARTIAL_MONTH);
  if (figure.has_value() && figure.value().numerator() > 0 && figure.value().numerator() < 10 &&
      !severity) {
    figure.add_caveats(v1::Caveat::SMALL_COUNTS);
  }
}

// A: complete, checked, per resident · B: less than that · C: part of a month · D: a month is
// missing.
std::string GradeOf(const v1::Figure& figure) {
  if (figure.has_undefined()) return "D";
  const auto has = [&](v1::Caveat::Code code) {
    return std::ranges::find(figure.caveats(), code) != figure.caveats().end();
  };
  if (has(v1::Caveat::PARTIAL_MONTH)) return "C";
  return has(v1::Caveat::APPROXIMATE) || has(v1::Caveat::NO_POPULATION) ? "B" : "A";
}

}  // namespace

bool FigureInputs::missing() const {
  return std::ranges::any_of(months, [&](absl::CivilMonth month) {
    return completeness(month) == v1::Completeness::MISSING;
  });
}

std::int64_t CrimesIn(const FigureInputs& in) {
  std::int64_t sum = 0;
  for (const std::string& category : in.choice->definition.basket()) sum += CountOf(in, category);
  return sum;
}

void AddSensitivity(const statistics::SeveritySensitivity& lines, v1::Value& value) {
  const auto estimate = [](const statistics::SeverityScore& score) { return score.score; };
  const auto interval = [](const statistics::SeverityScore& score) { return score.interval(); };
  AddLine(v1::SensitivityLine::WEIGHTS_CAPPED, lines.capped, estimate, interval, value);
  AddLine(v1::SensitivityLine::HEAVIEST_LEFT_OUT, lines.without_heaviest, estimate, interval,
          value);
}

void AddSensitivity(const statistics::RatioSensitivity& lines, v1::Value& value) {
  const auto estimate = [](const statistics::SeverityChange& change) { return change.ratio; };
  const auto interval = [](const statistics::SeverityChange& change) { return change.interval; };
  AddLine(v1::SensitivityLine::WEIGHTS_CAPPED, lines.capped, estimate, interval, value);
  AddLine(v1::SensitivityLine::HEAVIEST_LEFT_OUT, lines.without_heaviest, estimate, interval,
          value);
}

std::string CanonicalOf(std::string_view method, const FigureInputs& in) {
  std::string canonical;
  Append(canonical, method);
  Append(canonical, in.choice->version.measure_id());
  Append(canonical, in.choice->version.version());
  Append(canonical, in.set_key);
  Append(canonical, in.codes == nullptr ? "every area" : "areas");
  if (in.codes != nullptr) {
    Append(canonical, static_cast<double>(in.codes->size()));
    for (const std::string& code : *in.codes) Append(canonical, code);
  }
  Append(canonical, static_cast<double>(in.months.size()));
  for (const absl::CivilMonth month : in.months) {
    Append(canonical, FormatMonth(month));
    Append(canonical, in.counts->days(month));
    Append(canonical, in.completeness(month));
  }
  const bool severity = in.choice->definition.unit() == v1::Measure::SEVERITY;
  if (severity) Append(canonical, in.weights->label);
  for (const std::string& category : in.choice->definition.basket()) {
    Append(canonical, category);
    Append(canonical, static_cast<double>(CountOf(in, category)));
    if (!severity) continue;
    const auto weight = in.weights->weights.find(category);
    Append(canonical, weight == in.weights->weights.end() ? -1 : weight->second);
  }
  Append(canonical, in.residents > 0 ? in.population : "area-days");
  Append(canonical, in.residents);
  Append(canonical, in.phi);
  Append(canonical, in.per_month ? "per month" : "in all");
  return canonical;
}

v1::Undefined UndefinedOf(statistics::Undefined reason) {
  v1::Undefined undefined;
  undefined.set_reason(static_cast<v1::Undefined::Reason>(reason));
  return undefined;
}

v1::Provenance ProvenanceOf(std::string_view method, std::string_view canonical,
                            const type::v1::AsOf& as_of) {
  v1::Provenance provenance;
  provenance.set_method(std::string(method));
  provenance.set_inputs_digest(std::string(AsBytes(Sha256Of(canonical))));
  provenance.set_code_version(HOLDFAST_VERSION);
  if (!as_of.contexts().empty()) {
    *provenance.mutable_position() = as_of.contexts(0).position();
    *provenance.mutable_as_of() = as_of.contexts(0).recorded_at();
  }
  return provenance;
}

type::v1::Period PeriodOf(const std::vector<absl::CivilMonth>& months) {
  type::v1::Period period;
  if (months.empty()) return period;
  *period.mutable_from() = ToDay(absl::CivilDay(months.front()));
  *period.mutable_to() = ToDay(absl::CivilDay(months.back() + 1));
  return period;
}

v1::Figure FigureOf(const FigureInputs& in) {
  const bool severity = in.choice->definition.unit() == v1::Measure::SEVERITY;
  v1::Figure figure;
  *figure.mutable_measure() = in.choice->version;
  *figure.mutable_area() = in.area;
  *figure.mutable_period() = PeriodOf(in.months);
  const std::string_view method = severity ? "css@1" : "poisson_ci@1";
  const bool missing =
      in.months.empty() || std::ranges::any_of(in.months, [&](absl::CivilMonth month) {
        return in.counts->missing(month);
      });
  if (missing) {
    figure.mutable_undefined()->set_reason(v1::Undefined::MISSING_PERIOD);
  } else if (in.missing()) {
    figure.mutable_undefined()->set_reason(v1::Undefined::INCOMPLETE_POPULATION);
  } else if (severity && in.weights->label.empty()) {
    figure.mutable_undefined()->set_reason(v1::Undefined::MISSING_WEIGHTS);
  } else if (severity) {
    SeverityValue(in, figure);
  } else {
    CountValue(in, figure);
  }
  *figure.mutable_provenance() = ProvenanceOf(method, CanonicalOf(method, in), in.as_of);
  v1::Provenance& provenance = *figure.mutable_provenance();
  for (const absl::CivilMonth month : in.months) {
    for (auto& extract : in.counts->extracts(month)) {
      *provenance.add_extracts() = std::move(extract);
    }
  }
  if (severity) provenance.set_weight_set(in.weights->label);
  provenance.set_exposure_version(in.residents > 0 ? in.population : "area-days");
  AddCaveats(in, severity, figure);
  provenance.set_quality_grade(GradeOf(figure));
  return figure;
}

double DispersionOf(const FigureInputs& of, const std::vector<absl::CivilMonth>& months) {
  std::vector<double> values;
  FigureInputs month_of = of;
  for (const absl::CivilMonth month : months) {
    month_of.months = {month};
    values.push_back(month_of.completeness(month) == v1::Completeness::COMPLETE
                         ? static_cast<double>(CrimesIn(month_of))
                         : std::numeric_limits<double>::quiet_NaN());
  }
  if (values.empty()) return 1;
  const auto phi = statistics::DispersionOfMonths(values, months.front().month());
  return phi.has_value() ? *phi : 1;
}

}  // namespace holdfast::metrics
