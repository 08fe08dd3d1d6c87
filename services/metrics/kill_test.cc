// An import that is killed at any point and started again ends with the same figures. Label grpc.
//
// The import runs in a process of its own (this program again), which tells how far it is; it is
// killed with SIGKILL there, and the import is asked for again in another process on the same
// folder.

#include <cstdlib>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "metrics/journey_fixtures.h"

namespace holdfast::metrics {
namespace {

constexpr int kMonths = 12;
constexpr std::uint64_t kCrimesAMonth = 1'400;  // three pieces each

// A year of crimes, the same every time.
v1::PlanImportRequest Year(House& house) {
  v1::PlanImportRequest request;
  request.set_profile("police-uk-street");
  for (int month = 1; month <= kMonths; ++month) {
    std::vector<Crime> crimes;
    for (std::uint64_t i = 0; i < kCrimesAMonth; ++i) {
      // The third place lies in none of the wards that are there from the start.
      constexpr const char* kPlaces[] = {"0.050000,51.050000", "0.150000,51.050000",
                                         "0.250000,51.050000"};
      crimes.push_back({"", kPlaces[(i * 7 + static_cast<std::uint64_t>(month)) % 3],
                        i % 5 == 0 ? "Robbery" : "Burglary"});
    }
    const std::string name = absl::StrCat("2017-", month < 10 ? "0" : "", month);
    *request.add_files() = house.Upload(name + "-westmoor-street.csv", StreetCsv(name, crimes));
  }
  return request;
}

std::map<std::string, std::uint64_t> Figures(House& house) {
  v1::ExportCountsRequest request;
  request.mutable_areas()->set_kind("ward");
  request.add_by(v1::ExportCountsRequest::CATEGORY);
  request.add_by(v1::ExportCountsRequest::MONTH);
  const auto exported = house.Ask<v1::ExportCountsResponse>("ExportCounts", request);
  EXPECT_TRUE(exported.ok()) << exported.status();
  std::map<std::string, std::uint64_t> figures;
  if (!exported.ok()) return figures;
  for (const auto& row : exported->rows()) {
    figures[absl::StrCat(row.area(), " ", row.category(), " ", row.month().month())] = row.count();
  }
  return figures;
}

// The rows of the months that are done, and one more for each that is open.
std::uint64_t RowsDone(House& house) {
  const auto extracts =
      house.Ask<v1::ListExtractsResponse>("ListExtracts", v1::ListExtractsRequest());
  if (!extracts.ok()) return 0;
  std::uint64_t rows = 0;
  for (const auto& extract : extracts->extracts()) {
    rows += extract.accepted() + (extract.open() ? 1 : 0);
  }
  return rows;
}

// Not a test: what the process does that is killed. It tells without pause how many rows are done:
// a watch, which looks five times a second, would see the start and the end only.
TEST(KilledImport, RunsInAProcessOfItsOwn) {
  const char* const name = std::getenv("HOLDFAST_KILLED_IMPORT");
  if (name == nullptr) GTEST_SKIP() << "skipped: only run by the test below";
  House house(name, true);
  ASSERT_TRUE(house.ok());
  ASSERT_TRUE(house.ImportWards(kTwoWards).ok());
  const auto plan = house.Ask<v1::ImportPlan>("PlanImport", Year(house));
  ASSERT_TRUE(plan.ok()) << plan.status();
  const std::jthread apply([&] { (void)house.Apply(*plan); });
  std::uint64_t rows = 0;
  do {
    rows = RowsDone(house);
    const std::string line = absl::StrCat(rows, "\n");
    ASSERT_EQ(write(3, line.data(), line.size()), static_cast<ssize_t>(line.size()));
  } while (rows < kCrimesAMonth * kMonths);
}

// Starts that process, and kills it when it has done at least so many rows.
void ImportAndKill(const std::string& name, std::uint64_t rows) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 3);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  setenv("HOLDFAST_KILLED_IMPORT", name.c_str(), 1);
  std::string filter = "--gtest_filter=KilledImport.RunsInAProcessOfItsOwn";
  std::string program = "metrics_journey_test";
  char* arguments[] = {program.data(), filter.data(), nullptr};
  pid_t child = 0;
  ASSERT_EQ(posix_spawn(&child, "/proc/self/exe", &actions, nullptr, arguments, environ), 0);
  unsetenv("HOLDFAST_KILLED_IMPORT");
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  FILE* const told = fdopen(ends[0], "r");
  char line[64];
  while (std::fgets(line, sizeof line, told) != nullptr) {
    if (std::strtoull(line, nullptr, 10) >= rows) break;
  }
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  std::fclose(told);
}

TEST(KilledImport, EndsWithTheSameFiguresOnceItIsStartedAgain) {
  std::map<std::string, std::uint64_t> expected;
  {
    House whole("whole");
    ASSERT_TRUE(whole.ok());
    ASSERT_TRUE(whole.ImportWards(kTwoWards).ok());
    const auto plan = whole.Ask<v1::ImportPlan>("PlanImport", Year(whole));
    ASSERT_TRUE(plan.ok()) << plan.status();
    ASSERT_TRUE(whole.Apply(*plan).ok());
    expected = Figures(whole);
  }
  ASSERT_FALSE(expected.empty());
  const std::string name = "killed";
  std::filesystem::remove_all(House::FolderOf(name));
  // At its start, twice amid the import, and at its end.
  for (const std::uint64_t rows :
       {std::uint64_t{0}, std::uint64_t{1}, kCrimesAMonth * 5, kCrimesAMonth * kMonths}) {
    ImportAndKill(name, rows);
  }
  House again(name, true);
  ASSERT_TRUE(again.ok());
  ASSERT_TRUE(again.ImportWards(kTwoWards).ok());
  const auto plan = again.Ask<v1::ImportPlan>("PlanImport", Year(again));
  ASSERT_TRUE(plan.ok()) << plan.status();
  const auto result = again.Apply(*plan);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(Figures(again), expected);
}

TEST(KilledImport, GoesOnByTheAreasThatCameMeanwhile) {
  std::map<std::string, std::uint64_t> expected;
  {
    House whole("whole-districts");
    ASSERT_TRUE(whole.ok());
    ASSERT_TRUE(whole.ImportWards(kTwoWards).ok());
    ASSERT_TRUE(whole.ImportWards(kTwoMoreWards).ok());
    const auto plan = whole.Ask<v1::ImportPlan>("PlanImport", Year(whole));
    ASSERT_TRUE(plan.ok()) << plan.status();
    ASSERT_TRUE(whole.Apply(*plan).ok());
    expected = Figures(whole);
  }
  const std::string name = "killed-districts";
  std::filesystem::remove_all(House::FolderOf(name));
  ImportAndKill(name, 1);  // as soon as anything is there
  House again(name, true);
  ASSERT_TRUE(again.ok());
  ASSERT_TRUE(again.ImportWards(kTwoMoreWards).ok());
  const auto plan = again.Ask<v1::ImportPlan>("PlanImport", Year(again));
  ASSERT_TRUE(plan.ok()) << plan.status();
  const auto result = again.Apply(*plan);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(Figures(again), expected);
}

}  // namespace
}  // namespace holdfast::metrics
