// From counts to a figure: value, interval, counts, and what must be said beside them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/metrics/v1/figure.pb.h"

#include "absl/time/civil_time.h"
#include "metrics/queries/counts.h"
#include "metrics/queries/in_force.h"
#include "statistics/outcome.h"
#include "statistics/severity.h"

namespace holdfast::metrics {

// What a figure is made of. Everything is borrowed for the call.
struct FigureInputs {
  const MeasureChoice* choice = nullptr;
  const Counts* counts = nullptr;
  std::string set_key;
  const std::vector<std::string>* codes = nullptr;  // null: every crime, wherever it lies
  v1::AreaRef area;
  std::vector<absl::CivilMonth> months;
  const WeightsInForce* weights = nullptr;  // of a severity measure
  double residents = 0;                     // 0: none are loaded
  std::string population;                   // which ones
  double phi = 1;
  // The value is given per month (a mean), not for all months together.
  bool per_month = false;
  type::v1::AsOf as_of;

  // How complete the areas' data is in a month.
  v1::Completeness::Code completeness(absl::CivilMonth month) const {
    return counts->completeness(month, set_key, codes);
  }
  // Whether a month is missing, or one of the areas in it.
  bool missing() const;
};

// Undefined where a month is missing, an area lies outside the data or a category has no weight;
// never a guess.
v1::Figure FigureOf(const FigureInputs& inputs);

// Whether the heaviest offences make the value: two lines beside it.
void AddSensitivity(const statistics::SeveritySensitivity& lines, v1::Value& value);
void AddSensitivity(const statistics::RatioSensitivity& lines, v1::Value& value);

// Everything that the figure is computed from, in bytes: the measure and its version, the areas,
// the months, the counts, the weights and their set, the exposure. Two figures of other inputs have
// other bytes.
std::string CanonicalOf(std::string_view method, const FigureInputs& inputs);

// Crimes of the basket.
std::int64_t CrimesIn(const FigureInputs& inputs);

v1::Undefined UndefinedOf(statistics::Undefined reason);
// Method, code version, position; the digest over `canonical`.
v1::Provenance ProvenanceOf(std::string_view method, std::string_view canonical,
                            const type::v1::AsOf& as_of);
type::v1::Period PeriodOf(const std::vector<absl::CivilMonth>& months);

// phi of the complete months of a series of crimes; 1 where there are too few to say.
double DispersionOf(const FigureInputs& of, const std::vector<absl::CivilMonth>& months);

}  // namespace holdfast::metrics
