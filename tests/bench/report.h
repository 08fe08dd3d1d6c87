// What was measured, as one table for people and as JSON for whatever compares.
//
//   path | ours | limit | ratio | target | spread
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "samples.h"

namespace holdfast::bench {

// Which side of the target is good: rates want a ratio of at least it, costs one of at most it.
enum class Sense { kAtLeast, kAtMost };

struct Row {
  std::string scenario;    // "E1"
  std::string path;        // what is measured
  std::string unit;        // of both figures: "commands/s", "ms"
  std::string against;     // what the limit is
  std::string durability;  // "fsync before answer"; empty where nothing is written
  std::string note;
  Sense sense = Sense::kAtLeast;
  double target = 0;
  std::string skipped;  // why there are no figures; empty where there are
  Samples ours;
  Samples limit;
  Samples ratio;  // of each run, ours over limit

  bool Reached() const;
};

class Report {
 public:
  void Add(Row row) { rows_.push_back(std::move(row)); }
  const std::vector<Row>& rows() const { return rows_; }

  void PrintTable(std::ostream& out) const;
  // {"machine": …, "rows": […]} with every sample.
  std::string Json() const;

 private:
  std::vector<Row> rows_;
};

// One row as one line of JSON.
std::string JsonLine(const Row& row);

// What may be said of the machine without naming it: cores, memory, kernel.
std::string MachineClass();

}  // namespace holdfast::bench
