// JSON adapters: counts, rates, proportions, and changes of a rate.
#include "statistics/control_charts.h"
#include "statistics/dispersion.h"
#include "statistics/intervals.h"
#include "statistics/method_io.h"
#include "statistics/multiple.h"
#include "statistics/negative_binomial.h"
#include "statistics/power.h"
#include "statistics/rate_ratio.h"

namespace holdfast::statistics {
namespace {

// One of the named values, by the word that the JSON uses.
template <class Enum, std::size_t kSize>
Enum Choice(MethodInput& in, std::string_view key, std::string_view word,
            const std::pair<std::string_view, Enum> (&choices)[kSize]) {
  for (const auto& [name, value] : choices) {
    if (name == word) return value;
  }
  in.Refuse(key, "this word is unknown here");
  return choices[0].second;
}

PoissonMethod PoissonChoice(MethodInput& in) {
  return Choice<PoissonMethod>(in, "interval", in.Text("interval", "garwood"),
                               {{"garwood", PoissonMethod::kGarwood},
                                {"midp", PoissonMethod::kMidP},
                                {"byar", PoissonMethod::kByar}});
}

void PoissonCi(MethodInput& in, MethodOutput& out) {
  const PoissonMethod method = PoissonChoice(in);
  const std::int64_t x = in.Count("x");
  const double phi = in.Number("phi", 1);
  const auto interval = phi == 1 ? PoissonInterval(method, x, in.Level())
                                 : ScaledPoissonInterval(method, x, phi, in.Level());
  if (out.Take(interval)) out.Limits(*interval);
}

void RateMethod(MethodInput& in, MethodOutput& out) {
  const auto rate =
      RateOf(in.Count("x"), in.Number("exposure"), in.Number("per", 1000), in.Level());
  if (!out.Take(rate)) return;
  out.Set("rate", rate->rate);
  out.Limits(rate->interval);
  out.Set("interval", Name(rate->method));
}

void Proportion(MethodInput& in, MethodOutput& out) {
  const auto method =
      Choice<ProportionMethod>(in, "interval", in.Text("interval", "wilson"),
                               {{"wilson", ProportionMethod::kWilson},
                                {"clopper_pearson", ProportionMethod::kClopperPearson},
                                {"midp", ProportionMethod::kMidP}});
  const std::int64_t x = in.Count("x");
  const std::int64_t n = in.Count("n");
  const auto interval = ProportionInterval(method, x, n, in.Level());
  if (!out.Take(interval)) return;
  out.Set("proportion", static_cast<double>(x) / static_cast<double>(n));
  out.Limits(*interval);
}

void DifferenceOfProportions(MethodInput& in, MethodOutput& out) {
  const auto difference = ProportionDifference(in.Count("x1"), in.Count("n1"), in.Count("x2"),
                                               in.Count("n2"), in.Level());
  if (!out.Take(difference)) return;
  out.Set("difference", difference->difference);
  out.Limits(difference->interval);
}

void Percent(MethodInput& in, MethodOutput& out) {
  const std::int64_t minimum = in.Count("minimum_baseline", std::int64_t{0});
  const std::int64_t now = in.Count("x1");
  const std::int64_t then = in.Count("x0");
  const auto percent = PercentChange(now, then, minimum);
  const std::string comparison = in.Text("comparison", "");
  if (!out.Take(percent)) return;
  out.Set("percent", *percent);
  if (!comparison.empty()) out.Set("comparison", comparison);
}

void PoissonZMethod(MethodInput& in, MethodOutput& out) {
  const auto z = PoissonZ(in.Count("x1"), in.Count("x0"));
  if (out.Take(z)) out.Set("z", *z);
}

TwoCounts TwoCountsOf(MethodInput& in) {
  return {in.Count("x1"), in.Number("e1", 1), in.Count("x0"), in.Number("e0", 1)};
}

RatioInput RatioInputOf(MethodInput& in) {
  RatioInput input;
  input.counts = TwoCountsOf(in);
  input.level = in.Level();
  input.null_ratio = in.Number("null_ratio", 1);
  input.alternative = Choice<Alternative>(in, "alternative", in.Text("alternative", "two_sided"),
                                          {{"two_sided", Alternative::kTwoSided},
                                           {"greater", Alternative::kGreater},
                                           {"less", Alternative::kLess}});
  return input;
}

void Conditional(MethodInput& in, MethodOutput& out) {
  const auto ratio = ConditionalRateRatio(RatioInputOf(in));
  if (!out.Take(ratio)) return;
  out.Set("ratio", ratio->ratio);
  out.Set("p", ratio->p);
  out.Set("lower", ratio->exact.lower);
  out.Set("upper", ratio->exact.upper);
  out.Set("p_midp", ratio->p_midp);
  out.Set("midp_lower", ratio->midp.lower);
  out.Set("midp_upper", ratio->midp.upper);
}

void Asymptotic(MethodInput& in, MethodOutput& out) {
  const auto statistic = Choice<RatioStatistic>(in, "statistic", in.Text("statistic", "score"),
                                                {{"score", RatioStatistic::kScore},
                                                 {"wald", RatioStatistic::kWald},
                                                 {"sqrt", RatioStatistic::kSqrt}});
  const auto test = AsymptoticRateRatio(RatioInputOf(in), statistic);
  if (!out.Take(test)) return;
  out.Set("z", test->z);
  out.Set("p", test->p);
}

void ETest(MethodInput& in, MethodOutput& out) {
  const auto p = RateRatioETest(TwoCountsOf(in));
  if (out.Take(p)) out.Set("p", *p);
}

void LogWald(MethodInput& in, MethodOutput& out) {
  const Spread spread{in.Number("phi", 1), in.Number("alpha", 0), in.Number("periods1", 1),
                      in.Number("periods0", 1)};
  const auto ratio = LogWaldRateRatio(TwoCountsOf(in), spread, in.Level());
  if (!out.Take(ratio)) return;
  out.Set("ratio", ratio->ratio);
  out.Set("se_log", ratio->se_log);
  out.Limits(ratio->interval);
}

void Bh(MethodInput& in, MethodOutput& out) {
  const auto family = BenjaminiHochberg(in.Numbers("p"), in.Number("level", 0.05));
  if (!out.Take(family)) return;
  out.Set("q", family->q);
  out.Set("rejected", family->rejected);
  out.Set("bonferroni_rejected", family->bonferroni_rejected);
}

void Dispersion(MethodInput& in, MethodOutput& out) {
  const auto dispersion = DispersionOfCounts(in.Counts("frequency"));
  if (!out.Take(dispersion)) return;
  out.Set("mean", dispersion->mean);
  out.Set("variance", dispersion->variance);
  out.Set("vmr", dispersion->vmr);
  out.Set("chi2", dispersion->chi_squared);
  out.Set("df", dispersion->df);
  out.Set("p", dispersion->p);
  out.Set("expected", dispersion->expected);
}

void Phi(MethodInput& in, MethodOutput& out) {
  const auto phi = DispersionOfMonths(
      in.Numbers("counts"), static_cast<int>(std::min<std::int64_t>(in.Count("first_month"), 99)));
  if (out.Take(phi)) out.Set("phi", *phi);
}

void NbFit(MethodInput& in, MethodOutput& out) {
  const auto fit = FitNegativeBinomial(in.Counts("frequency"));
  if (!out.Take(fit)) return;
  out.Set("mean", fit->mean);
  out.Set("variance", fit->variance);
  out.Set("k", fit->k);
  out.Set("k_se", fit->k_se);
  out.Set("log_likelihood", fit->log_likelihood);
  out.Set("poisson_log_likelihood", fit->poisson_log_likelihood);
  out.Set("family", fit->k ? "NEGATIVE_BINOMIAL" : "POISSON");
}

void NbRegression(MethodInput& in, MethodOutput& out) {
  const std::vector<double> counts = in.Numbers("y");
  const std::vector<std::vector<double>> rows = in.Rows("x");
  Matrix design(rows.size(), rows.empty() ? 0 : rows.front().size());
  design.values.clear();
  for (const std::vector<double>& row : rows)
    design.values.insert(design.values.end(), row.begin(), row.end());
  in.Has("columns");  // names for the reader's eye only
  if (!in.fault().ok()) return;
  const auto fit = RegressNegativeBinomial(counts, design);
  if (!out.Take(fit)) return;
  out.Set("theta", fit->theta);
  out.Set("theta_se", fit->theta_se);
  out.Set("two_log_likelihood", fit->two_log_likelihood);
  out.Set("deviance", fit->glm.deviance);
  out.Set("coefficients", fit->glm.coefficients);
}

void MinimumBaselineMethod(MethodInput& in, MethodOutput& out) {
  const auto baseline = MinimumBaseline(in.Number("fall_percent"), in.Number("level", 0.05));
  if (out.Take(baseline)) out.Set("baseline", *baseline);
}

PowerInput PowerInputOf(MethodInput& in) {
  PowerInput input;
  input.baseline = in.Number("baseline");
  input.exposure_ratio = in.Number("exposure_ratio", 1);
  input.alpha = in.Number("level", 0.05);
  input.phi = in.Number("phi", 1);
  return input;
}

void PowerExact(MethodInput& in, MethodOutput& out) {
  PowerInput input = PowerInputOf(in);
  input.fall_percent = in.Number("fall_percent");
  const auto power = Power(input);
  if (out.Take(power)) out.Set("power", *power);
}

void PowerDetectable(MethodInput& in, MethodOutput& out) {
  const auto fall = DetectableFall(PowerInputOf(in), in.Number("power", 0.8));
  if (out.Take(fall)) out.Set("fall_percent", *fall);
}

constexpr NamedMethod kMethods[] = {
    {"poisson_ci", PoissonCi},
    {"rate", RateMethod},
    {"proportion", Proportion},
    {"proportion_difference", DifferenceOfProportions},
    {"percent_change", Percent},
    {"poisson_z", PoissonZMethod},
    {"rate_ratio.conditional", Conditional},
    {"rate_ratio.asymptotic", Asymptotic},
    {"rate_ratio.e_test", ETest},
    {"rate_ratio.log_wald", LogWald},
    {"multiple.bh", Bh},
    {"count.dispersion", Dispersion},
    {"count.phi", Phi},
    {"count.nb_fit", NbFit},
    {"count.nb_regression", NbRegression},
    {"power.minimum_baseline", MinimumBaselineMethod},
    {"power.exact", PowerExact},
    {"power.detectable_fall", PowerDetectable},
};

}  // namespace

std::span<const NamedMethod> CountMethods() {
  return kMethods;
}

}  // namespace holdfast::statistics
