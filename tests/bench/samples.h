// Figures of several runs of one thing, and what is said of them.
#pragma once

#include <string>
#include <vector>

namespace holdfast::bench {

class Samples {
 public:
  void Add(double value) { values_.push_back(value); }
  bool empty() const { return values_.empty(); }
  const std::vector<double>& values() const { return values_; }

  // Of no values: 0.
  double Min() const;
  double Median() const;
  double Max() const;

 private:
  std::vector<double> values_;
};

// Three significant digits, thousands apart: "0.412", "81.3", "214,000".
std::string Figure(double value);

}  // namespace holdfast::bench
