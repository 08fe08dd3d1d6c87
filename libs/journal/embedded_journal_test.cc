#include "journal/embedded_journal.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "holdfast/journal/v1/journal.pb.h"

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/random.h"
#include "journal/acceptance.h"
#include "journal/embedded_log.h"
#include "journal/journal_contract_test.h"
#include "journal/verification.h"
#include "storage/disk_hook.h"
#include "storage/store.h"

namespace holdfast::journal {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::SizeIs;

const PartitionId kPartition{"initiative", 0};

std::string FreshFolder() {
  static std::atomic<int> number = 0;
  std::string folder = ::testing::TempDir() + "/embedded_journal_" + std::to_string(getpid()) +
                       "_" + std::to_string(++number);
  std::filesystem::remove_all(folder);
  return folder;
}

class EmbeddedUnderTest final : public JournalUnderTest {
 public:
  EmbeddedUnderTest() : folder_(FreshFolder()) { Reopen(); }
  ~EmbeddedUnderTest() override {
    journal_.reset();
    std::filesystem::remove_all(folder_);
  }
  Journal& journal() override { return *journal_; }
  absl::Status CreateContext(const std::string& context, std::uint32_t partitions) override {
    return journal_->CreateContext(context, partitions);
  }
  bool RunUntil(const std::function<bool()>& done) override {
    const absl::Time limit = absl::Now() + absl::Seconds(60);
    while (!done()) {
      if (absl::Now() > limit) return false;
      std::this_thread::yield();
    }
    return true;
  }
  void Reopen() override {
    journal_.reset();
    auto opened = EmbeddedJournal::Open({.folder = folder_});
    ASSERT_TRUE(opened.ok()) << opened.status();
    journal_ = *std::move(opened);
  }

 private:
  const std::string folder_;
  std::unique_ptr<EmbeddedJournal> journal_;
};

INSTANTIATE_TEST_SUITE_P(Embedded, JournalContract, ::testing::Values(MakeJournal([] {
                           return std::make_unique<EmbeddedUnderTest>();
                         })));

std::string NumberedRecord(std::uint64_t number) {
  return "record " + std::to_string(number) + std::string(number % 700, '.');
}

// Another process, which runs one test of this program that is disabled otherwise, on `folder`, and
// tells numbers.
class Child {
 public:
  Child(const std::string& test, const std::string& folder) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    from_ = ends[0];
    const std::string filter = "--gtest_filter=InAnotherProcess.DISABLED_" + test;
    const std::string to = std::to_string(ends[1]);
    process_ = fork();
    if (process_ == 0) {
      close(ends[0]);
      setenv("HOLDFAST_TEST_FOLDER", folder.c_str(), 1);
      setenv("HOLDFAST_TEST_TO", to.c_str(), 1);
      execl("/proc/self/exe", "child", filter.c_str(), "--gtest_also_run_disabled_tests",
            "--gtest_brief=1", nullptr);
      _exit(1);
    }
    close(ends[1]);
  }
  ~Child() {
    if (process_ > 0) Kill();
    close(from_);
  }
  // What it tells next; nothing once it has ended.
  std::optional<std::uint64_t> Next() {
    std::uint64_t number = 0;
    if (read(from_, &number, sizeof number) != static_cast<ssize_t>(sizeof number))
      return std::nullopt;
    return number;
  }
  void Kill() {
    kill(process_, SIGKILL);
    int status = 0;
    EXPECT_EQ(waitpid(process_, &status, 0), process_);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
    process_ = -1;
  }

  // In the child.
  static std::string Folder() { return std::getenv("HOLDFAST_TEST_FOLDER"); }
  static bool Tell(std::uint64_t number) {
    static const int to = std::atoi(std::getenv("HOLDFAST_TEST_TO"));
    return write(to, &number, sizeof number) == static_cast<ssize_t>(sizeof number);
  }

 private:
  pid_t process_ = -1;
  int from_ = -1;
};

class EmbeddedJournalTest : public ::testing::Test {
 protected:
  EmbeddedJournalTest() { options_.folder = FreshFolder(); }
  ~EmbeddedJournalTest() override {
    journal_.reset();
    std::filesystem::remove_all(options_.folder);
  }
  absl::Status Open() {
    journal_.reset();
    auto opened = EmbeddedJournal::Open(options_);
    if (!opened.ok()) return opened.status();
    journal_ = *std::move(opened);
    return journal_->CreateContext("initiative", 1);
  }
  absl::StatusOr<Offset> Append(Writer& writer, std::string record) {
    absl::Notification answered;
    absl::StatusOr<Offset> result;
    writer.Append(std::move(record), [&](absl::StatusOr<Offset> answer) {
      result = std::move(answer);
      answered.Notify();
    });
    answered.WaitForNotification();
    return result;
  }
  void AppendMany(int count, std::size_t bytes = 100) {
    const auto writer = journal_->OpenWriter(kPartition);
    for (int i = 0; i < count; ++i)
      ASSERT_TRUE(Append(**writer, std::to_string(i) + std::string(bytes, 'x')).ok());
  }
  std::vector<StoredRecord> ReadAll() {
    const auto reader = journal_->OpenReader(kPartition, 0);
    std::vector<StoredRecord> all;
    while (true) {
      const auto some = (*reader)->Read(1000);
      EXPECT_TRUE(some.ok()) << some.status();
      if (!some.ok() || some->empty()) return all;
      all.insert(all.end(), some->begin(), some->end());
    }
  }
  std::vector<std::filesystem::path> Files(std::string_view extension) const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(options_.folder)) {
      if (entry.path().extension() == extension && entry.file_size() > 0)
        files.push_back(entry.path());
    }
    return files;
  }
  static void FlipByte(const std::filesystem::path& path, std::uint64_t at) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const int byte = file.get();
    file.seekp(static_cast<std::streamoff>(at));
    file.put(static_cast<char>(byte ^ 0x40));
    ASSERT_TRUE(file.good());
  }

  // Closes the journal and writes other bytes over the record: with a checksum of its own where
  // they are given, with a wrong one else.
  void DamageRecord(Offset offset, const std::optional<std::string>& other = std::nullopt) {
    storage::Batch batch;
    batch.Put(kLogFamily, LogKey(LogPrefix(kPartition), offset),
              other ? RecordChecksum(*other) + *other : RecordChecksum("this") + "that");
    WriteBehindItsBack(batch);
  }
  void RemoveRecord(Offset offset) {
    storage::Batch batch;
    batch.Delete(kLogFamily, LogKey(LogPrefix(kPartition), offset));
    WriteBehindItsBack(batch);
  }
  void WriteBehindItsBack(storage::Batch& batch) {
    journal_.reset();
    storage::StoreOptions of_the_journal;
    of_the_journal.folder = options_.folder;
    of_the_journal.must_exist = true;
    of_the_journal.profile = storage::Profile::kLog;
    const auto store = storage::Store::Open(of_the_journal);
    ASSERT_TRUE(store.ok()) << store.status();
    ASSERT_TRUE((*store)->Write(batch, storage::Sync::kYes).ok());
  }
  // Fills the partition, closes the journal, and answers its largest table.
  std::filesystem::path FillATable() {
    EXPECT_TRUE(Open().ok());
    SeededRandom random(1);
    {
      const auto writer = journal_->OpenWriter(kPartition);
      for (int i = 0; i < 500; ++i) {
        std::string record(400, '\0');
        random.Fill({reinterpret_cast<std::uint8_t*>(record.data()), record.size()});
        EXPECT_TRUE(Append(**writer, record).ok());
      }
    }
    EXPECT_TRUE(Open().ok());  // brings the log into tables
    journal_.reset();
    std::filesystem::path largest;
    for (const auto& file : Files(".sst")) {
      if (largest.empty() || std::filesystem::file_size(file) > std::filesystem::file_size(largest))
        largest = file;
    }
    EXPECT_FALSE(largest.empty());
    return largest;
  }

  EmbeddedJournalOptions options_;
  std::unique_ptr<EmbeddedJournal> journal_;
};

TEST_F(EmbeddedJournalTest, RefusesAFolderThatAnotherHolds) {
  ASSERT_TRUE(Open().ok());
  const auto second = EmbeddedJournal::Open(options_);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("another process uses folder"));
}

TEST_F(EmbeddedJournalTest, RefusesAFolderThatAnotherProcessHolds) {
  Child child("HoldsTheJournal", options_.folder);
  ASSERT_EQ(child.Next(), 1U);
  EXPECT_EQ(EmbeddedJournal::Open(options_).status().code(), absl::StatusCode::kFailedPrecondition);
  child.Kill();
  EXPECT_TRUE(EmbeddedJournal::Open(options_).ok()) << "the lock ends with its process";
}

TEST_F(EmbeddedJournalTest, SaysThatTheFolderCannotBeWritten) {
  std::filesystem::create_directories(options_.folder);
  std::ofstream(options_.folder + "/file") << "in the way";
  EmbeddedJournalOptions blocked = options_;
  blocked.folder = options_.folder + "/file/journal";
  const absl::Status status = EmbeddedJournal::Open(blocked).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr(blocked.folder));
}

TEST_F(EmbeddedJournalTest, RefusesNamesThatAreNoContext) {
  ASSERT_TRUE(Open().ok());
  for (const std::string& name : {std::string(), std::string("Initiative"), std::string("a/b"),
                                  std::string("a\0b", 3), std::string(41, 'a')}) {
    EXPECT_EQ(journal_->CreateContext(name, 1).code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(journal_->CreateContext("metrics", 0).code(), absl::StatusCode::kInvalidArgument);
}

// Fails what it is told to fail.
class FaultyDisk final : public storage::DiskHook {
 public:
  absl::Status BeforeWrite(std::string_view file, std::size_t) override {
    return full && file.ends_with(".log") ? absl::ResourceExhaustedError("full") : absl::OkStatus();
  }
  absl::Status BeforeSync(std::string_view file) override {
    if (!file.ends_with(".log")) return absl::OkStatus();
    ++syncs;
    return broken ? absl::InternalError("EIO") : absl::OkStatus();
  }
  std::atomic<bool> full = false;
  std::atomic<bool> broken = false;
  std::atomic<int> syncs = 0;
};

class FrozenJournalTest : public EmbeddedJournalTest, public ::testing::WithParamInterface<bool> {
 protected:
  FaultyDisk disk_;
};

INSTANTIATE_TEST_SUITE_P(Full, FrozenJournalTest, ::testing::Values(true));
INSTANTIATE_TEST_SUITE_P(FailedSync, FrozenJournalTest, ::testing::Values(false));

TEST_P(FrozenJournalTest, TakesNothingMoreReadsOnAndRecoversAtTheNextStart) {
  options_.disk_hook = &disk_;
  ASSERT_TRUE(Open().ok());
  AppendMany(10);
  (GetParam() ? disk_.full : disk_.broken) = true;
  const auto writer = journal_->OpenWriter(kPartition);
  const auto failed = Append(**writer, std::string(100'000, 'y'));
  EXPECT_EQ(failed.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(failed.status()), "READ_ONLY");
  EXPECT_EQ(Append(**writer, "z").status().code(), absl::StatusCode::kAborted);

  // The disk is well again, and yet nothing is tried again.
  disk_.full = false;
  disk_.broken = false;
  const int syncs = disk_.syncs;
  const auto other = journal_->OpenWriter(kPartition);
  EXPECT_EQ(ReasonOf(Append(**other, "z").status()), "READ_ONLY");
  EXPECT_EQ(disk_.syncs, syncs);
  EXPECT_EQ(journal_->Health().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(journal_->Health()), "READ_ONLY");
  EXPECT_THAT(ReadAll(), SizeIs(10));
  EXPECT_FALSE(journal_->CreateContext("metrics", 1).ok());
}

TEST_P(FrozenJournalTest, LosesNothingThatItAcknowledged) {
  options_.disk_hook = &disk_;
  ASSERT_TRUE(Open().ok());
  AppendMany(10);
  {
    (GetParam() ? disk_.full : disk_.broken) = true;
    const auto writer = journal_->OpenWriter(kPartition);
    EXPECT_FALSE(Append(**writer, std::string(100'000, 'y')).ok());
  }
  disk_.full = false;
  disk_.broken = false;
  ASSERT_TRUE(Open().ok());
  EXPECT_TRUE(journal_->Health().ok());
  const auto records = ReadAll();
  ASSERT_GE(records.size(), 10U);  // the refused record may stand
  for (std::size_t i = 0; i < 10; ++i)
    EXPECT_TRUE(records[i].bytes.starts_with(std::to_string(i))) << i;
  AppendMany(1);
}

TEST_F(EmbeddedJournalTest, AByteFlippedInTheMiddleOfTheWriteAheadLogRefusesToOpen) {
  ASSERT_TRUE(Open().ok());
  AppendMany(200);
  journal_.reset();
  const auto logs = Files(".log");
  ASSERT_THAT(logs, SizeIs(1));
  FlipByte(logs[0], std::filesystem::file_size(logs[0]) / 2);
  const absl::Status status = Open();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_THAT(std::string(status.message()),
              MatchesRegex(".*initiative/0 offset (9[0-9]|10[0-9]);.*"))
      << "half of 200 records can be read";
}

TEST_F(EmbeddedJournalTest, ATornTailIsCutOff) {
  ASSERT_TRUE(Open().ok());
  AppendMany(50);
  journal_.reset();
  const auto logs = Files(".log");
  ASSERT_THAT(logs, SizeIs(1));
  std::filesystem::resize_file(logs[0], std::filesystem::file_size(logs[0]) - 20);
  ASSERT_TRUE(Open().ok());
  EXPECT_THAT(ReadAll(), SizeIs(49));
}

TEST_F(EmbeddedJournalTest, AByteFlippedInATableRefusesToOpenAndNamesThePartition) {
  const std::filesystem::path largest = FillATable();
  FlipByte(largest, std::filesystem::file_size(largest) / 2);
  const absl::Status status = Open();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("partition initiative/0, offset"));
}

TEST_F(EmbeddedJournalTest, ARecordWhoseOwnChecksumIsWrongIsNamed) {
  ASSERT_TRUE(Open().ok());
  AppendMany(10);
  DamageRecord(4);
  EXPECT_THAT(std::string(Open().message()),
              HasSubstr("record 4 of partition initiative/0 is damaged (its checksum is another)"));
  RemoveRecord(6);
  EXPECT_THAT(std::string(Open().message()),
              HasSubstr("record 6 of partition initiative/0 is damaged (it is missing)"));

  // Beyond what is verified at the start a reader finds it, gives what stands before, and stops.
  options_.verify_bytes = 1;
  ASSERT_TRUE(Open().ok());
  const auto reader = journal_->OpenReader(kPartition, 0);
  EXPECT_THAT(*(*reader)->Read(100), SizeIs(4));
  for (int i = 0; i < 2; ++i) {
    const auto read = (*reader)->Read(100);
    EXPECT_EQ(read.status().code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(read.status().message()), HasSubstr("record 4 of partition"));
  }
}

TEST_F(EmbeddedJournalTest, OldDamageFreezesItsPartitionAndIsRemembered) {
  options_.verify_bytes = 1;
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(journal_->CreateContext("metrics", 1).ok());
  AppendMany(10);
  DamageRecord(4);
  ASSERT_TRUE(Open().ok()) << "the end is whole, and only that is looked at";
  EXPECT_TRUE(journal_->PartitionHealth(kPartition).ok());
  EXPECT_THAT(*(*journal_->OpenReader(kPartition, 0))->Read(100), SizeIs(4));

  const absl::Status damage = journal_->PartitionHealth(kPartition);
  EXPECT_TRUE(absl::IsDataLoss(damage)) << damage;
  EXPECT_THAT(std::string(damage.message()), HasSubstr("record 4 of partition initiative/0"));
  EXPECT_TRUE(absl::IsDataLoss(Append(**journal_->OpenWriter(kPartition), "z").status()));
  // Of no other partition, and reading behind the damage goes on.
  EXPECT_TRUE(journal_->PartitionHealth({"metrics", 0}).ok());
  EXPECT_TRUE(Append(**journal_->OpenWriter({"metrics", 0}), "z").ok());
  EXPECT_THAT(*(*journal_->OpenReader(kPartition, 5))->Read(100), SizeIs(5));

  const absl::Status again = Open();
  EXPECT_TRUE(absl::IsDataLoss(again)) << again;
  EXPECT_THAT(std::string(again.message()), HasSubstr("record 4 of partition initiative/0"));
}

TEST_F(EmbeddedJournalTest, DamageThatIsNoneAnyMoreKeepsNobodyOut) {
  options_.verify_bytes = 1;
  ASSERT_TRUE(Open().ok());
  AppendMany(10);
  DamageRecord(4);
  ASSERT_TRUE(Open().ok());
  EXPECT_THAT(*(*journal_->OpenReader(kPartition, 0))->Read(100), SizeIs(4));
  DamageRecord(4, "4 again");  // restored
  ASSERT_TRUE(Open().ok());
  EXPECT_THAT(ReadAll(), SizeIs(10));
}

TEST_F(EmbeddedJournalTest, AByteFlippedInAnOldTableIsMetByItsReaderAndNamed) {
  options_.verify_bytes = 1;
  const std::filesystem::path table = FillATable();
  FlipByte(table, std::filesystem::file_size(table) / 2);
  ASSERT_TRUE(Open().ok());
  auto reader = journal_->OpenReader(kPartition, 0);
  std::size_t read = 0;
  absl::StatusOr<std::vector<StoredRecord>> records;
  while ((records = (*reader)->Read(100)).ok() && !records->empty()) read += records->size();
  EXPECT_TRUE(absl::IsDataLoss(records.status())) << records.status();
  EXPECT_THAT(std::string(records.status().message()),
              HasSubstr("record " + std::to_string(read) + " of partition initiative/0"));
  EXPECT_EQ(journal_->PartitionHealth(kPartition), records.status());
  reader->reset();  // before its journal
  EXPECT_TRUE(absl::IsDataLoss(Open()));
}

TEST_F(EmbeddedJournalTest, AByteFlippedInTheManifestOrInCurrentRefusesToOpen) {
  for (const std::string file : {"MANIFEST", "CURRENT"}) {
    SCOPED_TRACE(file);
    ASSERT_TRUE(Open().ok());
    AppendMany(5);
    journal_.reset();
    for (const auto& entry : std::filesystem::directory_iterator(options_.folder)) {
      if (entry.path().filename().string().starts_with(file))
        FlipByte(entry.path(), entry.file_size() / 2);
    }
    const absl::Status status = Open();
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(options_.folder));
    std::filesystem::remove_all(options_.folder);
  }
}

TEST_F(EmbeddedJournalTest, OpenedForReadingItReadsEverythingAndTakesNothing) {
  ASSERT_TRUE(Open().ok());
  AppendMany(10);
  options_.read_only = true;
  const auto opened = EmbeddedJournal::Open(options_);  // beside the process that has it
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_THAT((*opened)->AllPartitions(), ElementsAre(kPartition));
  EXPECT_THAT(*(*(*opened)->OpenReader(kPartition, 0))->Read(100), SizeIs(10));
  EXPECT_EQ(ReasonOf(Append(**(*opened)->OpenWriter(kPartition), "z").status()), "READ_ONLY");
}

// Records that a fold accepts, in one partition.
void AppendCommits(EmbeddedJournal& journal, int count) {
  const WriterId writer_id{.epoch = 1, .instance = {}};
  const auto writer = journal.OpenWriter(kPartition);
  const auto append = [&writer](std::string record) {
    absl::Notification done;
    (*writer)->Append(std::move(record), [&done](const absl::StatusOr<Offset>& offset) {
      EXPECT_TRUE(offset.ok());
      done.Notify();
    });
    done.WaitForNotification();
  };
  append(EncodeBarrier(writer_id));
  Hash head{};
  for (int i = 1; i <= count; ++i) {
    v1::Commit commit;
    commit.set_format(kCommitFormat);
    commit.set_tenant("westmoor");
    commit.set_seq(static_cast<std::uint64_t>(i));
    commit.set_prev_hash(std::string(AsBytes(head)));
    const EncodedCommit encoded = EncodeCommitRecord(writer_id, commit);
    head = ChainHash(head, encoded.commit());
    append(encoded.record);
  }
}

TEST_F(EmbeddedJournalTest, AVerificationReadsEveryRecordAndSaysWhereItCannotReadOn) {
  options_.verify_bytes = 1;
  ASSERT_TRUE(Open().ok());
  AppendCommits(*journal_, 9);
  auto verified = VerifyPartition(*journal_, kPartition);
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_TRUE(verified->damage.ok()) << verified->damage;
  EXPECT_EQ(verified->Count(Outcome::kAccepted), 10U);
  EXPECT_EQ(verified->fold.HeadOf("westmoor").seq, 9U);

  DamageRecord(4);
  ASSERT_TRUE(Open().ok());
  verified = VerifyPartition(*journal_, kPartition);
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_TRUE(absl::IsDataLoss(verified->damage));
  EXPECT_THAT(std::string(verified->damage.message()),
              HasSubstr("record 4 of partition initiative/0"));
  EXPECT_EQ(verified->records(), 4U);
}

TEST_F(EmbeddedJournalTest, AVerificationNamesARecordThatIsWholeAndCannotBeUnderstood) {
  ASSERT_TRUE(Open().ok());
  AppendMany(1);
  const auto verified = VerifyPartition(*journal_, kPartition);
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_THAT(std::string(verified->damage.message()),
              HasSubstr("record 0 of partition initiative/0"));
}

TEST_F(EmbeddedJournalTest, ABackupHoldsEverythingAcknowledged) {
  ASSERT_TRUE(Open().ok());
  AppendMany(20);
  const std::string copy = options_.folder + "_copy";
  std::filesystem::remove_all(copy);
  ASSERT_TRUE(journal_->Backup(copy).ok());
  const std::string original = std::exchange(options_.folder, copy);
  ASSERT_TRUE(Open().ok());
  EXPECT_THAT(ReadAll(), SizeIs(20));
  journal_.reset();
  std::filesystem::remove_all(original);
}

TEST(InAnotherProcess, DISABLED_HoldsTheJournal) {
  const auto held = EmbeddedJournal::Open({.folder = Child::Folder()});
  ASSERT_TRUE(held.ok()) << held.status();
  ASSERT_TRUE(Child::Tell(1));
  while (true) pause();
}

// Appends without end, 32 in flight, and tells the number of each acknowledged record.
TEST(InAnotherProcess, DISABLED_AppendsUntilKilled) {
  auto journal = EmbeddedJournal::Open({.folder = Child::Folder()});
  ASSERT_TRUE(journal.ok()) << journal.status();
  ASSERT_TRUE((*journal)->CreateContext("initiative", 1).ok());
  auto writer = (*journal)->OpenWriter(kPartition);
  auto reader = (*journal)->OpenReader(kPartition, 0);
  std::uint64_t next = 0;
  while (true) {
    const auto records = (*reader)->Read(10'000);
    ASSERT_TRUE(records.ok()) << records.status();
    if (records->empty()) break;
    next += records->size();
  }
  absl::Mutex mutex;
  std::uint64_t acknowledged = next;
  bool wrong = false;
  while (true) {
    {
      const absl::MutexLock lock(&mutex);
      const auto room = [&] { return next - acknowledged < 32; };
      mutex.Await(absl::Condition(&room));
      ASSERT_FALSE(wrong) << "a record was refused, or stands elsewhere";
    }
    const std::uint64_t number = next++;
    (*writer)->Append(NumberedRecord(number), [&, number](absl::StatusOr<Offset> offset) {
      const absl::MutexLock lock(&mutex);
      wrong = wrong || !offset.ok() || *offset != number || !Child::Tell(number);
      ++acknowledged;
    });
  }
}

TEST_F(EmbeddedJournalTest, AfterKill9EveryAcknowledgedRecordStands) {
  SeededRandom random(20161123);
  for (int round = 0; round < 6; ++round) {
    // Killed after a random number of acknowledgements, while others are in flight.
    const std::uint64_t until = 1 + random.Below(3'000);
    Child child("AppendsUntilKilled", options_.folder);
    std::optional<std::uint64_t> last;
    for (std::uint64_t i = 0; i < until; ++i) {
      last = child.Next();
      ASSERT_TRUE(last.has_value()) << "the child ended by itself";
    }
    child.Kill();
    while (const std::optional<std::uint64_t> more = child.Next()) last = more;

    ASSERT_TRUE(Open().ok());
    const auto records = ReadAll();
    ASSERT_GT(records.size(), *last);
    for (std::size_t i = 0; i < records.size(); ++i) {
      ASSERT_EQ(records[i].offset, i);
      ASSERT_EQ(records[i].bytes, NumberedRecord(i));
    }
    journal_.reset();
  }
}

}  // namespace
}  // namespace holdfast::journal
