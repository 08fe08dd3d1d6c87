#include "statistics/knox.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <tuple>

#include "statistics/philox.h"

namespace holdfast::statistics {
namespace {

constexpr std::size_t kMostPairs = 20'000'000;

template <class T>
bool RisingFromZero(std::span<const T> edges) {
  return !edges.empty() && edges.front() == T{0} &&
         std::adjacent_find(edges.begin(), edges.end(), std::greater_equal<>()) == edges.end();
}

template <class T>
std::size_t BinOf(std::span<const T> edges, T value) {
  return static_cast<std::size_t>(std::upper_bound(edges.begin(), edges.end(), value) -
                                  edges.begin()) -
         1;
}

std::optional<Undefined> Fault(std::span<const PlacedEvent> events, const KnoxBins& bins) {
  const bool edges_fit = RisingFromZero(std::span(bins.distance_edges)) &&
                         RisingFromZero(std::span(bins.time_edges_days)) &&
                         std::all_of(bins.distance_edges.begin(), bins.distance_edges.end(),
                                     [](double edge) { return std::isfinite(edge); });
  const bool placed = std::all_of(events.begin(), events.end(), [](const PlacedEvent& event) {
    return std::abs(event.x) <= 1e12 && std::abs(event.y) <= 1e12 &&
           std::abs(event.day) <= 10'000'000;
  });
  if (!edges_fit || !placed) return Undefined::kInputOutOfRange;
  if (events.size() < 2) return Undefined::kTooFew;
  if (events.size() > kMostKnoxEvents) return Undefined::kTooLarge;
  return std::nullopt;
}

double Distance(const PlacedEvent& a, const PlacedEvent& b, Metric metric) {
  const double dx = std::abs(a.x - b.x);
  const double dy = std::abs(a.y - b.y);
  return metric == Metric::kManhattan ? dx + dy : std::hypot(dx, dy);
}

// Calls visit(i, j, distance bin) once for each pair that is nearer than the last edge.
void VisitNearPairs(std::span<const PlacedEvent> events, const KnoxBins& bins,
                    const std::function<void(std::size_t, std::size_t, std::size_t)>& visit) {
  const double reach = bins.distance_edges.back();
  if (reach == 0) return;
  struct Placed {
    std::int64_t column;
    std::int64_t row;
    std::size_t event;
    bool operator<(const Placed& other) const {
      return std::tie(column, row, event) < std::tie(other.column, other.row, other.event);
    }
  };
  // Cells no smaller than the reach, and no so small that their numbers overflow.
  const double cell = std::max(reach, 1e-6);
  std::vector<Placed> grid;
  for (std::size_t i = 0; i < events.size(); ++i)
    grid.push_back({static_cast<std::int64_t>(std::floor(events[i].x / cell)),
                    static_cast<std::int64_t>(std::floor(events[i].y / cell)), i});
  std::sort(grid.begin(), grid.end());
  for (const Placed& here : grid) {
    for (std::int64_t column = here.column - 1; column <= here.column + 1; ++column) {
      for (auto there = std::lower_bound(grid.begin(), grid.end(), Placed{column, here.row - 1, 0});
           there != grid.end() && there->column == column && there->row <= here.row + 1; ++there) {
        if (there->event <= here.event) continue;
        const double distance = Distance(events[here.event], events[there->event], bins.metric);
        if (distance < reach)
          visit(here.event, there->event, BinOf(std::span(bins.distance_edges), distance));
      }
    }
  }
}

// Pairs by time bin alone, from how many days apart sorted days lie.
std::vector<std::int64_t> TimeMargin(std::span<const PlacedEvent> events,
                                     std::span<const std::int32_t> edges) {
  std::vector<std::int32_t> days;
  for (const PlacedEvent& event : events) days.push_back(event.day);
  std::sort(days.begin(), days.end());
  std::vector<std::int64_t> at_least(edges.size() + 1, 0);  // pairs at least that far apart
  for (std::size_t bin = 0; bin < edges.size(); ++bin) {
    for (std::size_t later = 0, earlier = 0; later < days.size(); ++later) {
      while (earlier < later && days[later] - days[earlier] >= edges[bin]) ++earlier;
      at_least[bin] += static_cast<std::int64_t>(earlier);
    }
  }
  std::vector<std::int64_t> margin(edges.size());
  for (std::size_t bin = 0; bin < edges.size(); ++bin)
    margin[bin] = at_least[bin] - at_least[bin + 1];
  return margin;
}

std::size_t TimeBin(const KnoxBins& bins, std::int32_t a, std::int32_t b) {
  return BinOf(std::span<const std::int32_t>(bins.time_edges_days), std::abs(a - b));
}

std::vector<std::int32_t> Permuted(std::vector<std::int32_t> days, std::uint32_t run,
                                   std::uint64_t seed) {
  for (std::size_t i = days.size(); i-- > 1;) {
    const PhiloxBlock words = Philox({run, static_cast<std::uint32_t>(i), 0, 0}, seed);
    const auto other =
        static_cast<std::size_t>(Uniform(words[0], words[1]) * static_cast<double>(i + 1));
    std::swap(days[i], days[std::min(other, i)]);
  }
  return days;
}

}  // namespace

Result<KnoxTable> Knox(std::span<const PlacedEvent> events, const KnoxBins& bins) {
  if (const auto fault = Fault(events, bins)) return Because(*fault);
  const std::size_t places = bins.distance_edges.size();
  KnoxTable table;
  table.pairs.assign(places, std::vector<std::int64_t>(bins.time_edges_days.size(), 0));
  VisitNearPairs(events, bins, [&](std::size_t i, std::size_t j, std::size_t distance_bin) {
    ++table.pairs[distance_bin][TimeBin(bins, events[i].day, events[j].day)];
  });
  // What is not near is far.
  const std::vector<std::int64_t> margin = TimeMargin(events, bins.time_edges_days);
  for (std::size_t time = 0; time < margin.size(); ++time) {
    std::int64_t near = 0;
    for (std::size_t place = 0; place + 1 < places; ++place) near += table.pairs[place][time];
    table.pairs[places - 1][time] = margin[time] - near;
    table.total += margin[time];
  }
  return table;
}

Result<KnoxCell> KnoxPermutation(std::span<const PlacedEvent> events, const KnoxBins& bins,
                                 std::size_t distance_bin, std::size_t time_bin,
                                 std::int32_t permutations, std::uint64_t seed) {
  const Result<KnoxTable> table = Knox(events, bins);
  if (!table) return Because(table.error());
  if (distance_bin >= bins.distance_edges.size() || time_bin >= bins.time_edges_days.size() ||
      permutations < 1 || permutations > 100'000)
    return Because(Undefined::kInputOutOfRange);
  // The far bin is what the near ones leave of the time margin, and no permutation changes that.
  const bool far = distance_bin + 1 == bins.distance_edges.size();
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
  VisitNearPairs(events, bins, [&](std::size_t i, std::size_t j, std::size_t bin) {
    if ((far || bin == distance_bin) && pairs.size() <= kMostPairs)
      pairs.emplace_back(static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(j));
  });
  if (pairs.size() > kMostPairs) return Because(Undefined::kTooLarge);

  std::int64_t row = 0;
  std::int64_t column = 0;
  for (std::size_t time = 0; time < bins.time_edges_days.size(); ++time)
    row += table->pairs[distance_bin][time];
  for (const std::vector<std::int64_t>& place : table->pairs) column += place[time_bin];
  KnoxCell cell;
  cell.observed = table->pairs[distance_bin][time_bin];
  cell.expected_from_margins =
      static_cast<double>(row) * static_cast<double>(column) / static_cast<double>(table->total);
  if (cell.expected_from_margins > 0)
    cell.ratio = static_cast<double>(cell.observed) / cell.expected_from_margins;

  std::vector<std::int32_t> days;
  for (const PlacedEvent& event : events) days.push_back(event.day);
  std::int32_t as_many = 0;
  for (std::int32_t run = 0; run < permutations; ++run) {
    const std::vector<std::int32_t> permuted =
        Permuted(days, static_cast<std::uint32_t>(run), seed);
    std::int64_t found = 0;
    for (const auto& [i, j] : pairs)
      found += TimeBin(bins, permuted[i], permuted[j]) == time_bin ? 1 : 0;
    if ((far ? column - found : found) >= cell.observed) ++as_many;
  }
  cell.p = (1.0 + as_many) / (1.0 + permutations);
  return cell;
}

Result<std::vector<std::string>> KnoxTimeLabels(std::span<const std::int32_t> edges) {
  if (!RisingFromZero(edges)) return Because(Undefined::kInputOutOfRange);
  const auto days = [](std::int32_t day) {
    return day == 0 ? std::string("same day")
                    : std::to_string(day) + (day == 1 ? " day later" : " days later");
  };
  std::vector<std::string> labels;
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    const std::int32_t last = edges[i + 1] - 1;
    if (last == edges[i]) {
      labels.push_back(days(last));
    } else {
      labels.push_back((edges[i] == 0 ? "same day" : std::to_string(edges[i])) + " to " +
                       days(last));
    }
  }
  labels.push_back(std::to_string(edges.back()) + " or more days later");
  return labels;
}

}  // namespace holdfast::statistics
