// holdfast-bench [--report FILE] [NAME…]: runs the scenarios (all, or those named), prints a line
// of JSON for each row as it comes and one table at the end.
//
//   environment  HOLDFAST_BENCH_RUNS    runs after the warm-up (5; fewer is for trying out)
//                HOLDFAST_BENCH_SLICE   seconds of one run (2)
//                HOLDFAST_BENCH_GROWTH  events of E17 and E24 (1,000,000)
//                HOLDFAST_BENCH_CRIMES  crimes of E23 (2,000,000)
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "bench.h"
#include "rpc/library_log.h"
#include "scenarios.h"

namespace holdfast::bench {
namespace {

struct Arguments {
  std::string report;
  std::vector<std::string> names;
  bool good = true;
};

Arguments Read(int argc, const char* const* argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--report" && i + 1 < argc) {
      arguments.report = argv[++i];
    } else if (word.starts_with("-")) {
      arguments.good = false;
    } else {
      arguments.names.push_back(word);
    }
  }
  return arguments;
}

void SetFromEnvironment(const char* name, auto& setting) {
  const char* text = std::getenv(name);
  std::int64_t number = 0;
  if (text != nullptr && absl::SimpleAtoi(text, &number) && number > 0)
    setting = static_cast<std::remove_reference_t<decltype(setting)>>(number);
}

Settings SettingsOf(const std::string& program) {
  Settings settings;
  settings.work = "build/bench/work";
  settings.peers = std::filesystem::absolute(".cache/bench").string();
  settings.programs =
      std::filesystem::absolute(std::filesystem::path(program).parent_path()).string();
  SetFromEnvironment("HOLDFAST_BENCH_RUNS", settings.runs);
  std::int64_t slice = 2;
  SetFromEnvironment("HOLDFAST_BENCH_SLICE", slice);
  settings.slice = absl::Seconds(slice);
  SetFromEnvironment("HOLDFAST_BENCH_GROWTH", settings.growth);
  SetFromEnvironment("HOLDFAST_BENCH_CRIMES", settings.crimes);
  return settings;
}

// "E1" is E1 and not E10.
bool Wanted(const Arguments& arguments, const Scenario& scenario) {
  return arguments.names.empty() || std::find(arguments.names.begin(), arguments.names.end(),
                                              scenario.name) != arguments.names.end();
}

int Run(const Arguments& arguments, const std::string& program) {
  Report report;
  Bench bench(SettingsOf(program), report);
  Say(absl::StrCat(MachineClass(), ", files in ", bench.settings().work));
  int failed = 0;
  for (const Scenario& scenario : Scenarios()) {
    if (!Wanted(arguments, scenario)) continue;
    Say(absl::StrCat(std::string(scenario.name), ": ", std::string(scenario.measures)));
    bench.set_scenario(scenario.name);
    const absl::Status ran = scenario.run(bench);
    std::filesystem::remove_all(bench.settings().work);
    if (ran.ok()) continue;
    ++failed;
    Row row;
    row.path = std::string(scenario.measures);
    bench.Skip(row, absl::StrCat("it failed: ", ran.ToString()));
  }
  std::cout << '\n';
  report.PrintTable(std::cout);
  if (!arguments.report.empty()) {
    std::ofstream(arguments.report) << report.Json();
    Say(absl::StrCat("the same with every sample in ", arguments.report));
  }
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace holdfast::bench

int main(int argc, char** argv) {
  holdfast::rpc::TameLibraryLogs();
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);  // as app::Main
  const holdfast::bench::Arguments arguments = holdfast::bench::Read(argc, argv);
  const auto known = holdfast::bench::Scenarios();
  const bool all_known = std::all_of(
      arguments.names.begin(), arguments.names.end(), [&known](const std::string& name) {
        return std::any_of(known.begin(), known.end(),
                           [&name](const auto& scenario) { return scenario.name == name; });
      });
  if (arguments.good && all_known && !known.empty())
    return holdfast::bench::Run(arguments, argv[0]);
  std::cerr << "usage: holdfast-bench [--report FILE] [NAME...]\n";
  for (const holdfast::bench::Scenario& scenario : known)
    std::cerr << "  " << scenario.name << "  " << scenario.measures << '\n';
  return 2;
}
