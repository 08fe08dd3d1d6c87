#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace holdfast {

void CheckFailed(const char* file, int line, const char* what) {
  std::fprintf(
      stderr,
      "{\"level\":\"fatal\",\"event\":\"check_failed\",\"at\":\"%s:%d\",\"check\":\"%s\"}\n", file,
      line, what);
  std::abort();
}

}  // namespace holdfast
