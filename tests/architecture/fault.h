// What a guard found: where, and in one sentence why it may not stay.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace holdfast::architecture {

struct Fault {
  std::string where;  // "libs/journal/journal.cc:12", or a name of a message
  std::string what;
};
using Faults = std::vector<Fault>;

inline std::ostream& operator<<(std::ostream& out, const Fault& fault) {
  return out << fault.where << ": " << fault.what;
}

}  // namespace holdfast::architecture
