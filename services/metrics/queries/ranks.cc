// Every area of a set by a measure in a half-year, and what its rank is worth.

#include "statistics/ranks.h"

#include <algorithm>
#include <cstdint>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/civil_time.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/status_macros.h"
#include "metrics/queries/figures.h"
#include "metrics/queries/queries.h"
#include "metrics/queries/rank_memory.h"
#include "metrics/views/set_tally.h"
#include "metrics/views/site_views.h"
#include "statistics/philox.h"
#include "tl/expected.hpp"

namespace holdfast::metrics {
namespace {

using Months = std::vector<absl::CivilMonth>;

constexpr double kPerResidents = 1000;

Months MonthsOf(HalfYear half) {
  Months months;
  for (absl::CivilMonth month = half.First(); month < half.End(); ++month) months.push_back(month);
  return months;
}

std::string PeriodId(const std::string& measure, const std::string& period,
                     const type::v1::AreaSet& set) {
  return absl::StrCat(measure, ".", period, ".", set.kind(), ".", set.vintage());
}

struct RankInputs {
  bool severity = false;
  std::vector<std::string> categories;
  std::vector<double> weights;
  std::vector<std::optional<std::int64_t>> counts;  // [areas x categories]
  std::vector<double> exposures;

  // The same inputs give the same seed, on every machine.
  Hash Digest(const std::vector<std::string>& codes) const {
    std::string canonical = severity ? "rank.severity@1" : "rank.rates@1";
    for (const auto& code : codes) canonical.append(code).push_back('\0');
    for (const auto& category : categories) canonical.append(category).push_back('\0');
    const auto bits = [](double number) {
      std::uint64_t out = 0;
      std::copy_n(reinterpret_cast<const char*>(&number), sizeof out,
                  reinterpret_cast<char*>(&out));
      return out;
    };
    for (const double weight : weights) AppendBigEndian64(canonical, bits(weight));
    for (const double exposure : exposures) AppendBigEndian64(canonical, bits(exposure));
    for (const auto& count : counts) {
      AppendBigEndian64(canonical, static_cast<std::uint64_t>(count.value_or(-1)));
    }
    return Sha256Of(canonical);
  }
};

statistics::Result<statistics::Ranking> Rank(const RankInputs& in, std::size_t areas,
                                             const Hash& digest) {
  statistics::RankOptions options;
  options.seed = statistics::SeedOf(digest);
  if (in.severity) {
    return statistics::RankSeverity(
        {areas, in.categories.size(), in.counts, in.weights, in.exposures}, options);
  }
  std::vector<statistics::AreaCount> rows;
  for (std::size_t area = 0; area < areas; ++area) {
    std::int64_t sum = 0;
    for (std::size_t c = 0; c < in.categories.size(); ++c) {
      sum += *in.counts[area * in.categories.size() + c];
    }
    rows.push_back({sum, in.exposures[area]});
  }
  return statistics::RankRates(rows, options);
}

// Of a period that was closed on these very inputs: its ranks are kept, and need not be drawn
// again.
absl::StatusOr<std::optional<v1::PeriodClosed>> Kept(const readmodel::Reader& reader,
                                                     const std::string& id, const Hash& digest) {
  ASSIGN_OR_RETURN(const auto row, reader.Get<PeriodList>(id));
  std::optional<v1::PeriodClosed> kept;
  if (!row) return kept;
  if (row->closed().inputs_digest() == AsBytes(digest)) kept = row->closed();
  for (const auto& restated : row->restated()) {
    if (restated.inputs_digest() != AsBytes(digest)) continue;
    kept = v1::PeriodClosed();
    *kept->mutable_values() = restated.values();
  }
  return kept;
}

void FillRow(const statistics::RankSummary& summary, v1::RankRow& row) {
  row.set_observed_rank(static_cast<std::uint32_t>(summary.rank));
  row.set_median_rank(summary.median);
  row.set_rank_lower(summary.lower);
  row.set_rank_upper(summary.upper);
  row.set_probability_top_three(summary.top_three);
  if (summary.expected_fall_percent) row.set_expected_fall_percent(*summary.expected_fall_percent);
}

// The areas that can be ranked, in byte order; those that cannot are named in the answer. A month
// without any data is said of the period, not of its areas.
std::vector<std::string> WithData(const Counts& counts, const Areas& areas, const Months& months,
                                  v1::PeriodRanks& ranks) {
  std::vector<std::string> with;
  for (const std::string& code : areas.all) {
    const std::vector<std::string> one = {code};
    const bool without = std::ranges::any_of(months, [&](absl::CivilMonth month) {
      return !counts.missing(month) && counts.missing(month, areas.set_key, &one);
    });
    if (without) {
      *ranks.add_areas_without_data() = areas.Ref(code);
    } else {
      with.push_back(code);
    }
  }
  ranks.set_areas(static_cast<std::uint32_t>(with.size()));
  return with;
}

// A question for the ranks of a half-year. Everything is borrowed for the call.
struct Asked {
  const readmodel::Reader& reader;
  const MeasureChoice& choice;
  const Areas& areas;
  const Counts& counts;
  const std::string& period;

  bool severity() const { return choice.definition.unit() == v1::Measure::SEVERITY; }
  std::string_view method() const { return severity() ? "rank.severity@1" : "rank.rates@1"; }
};

// What the ranks are made of.
struct RankData {
  Months months;
  bool severity = false;
  WeightsInForce weights;  // of a severity measure
  PopulationInForce population;
  std::vector<std::string> ranked;  // the areas with data, in byte order
  bool per_resident = false;        // where every one of them has residents

  double Residents(const std::string& code) const {
    return per_resident ? population.residents.at(code) : 0;
  }
  std::string ExposureVersion() const { return per_resident ? population.label : "area-days"; }
};

// Areas that cannot be ranked are named in `ranks`.
absl::StatusOr<RankData> LoadRankData(const Asked& asked, HalfYear half, v1::PeriodRanks& ranks) {
  RankData data;
  data.months = MonthsOf(half);
  data.severity = asked.severity();
  const absl::CivilDay last_day = absl::CivilDay(half.End()) - 1;
  if (data.severity) {
    ASSIGN_OR_RETURN(data.weights,
                     WeightsOn(asked.reader, asked.choice.definition.weight_set(), last_day));
  }
  ASSIGN_OR_RETURN(data.population, PopulationOn(asked.reader, *asked.areas.set, last_day));
  data.ranked = WithData(asked.counts, asked.areas, data.months, ranks);
  const auto& residents = data.population.residents;
  data.per_resident = !data.population.label.empty() &&
                      std::ranges::all_of(data.ranked, [&](const std::string& code) {
                        const auto found = residents.find(code);
                        return found != residents.end() && found->second > 0;
                      });
  return data;
}

void CountWhatIsLeftOut(const Asked& asked, const RankData& data, v1::PeriodRanks& ranks) {
  const std::vector<std::string> basket(asked.choice.definition.basket().begin(),
                                        asked.choice.definition.basket().end());
  std::int64_t unlocated = 0;
  for (const absl::CivilMonth month : data.months) {
    if (asked.counts.missing(month)) *ranks.add_months_without_data() = ToMonth(month);
    unlocated += asked.counts.unlocated(month, asked.areas.set_key, basket);
  }
  ranks.set_unlocated(static_cast<std::uint64_t>(unlocated));
}

void AddCaveats(const RankData& data, v1::PeriodRanks& ranks) {
  ranks.set_exposure(data.per_resident
                         ? absl::StrCat("per 1,000 residents (", data.population.label, ")")
                         : "per area, not per resident");
  if (!data.per_resident) ranks.add_caveats(v1::Caveat::NO_POPULATION);
  if (data.severity) {
    ranks.add_caveats(v1::Caveat::APPROXIMATE);
    ranks.add_caveats(v1::Caveat::ASB_NOT_WEIGHTED);
    if (data.weights.unverified) ranks.add_caveats(v1::Caveat::UNVERIFIED_WEIGHTS);
  }
  ranks.add_caveats(v1::Caveat::REGRESSION_TO_THE_MEAN);
  if (ranks.unlocated() > 0) ranks.add_caveats(v1::Caveat::SOME_UNLOCATED);
  if (!ranks.areas_without_data().empty()) ranks.add_caveats(v1::Caveat::SOME_WITHOUT_DATA);
}

// What is ranked, by what, in bytes: the digest of the numbers joins it once they are known.
std::string QuestionOf(const Asked& asked, const RankData& data) {
  return absl::StrJoin({std::string(asked.method()), asked.choice.version.measure_id(),
                        absl::StrCat(asked.choice.version.version()), asked.areas.set_key,
                        asked.period, data.weights.label, data.ExposureVersion()},
                       std::string(1, '\0'));
}

v1::Provenance TraceOf(const Asked& asked, const RankData& data, const std::string& question) {
  v1::Provenance provenance = ProvenanceOf(asked.method(), question, asked.reader.as_of());
  provenance.set_weight_set(data.weights.label);
  provenance.set_exposure_version(data.ExposureVersion());
  for (const absl::CivilMonth month : data.months) {
    for (auto& extract : asked.counts.extracts(month)) {
      *provenance.add_extracts() = std::move(extract);
    }
  }
  return provenance;
}

std::int64_t CountIn(const Asked& asked, const Months& months, const std::string& code,
                     const std::string& category) {
  const std::vector<std::string> one = {code};
  std::int64_t sum = 0;
  for (const absl::CivilMonth month : months) {
    sum += asked.counts.count(month, asked.areas.set_key, &one, category);
  }
  return sum;
}

// The numbers that are ranked, or why there are none.
tl::expected<RankInputs, v1::Undefined::Reason> InputsOf(const Asked& asked, const RankData& data,
                                                         const v1::PeriodRanks& ranks) {
  if (!ranks.months_without_data().empty()) return tl::unexpected(v1::Undefined::MISSING_PERIOD);
  if (data.ranked.empty()) return tl::unexpected(v1::Undefined::INCOMPLETE_POPULATION);
  RankInputs in;
  in.severity = data.severity;
  for (const std::string& category : asked.choice.definition.basket()) {
    in.categories.push_back(category);
    if (!in.severity) continue;
    const auto weight = data.weights.weights.find(category);
    if (weight == data.weights.weights.end()) {
      return tl::unexpected(v1::Undefined::MISSING_WEIGHTS);
    }
    in.weights.push_back(weight->second);
  }
  for (const std::string& code : data.ranked) {
    for (const std::string& category : in.categories) {
      in.counts.emplace_back(CountIn(asked, data.months, code, category));
    }
    in.exposures.push_back(data.per_resident ? data.Residents(code) / kPerResidents : 1);
  }
  return in;
}

void FillFigure(const Asked& asked, const RankData& data, const std::string& code,
                v1::RankRow& row) {
  *row.mutable_area() = asked.areas.Ref(code);
  const std::vector<std::string> one = {code};
  FigureInputs figure;
  figure.choice = &asked.choice;
  figure.counts = &asked.counts;
  figure.set_key = asked.areas.set_key;
  figure.codes = &one;
  figure.area = row.area();
  figure.months = data.months;
  figure.weights = &data.weights;
  figure.residents = data.Residents(code);
  figure.population = data.population.label;
  figure.as_of = asked.reader.as_of();
  *row.mutable_figure() = FigureOf(figure);
  row.mutable_figure()->mutable_provenance()->clear_extracts();  // those of the period
}

// An area's ranks as they were when the period was closed.
void FillKept(const v1::PeriodClosed& kept, const std::string& code, v1::RankRow& row) {
  for (const auto& value : kept.values()) {
    if (value.code() != code) continue;
    row.set_observed_rank(value.observed_rank());
    row.set_median_rank(value.median_rank());
    row.set_rank_lower(value.rank_lower());
    row.set_rank_upper(value.rank_upper());
    row.set_probability_top_three(value.probability_top_three());
    if (value.has_expected_fall_percent()) {
      row.set_expected_fall_percent(value.expected_fall_percent());
    }
  }
}

}  // namespace

absl::StatusOr<v1::PeriodRanks> RankPeriod(const readmodel::Reader& reader,
                                           const MeasureChoice& choice, const Areas& areas,
                                           const Counts& counts, const std::string& period) {
  const auto half = ParseHalfYear(period);
  if (!half) return InvalidFields({{"periods", "a year and half: 2017H1"}});
  const Asked asked{reader, choice, areas, counts, period};
  v1::PeriodRanks ranks;
  ranks.set_period(period);
  ASSIGN_OR_RETURN(const RankData data, LoadRankData(asked, *half, ranks));
  CountWhatIsLeftOut(asked, data, ranks);
  AddCaveats(data, ranks);
  const std::string question = QuestionOf(asked, data);
  *ranks.mutable_provenance() = TraceOf(asked, data, question);
  const auto in = InputsOf(asked, data, ranks);
  if (!in) {
    ranks.mutable_undefined()->set_reason(in.error());
    return ranks;
  }
  const Hash digest = in->Digest(data.ranked);
  const Hash inputs = Sha256Of(question + std::string(AsBytes(digest)));
  ranks.mutable_provenance()->set_inputs_digest(std::string(AsBytes(inputs)));
  ASSIGN_OR_RETURN(const auto kept,
                   Kept(reader, PeriodId(choice.version.measure_id(), period, *areas.set), inputs));
  std::shared_ptr<const statistics::Result<statistics::Ranking>> drawn;
  if (!kept) {
    drawn = RememberRanks(digest, [&] { return Rank(*in, data.ranked.size(), digest); });
    if (!drawn->has_value()) {
      *ranks.mutable_undefined() = UndefinedOf(drawn->error());
      return ranks;
    }
    if ((*drawn)->offences_without_spread > 0) ranks.add_caveats(v1::Caveat::NO_SPREAD);
  }
  for (std::size_t i = 0; i < data.ranked.size(); ++i) {
    v1::RankRow& row = *ranks.add_rows();
    FillFigure(asked, data, data.ranked[i], row);
    if (kept) {
      FillKept(*kept, data.ranked[i], row);
    } else {
      FillRow((*drawn)->areas[i], row);
    }
  }
  std::ranges::stable_sort(*ranks.mutable_rows(), [](const v1::RankRow& a, const v1::RankRow& b) {
    return a.observed_rank() < b.observed_rank();
  });
  return ranks;
}

absl::StatusOr<v1::GetRanksResponse> GetRanks(const v1::GetRanksRequest& request,
                                              const app::QueryContext& context) {
  const readmodel::Reader& reader = context.reader();
  ASSIGN_OR_RETURN(const MeasureChoice choice, ChooseMeasure(reader, request.measure(), ""));
  ASSIGN_OR_RETURN(const Areas areas, ChooseAreas(reader, request.areas()));
  if (!areas.set) {
    return ErrorWithReason(absl::StatusCode::kFailedPrecondition, "NO_AREAS",
                           "No areas are loaded yet; import the geography first.");
  }
  ASSIGN_OR_RETURN(const Counts counts, Counts::Load(reader, choice.definition));
  std::vector<std::string> periods(request.periods().begin(), request.periods().end());
  if (periods.empty() && counts.first()) {
    for (HalfYear half = HalfYearOf(*counts.first()); half <= HalfYearOf(*counts.last());
         half = half.Next()) {
      periods.push_back(FormatHalfYear(half));
    }
  }
  v1::GetRanksResponse response;
  *response.mutable_measure() = choice.version;
  *response.mutable_definition() = choice.definition;
  *response.mutable_set() = *areas.set;
  for (const std::string& period : periods) {
    ASSIGN_OR_RETURN(v1::PeriodRanks ranks, RankPeriod(reader, choice, areas, counts, period));
    if (!areas.everything) {
      auto& rows = *ranks.mutable_rows();
      rows.erase(std::remove_if(rows.begin(), rows.end(),
                                [&](const v1::RankRow& row) {
                                  return !std::ranges::binary_search(areas.codes,
                                                                     row.area().codes(0));
                                }),
                 rows.end());
    }
    *response.add_periods() = std::move(ranks);
  }
  *response.mutable_as_of() = reader.as_of();
  return response;
}

absl::StatusOr<type::v1::Receipt> ClosePeriod(const v1::ClosePeriodRequest& request,
                                              app::CallContext& call) {
  const readmodel::Reader& reader = call.reader();
  ASSIGN_OR_RETURN(const MeasureChoice choice, ChooseMeasure(reader, request.measure_id(), ""));
  v1::AreaChoice wanted;
  wanted.set_kind(request.kind());
  wanted.set_vintage(request.vintage());
  ASSIGN_OR_RETURN(const Areas areas, ChooseAreas(reader, wanted));
  ASSIGN_OR_RETURN(const Counts counts, Counts::Load(reader, choice.definition));
  ASSIGN_OR_RETURN(const v1::PeriodRanks ranks,
                   RankPeriod(reader, choice, areas, counts, request.period()));
  auto close = std::make_unique<v1::ClosePeriod>();
  close->set_period_id(PeriodId(request.measure_id(), request.period(), *areas.set));
  close->set_reason(request.reason());
  v1::PeriodClosed& found = *close->mutable_found();
  found.set_measure_id(request.measure_id());
  found.set_measure_version(choice.version.version());
  found.set_period(request.period());
  *found.mutable_set() = *areas.set;
  found.set_method(ranks.provenance().method());
  found.set_weight_set(ranks.provenance().weight_set());
  *found.mutable_extracts() = ranks.provenance().extracts();
  found.set_inputs_digest(ranks.provenance().inputs_digest());
  for (const auto& row : ranks.rows()) {
    v1::RankedArea& value = *found.add_values();
    value.set_code(row.area().codes(0));
    *value.mutable_figure() = row.figure();
    value.set_observed_rank(row.observed_rank());
    value.set_median_rank(row.median_rank());
    value.set_rank_lower(row.rank_lower());
    value.set_rank_upper(row.rank_upper());
    value.set_probability_top_three(row.probability_top_three());
    if (row.has_expected_fall_percent()) {
      value.set_expected_fall_percent(row.expected_fall_percent());
    }
  }
  return call.Submit({std::move(close), "close"});
}

}  // namespace holdfast::metrics
