// E23: memory of the standalone: at rest, and after two million crimes were imported, a year at a
// time. HOLDFAST_BENCH_CRIMES sets how many.
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "bench.h"
#include "crimes.h"
#include "scenarios.h"
#include "standalone.h"

namespace holdfast::bench {
namespace {

constexpr std::size_t kMonthsAtOnce = 12;
constexpr absl::Duration kRest = absl::Seconds(3);

void AddAgainst(Bench& bench, const std::string& path, const std::string& note, double measured,
                double allowed) {
  Row row;
  row.path = path;
  row.unit = "MiB";
  row.note = note;
  row.sense = Sense::kAtMost;
  row.target = 1;
  row.against = absl::StrCat(Figure(allowed), " MiB, which is allowed");
  row.ours.Add(measured);
  row.limit.Add(allowed);
  row.ratio.Add(measured / allowed);
  bench.Add(row);
}

absl::Status ImportByYears(Standalone& standalone, const Crimes& crimes) {
  for (std::size_t from = 0; from < crimes.files.size(); from += kMonthsAtOnce) {
    std::vector<metrics::v1::UploadedFile> files;
    for (std::size_t i = from; i < std::min(from + kMonthsAtOnce, crimes.files.size()); ++i) {
      ASSIGN_OR_RETURN(metrics::v1::UploadedFile uploaded,
                       standalone.Upload(crimes.files[i].name, crimes.files[i].content));
      files.push_back(std::move(uploaded));
    }
    ASSIGN_OR_RETURN(const ImportTimes times, standalone.Import(files));
    Say(absl::StrCat("E23: ", times.rows, " rows, plan ", absl::FormatDuration(times.plan),
                     ", apply ", absl::FormatDuration(times.apply)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status E23(Bench& bench) {
  const std::string program = bench.settings().programs + "/holdfast-standalone";
  if (!std::filesystem::exists(program)) {
    Row row;
    row.path = "memory of the standalone";
    row.sense = Sense::kAtMost;
    row.target = 1;
    bench.Skip(row, "holdfast-standalone is not built");
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::unique_ptr<Standalone> standalone,
                   Standalone::Start(program, bench.Folder("e23")));
  absl::SleepFor(kRest);
  ASSIGN_OR_RETURN(const double idle, standalone->process().MemoryMiB("VmRSS"));
  AddAgainst(bench, "resident memory of the standalone, at rest", "", idle, 150);

  const Crimes crimes = InventedCrimes(bench.settings().crimes);
  RETURN_IF_ERROR(standalone->ImportAreas(crimes.wards_geojson, crimes.vintage,
                                          crimes.code_property, crimes.name_property));
  RETURN_IF_ERROR(ImportByYears(*standalone, crimes));
  absl::SleepFor(kRest);
  ASSIGN_OR_RETURN(const double after, standalone->process().MemoryMiB("VmRSS"));
  ASSIGN_OR_RETURN(const double peak, standalone->process().MemoryMiB("VmHWM"));
  AddAgainst(bench, absl::StrCat("resident memory after ", bench.settings().crimes, " crimes"),
             absl::StrCat("peak ", Figure(peak), " MiB; one run"), after, 600);
  standalone->Stop();
  return absl::OkStatus();
}

}  // namespace holdfast::bench
