// The restore drill: the demonstration is backed up, its folder is lost, and what starts from the
// backup shows the same. Label grpc.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "flow_house.h"
#include "standalone_process.h"

namespace holdfast::flow {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kTenant[] = "westmoor";

class RestoreDrill : public ::testing::Test {
 protected:
  void SetUp() override {
    if (StandaloneBinary().empty()) GTEST_SKIP() << "skipped: holdfast-standalone is not built";
    Offline({"backup", "key", key_});
    {
      const auto process = Started(data_);
      Do(*process, {"demo", "load"});
      AwaitCounted(*process);
      Stop(*process);
    }
    loaded_heads_ = HeadsOf(data_);
    loaded_at_ = absl::FormatTime(absl::RFC3339_full, absl::Now(), absl::UTCTimeZone());
    const auto process = Started(data_);
    Do(*process, {"site", "create", "--name", "Behind the moment"});
    AwaitCounted(*process);
    board_ = BoardOf(*process, "Larkhill");
    sites_ = Do(*process, {"site", "list", "-o", "csv"});
    Stop(*process);
    heads_ = HeadsOf(data_);
  }

  static std::unique_ptr<StandaloneProcess> Started(const std::string& folder) {
    auto process = std::make_unique<StandaloneProcess>(folder);
    EXPECT_TRUE(process->AwaitReady());
    return process;
  }
  static void Stop(StandaloneProcess& process) {
    process.Signal(SIGTERM);
    EXPECT_EQ(process.AwaitEnd(), 0) << process.said();
  }
  static std::string Do(const StandaloneProcess& process, Words words) {
    words.insert(words.begin(), {"--address", process.grpc_address(), "--tenant", kTenant});
    const Said said = RunCommand(words);
    EXPECT_EQ(said.code, 0) << said.err;
    return said.out;
  }
  static Said Offline(const Words& words) {
    Said said = RunCommand(words);
    EXPECT_EQ(said.code, 0) << said.err;
    return said;
  }
  // Position and hash of each context's chain, of a stopped folder.
  static std::string HeadsOf(const std::string& folder) {
    const Said said = Offline({"--data", folder, "--tenant", kTenant, "journal", "verify"});
    EXPECT_THAT(said.err, HasSubstr("head of metrics"));
    return said.err;
  }
  // The board of the site by its name, without what it says of its own moment.
  static std::string BoardOf(const StandaloneProcess& process, const std::string& name) {
    const std::string sites = Do(process, {"site", "list", "--text", name, "-o", "csv"});
    const std::size_t line = sites.find('\n') + 1;
    const std::string id = sites.substr(line, sites.find(',', line) - line);
    std::string board;
    for (const absl::string_view text : absl::StrSplit(Do(process, {"board", "show", id}), '\n')) {
      if (text.find("as of") == absl::string_view::npos) absl::StrAppend(&board, text, "\n");
    }
    return board;
  }
  // Reactors and views come a moment later.
  static void AwaitCounted(const StandaloneProcess& process) {
    EXPECT_TRUE(Await([&] {
      return RunCommand({"--address", process.grpc_address(), "--tenant", kTenant, "projection",
                         "verify", "--all"})
                 .code == 0;
    }));
  }

  const std::string data_ = FreshFolder("backup-data");
  const std::string elsewhere_ = FreshFolder("backup-elsewhere");
  const std::string key_ = elsewhere_ + "/backup.key";
  const std::string backup_ = elsewhere_ + "/backup";
  std::string loaded_heads_;
  std::string loaded_at_;
  std::string heads_;
  std::string board_;
  std::string sites_;
};

TEST_F(RestoreDrill, BringsBackHeadsBoardsAndTheMomentBefore) {
  const Said made = Offline({"--data", data_, "backup", "create", backup_, "--key", key_});
  EXPECT_THAT(made.err, HasSubstr("head of metrics"));
  std::filesystem::remove_all(data_);

  Offline({"backup", "verify", backup_, "--public-key", key_ + ".pub"});
  const std::string whole = elsewhere_ + "/whole";
  EXPECT_THAT(Offline({"--data", whole, "backup", "restore", backup_, "--dry-run"}).err,
              HasSubstr("nothing was written"));
  EXPECT_FALSE(std::filesystem::exists(whole));
  Offline({"--data", whole, "backup", "restore", backup_, "--public-key", key_ + ".pub"});
  EXPECT_EQ(HeadsOf(whole), heads_);
  {
    const auto process = Started(whole);
    AwaitCounted(*process);
    EXPECT_THAT(board_, Not(IsEmpty()));
    EXPECT_EQ(BoardOf(*process, "Larkhill"), board_);
    EXPECT_EQ(Do(*process, {"site", "list", "-o", "csv"}), sites_);
    // Commands asked again are known by the MACs that they had: else the first one were refused.
    EXPECT_THAT(RunCommand({"--address", process->grpc_address(), "demo", "load"}).err,
                HasSubstr("the site Larkhill"));
    Stop(*process);
  }
  EXPECT_EQ(HeadsOf(whole), heads_);

  const std::string before = elsewhere_ + "/before";
  Offline({"--data", before, "backup", "restore", backup_, "--until", loaded_at_});
  EXPECT_EQ(HeadsOf(before), loaded_heads_);
  const auto process = Started(before);
  const std::string sites = Do(*process, {"site", "list", "-o", "csv"});
  EXPECT_THAT(sites, AllOf(HasSubstr("Larkhill"), Not(HasSubstr("Behind the moment"))));
  Stop(*process);
}

TEST_F(RestoreDrill, BringsBackARunningPlatformThatIsKilledFromItsArchive) {
  const std::string archive = elsewhere_ + "/archive";
  const auto archiving = [&](const std::string& to) {
    return std::vector<std::string>{"--set", "archiver.key=" + key_,
                                    "--set", "archiver.folder=" + to,
                                    "--set", "archiver.max_segment_age_ms=500"};
  };
  {
    StandaloneProcess process(data_, archiving(archive));
    ASSERT_TRUE(process.AwaitReady());
    Do(process, {"site", "create", "--name", "While it runs"});
    AwaitCounted(process);
    sites_ = Do(process, {"site", "list", "-o", "csv"});
    const std::string heads =
        RunCommand({"--address", process.grpc_address(), "--tenant", kTenant, "journal", "verify"})
            .err;
    EXPECT_TRUE(Await([&] {
      const std::string archived = RunCommand({"--tenant", kTenant, "backup", "verify", archive,
                                               "--public-key", key_ + ".pub"})
                                       .err;
      // "head of metrics: 35 c3e3ced60ccb42ad", the same in both.
      const std::vector<std::string> lines = absl::StrSplit(heads, '\n', absl::SkipEmpty());
      return std::ranges::all_of(lines, [&](const std::string& line) {
        return !line.starts_with("head of") || archived.find(line) != std::string::npos;
      });
    }));
    process.Signal(SIGKILL);
    process.AwaitEnd();
  }
  heads_ = HeadsOf(data_);
  std::filesystem::remove_all(data_);
  const std::string back = elsewhere_ + "/back";
  Offline({"--data", back, "backup", "restore", archive, "--public-key", key_ + ".pub"});
  EXPECT_EQ(HeadsOf(back), heads_);
  {
    // The archive goes on from there.
    StandaloneProcess process(back, archiving(archive));
    ASSERT_TRUE(process.AwaitReady());
    AwaitCounted(process);
    EXPECT_EQ(Do(process, {"site", "list", "-o", "csv"}), sites_);
    EXPECT_EQ(BoardOf(process, "Larkhill"), board_);
    Stop(process);
  }
  Offline({"backup", "verify", archive});
  StandaloneProcess inside(back, archiving(back + "/archive"));
  EXPECT_FALSE(inside.AwaitReady());
  inside.AwaitEnd();
  EXPECT_THAT(inside.said(), HasSubstr("would lie inside the data folder"));
}

TEST_F(RestoreDrill, RefusesWhatWouldDestroyOrHalfDoIt) {
  {
    const auto process = Started(data_);
    const Said served = RunCommand({"--data", data_, "backup", "create", backup_, "--key", key_});
    EXPECT_EQ(served.code, 1);
    EXPECT_THAT(served.err, AllOf(HasSubstr("is served by a process"), HasSubstr("Stop it")));
    Stop(*process);
  }
  Offline({"--data", data_, "backup", "create", backup_, "--key", key_});
  const Said full = RunCommand({"--data", data_, "backup", "restore", backup_});
  EXPECT_EQ(full.code, 1);
  EXPECT_THAT(full.err, AllOf(HasSubstr("is not empty"), HasSubstr("Nothing was written")));
  EXPECT_EQ(HeadsOf(data_), heads_);
  EXPECT_EQ(RunCommand({"--data", elsewhere_ + "/new", "backup", "restore", backup_, "--until",
                        "yesterday"})
                .code,
            2);
}

}  // namespace
}  // namespace holdfast::flow
