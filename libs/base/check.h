// A programmer's error ends the process; the journal restores it. Never for input, disk or network.
#pragma once

namespace holdfast {

[[noreturn]] void CheckFailed(const char* file, int line, const char* what);

}  // namespace holdfast

#define HOLDFAST_CHECK(condition)                                              \
  do {                                                                         \
    if (!(condition)) ::holdfast::CheckFailed(__FILE__, __LINE__, #condition); \
  } while (false)
