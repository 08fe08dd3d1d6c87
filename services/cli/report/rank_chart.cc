#include <algorithm>
#include <cmath>
#include <string>

#include "cli/report/charts.h"
#include "cli/report/svg.h"

namespace holdfast::cli::report {
namespace {

constexpr double kWidth = 960;
constexpr double kHeight = 300;
constexpr double kLeft = 64;
constexpr double kRight = 170;
constexpr double kTop = 16;
constexpr double kBottom = 36;
constexpr double kBeside = 9;  // between the areas of one period
constexpr double kLabelRow = 16;

std::string ClassOf(std::size_t series) {
  return "rank-" + std::to_string(series);
}

std::optional<double> LastRank(const RankPicture::Series& series) {
  std::optional<double> last;
  for (const auto& point : series.points) {
    if (point.rank) last = point.rank;
  }
  return last;
}

Markup Axes(const RankPicture& picture, const Scale& x, const Scale& y) {
  Markup axes;
  std::vector<double> ticks = {1};
  for (const double tick : y.Ticks(6)) {
    if (tick > 1.5 && std::abs(tick - std::round(tick)) < 1e-9) ticks.push_back(tick);
  }
  for (const double tick : ticks) {
    axes += Line("grid", {kLeft, y(tick)}, {kWidth - kRight, y(tick)});
    axes += Label("", {kLeft - 7, y(tick) + 4}, "end",
                  std::to_string(static_cast<int>(std::lround(tick))));
  }
  for (std::size_t i = 0; i < picture.periods.size(); ++i) {
    axes += Label("", {x(static_cast<double>(i) + 0.5), kHeight - kBottom + 22}, "middle",
                  picture.periods[i]);
  }
  return axes;
}

Markup OneArea(const RankPicture::Series& series, std::size_t number, double beside, const Scale& x,
               const Scale& y) {
  Markup drawn;
  std::vector<std::optional<Place>> places;
  for (std::size_t i = 0; i < series.points.size(); ++i) {
    const RankPicture::Point& point = series.points[i];
    const double at = x(static_cast<double>(i) + 0.5) + beside;
    places.push_back(point.rank ? std::optional<Place>({at, y(*point.rank)}) : std::nullopt);
    if (point.rank)
      drawn += Line(ClassOf(number) + " interval", {at, y(point.lower)}, {at, y(point.upper)});
  }
  for (const auto& run : Runs(places)) drawn += Polyline(ClassOf(number) + " rank-line", run);
  for (const auto& place : places) {
    if (place) drawn += Dot(ClassOf(number) + " rank-dot", *place, 5);
  }
  return drawn;
}

// A half-year without a rank is hatched, as a month without data is in a series.
Markup NoRanks(const RankPicture& picture, const Scale& x) {
  Markup boxes;
  for (std::size_t i = 0; i < picture.periods.size(); ++i) {
    const bool ranked = std::any_of(
        picture.series.begin(), picture.series.end(),
        [i](const auto& s) { return i < s.points.size() && s.points[i].rank.has_value(); });
    if (ranked) continue;
    const double left = x(static_cast<double>(i));
    const double right = x(static_cast<double>(i) + 1);
    boxes += Element(
        "rect", Hatched(picture.id, {left + 4, kTop}, right - left - 8, kHeight - kTop - kBottom),
        Markup());
    const Place middle{(left + right) / 2, (kHeight - kBottom + kTop) / 2};
    boxes += right - left > WidthOf("no rank") + 16
                 ? Label("no-data-label", middle, "middle", "no rank")
                 : UprightLabel("no-data-label", middle, "no rank");
  }
  return boxes;
}

}  // namespace

Markup RankChart(const RankPicture& picture) {
  const Scale x(0, std::max(1.0, static_cast<double>(picture.periods.size())), kLeft,
                kWidth - kRight);
  const Scale y(1, std::max(2.0, static_cast<double>(picture.areas)), kTop + 10,
                kHeight - kBottom - 10);
  const std::size_t drawn = std::min(picture.series.size(), kMostRankSeries);
  Markup all = Axes(picture, x, y);
  all += NoRanks(picture, x);
  std::vector<double> taken;
  for (std::size_t s = 0; s < drawn; ++s) {
    const RankPicture::Series& series = picture.series[s];
    const double beside = (static_cast<double>(s) - static_cast<double>(drawn - 1) / 2) * kBeside;
    all += OneArea(series, s, beside, x, y);
    double at = y(LastRank(series).value_or(1)) + 4;
    const auto is_near = [&at](double other) { return std::abs(other - at) < kLabelRow; };
    while (std::any_of(taken.begin(), taken.end(), is_near)) at += kLabelRow;
    taken.push_back(at);
    all += Label(ClassOf(s) + " rank-label", {kWidth - kRight + 8, at}, "start", series.name);
  }
  return Drawing(picture.id, kWidth, kHeight, picture.title, picture.described, all);
}

}  // namespace holdfast::cli::report
