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

using Visitor = std::function<void(std::size_t, std::size_t, std::size_t)>;

// Events in square cells no smaller than the last distance edge, so that near pairs lie in
// neighbouring cells.
class Grid {
 public:
  Grid(std::span<const PlacedEvent> events, const KnoxBins& bins) : events_(events), bins_(bins) {
    const double cell = std::max(bins.distance_edges.back(), 1e-6);  // cell numbers fit in 64 bits
    placed_.reserve(events.size());
    for (std::size_t i = 0; i < events.size(); ++i)
      placed_.push_back({static_cast<std::int64_t>(std::floor(events[i].x / cell)),
                         static_cast<std::int64_t>(std::floor(events[i].y / cell)), i});
    std::sort(placed_.begin(), placed_.end());
  }

  // Calls visit(i, j, distance bin) once for each pair that is nearer than the last edge.
  void VisitNearPairs(const Visitor& visit) const {
    if (bins_.distance_edges.back() == 0) return;
    for (const Placed& here : placed_) {
      for (std::int64_t column = here.column - 1; column <= here.column + 1; ++column)
        VisitColumn(here, column, visit);
    }
  }

 private:
  struct Placed {
    std::int64_t column;
    std::int64_t row;
    std::size_t event;
    bool operator<(const Placed& other) const {
      return std::tie(column, row, event) < std::tie(other.column, other.row, other.event);
    }
  };

  void VisitColumn(const Placed& here, std::int64_t column, const Visitor& visit) const {
    for (auto there =
             std::lower_bound(placed_.begin(), placed_.end(), Placed{column, here.row - 1, 0});
         there != placed_.end() && there->column == column && there->row <= here.row + 1; ++there) {
      if (there->event <= here.event) continue;
      const double distance = Distance(events_[here.event], events_[there->event], bins_.metric);
      if (distance < bins_.distance_edges.back())
        visit(here.event, there->event,
              BinOf(std::span<const double>(bins_.distance_edges), distance));
    }
  }

  std::span<const PlacedEvent> events_;
  const KnoxBins& bins_;
  std::vector<Placed> placed_;
};

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
  const auto count = [&](std::size_t i, std::size_t j, std::size_t distance_bin) {
    ++table.pairs[distance_bin][TimeBin(bins, events[i].day, events[j].day)];
  };
  Grid(events, bins).VisitNearPairs(count);
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

namespace {

using Pairs = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

// Pairs of one near distance bin; of all of them if none is named. One more than the most where
// there are too many.
Pairs NearPairs(std::span<const PlacedEvent> events, const KnoxBins& bins,
                std::optional<std::size_t> distance_bin) {
  Pairs pairs;
  const auto keep = [&](std::size_t i, std::size_t j, std::size_t bin) {
    if (bin == distance_bin.value_or(bin) && pairs.size() <= kMostPairs)
      pairs.emplace_back(static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(j));
  };
  Grid(events, bins).VisitNearPairs(keep);
  return pairs;
}

// Observed and expected of a cell; p is still open.
KnoxCell CellOf(const KnoxTable& table, std::size_t distance_bin, std::size_t time_bin) {
  const std::vector<std::int64_t>& places = table.pairs[distance_bin];
  const auto row =
      static_cast<double>(std::accumulate(places.begin(), places.end(), std::int64_t{0}));
  double column = 0;
  for (const std::vector<std::int64_t>& place : table.pairs)
    column += static_cast<double>(place[time_bin]);
  KnoxCell cell;
  cell.observed = places[time_bin];
  cell.expected_from_margins = row * column / static_cast<double>(table.total);
  if (cell.expected_from_margins > 0)
    cell.ratio = static_cast<double>(cell.observed) / cell.expected_from_margins;
  return cell;
}

}  // namespace

Result<KnoxCell> KnoxPermutation(std::span<const PlacedEvent> events, const KnoxBins& bins,
                                 std::size_t distance_bin, std::size_t time_bin,
                                 std::int32_t permutations, std::uint64_t seed) {
  const Result<KnoxTable> table = Knox(events, bins);
  if (!table) return Because(table.error());
  if (distance_bin >= bins.distance_edges.size() || time_bin >= bins.time_edges_days.size() ||
      permutations < 1 || permutations > 100'000)
    return Because(Undefined::kInputOutOfRange);
  // The far bin is what the near ones leave of its time bin, whose total no permutation changes: as
  // many or more far pairs are as few or fewer near ones.
  const bool far = distance_bin + 1 == bins.distance_edges.size();
  const Pairs pairs = NearPairs(events, bins, far ? std::nullopt : std::optional(distance_bin));
  if (pairs.size() > kMostPairs) return Because(Undefined::kTooLarge);

  std::vector<std::int32_t> days;
  days.reserve(events.size());
  for (const PlacedEvent& event : events) days.push_back(event.day);
  const auto found_in = [&](const std::vector<std::int32_t>& dates) {
    return std::count_if(pairs.begin(), pairs.end(), [&](const auto& pair) {
      return TimeBin(bins, dates[pair.first], dates[pair.second]) == time_bin;
    });
  };
  const auto observed = found_in(days);
  std::int32_t as_many = 0;
  for (std::int32_t run = 0; run < permutations; ++run) {
    const auto found = found_in(Permuted(days, static_cast<std::uint32_t>(run), seed));
    if (far ? found <= observed : found >= observed) ++as_many;
  }
  KnoxCell cell = CellOf(*table, distance_bin, time_bin);
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
