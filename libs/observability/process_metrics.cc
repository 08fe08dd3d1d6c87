#include "observability/process_metrics.h"

#include <cstdio>
#include <memory>

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include "absl/time/clock.h"

namespace holdfast::metrics {
namespace {

double CpuSeconds() {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double ResidentBytes() {
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  const std::unique_ptr<std::FILE, Close> file(std::fopen("/proc/self/statm", "re"));
  unsigned long total = 0;
  unsigned long resident = 0;
  if (!file || std::fscanf(file.get(), "%lu %lu", &total, &resident) != 2) return 0;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

double OpenFds() {
  DIR* const folder = opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  double count = -3;  // ".", "..", and the folder itself
  while (readdir(folder) != nullptr) ++count;
  closedir(folder);
  return count;
}

double MaxFds() {
  rlimit limit{};
  return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<double>(limit.rlim_cur) : 0;
}

}  // namespace

std::vector<std::unique_ptr<Registry::Callback>> ReadProcessMetrics(Registry& registry) {
  std::vector<std::unique_ptr<Registry::Callback>> readings;
  readings.push_back(registry.Read(kProcessCpuSeconds, {}, CpuSeconds));
  readings.push_back(registry.Read(kProcessResidentBytes, {}, ResidentBytes));
  readings.push_back(registry.Read(kProcessOpenFds, {}, OpenFds));
  readings.push_back(registry.Read(kProcessMaxFds, {}, MaxFds));
  const double started = absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch());
  readings.push_back(registry.Read(kProcessStartTime, {}, [started] { return started; }));
  return readings;
}

}  // namespace holdfast::metrics
