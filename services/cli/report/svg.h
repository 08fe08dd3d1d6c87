// Drawing: scales with round ticks, places, lines and texts. The same geometry as the page's charts
// (services/gateway/web/src/charts).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/report/html.h"

namespace holdfast::cli::report {

// From [low, high] to [from, to]; where they are equal, a span of 1.
class Scale {
 public:
  Scale(double low, double high, double from, double to);
  double operator()(double value) const;
  // Round values within [low, high]: 1, 2 or 5 times a power of ten apart, about `wanted` of them.
  std::vector<double> Ticks(int wanted) const;

 private:
  double low_, span_, from_, to_;
};

using Place = std::pair<double, double>;

// One decimal, as SVG attributes want it.
std::string Coordinate(double value);
Markup Line(std::string_view css_class, Place from, Place to);
Markup Box(std::string_view css_class, Place corner, double width, double height);
Markup Dot(std::string_view css_class, Place centre, double radius);
// `anchor`: start, middle, end.
Markup Label(std::string_view css_class, Place at, std::string_view anchor, std::string_view text);
// Read from below to above, its middle at the place.
Markup UprightLabel(std::string_view css_class, Place at, std::string_view text);
// Through the places in order; nothing for fewer than two.
Markup Polyline(std::string_view css_class, const std::vector<Place>& places);
// Runs of neighbours that have a place: a line breaks where there is none.
std::vector<std::vector<Place>> Runs(const std::vector<std::optional<Place>>& places);

// How wide a text of 13 px is, roughly: for placing labels, not for measuring.
double WidthOf(std::string_view text);

// A drawing named by `title` and `described`, sentences that say what it shows. `id`: unique in the
// document.
Markup Drawing(std::string_view id, double width, double height, std::string_view title,
               std::string_view described, const Markup& inner);
// How "no data" is filled within the drawing `id`: url(#…) of its own hatch.
Attributes Hatched(std::string_view id, Place corner, double width, double height);

}  // namespace holdfast::cli::report
