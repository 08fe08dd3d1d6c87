// JSON adapters: did it work, and did it move next door?
#include "statistics/before_after.h"
#include "statistics/displacement.h"
#include "statistics/method_io.h"

namespace holdfast::statistics {
namespace {

DisplacementInput DisplacementInputOf(MethodInput& in) {
  DisplacementInput input;
  input.treated = in.Pair("treated");
  input.control = in.Pair("control");
  input.displacement = in.OptionalPair("displacement");
  input.displacement_control = in.OptionalPair("displacement_control");
  return input;
}

void SetDifference(const DisplacementDifference& answer, MethodOutput& out) {
  out.Set("local", answer.local.value);
  out.Set("local_se", answer.local.se);
  if (answer.displacement) {
    out.Set("displacement", answer.displacement->value);
    out.Set("displacement_se", answer.displacement->se);
  }
  out.Set("total", answer.total.value);
  out.Set("variance", answer.variance);
  out.Set("se", answer.total.se);
  out.Set("z", answer.z);
  out.Limits(answer.interval);
  out.Set("p", answer.p);
  out.Set("small_counts", answer.small_counts);
}

void WddMethod(MethodInput& in, MethodOutput& out) {
  DisplacementInput input = DisplacementInputOf(in);
  if (in.Has("time_weights")) {
    const std::vector<double> weights = in.Numbers("time_weights");
    if (weights.size() != 2) {
      in.Refuse("time_weights", "give [before, after]");
      return;
    }
    input.weights.before = weights[0];
    input.weights.after = weights[1];
  }
  const google::protobuf::Struct areas = in.Object("area_weights");
  MethodInput area(areas, in.data_dir());
  input.weights.treated = area.Number("treated", 1);
  input.weights.control = area.Number("control", 1);
  input.weights.displacement = area.Number("displacement", 1);
  input.weights.displacement_control = area.Number("displacement_control", 1);
  in.Join(area);
  input.level = in.Level();
  input.phi = in.Number("phi", 1);
  const auto answer = Wdd(input);
  if (out.Take(answer)) SetDifference(*answer, out);
}

void WddHarmMethod(MethodInput& in, MethodOutput& out) {
  std::vector<HarmWeighted> offences;
  const double phi = in.Number("phi", 1);
  for (const google::protobuf::Struct& object : in.Objects("offences")) {
    MethodInput part(object, in.data_dir());
    HarmWeighted offence{DisplacementInputOf(part), part.Number("weight")};
    part.Has("offence");  // a name, for the reader's eye only
    part.Has("name");
    offence.counts.level = in.Level();
    offence.counts.phi = phi;
    in.Join(part);
    offences.push_back(offence);
  }
  const auto answer = WddHarm(offences);
  if (out.Take(answer)) SetDifference(*answer, out);
}

void WdqMethod(MethodInput& in, MethodOutput& out) {
  const auto answer =
      Wdq(in.Pair("treated"), in.Pair("control"), in.Pair("displacement"), in.Level());
  if (!out.Take(answer)) return;
  out.Set("wdq", answer->quotient);
  out.Set("success", answer->success);
  out.Set("buffer", answer->buffer);
  out.Set("gross_effect", answer->gross_effect);
  out.Set("net_effect", answer->net_effect);
  out.Set("total_net_effect", answer->total_net_effect);
}

void Res(MethodInput& in, MethodOutput& out) {
  const auto answer =
      RelativeEffectSize(in.Pair("treated"), in.Pair("control"), in.Level(), in.Number("phi", 1));
  if (!out.Take(answer)) return;
  out.Set("res", answer->res);
  out.Set("se_log", answer->se_log);
  out.Limits(answer->interval);
  out.Set("rate_ratio", answer->rate_ratio);
  out.Limits(answer->rate_ratio_interval, "rate_ratio_");
  out.Set("z", answer->z);
  out.Set("p", answer->p);
}

Means MeansOf(MethodInput& in, std::string_view key) {
  const std::vector<double> pair = in.Numbers(key);
  if (pair.size() == 2) return {pair[0], pair[1]};
  in.Refuse(key, "give [before, after]");
  return {};
}

void DidMeans(MethodInput& in, MethodOutput& out) {
  const auto difference = DifferenceOfMeans(MeansOf(in, "treated"), MeansOf(in, "control"));
  if (out.Take(difference)) out.Set("difference", *difference);
}

void SetControlled(const ControlledChange& change, MethodOutput& out) {
  out.Set("absolute", change.absolute);
  out.Set("relative", change.relative);
  out.Set("expected", change.expected);
}

void ControlledMethod(MethodInput& in, MethodOutput& out) {
  const auto change = Controlled(in.Pair("treated"), in.Pair("control"));
  if (out.Take(change)) SetControlled(*change, out);
}

void Remainder(MethodInput& in, MethodOutput& out) {
  const auto change = AgainstRemainder(in.Pair("treated"), in.Pair("total"));
  if (out.Take(change)) SetControlled(*change, out);
}

constexpr NamedMethod kMethods[] = {
    {"wdd", WddMethod},
    {"wdd_harm", WddHarmMethod},
    {"wdq", WdqMethod},
    {"res", Res},
    {"did.means", DidMeans},
    {"before_after.controlled", ControlledMethod},
    {"before_after.remainder", Remainder},
};

}  // namespace

std::span<const NamedMethod> EvaluationMethods() {
  return kMethods;
}

}  // namespace holdfast::statistics
