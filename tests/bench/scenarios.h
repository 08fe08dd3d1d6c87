// Every scenario, by the number it has in docs/performance.md.
#pragma once

#include <span>
#include <string_view>

#include "absl/status/status.h"

namespace holdfast::bench {

class Bench;

struct Scenario {
  std::string_view name;
  std::string_view measures;
  absl::Status (*run)(Bench& bench);
};

std::span<const Scenario> Scenarios();

absl::Status E1(Bench& bench);
absl::Status E2(Bench& bench);
absl::Status E3(Bench& bench);
absl::Status E4(Bench& bench);
absl::Status E5(Bench& bench);
absl::Status E7(Bench& bench);
absl::Status E8(Bench& bench);
absl::Status E9(Bench& bench);
absl::Status E10(Bench& bench);
absl::Status E11(Bench& bench);
absl::Status E12(Bench& bench);
absl::Status E13(Bench& bench);
absl::Status E14(Bench& bench);
absl::Status E15(Bench& bench);
absl::Status E16(Bench& bench);
absl::Status E17(Bench& bench);
absl::Status E18(Bench& bench);
absl::Status E19(Bench& bench);
absl::Status E20(Bench& bench);
absl::Status E21(Bench& bench);
absl::Status E23(Bench& bench);
absl::Status E24(Bench& bench);
absl::Status E25(Bench& bench);
absl::Status E27(Bench& bench);

}  // namespace holdfast::bench
