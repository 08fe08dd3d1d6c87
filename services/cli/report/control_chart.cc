#include <algorithm>

#include "base/month_number.h"
#include "cli/report/charts.h"
#include "cli/report/svg.h"
#include "cli/report/words.h"

namespace holdfast::cli::report {
namespace {

constexpr double kWidth = 960;
constexpr double kPlot = 236;
constexpr double kLeft = 64;
constexpr double kRight = 16;
constexpr double kRow = 17;
constexpr double kBottom = 40;

// Lays labels out in rows so that none covers another.
class Rows {
 public:
  std::size_t RowFor(double from, double to) {
    for (std::size_t row = 0; row < ends_.size(); ++row) {
      if (ends_[row] <= from) {
        ends_[row] = to;
        return row;
      }
    }
    ends_.push_back(to);
    return ends_.size() - 1;
  }
  std::size_t size() const { return ends_.size(); }

 private:
  std::vector<double> ends_;
};

class Chart {
 public:
  explicit Chart(const ControlPicture& picture)
      : picture_(picture),
        first_(PlaceOf(picture.points.front().month)),
        end_(PlaceOf(picture.points.back().month) + 1),
        x_(first_, end_, kLeft, kWidth - kRight),
        y_(0, Highest(picture), 0, 0) {}

  Markup Draw() {
    const Markup bands = Bands();  // the rows of their labels decide where the plot begins
    top_ = 8 + kRow * static_cast<double>(std::max<std::size_t>(1, rows_.size()));
    bottom_ = top_ + kPlot;
    y_ = Scale(0, Highest(picture_), bottom_, top_);
    Markup all = Baseline();
    all += BandBoxes();
    all += bands;
    all += Axes();
    all += NoData();
    all += Limits();
    all += Marks();
    all += Values();
    return Drawing(picture_.id, kWidth, bottom_ + kBottom, picture_.title, picture_.described, all);
  }

 private:
  static double Highest(const ControlPicture& picture) {
    double high = std::max(1.0, picture.upper.value_or(0));
    for (const auto& point : picture.points) high = std::max(high, point.value.value_or(0));
    return high * 1.08;
  }

  double Clip(double place) const { return std::clamp(place, first_, end_); }

  bool IsVisible(const Band& band) const { return band.to > first_ && band.from < end_; }

  Markup Bands() {
    Markup labels;
    for (const Band& band : picture_.bands) {
      if (!IsVisible(band)) continue;
      const double left = std::min(x_(Clip(band.from)) + 3, kWidth - kRight - WidthOf(band.label));
      const std::size_t row = rows_.RowFor(left, left + WidthOf(band.label) + 8);
      labels += Label("band-label band-label-" + band.phase,
                      {left, 14 + kRow * static_cast<double>(row)}, "start", band.label);
    }
    return labels;
  }

  Markup BandBoxes() const {
    Markup boxes;
    for (const Band& band : picture_.bands) {
      if (!IsVisible(band)) continue;
      const double left = x_(Clip(band.from));
      boxes += Box("band band-" + band.phase, {left, top_}, x_(Clip(band.to)) - left, kPlot);
    }
    return boxes;
  }

  Markup Baseline() const {
    if (!picture_.baseline || picture_.baseline->second <= first_ ||
        picture_.baseline->first >= end_) {
      return Markup();
    }
    const double left = x_(Clip(picture_.baseline->first));
    Markup baseline =
        Box("baseline", {left, top_}, x_(Clip(picture_.baseline->second)) - left, kPlot);
    baseline += Label("quiet", {left + 5, bottom_ - 7}, "start", "Baseline");
    return baseline;
  }

  Markup Axes() const {
    Markup axes;
    for (const double tick : y_.Ticks(5)) {
      axes += Line("grid", {kLeft, y_(tick)}, {kWidth - kRight, y_(tick)});
      axes += Label("", {kLeft - 7, y_(tick) + 4}, "end", Number(tick));
    }
    for (const auto& point : picture_.points) {
      const bool january = point.month.month() == 1;
      const double at = x_(PlaceOf(point.month));
      const bool first = &point == &picture_.points.front();
      if (!january && !first) continue;
      axes += Line("axis", {at, bottom_}, {at, bottom_ + 6});
      // Room for the first month's name before the year that follows it.
      if (!january && x_(PlaceOf(absl::CivilMonth(point.month.year() + 1, 1))) - at < 62) continue;
      axes += Label("", {at + 2, bottom_ + 20}, "start",
                    january ? std::to_string(point.month.year()) : ShortMonth(point.month));
    }
    axes += Line("axis", {kLeft, bottom_}, {kWidth - kRight, bottom_});
    return axes;
  }

  Markup NoData() const {
    Markup boxes;
    const auto& points = picture_.points;
    for (std::size_t i = 0; i < points.size();) {
      std::size_t end = i;
      while (end < points.size() && !points[end].value) ++end;
      if (end == i) {
        ++i;
        continue;
      }
      const double left = x_(PlaceOf(points[i].month));
      const double right = x_(PlaceOf(points[end - 1].month) + 1);
      boxes += Element("rect", Hatched(picture_.id, {left, top_}, right - left, kPlot), Markup());
      const Place middle{(left + right) / 2, (top_ + bottom_) / 2};
      boxes += right - left > WidthOf("no data") + 8
                   ? Label("no-data-label", middle, "middle", "no data")
                   : UprightLabel("no-data-label", middle, "no data");
      i = end;
    }
    return boxes;
  }

  Markup Limits() const {
    Markup lines;
    const auto draw = [&](const char* css_class, const std::optional<double>& value) {
      if (!value) return;
      const double at = y_(std::max(0.0, *value));
      lines += Line(css_class, {kLeft, at}, {kWidth - kRight, at});
    };
    draw("mean", picture_.mean);
    draw("limit", picture_.lower);
    draw("limit", picture_.upper);
    return lines;
  }

  Markup Marks() const {
    Markup marks;
    for (const auto& mark : picture_.marks) {
      if (mark.at < first_ || mark.at > end_) continue;
      marks += Line("break", {x_(mark.at), top_}, {x_(mark.at), bottom_});
      marks += Label("break-label", {x_(mark.at) + 4, top_ + 13}, "start", mark.letter);
    }
    return marks;
  }

  Markup Values() const {
    std::vector<std::optional<Place>> places;
    for (const auto& point : picture_.points) {
      places.push_back(
          point.value ? std::optional<Place>({x_(PlaceOf(point.month) + 0.5), y_(*point.value)})
                      : std::nullopt);
    }
    Markup values;
    for (const auto& run : Runs(places)) values += Polyline("series", run);
    for (std::size_t i = 0; i < places.size(); ++i) {
      const bool signal = picture_.points[i].signal;
      if (places[i]) values += Dot(signal ? "signal" : "point", *places[i], signal ? 5 : 3);
    }
    return values;
  }

  const ControlPicture& picture_;
  const double first_;
  const double end_;
  const Scale x_;
  Scale y_;
  double top_ = 0;
  double bottom_ = 0;
  Rows rows_;
};

}  // namespace

double PlaceOf(absl::CivilMonth month) {
  return static_cast<double>(MonthNumber(month));
}

double PlaceOf(absl::CivilDay day) {
  return PlaceOf(absl::CivilMonth(day)) + (day.day() - 1) / 31.0;
}

Markup ControlChart(const ControlPicture& picture) {
  return picture.points.empty() ? Markup() : Chart(picture).Draw();
}

}  // namespace holdfast::cli::report
