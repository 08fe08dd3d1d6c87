#include <algorithm>
#include <cmath>
#include <string>

#include "cli/report/charts.h"
#include "cli/report/svg.h"

namespace holdfast::cli::report {
namespace {

constexpr double kWidth = 960;
constexpr double kLane = 30;
constexpr double kLeft = 16;
constexpr double kRight = 16;
constexpr double kBottom = 30;

Markup OneBar(const TimelinePicture::Bar& bar, const Scale& x, double lane,
              const TimelinePicture& picture) {
  const double left = x(std::max(bar.band.from, picture.from));
  const double width = std::max(4.0, x(std::min(bar.band.to, picture.to)) - left);
  const double words = WidthOf(bar.band.label);
  Markup drawn = Box("bar bar-" + bar.band.phase + (bar.afterwards ? " bar-afterwards" : ""),
                     {left, lane + 4}, width, kLane - 8);
  const double baseline = lane + 20;
  if (words + 16 < width) {
    drawn += Label("label-on-bar", {left + 7, baseline}, "start", bar.band.label);
  } else if (left + width + words + 12 < kWidth - kRight) {
    drawn += Label("bar-label", {left + width + 7, baseline}, "start", bar.band.label);
  } else {
    drawn += Label("bar-label", {left - 7, baseline}, "end", bar.band.label);
  }
  return drawn;
}

}  // namespace

Markup Timeline(const TimelinePicture& picture) {
  const Scale x(picture.from, picture.to, kLeft, kWidth - kRight);
  const double foot = kLane * static_cast<double>(picture.bars.size());
  Markup all;
  for (double year = std::ceil(picture.from / 12); year * 12 <= picture.to; ++year) {
    all += Line("grid", {x(year * 12), 0}, {x(year * 12), foot});
    // Not where the drawing ends: the text would leave it.
    if (x(year * 12) + 38 < kWidth) {
      all += Label("", {x(year * 12) + 3, foot + 18}, "start",
                   std::to_string(static_cast<int>(std::lround(year))));
    }
  }
  all += Line("axis", {kLeft, foot}, {kWidth - kRight, foot});
  double lane = 0;
  for (const TimelinePicture::Bar& bar : picture.bars) {
    all += OneBar(bar, x, lane, picture);
    lane += kLane;
  }
  return Drawing(picture.id, kWidth, foot + kBottom, picture.title, picture.described, all);
}

}  // namespace holdfast::cli::report
