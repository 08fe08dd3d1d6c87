// JSON adapters: surveys and disclosure control.
#include <memory>

#include "statistics/disclosure.h"
#include "statistics/method_io.h"
#include "statistics/survey.h"

namespace holdfast::statistics {
namespace {

using google::protobuf::ListValue;

void Margin(MethodInput& in, MethodOutput& out) {
  MarginInput input;
  input.p = in.Number("p");
  input.n = in.Count("n");
  input.deff = in.Number("deff", 1);
  if (in.Has("population")) input.population = in.Number("population");
  input.level = in.Level();
  const auto margin = MarginOfError(input);
  if (out.Take(margin)) out.Set("margin", *margin);
}

void KishMethod(MethodInput& in, MethodOutput& out) {
  const std::vector<double> weights = in.Numbers("weights");
  const std::vector<double> answers = in.Numbers("responses");
  const auto responses = std::make_unique<bool[]>(answers.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i] != 0 && answers[i] != 1) in.Refuse("responses", "give 0 or 1");
    responses[i] = answers[i] == 1;
  }
  const auto share = Kish(weights, std::span<const bool>(responses.get(), answers.size()));
  if (!out.Take(share)) return;
  out.Set("n_eff", share->n_eff);
  out.Set("deff", share->deff);
  out.Set("p", share->p);
}

void SurveyWilsonMethod(MethodInput& in, MethodOutput& out) {
  const auto interval =
      SurveyWilson(in.Number("p"), in.Number("n"), in.Number("deff", 1), in.Level());
  if (!out.Take(interval)) return;
  out.Set("n_eff", interval->n_eff);
  out.Limits(interval->interval);
}

void Raking(MethodInput& in, MethodOutput& out) {
  const std::vector<std::vector<double>> rows = in.Rows("table");
  Matrix table(rows.size(), rows.empty() ? 0 : rows.front().size());
  table.values.clear();
  for (const std::vector<double>& row : rows)
    table.values.insert(table.values.end(), row.begin(), row.end());
  const std::vector<double> row_margins = in.Numbers("row_margins");
  const std::vector<double> column_margins = in.Numbers("column_margins");
  if (!in.fault().ok()) return;
  const auto raked = Rake(table, row_margins, column_margins);
  if (!out.Take(raked)) return;
  ListValue list;
  for (std::size_t i = 0; i < raked->table.rows; ++i) {
    ListValue* row = list.add_values()->mutable_list_value();
    for (std::size_t j = 0; j < raked->table.columns; ++j)
      row->add_values()->set_number_value(raked->table.at(i, j));
  }
  out.Set("table", list);
  out.Set("rounds", raked->rounds);
}

void TenFiveMethod(MethodInput& in, MethodOutput& out) {
  const auto published = TenFive(in.Counts("counts"));
  if (!out.Take(published)) return;
  ListValue list;
  for (const std::optional<std::int64_t>& count : *published) {
    if (count) {
      list.add_values()->set_number_value(static_cast<double>(*count));
    } else {
      list.add_values()->set_null_value(google::protobuf::NULL_VALUE);
    }
  }
  out.Set("published", list);
}

constexpr NamedMethod kMethods[] = {
    {"survey.margin", Margin},
    {"survey.kish", KishMethod},
    {"survey.wilson", SurveyWilsonMethod},
    {"survey.raking", Raking},
    {"disclosure.ten_five", TenFiveMethod},
};

}  // namespace

std::span<const NamedMethod> SurveyMethods() {
  return kMethods;
}

}  // namespace holdfast::statistics
