// The program itself, hindered: killed in the middle of an import, started twice, on a folder that
// is none, on a record that is damaged. Label grpc.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
#include "standalone_process.h"

namespace holdfast::flow {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

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

}  // namespace
}  // namespace holdfast::flow
