// What brings a deployment back, and into being: the archiver follows its journals under load and
// is killed, the brokers are lost, an empty cluster is filled from the segments; the demonstration
// moves from its data folder to brokers. Heads and boards are the same afterwards. Label grpc.
#include <csignal>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "command_line.h"
#include "deployment_house.h"
#include "flow_house.h"
#include "standalone_process.h"
#include "testing/kafka_broker.h"

namespace holdfast::flow {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::KafkaBroker;
using ::testing::Not;

constexpr char kTenant[] = "westmoor";

class Deployments : public ::testing::Test {
 protected:
  void SetUp() override {
    if (KafkaBroker::Get() == nullptr) GTEST_SKIP() << "skipped: there is no broker here";
    Do({"backup", "key", key_});
  }

  static std::unique_ptr<KafkaBroker> EmptyCluster() {
    auto broker = KafkaBroker::Start(1);
    EXPECT_TRUE(broker.ok()) << broker.status();
    return *std::move(broker);
  }
  static Said Do(const Words& words) {
    Said said = RunCommand(words);
    EXPECT_EQ(said.code, 0) << said.err;
    return said;
  }
  // The lines "head of <context>: <seq> <hash>".
  static std::string HeadsIn(const std::string& said) {
    std::string heads;
    for (const absl::string_view line : absl::StrSplit(said, '\n')) {
      if (line.find("head of") != absl::string_view::npos) absl::StrAppend(&heads, line, "\n");
    }
    EXPECT_THAT(heads, AllOf(HasSubstr("initiative"), HasSubstr("metrics")));
    return heads;
  }
  // Of a deployment, as its own instances fold them.
  static std::string HeadsOf(const DeploymentHouse& house) {
    std::string said;
    for (const Instance& instance : house.instances()) {
      if (instance.ordinal != 0 || instance.service == "projection") continue;
      absl::StrAppend(&said, house.RunAt(instance, kTenant, {"journal", "verify"}).err);
    }
    return HeadsIn(said);
  }
  // The rest of its line, and the line's end: contexts are in order, so it comes first.
  static std::string HeadOfDirectory(const std::string& heads) {
    const std::string begin = "head of directory: ";
    EXPECT_TRUE(heads.starts_with(begin)) << heads;
    return heads.substr(begin.size(), heads.find('\n') + 1 - begin.size());
  }
  // The board of the site by its name, without what it says of its own moment.
  static std::string BoardOf(const std::string& sites, const std::function<Said(Words)>& run) {
    const std::size_t line = sites.find('\n') + 1;
    const std::string id = sites.substr(line, sites.find(',', line) - line);
    std::string board;
    for (const absl::string_view text : absl::StrSplit(run({"board", "show", id}).out, '\n')) {
      if (text.find("as of") == absl::string_view::npos) absl::StrAppend(&board, text, "\n");
    }
    return board;
  }
  static std::string BoardOf(const DeploymentHouse& house, const std::string& name) {
    const std::string sites = house.Run(kTenant, {"site", "list", "--text", name, "-o", "csv"}).out;
    return BoardOf(sites, [&](const Words& words) { return house.Run(kTenant, words); });
  }

  std::unique_ptr<StandaloneProcess> Archiver(const DeploymentHouse& house) const {
    const Instance archiver = {"archiver", 0, "0", house.root() + "/archiver-0", ""};
    auto process = std::make_unique<StandaloneProcess>(
        house.WordsOf(archiver, {"archiver.key=" + key_, "archiver.folder=" + archive_,
                                 "archiver.max_segment_age_ms=500"}),
        archiver.folder);
    EXPECT_TRUE(process->AwaitReady());
    return process;
  }
  static void Stop(StandaloneProcess& process) {
    process.Signal(SIGTERM);
    EXPECT_EQ(process.AwaitEnd(), 0) << process.said();
  }

  const std::string folder_ = FreshFolder("deployment-archive");
  const std::string key_ = folder_ + "/backup.key";
  const std::string archive_ = folder_ + "/archive";
};

TEST_F(Deployments, ComeBackFromTheArchiveInAnEmptyCluster) {
  std::string heads;
  std::string sites;
  std::string board;
  {
    DeploymentHouse lost("deployment-lost", *KafkaBroker::Get());
    ASSERT_TRUE(lost.Open());
    auto archiver = Archiver(lost);
    ASSERT_EQ(lost.Run(kTenant, {"site", "create", "--name", "Mill Lane"}).code, 0);
    Load load(ThroughDoors(lost.doors()), {kTenant, "eastvale"});
    load.AwaitMore(30);
    archiver->Signal(SIGKILL);
    archiver->AwaitEnd();
    load.AwaitMore(30);
    archiver = Archiver(lost);
    load.AwaitMore(30);
    load.Stop();
    EXPECT_THAT(archiver->AdminPage("/metrics"),
                HasSubstr("holdfast_archive_lag_seconds{context=\"initiative\""));
    EXPECT_THAT(lost.Violations(load.record()), IsEmpty());
    // What is recorded is in the archive a moment later, without the archiver's end.
    heads = HeadsOf(lost);
    EXPECT_TRUE(Await([&] {
      const Said verified = RunCommand(
          {"--tenant", kTenant, "backup", "verify", archive_, "--public-key", key_ + ".pub"});
      return verified.code == 0 && HeadsIn(verified.err) == heads;
    }));
    sites = lost.Run(kTenant, {"site", "list", "-o", "csv"}).out;
    board = BoardOf(lost, "Mill Lane");
    Stop(*archiver);
  }
  EXPECT_THAT(board, Not(IsEmpty()));

  const auto cluster = EmptyCluster();
  DeploymentHouse house("deployment-restored", *cluster);
  const Words restore = {"--tenant",
                         kTenant,
                         "backup",
                         "restore",
                         archive_,
                         "--bootstrap",
                         cluster->bootstrap(),
                         "--replication",
                         "1",
                         "--secrets",
                         house.root() + "/secrets",
                         "--public-key",
                         key_ + ".pub"};
  Words until = restore;
  until.insert(until.end(), {"--dry-run", "--until", "2026-01-01T00:00:00Z"});
  EXPECT_THAT(Do(until).err, HasSubstr("nothing was written"));
  const absl::Time begun = absl::Now();
  EXPECT_EQ(HeadsIn(Do(restore).err), heads);
  std::printf("[ restore ] %s\n", absl::FormatDuration(absl::Now() - begun).c_str());
  const Said twice = RunCommand(restore);
  EXPECT_NE(twice.code, 0);
  EXPECT_THAT(twice.err, HasSubstr("partition initiative/0 is not empty"));

  ASSERT_TRUE(house.Open());
  EXPECT_EQ(HeadsOf(house), heads);
  EXPECT_TRUE(Await([&] {
    return house.Run(kTenant, {"site", "list", "-o", "csv"}).out == sites;
  }));
  EXPECT_EQ(BoardOf(house, "Mill Lane"), board);
  // The same records at the same offsets: the archive goes on.
  const auto archiver = Archiver(house);
  Load load(ThroughDoors(house.doors()), {kTenant});
  load.AwaitMore(20);
  load.Stop();
  EXPECT_THAT(house.Violations(load.record()), IsEmpty());
  Stop(*archiver);
  EXPECT_EQ(HeadsIn(Do({"--tenant", kTenant, "backup", "verify", archive_}).err), HeadsOf(house));
}

TEST_F(Deployments, TakeOverTheJournalOfADataFolder) {
  const std::string data = folder_ + "/data";
  std::string board;
  {
    StandaloneProcess standalone(data);
    ASSERT_TRUE(standalone.AwaitReady());
    const auto run = [&](Words words) {
      words.insert(words.begin(), {"--address", standalone.grpc_address(), "--tenant", kTenant});
      return RunCommand(words);
    };
    ASSERT_EQ(run({"demo", "load"}).code, 0);
    EXPECT_TRUE(Await([&] { return run({"projection", "verify", "--all"}).code == 0; }));
    board = BoardOf(run({"site", "list", "--text", "Larkhill", "-o", "csv"}).out, run);
    Stop(standalone);
  }
  EXPECT_THAT(board, Not(IsEmpty()));
  const std::string heads =
      HeadsIn(Do({"--data", data, "--tenant", kTenant, "journal", "verify"}).err);

  const auto cluster = EmptyCluster();
  DeploymentHouse house("deployment-migrated", *cluster);
  const Words migrate = {"--data",
                         data,
                         "--tenant",
                         kTenant,
                         "migrate",
                         "--bootstrap",
                         cluster->bootstrap(),
                         "--replication",
                         "1",
                         "--partitions",
                         "4",
                         "--secrets",
                         house.root() + "/secrets"};
  Words dry = migrate;
  dry.emplace_back("--dry-run");
  const Said planned = Do(dry);
  EXPECT_THAT(planned.err, HasSubstr("nothing written"));
  EXPECT_EQ(HeadsIn(planned.err), heads);
  // Killed wherever it is, three times; then to its end.
  for (const int milliseconds : {150, 400, 900}) {
    Words program = migrate;
    program.insert(program.begin(), BinaryOf("holdfast"));
    StandaloneProcess killed(program, data);
    LetPass(absl::Milliseconds(milliseconds));
    killed.Signal(SIGKILL);
    killed.AwaitEnd();
  }
  EXPECT_EQ(HeadsIn(Do(migrate).err), heads);

  ASSERT_TRUE(house.Open());
  // The directory came along (migrate has compared its head), and nobody decides it in this house.
  EXPECT_EQ("head of directory: " + HeadOfDirectory(heads) + HeadsOf(house), heads);
  EXPECT_EQ(BoardOf(house, "Larkhill"), board);
  // A command that is asked again is known by the MAC that it had.
  EXPECT_THAT(house.Run(kTenant, {"demo", "load"}).err, HasSubstr("the site Larkhill"));
  Load load(ThroughDoors(house.doors()), {kTenant});
  load.AwaitMore(20);
  load.Stop();
  EXPECT_THAT(house.Violations(load.record()), IsEmpty());
  // Now the deployment is the truth.
  const Said late = RunCommand(migrate);
  EXPECT_NE(late.code, 0);
  EXPECT_THAT(late.err, HasSubstr("is no part of a migration"));
}

}  // namespace
}  // namespace holdfast::flow

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  return holdfast::testing::KafkaBroker::RunAllTests(
      "Deployments.ComeBackFromTheArchiveInAnEmptyCluster");
}
