// One target under libFuzzer; which one, the build says.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "targets.h"

namespace {

const holdfast::fuzz::Target& Chosen() {
  for (const holdfast::fuzz::Target& target : holdfast::fuzz::Targets()) {
    if (target.name == HOLDFAST_FUZZ_TARGET) return target;
  }
  HOLDFAST_CHECK(false);
  return holdfast::fuzz::Targets().front();
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it so.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const holdfast::fuzz::Target& target = Chosen();
  target.run({reinterpret_cast<const char*>(data), size});
  return 0;
}
