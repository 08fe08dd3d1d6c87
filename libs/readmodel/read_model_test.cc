// The read side over a real embedded journal: events of the "testing" context are counted per text.
#include "readmodel/read_model.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "holdfast/testing/v1/door.pb.h"

#include "absl/time/clock.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/thread_executor.h"
#include "readmodel/read_model_fixtures.h"
#include "readmodel/view.h"

namespace holdfast::readmodel {
namespace {

using holdfast::testing::v1::Part;
using holdfast::testing::v1::Told;

// One row for each text: how often it was told, and the sum of its numbers.
struct Tellings {
  static constexpr std::string_view kName = "tellings@1";
  using Row = Told;
  using Event = std::variant<Told>;
  static RowKeys Key(const Told& event, const EventMeta&) { return event.text(); }
  static void Apply(Row& row, const Told& event, const EventMeta& meta) {
    row.set_number(row.number() + event.number());
    row.set_text(std::string(meta.stream));
  }
  static bool Gone(const Row& row) { return row.number() == 0; }
};

// One row for all: how many commits there were.
struct Totals {
  static constexpr std::string_view kName = "totals@1";
  using Row = Told;
  using Event = std::variant<Told, Part>;
  static RowKeys Key(const auto&, const EventMeta&) { return "all"; }
  static void Apply(Row& row, const Told&, const EventMeta&) { row.set_number(row.number() + 1); }
  static void Apply(Row& row, const Part&, const EventMeta&) { row.set_number(row.number() + 100); }
};

// A journal some of whose records do not show yet to readers that are opened later.
class LaggingJournal final : public journal::Journal {
 public:
  explicit LaggingJournal(journal::Journal& whole) : whole_(whole) {}
  bool lags = false;

  absl::StatusOr<std::uint32_t> Partitions(const std::string& context) override {
    return whole_.Partitions(context);
  }
  absl::StatusOr<std::unique_ptr<journal::Writer>> OpenWriter(
      const journal::PartitionId& partition) override {
    return whole_.OpenWriter(partition);
  }
  absl::StatusOr<std::unique_ptr<journal::Reader>> OpenReader(const journal::PartitionId& partition,
                                                              journal::Offset from) override {
    return whole_.OpenReader(partition, lags ? kNotYet : from);
  }
  absl::Status Health() const override { return whole_.Health(); }

 private:
  static constexpr journal::Offset kNotYet = 1'000'000;
  journal::Journal& whole_;
};

class ReadModelTest : public testing::ReadModelFixture {
 protected:
  void SetUp() override {
    ReadModelFixture::SetUp();
    Open();
  }
  ReadModelOptions Options() {
    return ReadModelFixture::Options({ViewTypeOf<Tellings>(), ViewTypeOf<Totals>()});
  }
  void Open() { Open(Options()); }
  using ReadModelFixture::Open;

  std::uint64_t Number(const Reader& reader, const std::string& text) {
    const auto row = reader.Get<Tellings>(text);
    EXPECT_TRUE(row.ok()) << row.status();
    return row.ok() && *row ? (*row)->number() : 0;
  }
};

TEST_F(ReadModelTest, ShowsACommitToWhoeverBringsItsReceipt) {
  author_->Tell("westmoor", "a", 7);
  const auto reader = At("westmoor", 1);
  EXPECT_EQ(Number(*reader, "a"), 7U);
  ASSERT_EQ(reader->as_of().contexts_size(), 1);
  EXPECT_EQ(reader->as_of().contexts(0).position().seq(), 1U);
  EXPECT_EQ(reader->as_of().contexts(0).recorded_at().seconds(), 1000);
}

TEST_F(ReadModelTest, KeepsTenantsApart) {
  author_->Tell("westmoor", "a", 7);
  author_->Tell("eastvale", "a", 9);
  EXPECT_EQ(Number(*At("westmoor", 1), "a"), 7U);
  EXPECT_EQ(Number(*At("eastvale", 1), "a"), 9U);
}

TEST_F(ReadModelTest, ReadsATenantWithoutAnyEventAsEmpty) {
  const auto reader = model_->OpenReaderNow("nobody", {}, absl::InfiniteFuture());
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(Number(**reader, "a"), 0U);
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/views/nobody"));
}

TEST_F(ReadModelTest, AnswersViewBehindWhenAPositionDoesNotComeInTime) {
  author_->Tell("westmoor", "a", 1);
  type::v1::ReadOptions read;
  read.add_min_position()->set_context("testing");
  read.mutable_min_position(0)->set_seq(99);
  const auto reader = model_->OpenReaderNow("westmoor", read, absl::Now());
  ASSERT_FALSE(reader.ok());
  EXPECT_EQ(ReasonOf(reader.status()), "VIEW_BEHIND");
}

TEST_F(ReadModelTest, RefusesAPositionOfAContextThatItDoesNotRead) {
  type::v1::ReadOptions read;
  read.add_min_position()->set_context("elsewhere");
  const auto reader = model_->OpenReaderNow("westmoor", read, absl::Now());
  EXPECT_TRUE(absl::IsInvalidArgument(reader.status()));
}

TEST_F(ReadModelTest, OfOneReaderSeesOneMoment) {
  author_->Tell("westmoor", "a", 1);
  const auto before = At("westmoor", 1);
  EXPECT_EQ(Number(*before, "a"), 1U);
  author_->Tell("westmoor", "a", 1);
  EXPECT_EQ(Number(*At("westmoor", 2), "a"), 2U);
  EXPECT_EQ(Number(*before, "a"), 1U);
}

TEST_F(ReadModelTest, DropsARowThatIsGone) {
  author_->Tell("westmoor", "a", 0);
  author_->Tell("westmoor", "b", 1);
  const auto reader = At("westmoor", 2);
  std::vector<std::string> keys;
  ASSERT_TRUE(reader
                  ->Scan<Tellings>("", "", 0,
                                   [&keys](std::string_view key, const Told&) {
                                     keys.emplace_back(key);
                                     return true;
                                   })
                  .ok());
  EXPECT_EQ(keys, std::vector<std::string>{"b"});
}

TEST_F(ReadModelTest, ScansInOrderOfKeysFromWhereThePageBeforeEnded) {
  for (const char* text : {"c", "a", "b", "d"}) author_->Tell("westmoor", text, 1);
  const auto reader = At("westmoor", 4);
  std::vector<std::string> keys;
  ASSERT_TRUE(reader
                  ->Scan<Tellings>("", "a", 2,
                                   [&keys](std::string_view key, const Told&) {
                                     keys.emplace_back(key);
                                     return true;
                                   })
                  .ok());
  EXPECT_EQ(keys, (std::vector<std::string>{"b", "c"}));
}

TEST_F(ReadModelTest, GoesOnWhereItStoppedAfterARestart) {
  for (int i = 0; i < 100; ++i) author_->Tell("westmoor", "a", 1);
  EXPECT_EQ(Number(*At("westmoor", 100), "a"), 100U);
  Open();
  author_->Tell("westmoor", "a", 1);
  EXPECT_EQ(Number(*At("westmoor", 101), "a"), 101U);
}

TEST_F(ReadModelTest, FoldsAnewWhatAFolderHasLost) {
  for (int i = 0; i < 10; ++i) author_->Tell("westmoor", "a", 1);
  EXPECT_EQ(Number(*At("westmoor", 10), "a"), 10U);
  model_.reset();
  std::filesystem::remove_all(folder_ + "/views/westmoor");
  Open();
  EXPECT_EQ(Number(*At("westmoor", 10), "a"), 10U);
}

TEST_F(ReadModelTest, DoesNotOpenAFolderOfAnotherTenant) {
  author_->Tell("westmoor", "a", 1);
  author_->Tell("eastvale", "a", 2);
  At("westmoor", 1);
  At("eastvale", 1);
  model_.reset();
  std::filesystem::rename(folder_ + "/views/westmoor", folder_ + "/views/swap");
  std::filesystem::rename(folder_ + "/views/eastvale", folder_ + "/views/westmoor");
  std::filesystem::rename(folder_ + "/views/swap", folder_ + "/views/eastvale");
  executor_ = std::make_unique<ThreadExecutor>("views");
  ReadModelOptions options;
  options.folder = folder_ + "/views";
  options.views = {ViewTypeOf<Tellings>()};
  options.journal = journal_.get();
  options.clock = &SystemClock();
  options.executor = executor_.get();
  auto opened = ReadModel::Open(std::move(options));
  if (opened.ok()) {  // the fold was not yet saved: the swap is seen when the folder is first used
    model_ = *std::move(opened);
    AwaitFault();
    EXPECT_TRUE(absl::IsDataLoss(model_->Health())) << model_->Health();
  } else {
    EXPECT_TRUE(absl::IsDataLoss(opened.status())) << opened.status();
  }
}

TEST_F(ReadModelTest, AnswersAsOfAPastPositionAndAPastInstant) {
  for (int i = 1; i <= 5; ++i) {
    author_->Tell("westmoor", "a", 1, absl::FromUnixSeconds(1000 + 100 * i));
  }
  At("westmoor", 5);
  type::v1::ReadOptions read;
  read.mutable_at_position()->set_context("testing");
  read.mutable_at_position()->set_seq(3);
  auto past = model_->OpenReaderNow("westmoor", read, absl::InfiniteFuture());
  ASSERT_TRUE(past.ok());
  EXPECT_EQ(Number(**past, "a"), 3U);
  EXPECT_EQ((*past)->as_of().contexts(0).position().seq(), 3U);

  type::v1::ReadOptions then;
  then.mutable_at_time()->set_seconds(1250);
  past = model_->OpenReaderNow("westmoor", then, absl::InfiniteFuture());
  ASSERT_TRUE(past.ok());
  EXPECT_EQ(Number(**past, "a"), 2U);
}

TEST_F(ReadModelTest, FoldsAnInstantThatIsNotOverAgainOnceMoreIsRecordedInIt) {
  type::v1::ReadOptions then;
  then.mutable_at_time()->set_seconds(1250);
  const auto told_by_then = [&] {
    const auto past = model_->OpenReaderNow("westmoor", then, absl::InfiniteFuture());
    return past.ok() ? Number(**past, "a") : 0;
  };
  author_->Tell("westmoor", "a", 1, absl::FromUnixSeconds(1100));
  At("westmoor", 1);
  EXPECT_EQ(told_by_then(), 1U);
  author_->Tell("westmoor", "a", 1, absl::FromUnixSeconds(1200));
  At("westmoor", 2);
  EXPECT_EQ(told_by_then(), 2U);
  author_->Tell("westmoor", "a", 1, absl::FromUnixSeconds(1300));
  At("westmoor", 3);
  EXPECT_EQ(told_by_then(), 2U);
}

TEST_F(ReadModelTest, SaysThatAJournalLagsInPlaceOfShowingAPastThatIsTooShort) {
  LaggingJournal journal(*journal_);
  ReadModelOptions options = Options();
  options.journal = &journal;
  Open(std::move(options));
  for (int i = 0; i < 3; ++i) author_->Tell("westmoor", "a", 1);
  At("westmoor", 3);
  type::v1::ReadOptions read;
  read.mutable_at_position()->set_context("testing");
  read.mutable_at_position()->set_seq(2);
  const auto past = model_->OpenReaderNow("westmoor", read, absl::InfiniteFuture());
  ASSERT_TRUE(past.ok()) << past.status();
  journal.lags = true;
  EXPECT_TRUE(absl::IsUnavailable((*past)->Get<Tellings>("a").status()));
  EXPECT_TRUE(absl::IsUnavailable(model_->Verify("", "").status()));
  EXPECT_TRUE(absl::IsUnavailable(model_->Rebuild("", "").status()));
  journal.lags = false;
  EXPECT_EQ(Number(**past, "a"), 2U) << "the short fold was not kept";
  model_.reset();  // before the journal that it reads
}

TEST_F(ReadModelTest, StopsAltogetherWhenAFolderCannotBeOpened) {
  std::string other = "a";
  while (journal::PartitionOf(other, 2) == journal::PartitionOf("westmoor", 2)) other += "a";
  ReadModelOptions options = Options();
  options.open_rows = [](const std::string& folder,
                         std::string_view family) -> absl::StatusOr<std::unique_ptr<RowStore>> {
    if (folder.ends_with("/westmoor")) return absl::UnavailableError("no space left");
    return OpenRowStoreOnDisk(folder, family);
  };
  Open(std::move(options));
  author_->Tell("westmoor", "a", 1);
  AwaitFault();
  EXPECT_TRUE(absl::IsUnavailable(model_->Health())) << model_->Health();
  author_->Tell(other, "a", 1);
  type::v1::ReadOptions read;
  read.add_min_position()->set_context("testing");
  read.mutable_min_position(0)->set_seq(1);
  const auto reader = model_->OpenReaderNow(other, read, absl::Now());
  EXPECT_EQ(ReasonOf(reader.status()), "VIEW_BEHIND");
  Open();
  EXPECT_EQ(Number(*At("westmoor", 1), "a"), 1U);
  EXPECT_EQ(Number(*At(other, 1), "a"), 1U);
}

TEST_F(ReadModelTest, RebuildsToTheSameBytesAndServesMeanwhile) {
  for (int i = 0; i < 50; ++i) author_->Tell("westmoor", i % 2 == 0 ? "a" : "b", 1);
  At("westmoor", 50);
  const auto before = At("westmoor", 50);
  const auto results = model_->Rebuild("", "");
  ASSERT_TRUE(results.ok()) << results.status();
  ASSERT_EQ(results->size(), 2U);
  for (const RebuildResult& result : *results) {
    EXPECT_TRUE(result.equal()) << result.view;
    EXPECT_EQ(result.seq, 50U);
  }
  EXPECT_EQ(Number(*before, "a"), 25U) << "the generation before is still read";
  author_->Tell("westmoor", "a", 1);
  EXPECT_EQ(Number(*At("westmoor", 51), "a"), 26U) << "and the new one goes on";
  ASSERT_TRUE(model_->Rebuild("", "").ok());
  EXPECT_EQ(Number(*At("westmoor", 51), "a"), 26U);
}

TEST_F(ReadModelTest, FoldsATenantOnceWhereverItMoves) {
  for (int i = 0; i < 3; ++i) author_->Tell("westmoor", "a", 1);
  EXPECT_EQ(Number(*At("westmoor", 3), "a"), 3U);
  author_->Move("westmoor");
  for (int i = 0; i < 2; ++i) author_->Tell("westmoor", "a", 1);
  EXPECT_EQ(Number(*At("westmoor", 5), "a"), 5U);
  author_->Move("westmoor");
  author_->Tell("westmoor", "a", 1);
  EXPECT_EQ(Number(*At("westmoor", 6), "a"), 6U) << "home again";

  for (const auto& results : {model_->Verify("westmoor", ""), model_->Rebuild("westmoor", "")}) {
    ASSERT_TRUE(results.ok()) << results.status();
    for (const RebuildResult& result : *results) {
      EXPECT_TRUE(result.equal()) << result.view;
      EXPECT_EQ(result.seq, 6U);
    }
  }
  type::v1::ReadOptions past;
  past.mutable_at_position()->set_context("testing");
  past.mutable_at_position()->set_seq(4);
  EXPECT_EQ(Number(**model_->OpenReaderNow("westmoor", past, absl::InfiniteFuture()), "a"), 4U);
  Open();
  EXPECT_EQ(Number(*At("westmoor", 6), "a"), 6U);
  model_.reset();
  std::filesystem::remove_all(folder_ + "/views");
  Open();
  EXPECT_EQ(Number(*At("westmoor", 6), "a"), 6U) << "folded anew, from both partitions";
}

TEST_F(ReadModelTest, VerifiesWithoutChangingAnything) {
  author_->Tell("westmoor", "a", 1);
  At("westmoor", 1);
  const auto results = model_->Verify("westmoor", "tellings@1");
  ASSERT_TRUE(results.ok());
  ASSERT_EQ(results->size(), 1U);
  EXPECT_TRUE(results->front().equal());
  EXPECT_EQ(model_->List().front().family, "tellings@1#1");
  EXPECT_TRUE(absl::IsNotFound(model_->Verify("", "no_such@1").status()));
}

TEST_F(ReadModelTest, ExplainsARowByTheEventsThatChangedIt) {
  author_->Tell("westmoor", "a", 1);
  author_->Tell("westmoor", "b", 1);
  author_->Tell("westmoor", "a", 2);
  At("westmoor", 3);
  const auto events = model_->Explain("westmoor", "tellings@1", "a", "number", 100);
  ASSERT_TRUE(events.ok());
  ASSERT_EQ(events->size(), 2U);
  EXPECT_EQ(events->front().seq, 1U);
  EXPECT_EQ(events->back().seq, 3U);
  // The stream does not change after the first event, so only that one explains it.
  EXPECT_EQ(model_->Explain("westmoor", "tellings@1", "a", "text", 100)->size(), 1U);
  EXPECT_TRUE(absl::IsInvalidArgument(
      model_->Explain("westmoor", "tellings@1", "a", "nonsense", 100).status()));
}

TEST_F(ReadModelTest, AppliesNothingOfACommitOfWhichOneEventCannotBeRead) {
  author_->Tell("westmoor", "a", 1);
  Told readable;
  readable.set_text("a");
  readable.set_number(7);
  author_->Commit("westmoor", {readable.SerializeAsString(), "\xFF\xFF\xFF"},
                  "holdfast.testing.v1.Told", absl::FromUnixSeconds(2000));
  AwaitFault();
  EXPECT_EQ(Number(*At("westmoor", 1), "a"), 1U);
  Open();
  AwaitFault();
  EXPECT_EQ(Number(*At("westmoor", 1), "a"), 1U) << "nor after a restart";
}

TEST_F(ReadModelTest, StopsOneTenantWhoseBytesCannotBeReadAndGoesOnWithTheOthers) {
  author_->Tell("westmoor", "a", 1);
  author_->Commit("westmoor", {"\xFF\xFF\xFF"}, "holdfast.testing.v1.Told",
                  absl::FromUnixSeconds(2000));
  author_->Tell("westmoor", "a", 1);
  author_->Tell("eastvale", "a", 5);
  EXPECT_EQ(Number(*At("eastvale", 1), "a"), 5U);
  EXPECT_EQ(Number(*At("westmoor", 1), "a"), 1U);
  AwaitFault();
  EXPECT_TRUE(absl::IsDataLoss(model_->Health()));
}

}  // namespace
}  // namespace holdfast::readmodel
