// The three pictures of a site, as drawings. Places in time are months since year 0, a day being a
// fraction of its month.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "cli/report/html.h"

namespace holdfast::cli::report {

double PlaceOf(absl::CivilMonth month);
double PlaceOf(absl::CivilDay day);

// A phase as a band over a series.
struct Band {
  std::string phase;  // "CLEAR"
  std::string label;
  double from = 0;
  double to = 0;
};

struct ControlPicture {
  struct Point {
    absl::CivilMonth month;
    std::optional<double> value;  // absent: no data, which is not zero
    bool signal = false;
  };
  struct Mark {
    double at = 0;
    std::string letter;  // explained below the drawing
  };
  std::string id;
  std::string title;
  std::string described;
  std::string unit;
  std::vector<Point> points;  // every month of the span, in order
  std::optional<double> mean, lower, upper;
  std::vector<Band> bands;
  std::optional<std::pair<double, double>> baseline;
  std::vector<Mark> marks;
};

// A measure by month with its natural limits, phases, baseline, and months without data hatched.
Markup ControlChart(const ControlPicture& picture);

struct RankPicture {
  struct Point {
    std::optional<double> rank;  // absent: no rank
    double lower = 0;            // of the 90 % interval
    double upper = 0;
  };
  struct Series {
    std::string name;
    std::vector<Point> points;  // one for each period
  };
  std::string id;
  std::string title;
  std::string described;
  std::vector<std::string> periods;
  std::vector<Series> series;  // at most kMostRankSeries are drawn
  unsigned areas = 1;
};

inline constexpr std::size_t kMostRankSeries = 5;

// Ranks by half-year, each with its interval; the first place, the most severe, at the top.
Markup RankChart(const RankPicture& picture);

struct TimelinePicture {
  struct Bar {
    Band band;
    bool afterwards = false;
    bool open = false;
  };
  std::string id;
  std::string title;
  std::string described;
  std::vector<Bar> bars;  // a lane each
  double from = 0;
  double to = 0;  // the day of the report
};

Markup Timeline(const TimelinePicture& picture);

}  // namespace holdfast::cli::report
