// A row that its view cannot apply an event to: it waits, the others go on, and the next build
// folds it again.
#include "readmodel/parked_rows.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "observability/metrics.h"
#include "readmodel/read_model_fixtures.h"
#include "readmodel/row_fold.h"
#include "readmodel/tenant_views.h"

namespace holdfast::readmodel {
namespace {

using ::holdfast::testing::v1::Told;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::uint64_t kUnlucky = 13;

// One row for each text: the sum of its numbers. It cannot bear thirteen, and its "spell" asks the
// library for a letter that may not be there.
struct Sums {
  static constexpr std::string_view kName = "sums@1";
  using Row = Told;
  using Event = std::variant<Told>;
  static RowKeys Key(const Told& event, const EventMeta&) { return event.text(); }
  static Fit Apply(Row& row, const Told& event, const EventMeta&) {
    row.set_number(row.number() + event.number());  // also where it then does not fit
    if (event.number() == kUnlucky) return Unfit("UNLUCKY");
    if (event.text() == "spell") row.set_text(event.text().substr(event.number()));
    return {};
  }
};

// The same view in the next build, which has learnt to bear it.
struct SumsOfTheNextBuild {
  static constexpr std::string_view kName = Sums::kName;
  using Row = Told;
  using Event = std::variant<Told>;
  static RowKeys Key(const Told& event, const EventMeta&) { return event.text(); }
  static void Apply(Row& row, const Told& event, const EventMeta&) {
    row.set_number(row.number() + event.number());
  }
};

// One row for all, of another view.
struct Commits {
  static constexpr std::string_view kName = "commits@1";
  using Row = Told;
  using Event = std::variant<Told>;
  static RowKeys Key(const Told&, const EventMeta&) { return "all"; }
  static void Apply(Row& row, const Told&, const EventMeta&) { row.set_number(row.number() + 1); }
};

std::vector<ViewType> ThisBuild() {
  return {ViewTypeOf<Sums>(), ViewTypeOf<Commits>()};
}
std::vector<ViewType> NextBuild() {
  return {ViewTypeOf<SumsOfTheNextBuild>(), ViewTypeOf<Commits>()};
}

class ParkedRowsTest : public testing::ReadModelFixture {
 protected:
  void SetUp() override {
    ReadModelFixture::SetUp();
    Open(ThisBuild());
  }

  // The same folder, by another build, once it stands where this one did.
  void OpenNextBuild() {
    Open(NextBuild());
    At("westmoor", 4);
  }

  // a: 1, parked by the second, a third waits; b: 5.
  void TellOfAParkedRow() {
    author_->Tell("westmoor", "a", 1);
    author_->Tell("westmoor", "a", kUnlucky);
    author_->Tell("westmoor", "b", 5);
    author_->Tell("westmoor", "a", 2);
    At("westmoor", 4);
  }

  static absl::StatusOr<std::vector<std::string>> Keys(const Reader& reader,
                                                       std::string_view after = "",
                                                       std::size_t limit = 0) {
    std::vector<std::string> keys;
    RETURN_IF_ERROR(reader.Scan<Sums>("", after, limit, [&keys](std::string_view key, const Told&) {
      keys.emplace_back(key);
      return true;
    }));
    return keys;
  }

  std::vector<ParkedStatus> Parked() {
    const auto parked = model_->Parked("", "");
    EXPECT_TRUE(parked.ok()) << parked.status();
    return parked.ok() ? *parked : std::vector<ParkedStatus>();
  }
  RebuildResult Verified() {
    const auto results = model_->Verify("westmoor", std::string(Sums::kName));
    EXPECT_TRUE(results.ok()) << results.status();
    return results->front();
  }
};

TEST_F(ParkedRowsTest, WaitWithTheFirstEventThatDidNotFitAndCountWhatCameAfter) {
  TellOfAParkedRow();
  const std::vector<ParkedStatus> parked = Parked();
  ASSERT_THAT(parked, SizeIs(1));
  EXPECT_EQ(parked[0].tenant, "westmoor");
  EXPECT_EQ(parked[0].context, "testing");
  EXPECT_EQ(parked[0].view, Sums::kName);
  EXPECT_EQ(parked[0].row_key, "a");
  EXPECT_EQ(parked[0].row.seq(), 2U);
  EXPECT_EQ(parked[0].row.index(), 0U);
  EXPECT_EQ(parked[0].row.event_type(), "holdfast.testing.v1.Told");
  EXPECT_EQ(parked[0].row.reason(), "UNLUCKY");
  EXPECT_EQ(parked[0].row.recorded_at().seconds(), 1000);
  EXPECT_EQ(parked[0].row.waiting(), 2U);
  EXPECT_EQ(model_->List().front().parked_rows, 1U);
}

TEST_F(ParkedRowsTest, LeaveTheOtherRowsViewsAndTenantsAlone) {
  TellOfAParkedRow();
  author_->Tell("eastvale", "a", 3);
  const auto reader = At("westmoor", 4);
  EXPECT_EQ((*reader->Get<Sums>("b"))->number(), 5U);
  EXPECT_EQ((*reader->Get<Commits>("all"))->number(), 4U);
  EXPECT_EQ((*At("eastvale", 1)->Get<Sums>("a"))->number(), 3U);
  EXPECT_TRUE(model_->Health().ok());
}

TEST_F(ParkedRowsTest, AreNeverShownAsTheyWere) {
  TellOfAParkedRow();
  const auto reader = At("westmoor", 4);
  EXPECT_TRUE(absl::IsDataLoss(reader->Get<Sums>("a").status()));
  EXPECT_EQ(ReasonOf(reader->Get<Sums>("a").status()), "ROW_PARKED");
  EXPECT_EQ(ReasonOf(Keys(*reader).status()), "ROW_PARKED");
}

TEST_F(ParkedRowsTest, AreLeftOutAndCountedWhereTheAnswerSaysSo) {
  TellOfAParkedRow();
  const auto reader = At("westmoor", 4);
  reader->LeaveOutParkedRows();
  EXPECT_THAT(*Keys(*reader), ElementsAre("b"));
  EXPECT_THAT(*Keys(*reader), ElementsAre("b")) << "and counted once";
  ASSERT_EQ(reader->as_of().contexts_size(), 1);
  EXPECT_EQ(reader->as_of().contexts(0).parked_rows(), 1U);
  EXPECT_EQ(ReasonOf(reader->Get<Sums>("a").status()), "ROW_PARKED");
}

TEST_F(ParkedRowsTest, AreCountedOnThePageInWhichTheyWouldStand) {
  for (const char* text : {"a", "c", "e"}) author_->Tell("westmoor", text, 1);
  for (const char* text : {"b", "f"}) author_->Tell("westmoor", text, kUnlucky);
  const auto on_page = [&](std::string_view after, std::size_t limit,
                           const std::vector<std::string>& expected) {
    const auto reader = At("westmoor", 5);
    reader->LeaveOutParkedRows();
    EXPECT_EQ(*Keys(*reader, after, limit), expected);
    return reader->as_of().contexts(0).parked_rows();
  };
  EXPECT_EQ(on_page("", 1, {"a"}), 0U);
  EXPECT_EQ(on_page("a", 1, {"c"}), 1U);
  EXPECT_EQ(on_page("c", 0, {"e"}), 1U);
}

TEST_F(ParkedRowsTest, AreParkedInThePastTooFromTheEventOn) {
  TellOfAParkedRow();
  type::v1::ReadOptions read;
  read.mutable_at_position()->set_context("testing");
  read.mutable_at_position()->set_seq(1);
  auto past = model_->OpenReaderNow("westmoor", read, absl::InfiniteFuture());
  EXPECT_EQ((*(*past)->Get<Sums>("a"))->number(), 1U);
  read.mutable_at_position()->set_seq(3);
  past = model_->OpenReaderNow("westmoor", read, absl::InfiniteFuture());
  EXPECT_EQ(ReasonOf((*past)->Get<Sums>("a").status()), "ROW_PARKED");
  (*past)->LeaveOutParkedRows();
  EXPECT_THAT(*Keys(**past), ElementsAre("b"));
  EXPECT_EQ((*past)->as_of().contexts(0).parked_rows(), 1U);
}

TEST_F(ParkedRowsTest, ComeOfWhatALibraryThrowsAsWell) {
  author_->Tell("westmoor", "spell", 99);
  At("westmoor", 1);
  ASSERT_THAT(Parked(), SizeIs(1));
  EXPECT_EQ(Parked()[0].row.reason(), "EXCEPTION");
}

TEST_F(ParkedRowsTest, AreParkedStillAfterARestart) {
  TellOfAParkedRow();
  Open(ThisBuild());
  author_->Tell("westmoor", "a", 2);
  At("westmoor", 5);
  ASSERT_THAT(Parked(), SizeIs(1));
  EXPECT_EQ(Parked()[0].row.waiting(), 3U);
}

TEST_F(ParkedRowsTest, AreServedAgainOnceTheNextBuildRetries) {
  TellOfAParkedRow();
  OpenNextBuild();
  EXPECT_THAT(Parked(), SizeIs(1)) << "nobody has asked for it yet";
  const auto results = model_->Retry("", "");
  ASSERT_TRUE(results.ok()) << results.status();
  ASSERT_THAT(*results, SizeIs(1));
  EXPECT_EQ(results->front().settled, 1U);
  EXPECT_EQ(results->front().parked, 0U);
  EXPECT_EQ(results->front().seq, 4U);
  const auto reader = At("westmoor", 4);
  EXPECT_EQ((*reader->Get<Sums>("a"))->number(), 1 + kUnlucky + 2);
  EXPECT_EQ((*reader->Get<Sums>("b"))->number(), 5U);
  EXPECT_THAT(Parked(), IsEmpty());
  EXPECT_TRUE(Verified().equal());

  author_->Tell("westmoor", "a", 1);
  EXPECT_EQ((*At("westmoor", 5)->Get<Sums>("a"))->number(), 1 + kUnlucky + 3) << "it goes on";
}

TEST_F(ParkedRowsTest, AreRetriedTwiceWithoutMoreHappening) {
  TellOfAParkedRow();
  OpenNextBuild();
  ASSERT_TRUE(model_->Retry("", "").ok());
  const std::string after_one = Verified().served_digest;
  EXPECT_THAT(*model_->Retry("", ""), IsEmpty());
  EXPECT_EQ(Verified().served_digest, after_one);
  OpenNextBuild();
  EXPECT_EQ(Verified().served_digest, after_one) << "and so it was written";
}

TEST_F(ParkedRowsTest, WaitOnWhereTheBuildThatRetriesCannotApplyThemEither) {
  TellOfAParkedRow();
  const auto results = model_->Retry("westmoor", std::string(Sums::kName));
  ASSERT_TRUE(results.ok()) << results.status();
  ASSERT_THAT(*results, SizeIs(1));
  EXPECT_EQ(results->front().settled, 0U);
  EXPECT_EQ(results->front().parked, 1U);
  ASSERT_THAT(Parked(), SizeIs(1));
  EXPECT_EQ(Parked()[0].row.waiting(), 2U);
  EXPECT_TRUE(absl::IsNotFound(model_->Retry("", "no_such@1").status()));
}

TEST_F(ParkedRowsTest, AreTheSameInEveryRebuild) {
  TellOfAParkedRow();
  EXPECT_TRUE(Verified().equal());
  EXPECT_EQ(Verified().parked, 1U);
  const auto first = model_->Rebuild("westmoor", std::string(Sums::kName));
  const auto second = model_->Rebuild("westmoor", std::string(Sums::kName));
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_TRUE(second->front().equal());
  EXPECT_EQ(second->front().rebuilt_digest, first->front().rebuilt_digest);
  ASSERT_THAT(Parked(), SizeIs(1));
  author_->Tell("westmoor", "a", 2);
  At("westmoor", 5);
  EXPECT_EQ(Parked()[0].row.waiting(), 3U);
  EXPECT_TRUE(Verified().equal());
}

TEST_F(ParkedRowsTest, AreADifferenceToABuildThatCanApplyThemWhichItsRebuildEnds) {
  TellOfAParkedRow();
  OpenNextBuild();
  EXPECT_FALSE(Verified().equal());
  ASSERT_TRUE(model_->Rebuild("westmoor", std::string(Sums::kName)).ok());
  EXPECT_TRUE(Verified().equal());
  EXPECT_THAT(Parked(), IsEmpty());
  EXPECT_EQ((*At("westmoor", 4)->Get<Sums>("a"))->number(), 1 + kUnlucky + 2);
}

TEST_F(ParkedRowsTest, AreExplainedByAllTheEventsThatWait) {
  TellOfAParkedRow();
  const auto events = model_->Explain("westmoor", std::string(Sums::kName), "a", "text", 100);
  ASSERT_TRUE(events.ok());
  ASSERT_THAT(*events, SizeIs(2));
  EXPECT_EQ(events->front().seq, 2U);
  EXPECT_EQ(events->back().seq, 4U);
}

TEST_F(ParkedRowsTest, AreCountedInTheMetricUntilTheyAreServedAgain) {
  const auto shows = [](int rows) {
    return absl::StrContains(
        metrics::Process().Text(),
        absl::StrCat("holdfast_view_parked_rows{context=\"testing\",view=\"sums@1\"} ", rows,
                     "\n"));
  };
  EXPECT_TRUE(shows(0));
  TellOfAParkedRow();
  author_->Tell("eastvale", "a", kUnlucky);
  At("eastvale", 1);
  EXPECT_TRUE(shows(2));
  OpenNextBuild();
  At("eastvale", 1);
  EXPECT_TRUE(shows(2));
  ASSERT_TRUE(model_->Retry("", "").ok());
  EXPECT_TRUE(shows(0));
}

// The folder of one tenant alone: a process dies when the object goes without a Flush.
class CrashAroundParking : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = ::testing::TempDir() + "/parked_rows_" + std::to_string(getpid());
    std::filesystem::remove_all(folder_);
    options_.views = {ViewTypeOf<Sums>()};
    Start();
  }
  void TearDown() override {
    views_.reset();
    std::filesystem::remove_all(folder_);
  }

  void Start() {
    views_.reset();
    auto opened = TenantViews::Open(folder_, "westmoor", options_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    views_ = *std::move(opened);
  }
  void Fold(std::uint64_t seq, std::uint64_t number) {
    EventMeta meta;
    meta.tenant = "westmoor";
    meta.seq = seq;
    meta.recorded_at = absl::FromUnixSeconds(1000);
    Told told;
    told.set_text("a");
    told.set_number(number);
    views_->BeginCommit(options_.views[0].context, seq, meta.recorded_at);
    ASSERT_TRUE(views_->Apply(told, meta).ok());
    views_->EndCommit();
  }
  const ParkedRows& Parked() const { return views_->parked(Sums::kName); }
  std::optional<std::string> StoredRow() const {
    return *views_->store().Get(views_->mark(Sums::kName).family, "a");
  }

  ReadModelOptions options_;
  std::string folder_;
  std::unique_ptr<TenantViews> views_;
};

TEST_F(CrashAroundParking, BeforeItIsWrittenParksAgainAtTheSameEvent) {
  Fold(1, 1);
  ASSERT_TRUE(views_->Flush().ok());
  Fold(2, kUnlucky);
  Fold(3, 2);
  Start();
  EXPECT_THAT(Parked(), IsEmpty());
  EXPECT_EQ(views_->mark(Sums::kName).seq, 1U);
  EXPECT_TRUE(StoredRow().has_value());
  Fold(2, kUnlucky);
  Fold(3, 2);
  EXPECT_EQ(Parked().at("a").seq(), 2U);
  EXPECT_EQ(Parked().at("a").waiting(), 2U);
}

TEST_F(CrashAroundParking, AfterItIsWrittenCountsNoEventTwice) {
  Fold(1, 1);
  Fold(2, kUnlucky);
  Fold(3, 2);
  ASSERT_TRUE(views_->Flush().ok());
  Start();
  EXPECT_EQ(views_->mark(Sums::kName).seq, 3U);
  EXPECT_FALSE(StoredRow().has_value()) << "mark, row and what is parked go in one write";
  Fold(3, 2);
  EXPECT_EQ(Parked().at("a").waiting(), 2U);
  Fold(4, 2);
  EXPECT_EQ(Parked().at("a").waiting(), 3U);
}

TEST_F(CrashAroundParking, LosesNeitherTheRowNorThatItWaitsWhenARetrySettlesIt) {
  Fold(1, kUnlucky);
  ASSERT_TRUE(views_->Flush().ok());
  const ViewType next = ViewTypeOf<SumsOfTheNextBuild>();
  RowFold fold(next, {"a"});
  EventMeta meta;
  meta.seq = 1;
  Told told;
  told.set_text("a");
  told.set_number(kUnlucky);
  fold.Apply(told, meta);
  ASSERT_TRUE(views_->Settle(Sums::kName, {"a"}, fold).ok());
  Start();
  EXPECT_THAT(Parked(), IsEmpty());
  ASSERT_TRUE(StoredRow().has_value());
  Fold(1, kUnlucky);
  Fold(2, 1);
  ASSERT_TRUE(views_->Flush().ok());
  Told row;
  ASSERT_TRUE(row.ParseFromString(*StoredRow()));
  EXPECT_EQ(row.number(), kUnlucky + 1);
}

TEST_F(CrashAroundParking, ForgetsWhatWasParkedInAGenerationThatIsLost) {
  Fold(1, kUnlucky);
  ASSERT_TRUE(views_->Flush().ok());
  ASSERT_TRUE(views_->store_to_rebuild().DropFamily(views_->mark(Sums::kName).family).ok());
  Start();
  EXPECT_THAT(Parked(), IsEmpty());
  EXPECT_EQ(views_->mark(Sums::kName).seq, 0U);
}

}  // namespace
}  // namespace holdfast::readmodel
