// E20: a crime archive into a running standalone, from upload to boards that can show it, beside
// DuckDB reading the same CSV files and grouping them by month, category and place.
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "bench.h"
#include "child.h"
#include "crimes.h"
#include "scenarios.h"
#include "standalone.h"

namespace holdfast::bench {
namespace {

namespace fs = std::filesystem;

struct Imported {
  ImportTimes times;
  double peak_mib = 0;
  double idle_mib = 0;
};

absl::StatusOr<Imported> ImportOnce(const std::string& program, const std::string& folder,
                                    const Crimes& crimes) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Standalone> standalone,
                   Standalone::Start(program, folder));
  RETURN_IF_ERROR(standalone->ImportAreas(crimes.wards_geojson, crimes.vintage,
                                          crimes.code_property, crimes.name_property));
  Imported imported;
  ASSIGN_OR_RETURN(imported.idle_mib, standalone->process().MemoryMiB("VmRSS"));
  std::vector<metrics::v1::UploadedFile> files;
  for (const CrimeFile& file : crimes.files) {
    ASSIGN_OR_RETURN(metrics::v1::UploadedFile uploaded,
                     standalone->Upload(file.name, file.content));
    files.push_back(std::move(uploaded));
  }
  ASSIGN_OR_RETURN(imported.times, standalone->Import(files));
  ASSIGN_OR_RETURN(imported.peak_mib, standalone->process().MemoryMiB("VmHWM"));
  standalone->Stop();
  return imported;
}

absl::Status WriteFor(const std::string& folder, const Crimes& crimes) {
  for (const CrimeFile& file : crimes.files) {
    const fs::path path = fs::path(folder) / file.name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << file.content;
    if (!fs::exists(path)) return absl::UnavailableError(path.string());
  }
  return absl::OkStatus();
}

double Rate(std::uint64_t rows, absl::Duration took) {
  return static_cast<double>(rows) / absl::ToDoubleSeconds(took);
}

}  // namespace

absl::Status E20(Bench& bench) {
  Row row;
  row.path = "import of a crime archive, parse to acknowledged events";
  row.unit = "rows/s";
  row.target = 0.35;
  const std::string program = bench.settings().programs + "/holdfast-standalone";
  const std::string python = bench.settings().peers + "/venv/bin/python";
  const std::string script = bench.settings().peers + "/duckdb_group.py";
  if (!fs::exists(program)) {
    bench.Skip(row, "holdfast-standalone is not built");
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const Crimes crimes, CrimesToImport());
  const std::string csv = bench.Folder("e20-csv");
  RETURN_IF_ERROR(WriteFor(csv, crimes));
  row.durability = "fsync before each acknowledgement; DuckDB writes nothing";
  row.note = absl::StrCat(crimes.what,
                          "; ApplyImport unpacks, parses, validates, places, digests, writes");
  Row both = row;
  both.path = "the same with the plan before it (every file read twice)";
  Row memory;
  memory.path = "peak resident memory of the standalone in the import";
  memory.unit = "MiB";
  memory.against = "300 MiB, which is allowed";
  memory.sense = Sense::kAtMost;
  memory.target = 1;

  const bool peer = fs::exists(python) && fs::exists(script);
  for (int run = -1; run < bench.settings().runs; ++run) {
    ASSIGN_OR_RETURN(const Imported imported, ImportOnce(program, bench.Folder("e20"), crimes));
    double duckdb = 0;
    if (peer) {
      ASSIGN_OR_RETURN(duckdb, NumberFrom({python, script, csv}, csv + ".log", "rows_per_second",
                                          absl::Minutes(5)));
    }
    if (run < 0) continue;
    const ImportTimes& times = imported.times;
    row.ours.Add(Rate(times.rows, times.apply));
    both.ours.Add(Rate(times.rows, times.plan + times.apply));
    memory.ours.Add(imported.peak_mib);
    memory.limit.Add(300);
    memory.ratio.Add(imported.peak_mib / 300);
    if (!peer) continue;
    for (Row* of : {&row, &both}) {
      of->limit.Add(duckdb);
      of->ratio.Add(of->ours.values().back() / duckdb);
    }
  }
  row.against = both.against = "DuckDB: the same CSV files, grouped by month, category, place";
  if (peer) {
    bench.Add(row);
    bench.Add(both);
  } else {
    row.note = absl::StrCat(Figure(row.ours.Median()), " rows/s");
    bench.Skip(row, absl::StrCat("DuckDB is not installed (tests/bench/setup.sh E20); ours alone: ",
                                 row.note));
  }
  bench.Add(memory);
  return absl::OkStatus();
}

}  // namespace holdfast::bench
