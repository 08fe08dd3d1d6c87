// The program itself, hindered: killed in the middle of an import, started twice, on a folder that
// is none, on a disk that is full, on files that are damaged. Label grpc.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "grpc/health/v1/health.pb.h"
#include "holdfast/operations/v1/operations.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/random.h"
#include "cli/importing.h"
#include "cli/rpc_names.h"
#include "cli/session.h"
#include "cli/upload.h"
#include "flow_house.h"
#include "invented_borough.h"
#include "rpc/client.h"
#include "small_disk.h"
#include "standalone_process.h"

namespace holdfast::flow {
namespace {

using ::grpc::health::v1::HealthCheckResponse;
using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class Faults : public ::testing::Test {
 protected:
  void SetUp() override {
    if (StandaloneBinary().empty()) GTEST_SKIP() << "skipped: holdfast-standalone is not built";
  }

  static Said Run(const StandaloneProcess& process, const std::string& tenant, Words words) {
    words.insert(words.begin(),
                 {"--address", process.grpc_address(), "--tenant", tenant, "--timeout", "60"});
    return RunCommand(words);
  }
  static std::string Do(const StandaloneProcess& process, const std::string& tenant, Words words) {
    const Said said = Run(process, tenant, std::move(words));
    EXPECT_EQ(said.code, 0) << said.err;
    return said.out;
  }
};

// What the tenant shows of its crimes, and what its extracts are.
std::string FiguresOf(const StandaloneProcess& process, const std::string& tenant) {
  const Words at = {"--address", process.grpc_address(), "--tenant", tenant};
  std::string figures;
  for (Words words : {Words{"measure", "export", "--kind", "ward", "--by", "category,month"},
                      Words{"import", "status"}}) {
    words.insert(words.begin(), at.begin(), at.end());
    words.insert(words.end(), {"-o", "csv"});
    const Said said = RunCommand(words);
    EXPECT_EQ(said.code, 0) << said.err;
    figures += said.out;
  }
  return figures;
}

// Plans and applies; kills the process once so many rows are done.
void ImportUntil(StandaloneProcess& process, const std::string& zip, std::uint64_t rows) {
  cli::SessionOptions options;
  options.address = process.grpc_address();
  options.tenant = "sandbox";
  options.as = "trial";
  cli::Session session(options);
  metrics::v1::PlanImportRequest request;
  request.set_profile("police-uk-street");
  auto files = cli::UploadPath(session, zip);
  ASSERT_TRUE(files.ok()) << files.status();
  *request.add_files() = files->front();
  const auto plan = cli::PlanImport(session, request);
  ASSERT_TRUE(plan.ok()) << plan.status();
  metrics::v1::WatchImportRequest wanted;
  wanted.set_token(plan->token());
  const auto watch = session.client().OpenWatch(cli::Metrics("WatchImport"), wanted, {});
  std::jthread applied([&session, &plan, &watch] {
    metrics::v1::ApplyImportRequest apply;
    apply.set_token(plan->token());
    metrics::v1::ImportResult result;
    rpc::CallOptions once;
    once.max_retries = 0;
    // Ends well only where the whole import was quicker than the kill.
    (void)session.client().Call(cli::Metrics("ApplyImport"), apply, result, once);
    watch->Cancel();
  });
  metrics::v1::ImportProgress progress;
  while (progress.rows_done() < rows) {
    const auto more = watch->Read(progress);
    if (!more.ok() || !*more) break;
  }
  process.Signal(SIGKILL);
  EXPECT_EQ(process.AwaitEnd(), 128 + SIGKILL);
}

TEST_F(Faults, AnImportThatIsKilledAnywhereEndsWithTheSameFigures) {
  const std::string folder = FreshFolder("killed");
  const InventedBorough borough = MakeBorough(12);
  const std::string zip =
      WriteFile(FreshFolder("killed-files") + "/borough.zip", ZipOf(borough.street));
  const std::string wards =
      WriteFile(FreshFolder("killed-wards") + "/wards.geojson", borough.wards_geojson);
  const Words geography = {"geography", "import",          wards,   "--kind",
                           "ward",      "--vintage",       "2016",  "--code-property",
                           "WD16CD",    "--name-property", "WD16NM"};
  SeededRandom random(20'160'401);
  for (int kill = 0; kill < 3; ++kill) {
    StandaloneProcess process(folder);
    ASSERT_TRUE(process.AwaitReady());
    Do(process, "sandbox", geography);
    const std::uint64_t rows = random.Below(borough.rows);
    SCOPED_TRACE(absl::StrCat("killed after ", rows, " rows"));
    ImportUntil(process, zip, rows);
  }
  StandaloneProcess process(folder);
  ASSERT_TRUE(process.AwaitReady());
  Do(process, "sandbox", {"import", "police-uk", zip});
  // In the same process, in another tenant: the import that nobody disturbed.
  Do(process, "eastvale", geography);
  Do(process, "eastvale", {"import", "police-uk", zip});
  const auto without_digest = [](const std::string& figures) {
    std::string out;
    for (const absl::string_view line : absl::StrSplit(figures, '\n')) {
      absl::StrAppend(&out, line.substr(0, line.rfind(',')), "\n");
    }
    return out;
  };
  const std::string figures = FiguresOf(process, "sandbox");
  EXPECT_GT(figures.size(), 10'000U);
  EXPECT_TRUE(without_digest(figures) == without_digest(FiguresOf(process, "eastvale")));
  EXPECT_EQ(Do(process, "sandbox",
               {"measure", "export", "--kind", "ward", "--by", "category,month", "-o", "csv"}),
            Do(process, "eastvale",
               {"measure", "export", "--kind", "ward", "--by", "category,month", "-o", "csv"}));
  // And nothing is left half done.
  EXPECT_THAT(Run(process, "sandbox", {"import", "police-uk", zip}).err,
              HasSubstr("0 events written"));
  EXPECT_EQ(Run(process, "sandbox", {"projection", "verify", "--all"}).code, 0);
  EXPECT_EQ(Run(process, "sandbox", {"journal", "verify"}).code, 0);
}

TEST_F(Faults, ASecondProcessATakenPortAndABadFolderAreRefusedWithASentence) {
  const std::string folder = FreshFolder("served");
  StandaloneProcess first(folder);
  ASSERT_TRUE(first.AwaitReady());
  {
    StandaloneProcess second(folder);
    EXPECT_EQ(second.AwaitEnd(), 1);
    EXPECT_THAT(second.said(), AllOf(HasSubstr("is served by another process"), HasSubstr(folder),
                                     HasSubstr("--data")));
  }
  {
    const std::string address = first.grpc_address();
    const std::string port = address.substr(address.rfind(':') + 1);
    StandaloneProcess second(FreshFolder("taken"), {"--set", "listen.grpc_port=" + port, "--set",
                                                    "listen.replace_taken_ports=false"});
    EXPECT_EQ(second.AwaitEnd(), 1);
    EXPECT_THAT(second.said(), HasSubstr("port " + port));
  }
  {
    // A file where the folder should be: refused for root as well.
    const std::string file = WriteFile(FreshFolder("file") + "/no-folder", "x");
    StandaloneProcess second(file);
    EXPECT_EQ(second.AwaitEnd(), 1);
    EXPECT_THAT(second.said(), AllOf(HasSubstr("cannot be written"), HasSubstr(file)));
  }
  // The first one did not notice.
  EXPECT_EQ(Run(first, "sandbox", {"site", "list"}).code, 0);
  first.Signal(SIGTERM);
  EXPECT_EQ(first.AwaitEnd(), 0);
}

TEST_F(Faults, ADamagedRecordIsNamedAndNothingIsServed) {
  const std::string folder = FreshFolder("damaged");
  {
    StandaloneProcess process(folder);
    ASSERT_TRUE(process.AwaitReady());
    for (int i = 0; i < 20; ++i) {
      Do(process, "sandbox", {"site", "create", "--name", absl::StrCat("Site ", i)});
    }
    process.Signal(SIGKILL);
    process.AwaitEnd();
  }
  std::string log;
  for (const auto& entry : std::filesystem::directory_iterator(folder + "/journal")) {
    if (entry.path().extension() == ".log" && entry.file_size() > 0) log = entry.path().string();
  }
  ASSERT_FALSE(log.empty());
  std::string bytes = ReadFile(log);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x5A);
  WriteFile(log, bytes);
  StandaloneProcess process(folder);
  EXPECT_EQ(process.AwaitEnd(), 1);
  EXPECT_THAT(process.said(),
              AllOf(HasSubstr("is damaged"), HasSubstr(folder + "/journal"), HasSubstr("offset"),
                    HasSubstr("restore the journal from a backup")));
}

std::string LastLine(const std::string& said) {
  const std::vector<std::string> lines = absl::StrSplit(said, '\n', absl::SkipEmpty());
  return lines.empty() ? "" : lines.back();
}

// On a disk so small that what the stores lay by for a moment at a start may not find room: then it
// is started again.
std::unique_ptr<StandaloneProcess> Started(const std::string& folder) {
  for (int i = 0; i < 20; ++i) {
    auto process = std::make_unique<StandaloneProcess>(folder);
    if (process->AwaitReady()) return process;
  }
  return nullptr;
}

// What gRPC's health protocol says of the whole process, once it is `wanted`; else the last word.
int HealthOf(const StandaloneProcess& process, int wanted) {
  grpc::health::v1::HealthCheckResponse response;
  rpc::Client client(rpc::ConnectTo(process.grpc_address()));
  (void)Await([&] {
    return client
               .Call("/grpc.health.v1.Health/Check", grpc::health::v1::HealthCheckRequest(),
                     response)
               .ok() &&
           response.status() == wanted;
  });
  return response.status();
}

TEST_F(Faults, AFullDiskTakesNoMoreCommandsShowsWhatItHasAndLosesNothing) {
  const SmallDisk disk(FolderOfDisk("full"), "size=16m");
  if (!disk.mounted()) GTEST_SKIP() << "skipped: only root may mount a small file system";
  const std::string folder = disk.folder() + "/data";
  std::set<std::string> acknowledged;
  {
    const std::unique_ptr<StandaloneProcess> started = Started(folder);
    ASSERT_NE(started, nullptr);
    StandaloneProcess& process = *started;
    EXPECT_EQ(process.AdminPage("/readyz"), "ok\n");
    EXPECT_EQ(HealthOf(process, HealthCheckResponse::SERVING), HealthCheckResponse::SERVING);
    disk.FillUpTo(0);
    // What RocksDB laid by for its log is filled first.
    Said said;
    for (int i = 0; i < 2'000 && said.code == 0; ++i) {
      const std::string name = absl::StrCat("Site ", i, " of the full disk");
      said = Run(process, "sandbox", {"site", "create", "--name", name});
      if (said.code == 0) acknowledged.insert(name);
    }
    EXPECT_THAT(said.err, AllOf(HasSubstr("The disk refused a write"), HasSubstr("make room")));
    EXPECT_THAT(acknowledged, Not(IsEmpty()));
    EXPECT_THAT(process.AdminPage("/readyz"),
                AllOf(HasSubstr("full"), HasSubstr(folder), HasSubstr("make room")));
    EXPECT_THAT(process.AdminPage("/metrics"), AllOf(HasSubstr("\nholdfast_ready 0\n"),
                                                     HasSubstr("\nholdfast_journal_frozen 1\n")));
    EXPECT_EQ(process.AdminPage("/livez"), "ok\n");
    EXPECT_EQ(HealthOf(process, HealthCheckResponse::NOT_SERVING),
              HealthCheckResponse::NOT_SERVING);
    EXPECT_EQ(Run(process, "sandbox", {"site", "list"}).code, 0) << "reading goes on";
    process.Signal(SIGTERM);
    EXPECT_EQ(process.AwaitEnd(), 0);
  }
  disk.FillUpTo(0);
  {
    StandaloneProcess process(folder);
    EXPECT_EQ(process.AwaitEnd(), 1);
    EXPECT_THAT(LastLine(process.said()),
                AllOf(HasSubstr("full"), HasSubstr(folder), HasSubstr("make room")));
  }
  disk.Empty();
  const std::unique_ptr<StandaloneProcess> started = Started(folder);
  ASSERT_NE(started, nullptr);
  StandaloneProcess& process = *started;
  const std::string sites = Do(process, "sandbox", {"site", "list", "-o", "csv"});
  for (const std::string& name : acknowledged) EXPECT_THAT(sites, HasSubstr(name));
  EXPECT_EQ(Run(process, "sandbox", {"journal", "verify"}).code, 0);
}

TEST_F(Faults, AStartOnADiskThatIsTooSmallEndsWithTheFolderInItsLastLine) {
  const std::string folder = FolderOfDisk("too-small");
  for (const int kib : {16, 256, 512, 1'024, 4'500}) {
    SCOPED_TRACE(absl::StrCat(kib, " KiB"));
    const SmallDisk disk(folder, absl::StrCat("size=", kib, "k"));
    if (!disk.mounted()) GTEST_SKIP() << "skipped: only root may mount a small file system";
    StandaloneProcess process(disk.folder() + "/data");
    if (process.AwaitReady()) continue;  // just enough for the empty journal
    EXPECT_EQ(process.AwaitEnd(), 1);
    EXPECT_THAT(LastLine(process.said()),
                AllOf(StartsWith("holdfast: "), HasSubstr(disk.folder()), HasSubstr("full")));
  }
}

// Twenty sites, and everything in tables: a start brings what the write-ahead logs hold into them.
void FillFolder(const std::string& folder) {
  for (int start = 0; start < 2; ++start) {
    StandaloneProcess process(folder);
    ASSERT_TRUE(process.AwaitReady());
    for (int i = 0; i < 20 && start == 0; ++i) {
      const Said said = RunCommand({"--address", process.grpc_address(), "--tenant", "sandbox",
                                    "site", "create", "--name", absl::StrCat("Site ", i)});
      EXPECT_EQ(said.code, 0) << said.err;
    }
    process.Signal(SIGTERM);
    EXPECT_EQ(process.AwaitEnd(), 0);
  }
}

// Flips a byte in the middle of each file of these stores whose name matches; how many those are.
int FlipIn(const std::string& folder, std::string_view begin, std::string_view end) {
  int flipped = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file() || entry.file_size() == 0 || !name.starts_with(begin) ||
        !name.ends_with(end)) {
      continue;
    }
    std::string bytes = ReadFile(entry.path().string());
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x5A);
    WriteFile(entry.path().string(), bytes);
    ++flipped;
  }
  return flipped;
}

struct FileKind {
  std::string begin, end;
};
const FileKind kFileKinds[] = {{"", ".sst"}, {"MANIFEST-", ""}, {"CURRENT", ""}, {"", ".log"}};

TEST_F(Faults, AByteFlippedInAFileOfTheJournalIsNamedAndNothingIsServed) {
  const std::string original = FreshFolder("flipped-journal");
  FillFolder(original);
  for (const FileKind& kind : kFileKinds) {
    if (kind.end == ".log") continue;  // empty here: see ADamagedRecordIsNamedAndNothingIsServed
    SCOPED_TRACE(kind.begin + kind.end);
    const std::string folder = FreshFolder("flipped-copy");
    std::filesystem::copy(original, folder, std::filesystem::copy_options::recursive);
    ASSERT_GT(FlipIn(folder + "/journal", kind.begin, kind.end), 0);
    const Said verified = RunCommand({"--data", folder, "journal", "verify"});
    EXPECT_EQ(verified.code, 1) << "without a process, too";
    EXPECT_THAT(verified.err, HasSubstr("is damaged"));
    StandaloneProcess process(folder);
    EXPECT_EQ(process.AwaitEnd(), 1);
    EXPECT_THAT(LastLine(process.said()),
                AllOf(HasSubstr("is damaged"), HasSubstr("restore the journal from a backup")));
  }
  const Said whole = RunCommand({"--data", original, "journal", "verify"});
  EXPECT_EQ(whole.code, 0) << whole.err;
  EXPECT_THAT(whole.out, Not(HasSubstr("NO")));
}

TEST_F(Faults, AByteFlippedInAFileOfWhatIsDerivedIsMadeGoodFromTheJournal) {
  const std::string original = FreshFolder("flipped-derived");
  FillFolder(original);
  for (const FileKind& kind : kFileKinds) {
    SCOPED_TRACE(kind.begin + kind.end);
    const std::string folder = FreshFolder("derived-copy");
    std::filesystem::copy(original, folder, std::filesystem::copy_options::recursive);
    EXPECT_GT(FlipIn(folder + "/state", kind.begin, kind.end) +
                  FlipIn(folder + "/views", kind.begin, kind.end),
              0);
    StandaloneProcess process(folder);
    ASSERT_TRUE(process.AwaitReady()) << process.said();
    const std::string sites = Do(process, "sandbox", {"site", "list"});
    for (int i = 0; i < 20; ++i) EXPECT_THAT(sites, HasSubstr(absl::StrCat("Site ", i)));
    Do(process, "sandbox", {"site", "create", "--name", "Another"});
    EXPECT_EQ(Run(process, "sandbox", {"projection", "verify", "--all"}).code, 0);
  }
}

TEST_F(Faults, ARecordThatIsFoundDamagedWhileServingFreezesItsPartitionOnly) {
  const std::string folder = FreshFolder("damaged-while-serving");
  FillFolder(folder);
  StandaloneProcess process(folder);
  ASSERT_TRUE(process.AwaitReady());
  ASSERT_GT(FlipIn(folder + "/journal", "", ".sst"), 0);
  const Said verified = Run(process, "sandbox", {"journal", "verify"});
  EXPECT_EQ(verified.code, 1);
  EXPECT_THAT(verified.out, HasSubstr("NO"));
  EXPECT_THAT(verified.err, AllOf(HasSubstr("of partition"), HasSubstr("is damaged")));
  EXPECT_TRUE(Await([&] { return process.AdminPage("/readyz") != "ok\n"; }));
  EXPECT_THAT(process.AdminPage("/readyz"), HasSubstr("is frozen"));
  EXPECT_THAT(process.AdminPage("/metrics"), HasSubstr("\nholdfast_ready 0\n"));
  EXPECT_THAT(process.AdminPage("/metrics"),
              ContainsRegex("holdfast_partition_frozen.context=\"[a-z]+\",partition=\"[0-3]\". 1"));
  EXPECT_EQ(process.AdminPage("/livez"), "ok\n");
  EXPECT_EQ(Run(process, "sandbox", {"site", "list"}).code, 0) << "the views are whole";
  process.Signal(SIGTERM);
  EXPECT_EQ(process.AwaitEnd(), 0);
}

}  // namespace
}  // namespace holdfast::flow
