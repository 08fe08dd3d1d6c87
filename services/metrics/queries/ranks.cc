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

}  // namespace

absl::StatusOr<v1::PeriodRanks> RankPeriod(const readmodel::Reader& reader,
                                           const MeasureChoice& choice, const Areas& areas,
                                           const Counts& counts, const std::string& period) {
  const auto half = ParseHalfYear(period);
  if (!half) return InvalidFields({{"periods", "a year and half: 2017H1"}});
  v1::PeriodRanks ranks;
  ranks.set_period(period);
  const Months months = MonthsOf(*half);
  const absl::CivilDay last_day = absl::CivilDay(half->End()) - 1;
  RankInputs in;
  in.severity = choice.definition.unit() == v1::Measure::SEVERITY;
  WeightsInForce weights;
  if (in.severity) {
    ASSIGN_OR_RETURN(weights, WeightsOn(reader, choice.definition.weight_set(), last_day));
  }
  ASSIGN_OR_RETURN(const PopulationInForce population, PopulationOn(reader, *areas.set, last_day));
  const std::vector<std::string> ranked = WithData(counts, areas, months, ranks);
  const bool residents =
      !population.label.empty() && std::ranges::all_of(ranked, [&](const std::string& code) {
        const auto found = population.residents.find(code);
        return found != population.residents.end() && found->second > 0;
      });
  ranks.set_exposure(residents ? absl::StrCat("per 1,000 residents (", population.label, ")")
                               : "per area, not per resident");
  if (!residents) ranks.add_caveats(v1::Caveat::NO_POPULATION);
  if (in.severity) {
    ranks.add_caveats(v1::Caveat::APPROXIMATE);
    ranks.add_caveats(v1::Caveat::ASB_NOT_WEIGHTED);
    if (weights.unverified) ranks.add_caveats(v1::Caveat::UNVERIFIED_WEIGHTS);
  }
  ranks.add_caveats(v1::Caveat::REGRESSION_TO_THE_MEAN);
  for (const absl::CivilMonth month : months) {
    if (counts.missing(month)) *ranks.add_months_without_data() = ToMonth(month);
    ranks.set_unlocated(ranks.unlocated() + static_cast<std::uint64_t>(counts.unlocated(
                                                month, areas.set_key,
                                                {choice.definition.basket().begin(),
                                                 choice.definition.basket().end()})));
  }
  if (ranks.unlocated() > 0) ranks.add_caveats(v1::Caveat::SOME_UNLOCATED);
  if (!ranks.areas_without_data().empty()) ranks.add_caveats(v1::Caveat::SOME_WITHOUT_DATA);
  v1::Provenance& provenance = *ranks.mutable_provenance();
  const std::string_view method = in.severity ? "rank.severity@1" : "rank.rates@1";
  // What is ranked, by what: the digest of the numbers joins it once they are known.
  const std::string asked = absl::StrJoin(
      {std::string(method), choice.version.measure_id(), absl::StrCat(choice.version.version()),
       areas.set_key, period, weights.label, residents ? population.label : "area-days"},
      std::string(1, '\0'));
  provenance = ProvenanceOf(method, asked, reader.as_of());
  provenance.set_weight_set(weights.label);
  provenance.set_exposure_version(residents ? population.label : "area-days");
  for (const absl::CivilMonth month : months) {
    for (auto& extract : counts.extracts(month)) *provenance.add_extracts() = std::move(extract);
  }
  if (!ranks.months_without_data().empty()) {
    ranks.mutable_undefined()->set_reason(v1::Undefined::MISSING_PERIOD);
    return ranks;
  }
  if (ranked.empty()) {
    ranks.mutable_undefined()->set_reason(v1::Undefined::INCOMPLETE_POPULATION);
    return ranks;
  }

  for (const std::string& category : choice.definition.basket()) {
    in.categories.push_back(category);
    if (!in.severity) continue;
    const auto weight = weights.weights.find(category);
    if (weight == weights.weights.end()) {
      ranks.mutable_undefined()->set_reason(v1::Undefined::MISSING_WEIGHTS);
      return ranks;
    }
    in.weights.push_back(weight->second);
  }
  for (const std::string& code : ranked) {
    const std::vector<std::string> one = {code};
    for (const std::string& category : in.categories) {
      std::int64_t sum = 0;
      for (const absl::CivilMonth month : months) {
        sum += counts.count(month, areas.set_key, &one, category);
      }
      in.counts.emplace_back(sum);
    }
    in.exposures.push_back(residents ? population.residents.at(code) / kPerResidents : 1);
  }
  const Hash digest = in.Digest(ranked);
  const Hash inputs = Sha256Of(asked + std::string(AsBytes(digest)));
  provenance.set_inputs_digest(std::string(AsBytes(inputs)));
  ASSIGN_OR_RETURN(const auto kept,
                   Kept(reader, PeriodId(choice.version.measure_id(), period, *areas.set), inputs));
  std::optional<statistics::Ranking> drawn;
  if (!kept) {
    const auto remembered = RememberRanks(digest, [&] { return Rank(in, ranked.size(), digest); });
    const auto& ranking = *remembered;
    if (!ranking.has_value()) {
      *ranks.mutable_undefined() = UndefinedOf(ranking.error());
      return ranks;
    }
    if (ranking->offences_without_spread > 0) ranks.add_caveats(v1::Caveat::NO_SPREAD);
    drawn = *ranking;
  }
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    const std::string& code = ranked[i];
    const std::vector<std::string> one = {code};
    v1::RankRow& row = *ranks.add_rows();
    *row.mutable_area() = areas.Ref(code);
    FigureInputs figure;
    figure.choice = &choice;
    figure.counts = &counts;
    figure.set_key = areas.set_key;
    figure.codes = &one;
    figure.area = row.area();
    figure.months = months;
    figure.weights = &weights;
    figure.residents = residents ? population.residents.at(code) : 0;
    figure.population = population.label;
    figure.as_of = reader.as_of();
    *row.mutable_figure() = FigureOf(figure);
    row.mutable_figure()->mutable_provenance()->clear_extracts();  // those of the period
    if (drawn) {
      FillRow(drawn->areas[i], row);
      continue;
    }
    for (const auto& value : kept->values()) {
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
