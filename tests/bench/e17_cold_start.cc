// E17: how fast a partition's actor comes back with all its state on disk and none in memory,
// beside reading the same files from one end to the other.
#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "bench.h"
#include "engine.h"
#include "kafka_house.h"
#include "prepared_log.h"
#include "scenarios.h"

namespace holdfast::bench {
namespace {

namespace fs = std::filesystem;

constexpr double kMiB = 1'048'576;

std::vector<std::string> FilesOf(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  return files;
}

// In MiB. `read` is called for each file's descriptor.
absl::Status EachFile(const std::string& folder, auto read) {
  for (const std::string& file : FilesOf(folder)) {
    const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return absl::ErrnoToStatus(errno, "open a file of the state");
    const absl::Cleanup close_it = [descriptor] { close(descriptor); };
    read(descriptor);
  }
  return absl::OkStatus();
}

// What is written already leaves the page cache.
absl::Status Forget(const std::string& folder) {
  return EachFile(folder, [](int descriptor) {
    fdatasync(descriptor);
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
  });
}

double SizeMiB(const std::string& folder) {
  double bytes = 0;
  for (const std::string& file : FilesOf(folder)) bytes += static_cast<double>(fs::file_size(file));
  return bytes / kMiB;
}

// MiB a second.
absl::StatusOr<double> ReadRate(const std::string& folder) {
  RETURN_IF_ERROR(Forget(folder));
  std::vector<char> buffer(1U << 20U);
  const double size = SizeMiB(folder);
  const absl::Time began = absl::Now();
  RETURN_IF_ERROR(EachFile(folder, [&buffer](int descriptor) {
    while (read(descriptor, buffer.data(), buffer.size()) > 0) {
    }
  }));
  return size / absl::ToDoubleSeconds(absl::Now() - began);
}

absl::StatusOr<double> StartRate(KafkaHouse& house, const std::string& prefix,
                                 const std::string& folder) {
  RETURN_IF_ERROR(Forget(folder));
  const double size = SizeMiB(folder);
  const absl::Time began = absl::Now();
  ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, house.OpenEngine(prefix, folder));
  return size / absl::ToDoubleSeconds(absl::Now() - began);
}

Row ColdRow() {
  Row row;
  row.path = "cold start of a partition, until it serves";
  row.unit = "MiB/s";
  return row;
}

absl::Status Measured(Bench& bench, KafkaHouse& house) {
  const std::uint64_t events = bench.settings().growth;
  ASSIGN_OR_RETURN(const std::unique_ptr<PreparedLog> log, PreparedLog::Make(bench, house, events));
  RETURN_IF_ERROR(log->Lay(static_cast<std::size_t>(events)));
  const std::string folder = bench.Folder("cold");
  RETURN_IF_ERROR(house.OpenEngine(log->prefix(), folder).status());  // folds it all
  Row row = ColdRow();
  row.note = absl::StrCat("the state of ", events, " commands, ", Figure(SizeMiB(folder)),
                          " MiB; page cache dropped before each run");
  return bench.Compare(
      row, [&] { return StartRate(house, log->prefix(), folder); },
      {{"the same files read from end to end", 0.5, [&] { return ReadRate(folder); }}});
}

}  // namespace

absl::Status E17(Bench& bench) {
  return WithBroker(bench, 1, ColdRow(), [&](KafkaHouse& house) { return Measured(bench, house); });
}

}  // namespace holdfast::bench
