#include "cli/report/svg.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace holdfast::cli::report {
namespace {

constexpr double kPixelsPerCharacter = 6.9;

std::string HatchId(std::string_view id) {
  return "hatch-" + std::string(id);
}

}  // namespace

Scale::Scale(double low, double high, double from, double to)
    : low_(low), span_(high > low ? high - low : 1), from_(from), to_(to) {}

double Scale::operator()(double value) const {
  return from_ + (value - low_) / span_ * (to_ - from_);
}

std::vector<double> Scale::Ticks(int wanted) const {
  const double rough = span_ / std::max(1, wanted);
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough) {
      step = factor * power;
      break;
    }
  }
  std::vector<double> ticks;
  const double first = std::ceil(low_ / step);
  for (int i = 0; (first + i) * step <= low_ + span_ + step * 1e-9; ++i)
    ticks.push_back((first + i) * step);
  return ticks;
}

std::string Coordinate(double value) {
  char out[64];
  std::snprintf(out, sizeof out, "%.1f", value);
  return out;
}

Markup Line(std::string_view css_class, Place from, Place to) {
  return Element("line",
                 {{"class", std::string(css_class)},
                  {"x1", Coordinate(from.first)},
                  {"y1", Coordinate(from.second)},
                  {"x2", Coordinate(to.first)},
                  {"y2", Coordinate(to.second)}},
                 Markup());
}

Markup Box(std::string_view css_class, Place corner, double width, double height) {
  return Element("rect",
                 {{"class", std::string(css_class)},
                  {"x", Coordinate(corner.first)},
                  {"y", Coordinate(corner.second)},
                  {"width", Coordinate(std::max(1.0, width))},
                  {"height", Coordinate(std::max(1.0, height))}},
                 Markup());
}

Markup Dot(std::string_view css_class, Place centre, double radius) {
  return Element("circle",
                 {{"class", std::string(css_class)},
                  {"cx", Coordinate(centre.first)},
                  {"cy", Coordinate(centre.second)},
                  {"r", Coordinate(radius)}},
                 Markup());
}

Markup Label(std::string_view css_class, Place at, std::string_view anchor, std::string_view text) {
  return Element("text",
                 {{"class", std::string(css_class)},
                  {"x", Coordinate(at.first)},
                  {"y", Coordinate(at.second)},
                  {"text-anchor", std::string(anchor)}},
                 text);
}

Markup UprightLabel(std::string_view css_class, Place at, std::string_view text) {
  return Element("text",
                 {{"class", std::string(css_class)},
                  {"transform", "translate(" + Coordinate(at.first + 4) + " " +
                                    Coordinate(at.second) + ") rotate(-90)"},
                  {"text-anchor", "middle"}},
                 text);
}

Markup Polyline(std::string_view css_class, const std::vector<Place>& places) {
  if (places.size() < 2) return Markup();
  std::string path;
  for (const Place& place : places) {
    path += (path.empty() ? "M" : "L") + Coordinate(place.first) + " " + Coordinate(place.second);
  }
  return Element("path", {{"class", std::string(css_class)}, {"d", path}}, Markup());
}

std::vector<std::vector<Place>> Runs(const std::vector<std::optional<Place>>& places) {
  std::vector<std::vector<Place>> runs;
  bool open = false;
  for (const std::optional<Place>& place : places) {
    if (place && !open) runs.emplace_back();
    open = place.has_value();
    if (place) runs.back().push_back(*place);
  }
  return runs;
}

double WidthOf(std::string_view text) {
  const auto characters = std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  });
  return kPixelsPerCharacter * static_cast<double>(characters);
}

Markup Drawing(std::string_view id, double width, double height, std::string_view title,
               std::string_view described, const Markup& inner) {
  const std::string name(id);
  Markup all = Element("title", {{"id", name + "-title"}}, title);
  all += Element("desc", {{"id", name + "-desc"}}, described);
  Markup stripes = Box("hatch-ground", {0, 0}, 7, 7);
  stripes += Line("hatch-line", {0, 0}, {0, 7});
  all += Element("defs", Element("pattern",
                                 {{"id", HatchId(id)},
                                  {"width", "7"},
                                  {"height", "7"},
                                  {"patternUnits", "userSpaceOnUse"},
                                  {"patternTransform", "rotate(45)"}},
                                 stripes));
  all += inner;
  return Element("svg",
                 {{"class", "chart"},
                  {"viewBox", "0 0 " + Coordinate(width) + " " + Coordinate(height)},
                  {"role", "img"},
                  {"aria-labelledby", name + "-title " + name + "-desc"}},
                 all);
}

Attributes Hatched(std::string_view id, Place corner, double width, double height) {
  return {{"class", "no-data"},
          {"fill", "url(#" + HatchId(id) + ")"},
          {"x", Coordinate(corner.first)},
          {"y", Coordinate(corner.second)},
          {"width", Coordinate(std::max(1.0, width))},
          {"height", Coordinate(std::max(1.0, height))}};
}

}  // namespace holdfast::cli::report
