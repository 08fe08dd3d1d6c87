// JSON adapters: severity scores, ranks, regression to the mean.
#include <algorithm>

#include "statistics/method_io.h"
#include "statistics/ranks.h"
#include "statistics/severity.h"

namespace holdfast::statistics {
namespace {

std::vector<WeightedCount> Basket(MethodInput& in, std::string_view counts_key) {
  const std::vector<std::optional<double>> weights = in.Optionals("weights");
  const std::vector<std::int64_t> counts = in.Counts(counts_key);
  if (weights.size() != counts.size()) in.Refuse(counts_key, "give one count for each weight");
  std::vector<WeightedCount> basket;
  for (std::size_t i = 0; i < std::min(weights.size(), counts.size()); ++i)
    basket.push_back({weights[i], counts[i]});
  return basket;
}

void SetScore(const SeverityScore& score, MethodOutput& out) {
  out.Set("score", score.score);
  out.Set("se", score.se);
  out.Set("n_eff", score.n_eff);
  out.Limits(score.fay_feuer, "fay_feuer_");
  if (score.dobson) out.Limits(*score.dobson, "dobson_");
  out.Limits(score.interval());
  out.Set("interval", score.method == SeverityMethod::kDobson ? "dobson" : "fay_feuer");
}

void Css(MethodInput& in, MethodOutput& out) {
  const std::vector<WeightedCount> basket = Basket(in, "counts");
  const auto score = Severity({basket, in.Number("population"), in.Level(), in.Number("phi", 1)});
  if (out.Take(score)) SetScore(*score, out);
}

void SetPart(std::string_view key, const Result<SeverityScore>& score, MethodOutput& out) {
  MethodOutput part;
  if (score) {
    SetScore(*score, part);
  } else {
    part.Set("undefined", Name(score.error()));
  }
  out.Set(key, part.object());
}

void CssSensitivity(MethodInput& in, MethodOutput& out) {
  const std::vector<WeightedCount> basket = Basket(in, "counts");
  const auto lines = Sensitivity({basket, in.Number("population"), in.Level(), in.Number("phi", 1)},
                                 in.Number("cap", kSeverityCap));
  if (!out.Take(lines)) return;
  SetPart("capped", lines->capped, out);
  SetPart("without_heaviest", lines->without_heaviest, out);
}

void CssRatio(MethodInput& in, MethodOutput& out) {
  const std::vector<WeightedCount> before = Basket(in, "counts0");
  const std::vector<WeightedCount> after = Basket(in, "counts1");
  const double phi = in.Number("phi", 1);
  const auto change = SeverityRatio({before, in.Number("population0"), in.Level(), phi},
                                    {after, in.Number("population1"), in.Level(), phi});
  if (!out.Take(change)) return;
  out.Set("weighted0", change->weighted0);
  out.Set("weighted1", change->weighted1);
  out.Set("ratio", change->ratio);
  out.Set("se_log", change->se_log);
  out.Limits(change->interval);
}

void Rtm(MethodInput& in, MethodOutput& out) {
  const auto regression =
      RegressionToTheMean(in.Number("prior_mean"), in.Number("prior_sd"), in.Count("observed"));
  if (!out.Take(regression)) return;
  out.Set("a", regression->a);
  out.Set("b", regression->b);
  out.Set("expected_next", regression->expected_next);
  out.Set("expected_fall_percent", regression->expected_fall_percent);
}

void Probability(MethodInput& in, MethodOutput& out) {
  const auto p = RankProbability(in.Count("x1"), in.Count("x2"));
  if (out.Take(p)) out.Set("p", *p);
}

std::optional<std::int64_t> OptionalCount(MethodInput& in, const std::optional<double>& value) {
  if (!value) return std::nullopt;
  const bool whole = *value >= 0 && *value <= static_cast<double>(kMaxCount) &&
                     *value == static_cast<double>(static_cast<std::int64_t>(*value));
  if (!whole) in.Refuse("counts", "give whole numbers, or null where there is no data");
  return whole ? static_cast<std::int64_t>(*value) : 0;
}

RankOptions RankOptionsOf(MethodInput& in) {
  // A digest's seed needs 64 bits, more than a JSON number holds: it may be given as 16 hexadecimal
  // digits.
  RankOptions options;
  options.seed = in.Seed("seed");
  options.draws =
      static_cast<std::int32_t>(std::min<std::int64_t>(in.Count("draws", 10'000), 10'000'000));
  return options;
}

void SetRanking(const Ranking& ranking, MethodOutput& out) {
  google::protobuf::ListValue areas;
  for (const RankSummary& summary : ranking.areas) {
    MethodOutput area;
    area.Set("rank", summary.rank);
    area.Set("median", summary.median);
    area.Set("lower", summary.lower);
    area.Set("upper", summary.upper);
    area.Set("top_three", summary.top_three);
    area.Set("value", summary.value);
    area.Set("expected_next", summary.expected_next);
    area.Set("expected_fall_percent", summary.expected_fall_percent);
    *areas.add_values()->mutable_struct_value() = std::move(area.object());
  }
  out.Set("ranked", areas);
  out.Set("areas", static_cast<double>(ranking.areas.size()));
  out.Set("offences_drawn", ranking.offences_drawn);
  out.Set("offences_without_spread", ranking.offences_without_spread);
}

void Rates(MethodInput& in, MethodOutput& out) {
  const std::vector<std::optional<double>> counts = in.Optionals("counts");
  const std::vector<double> exposures =
      in.Has("exposures") ? in.Numbers("exposures") : std::vector<double>(counts.size(), 1);
  const RankOptions options = RankOptionsOf(in);
  if (exposures.size() != counts.size()) in.Refuse("exposures", "give one exposure for each count");
  std::vector<AreaCount> areas;
  for (std::size_t i = 0; i < std::min(counts.size(), exposures.size()); ++i)
    areas.push_back({OptionalCount(in, counts[i]), exposures[i]});
  if (!in.fault().ok()) return;
  const auto ranking = RankRates(areas, options);
  if (out.Take(ranking)) SetRanking(*ranking, out);
}

void SeverityRanks(MethodInput& in, MethodOutput& out) {
  const std::vector<std::vector<std::optional<double>>> rows = in.OptionalRows("counts");
  const std::vector<double> weights = in.Numbers("weights");
  const std::vector<double> exposures =
      in.Has("exposures") ? in.Numbers("exposures") : std::vector<double>(rows.size(), 1);
  const RankOptions options = RankOptionsOf(in);
  std::vector<std::optional<std::int64_t>> counts;
  for (const auto& row : rows) {
    for (const std::optional<double>& count : row) counts.push_back(OptionalCount(in, count));
  }
  if (!in.fault().ok()) return;
  const auto ranking =
      RankSeverity({rows.size(), weights.size(), counts, weights, exposures}, options);
  if (out.Take(ranking)) SetRanking(*ranking, out);
}

void Competition(MethodInput& in, MethodOutput& out) {
  const std::vector<std::optional<double>> values = in.Optionals("values");
  if (std::any_of(values.begin(), values.end(), [](const auto& value) { return !value; })) {
    out.SetUndefined(Undefined::kIncompletePopulation);
    return;
  }
  std::vector<double> known;
  known.reserve(values.size());
  for (const std::optional<double>& value : values) known.push_back(*value);
  const std::vector<std::int32_t> ranks = CompetitionRanks(known);
  out.Set("ranks", std::vector<double>(ranks.begin(), ranks.end()));
}

constexpr NamedMethod kMethods[] = {
    {"css", Css},
    {"css.sensitivity", CssSensitivity},
    {"css_ratio", CssRatio},
    {"rank.competition", Competition},
    {"rank.probability", Probability},
    {"rank.rates", Rates},
    {"rank.rtm", Rtm},
    {"rank.severity", SeverityRanks},
};

}  // namespace

std::span<const NamedMethod> SeverityAndRankMethods() {
  return kMethods;
}

}  // namespace holdfast::statistics
