// How far a long command is: a bar on a terminal, a line every five seconds elsewhere. On stderr
// only.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace holdfast::cli {

class Progress {
 public:
  explicit Progress(std::string what);
  ~Progress();  // ends the line
  void At(std::uint64_t done, std::uint64_t all);
  // Where nobody knows how many there are.
  void Count(std::uint64_t done);

 private:
  const std::string what_;
  const bool terminal_;
  absl::Time begun_;
  absl::Time said_ = absl::InfinitePast();
  bool drawn_ = false;
};

// One line on stderr.
void Say(const std::string& line);

}  // namespace holdfast::cli
