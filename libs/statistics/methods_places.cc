// JSON adapters: how crime lies in place, and in place and time.
#include <chrono>

#include "absl/strings/numbers.h"
#include "statistics/concentration.h"
#include "statistics/knox.h"
#include "statistics/method_io.h"
#include "statistics/scan.h"

namespace holdfast::statistics {
namespace {

void Gini(MethodInput& in, MethodOutput& out) {
  const auto answer = ConcentrationOf(in.Counts("counts"));
  if (!out.Take(answer)) return;
  out.Set("gini", answer->gini);
  out.Set("gini_unbiased", answer->unbiased);
  out.Set("generalised", answer->generalised);
  out.Set("generalised_unbiased", answer->generalised_unbiased);
  out.Set("share_of_places_25", answer->share_of_places_25);
  out.Set("share_of_places_50", answer->share_of_places_50);
}

void Pai(MethodInput& in, MethodOutput& out) {
  const auto pai = PredictionAccuracy(in.Count("crimes_in_area"), in.Count("crimes_total"),
                                      in.Number("area"), in.Number("area_total"));
  if (out.Take(pai)) out.Set("pai", *pai);
}

void Scan(MethodInput& in, MethodOutput& out) {
  const auto p = ScanProbability(in.Number("windows"), in.Number("mean"), in.Count("count"),
                                 in.Number("k", 2));
  if (out.Take(p)) out.Set("p", *p);
}

// Days since 1970 of "2016-01-31".
std::optional<std::int32_t> DayOf(std::string_view text) {
  std::int32_t year = 0;
  std::int32_t month = 0;
  std::int32_t day = 0;
  const auto number = [](std::string_view digits, std::int32_t& value) {
    return absl::SimpleAtoi(absl::string_view(digits.data(), digits.size()), &value) && value >= 0;
  };
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' || !number(text.substr(0, 4), year) ||
      !number(text.substr(5, 2), month) || !number(text.substr(8, 2), day))
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return static_cast<std::int32_t>(std::chrono::sys_days(date).time_since_epoch().count());
}

std::vector<PlacedEvent> EventsOf(MethodInput& in) {
  std::vector<PlacedEvent> events;
  const auto data = in.Data();
  if (!in.fault().ok()) return events;
  const std::vector<double> x = in.Column(data, "x");
  const std::vector<double> y = in.Column(data, "y");
  const auto dates = data.find("date");
  if (dates == data.end()) in.Refuse("date", "the data file has no such column");
  if (!in.fault().ok()) return events;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto day = DayOf(dates->second[i]);
    if (!day) in.Refuse("date", "the data file holds something that is no date (2016-01-31)");
    events.push_back({x[i], y[i], day.value_or(0)});
  }
  return events;
}

std::vector<std::int32_t> DayEdges(MethodInput& in) {
  std::vector<std::int32_t> edges;
  for (const std::int64_t edge : in.Counts("time_edges_days"))
    edges.push_back(static_cast<std::int32_t>(std::min<std::int64_t>(edge, 10'000'000)));
  return edges;
}

void KnoxMethod(MethodInput& in, MethodOutput& out) {
  const std::vector<PlacedEvent> events = EventsOf(in);
  const std::string metric = in.Text("metric", "MANHATTAN");
  if (metric != "MANHATTAN" && metric != "EUCLIDEAN")
    in.Refuse("metric", "give MANHATTAN or EUCLIDEAN");
  const KnoxBins bins{metric == "EUCLIDEAN" ? Metric::kEuclidean : Metric::kManhattan,
                      in.Numbers("distance_edges"), DayEdges(in)};
  const std::vector<std::int64_t> place =
      in.Has("cell") ? in.Counts("cell") : std::vector<std::int64_t>();
  const std::int64_t permutations = in.Count("permutations", std::int64_t{999});
  const std::uint64_t seed = in.Seed("seed");
  if (in.Has("cell") && place.size() != 2) in.Refuse("cell", "give [distance bin, time bin]");
  if (!in.fault().ok()) return;
  const auto table = Knox(events, bins);
  if (!out.Take(table)) return;
  google::protobuf::ListValue rows;
  for (const std::vector<std::int64_t>& row : table->pairs) {
    for (auto* list = rows.add_values()->mutable_list_value(); const std::int64_t pairs : row)
      list->add_values()->set_number_value(static_cast<double>(pairs));
  }
  out.Set("pairs", rows);
  out.Set("total", table->total);
  if (place.empty()) return;
  const auto cell = KnoxPermutation(
      events, bins, static_cast<std::size_t>(place[0]), static_cast<std::size_t>(place[1]),
      static_cast<std::int32_t>(std::min<std::int64_t>(permutations, 1'000'000)), seed);
  if (!out.Take(cell)) return;
  out.Set("observed", cell->observed);
  out.Set("expected_from_margins", cell->expected_from_margins);
  out.Set("ratio", cell->ratio);
  out.Set("p", cell->p);
}

void KnoxLabels(MethodInput& in, MethodOutput& out) {
  const auto labels = KnoxTimeLabels(DayEdges(in));
  if (!out.Take(labels)) return;
  google::protobuf::ListValue list;
  for (const std::string& label : *labels) list.add_values()->set_string_value(label);
  out.Set("labels", list);
}

constexpr NamedMethod kMethods[] = {
    {"gini", Gini}, {"pai", Pai}, {"scan", Scan}, {"knox", KnoxMethod}, {"knox.labels", KnoxLabels},
};

}  // namespace

std::span<const NamedMethod> PlaceMethods() {
  return kMethods;
}

}  // namespace holdfast::statistics
