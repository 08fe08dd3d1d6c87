// JSON adapters: charts and interrupted series.
#include "statistics/control_charts.h"
#include "statistics/interrupted_series.h"
#include "statistics/method_io.h"
#include "statistics/spc.h"

namespace holdfast::statistics {
namespace {

using google::protobuf::ListValue;

void XmrMethod(MethodInput& in, MethodOutput& out) {
  const std::vector<double> values = in.Numbers("values");
  XmrOptions options;
  options.scale = in.Number("scale", options.scale);
  options.screen_ranges = in.Flag("screen_ranges", false);
  options.poisson_below_mean = in.Number("poisson_below_mean", options.poisson_below_mean);
  if (in.Has("limits_from"))
    options.limits_from = static_cast<std::size_t>(in.Count("limits_from"));
  const auto chart = Xmr(values, options);
  if (!out.Take(chart)) return;
  out.Set("mean", chart->limits.mean);
  out.Set("mean_moving_range", chart->limits.mean_moving_range);
  out.Set("lower", chart->limits.lower);
  out.Set("upper", chart->limits.upper);
  out.Set("moving_range_limit", chart->limits.moving_range_limit);
  out.Set("limits", chart->limits.poisson ? "poisson" : "xmr");
  out.Set("points", static_cast<double>(chart->limits.points));
}

SpcRule RuleOf(MethodInput& in) {
  const std::string word = in.Text("rule");
  for (const SpcRule rule : kSpcRules) {
    if (Name(rule) == word) return rule;
  }
  in.Refuse("rule", "give OUTSIDE_LIMITS, SEVEN_ONE_SIDE, SEVEN_TREND or TWO_OF_THREE");
  return SpcRule::kOutsideLimits;
}

ListValue Bits(const std::vector<bool>& flags) {
  ListValue list;
  for (const bool flag : flags) list.add_values()->set_number_value(flag ? 1 : 0);
  return list;
}

std::optional<double> OptionalNumber(MethodInput& in, std::string_view key) {
  if (!in.Has(key)) return std::nullopt;
  return in.Number(key);
}

void SpcRuleMethod(MethodInput& in, MethodOutput& out) {
  const SpcRule rule = RuleOf(in);
  const std::vector<double> values = in.Numbers("values");
  const bool needs_mean = rule == SpcRule::kSevenOneSide || rule == SpcRule::kTwoOfThree;
  const SpcLines lines{needs_mean ? in.Number("mean") : in.Number("mean", 0),
                       OptionalNumber(in, "lower"), OptionalNumber(in, "upper")};
  const auto flags = SpcFlags(rule, values, lines);
  if (!out.Take(flags)) return;
  const auto members = SpcMembers(rule, values, lines);
  out.Set("flags", Bits(*flags));
  if (members) out.Set("members", Bits(*members));
}

void EwmaMethod(MethodInput& in, MethodOutput& out) {
  const std::string limits = in.Text("limits", "TIME_VARYING");
  if (limits != "CONSTANT" && limits != "TIME_VARYING")
    in.Refuse("limits", "give CONSTANT or TIME_VARYING");
  const bool constant = limits == "CONSTANT";
  const auto chart =
      Ewma(in.Numbers("values"), {in.Number("lambda", 0.2), in.Number("target"), in.Number("sigma"),
                                  in.Number("width", 3), !constant});
  if (!out.Take(chart)) return;
  out.Set("ewma", chart->ewma);
  if (constant) {
    out.Set("lower", chart->lower.front());
    out.Set("upper", chart->upper.front());
  } else {
    out.Set("lower", chart->lower);
    out.Set("upper", chart->upper);
  }
}

void CusumMethod(MethodInput& in, MethodOutput& out) {
  const auto chart =
      Cusum(in.Numbers("values"), {in.Number("target"), in.Number("k"), in.Number("h")});
  if (!out.Take(chart)) return;
  out.Set("high", chart->high);
  out.Set("low", chart->low);
  std::optional<double> first;
  if (chart->first_signal) first = static_cast<double>(*chart->first_signal + 1);
  out.Set("first_signal", first);
}

void CusumReferenceMethod(MethodInput& in, MethodOutput& out) {
  const auto k = CusumReference(in.Number("lambda0"), in.Number("lambda1"));
  if (out.Take(k)) out.Set("k", *k);
}

// The columns, and where the fit is kept: SeriesInput borrows.
struct Columns {
  std::vector<double> counts, exposures, times, post, months;
};

Result<SeriesFit> FitSeries(MethodInput& in) {
  const auto data = in.Data();
  const auto column = [&](std::string_view key) { return in.Column(data, in.Text(key)); };
  const Columns columns{column("count"), column("exposure"), column("time"), column("post"),
                        in.Has("month") ? column("month") : std::vector<double>()};
  SeriesInput input{columns.counts, columns.exposures, columns.times, columns.post, columns.months};
  input.harmonics =
      static_cast<std::int32_t>(std::min<std::int64_t>(in.Count("harmonics", std::int64_t{2}), 99));
  input.slope_change = in.Flag("slope_change", false);
  input.change_time = in.Number("change_time", 0);
  const std::string dispersion = in.Text("dispersion", "QUASI");
  if (dispersion != "QUASI" && dispersion != "POISSON")
    in.Refuse("dispersion", "give QUASI or POISSON");
  input.quasi = dispersion == "QUASI";
  input.level = in.Level();
  if (!in.fault().ok()) return Because(Undefined::kInputOutOfRange);
  return InterruptedSeries(input);
}

void Its(MethodInput& in, MethodOutput& out) {
  const auto fit = FitSeries(in);
  if (!out.Take(fit)) return;
  out.Set("ratio", fit->ratio);
  out.Limits(fit->interval);
  out.Set("trend_per_period", fit->trend_per_period);
  out.Set("trend_per_year", fit->trend_per_year);
  out.Set("deviance", fit->deviance);
  out.Set("df", fit->df);
  out.Set("dispersion", fit->dispersion);
  out.Set("autocorrelated", fit->autocorrelated);
  out.Limits(fit->newey_west, "newey_west_");
  if (!fit->slope) return;
  out.Set("slope_ratio", fit->slope->ratio);
  out.Limits(fit->slope->interval, "slope_");
  out.Set("f", fit->slope->f);
  out.Set("f_p", fit->slope->f_p);
}

void ItsResidualAcf(MethodInput& in, MethodOutput& out) {
  const auto fit = FitSeries(in);
  const auto lags = static_cast<std::size_t>(in.Count("lags"));
  if (!out.Take(fit)) return;
  const auto acf = Autocorrelation(fit->deviance_residuals, lags);
  if (out.Take(acf)) out.Set("acf", *acf);
}

constexpr NamedMethod kMethods[] = {
    {"spc.xmr", XmrMethod},
    {"spc.rule", SpcRuleMethod},
    {"spc.ewma", EwmaMethod},
    {"spc.cusum", CusumMethod},
    {"spc.cusum_reference", CusumReferenceMethod},
    {"its", Its},
    {"its.residual_acf", ItsResidualAcf},
};

}  // namespace

std::span<const NamedMethod> SeriesMethods() {
  return kMethods;
}

}  // namespace holdfast::statistics
