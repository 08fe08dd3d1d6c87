#include "metrics/domain/extract.h"

#include <string>

#include "gtest/gtest.h"
#include "metrics/domain/dataset.h"
#include "metrics/domain/digest_sum.h"
#include "testing/scenario.h"

namespace holdfast::metrics {
namespace {

using Refusal = v1::Refusal;
using testing::Text;

constexpr testing::GivenEventsOf<Extract> Given;

// A digest of which only the last byte tells.
std::string Digest(int last) {
  std::string digest(32, '\0');
  digest[31] = static_cast<char>(last);
  return digest;
}

v1::OpenExtract Delivery(int revision, int base, std::uint64_t rows, int digest) {
  v1::OpenExtract open = Text(R"pb(
    extract_id: "westmoor-street.2016-03"
    dataset_id: "westmoor-street"
    month { year: 2016 month: 3 }
    mode: SNAPSHOT
    file_name: "2016-03-westmoor-street.csv"
  )pb");
  open.set_revision(static_cast<std::uint32_t>(revision));
  open.set_base(static_cast<std::uint32_t>(base));
  open.set_rows(rows);
  open.set_digest(Digest(digest));
  open.set_file_sha256(Digest(100 + digest));
  return open;
}

v1::ExtractOpened Opened(int revision, int base, std::uint64_t rows, int digest) {
  v1::ExtractOpened opened = Text(R"pb(
    dataset_id: "westmoor-street"
    month { year: 2016 month: 3 }
    mode: SNAPSHOT
    file_name: "2016-03-westmoor-street.csv"
  )pb");
  opened.set_revision(static_cast<std::uint32_t>(revision));
  opened.set_base(static_cast<std::uint32_t>(base));
  opened.set_rows(rows);
  opened.set_digest(Digest(digest));
  opened.set_file_sha256(Digest(100 + digest));
  return opened;
}

v1::RowBlock Burglaries(std::uint32_t rows) {
  v1::RowBlock block = Text(R"pb(
    texts: "burglary"
    places { longitude_e6: 81555 latitude_e6: 51537035 }
    place: 0
    category: 1
  )pb");
  block.set_rows(rows);
  return block;
}

v1::RowsStaged Staged(int revision, std::uint32_t seq, std::uint32_t recorded, int digest) {
  v1::RowsStaged staged = Text(R"pb(
    dataset_id: "westmoor-street"
    month { year: 2016 month: 3 }
  )pb");
  staged.set_revision(static_cast<std::uint32_t>(revision));
  staged.set_seq(seq);
  *staged.mutable_recorded() = Burglaries(recorded);
  staged.set_digest_added(Digest(digest));
  return staged;
}

v1::StageRows Stage(const v1::RowsStaged& rows) {
  v1::StageRows stage;
  stage.set_extract_id("westmoor-street.2016-03");
  *stage.mutable_rows() = rows;
  return stage;
}

v1::AcceptExtract Accept(int revision) {
  v1::AcceptExtract accept;
  accept.set_extract_id("westmoor-street.2016-03");
  accept.set_revision(static_cast<std::uint32_t>(revision));
  return accept;
}

v1::ExtractAccepted Accepted(int revision, int base, std::uint64_t rows, int digest) {
  v1::ExtractAccepted accepted = Text(R"pb(
    dataset_id: "westmoor-street"
    month { year: 2016 month: 3 }
  )pb");
  accepted.set_revision(static_cast<std::uint32_t>(revision));
  accepted.set_base(static_cast<std::uint32_t>(base));
  accepted.set_rows(rows);
  accepted.set_digest(Digest(digest));
  accepted.set_file_sha256(Digest(100 + digest));
  return accepted;
}

// Another month of the same dataset, with that many rows.
v1::ExtractState MonthWith(std::uint64_t rows) {
  v1::ExtractState state;
  state.add_accepted()->set_rows(rows);
  return state;
}

TEST(Extract, IsOpenedByADelivery) {
  Given().When(Delivery(1, 0, 3, 7)).Then(Opened(1, 0, 3, 7));
}

TEST(Extract, TakesTheSameDeliveryOnceWhileItIsOpen) {
  Given(Opened(1, 0, 3, 7)).When(Delivery(1, 0, 3, 7)).ThenNothingHappens();
}

TEST(Extract, RefusesAnotherDeliveryWhileOneIsOpen) {
  Given(Opened(1, 0, 3, 7)).When(Delivery(1, 0, 3, 8)).ThenRefused(Refusal::REVISION_OPEN);
}

TEST(Extract, TakesTheSameContentOnceForEver) {
  Given(Opened(1, 0, 3, 7), Staged(1, 0, 3, 7), Accepted(1, 0, 3, 7))
      .When(Delivery(2, 1, 3, 7))
      .ThenNothingHappens();
}

TEST(Extract, IsChangedFromTheRevisionThatCountsOnly) {
  Given(Opened(1, 0, 3, 7), Staged(1, 0, 3, 7), Accepted(1, 0, 3, 7))
      .When(Delivery(2, 0, 4, 9))
      .ThenRefused(Refusal::BASE_NOT_CURRENT, "base");
}

TEST(Extract, NumbersItsRevisionsWithoutAGap) {
  Given(Opened(1, 0, 3, 7), Staged(1, 0, 3, 7), Accepted(1, 0, 3, 7))
      .When(Delivery(3, 1, 4, 9))
      .ThenRefused(Refusal::OUT_OF_ORDER, "revision");
}

TEST(Extract, HasNoMonthThatIsYetToCome) {
  v1::OpenExtract open = Delivery(1, 0, 3, 7);
  open.mutable_month()->set_year(2031);
  open.set_extract_id("westmoor-street.2031-03");
  Given().When(open).ThenRefused(Refusal::IN_FUTURE, "month");
}

TEST(Extract, IsNamedByItsDatasetAndMonth) {
  v1::OpenExtract open = Delivery(1, 0, 3, 7);
  open.set_extract_id("westmoor-street.2016-04");
  Given().When(open).ThenRefused(Refusal::UNKNOWN_CODE, "extract_id");
}

TEST(Extract, TakesRowsPieceByPiece) {
  Given(Opened(1, 0, 3, 7)).When(Stage(Staged(1, 0, 2, 3))).Then(Staged(1, 0, 2, 3));
}

TEST(Extract, TakesAPieceOnce) {
  Given(Opened(1, 0, 3, 7), Staged(1, 0, 2, 3))
      .When(Stage(Staged(1, 0, 2, 3)))
      .ThenNothingHappens();
}

TEST(Extract, RefusesAPieceAfterAGap) {
  Given(Opened(1, 0, 3, 7), Staged(1, 0, 2, 3))
      .When(Stage(Staged(1, 2, 1, 4)))
      .ThenRefused(Refusal::OUT_OF_ORDER, "rows.seq");
}

TEST(Extract, TakesNoRowsBeforeItIsOpened) {
  Given().When(Stage(Staged(1, 0, 2, 3))).ThenRefused(Refusal::WRONG_STATE);
}

TEST(Extract, TakesNoMoreThanFiveHundredRowsAtOnce) {
  Given(Opened(1, 0, 3, 7)).When(Stage(Staged(1, 0, 501, 3))).ThenRefused(Refusal::TOO_MANY_ROWS);
}

TEST(Extract, RefusesRowsThatPointNowhere) {
  v1::RowsStaged staged = Staged(1, 0, 2, 3);
  staged.mutable_recorded()->set_category(0, 2);  // there is one text
  Given(Opened(1, 0, 3, 7)).When(Stage(staged)).ThenRefused(Refusal::BAD_BLOCK);
}

TEST(Extract, RefusesAColumnThatIsTooShort) {
  v1::RowsStaged staged = Staged(1, 0, 3, 3);
  staged.mutable_recorded()->add_category(1);  // two entries for three rows
  Given(Opened(1, 0, 3, 7)).When(Stage(staged)).ThenRefused(Refusal::BAD_BLOCK);
}

TEST(Extract, RefusesAPlaceThatIsNotResolvedInEverySet) {
  v1::RowsStaged staged = Staged(1, 0, 2, 3);
  staged.add_area_sets()->set_kind("ward");
  Given(Opened(1, 0, 3, 7)).When(Stage(staged)).ThenRefused(Refusal::BAD_BLOCK);
}

TEST(Extract, IsAcceptedWhenItsRowsAddUpToTheFile) {
  Given(Opened(1, 0, 3, 7), Staged(1, 0, 2, 3), Staged(1, 1, 1, 4))
      .When(Accept(1))
      .Then(Accepted(1, 0, 3, 7));
}

TEST(Extract, IsNotAcceptedWithARowTooFew) {
  Given(Opened(1, 0, 3, 7), Staged(1, 0, 2, 7))
      .When(Accept(1))
      .ThenRefused(Refusal::ROW_COUNT_MISMATCH);
}

TEST(Extract, IsNotAcceptedWithRowsOtherThanTheFiles) {
  Given(Opened(1, 0, 3, 7), Staged(1, 0, 3, 6))
      .When(Accept(1))
      .ThenRefused(Refusal::DIGEST_MISMATCH);
}

TEST(Extract, IsAcceptedOnce) {
  Given(Opened(1, 0, 3, 7), Staged(1, 0, 3, 7), Accepted(1, 0, 3, 7))
      .When(Accept(1))
      .ThenNothingHappens();
}

TEST(Extract, ProvesThatBaseAndChangesAreTheCorrectedFile) {
  v1::RowsStaged change = Staged(2, 0, 1, 9);
  *change.mutable_cancelled() = Burglaries(1);
  change.set_digest_removed(Digest(4));
  Given(Opened(1, 0, 3, 7), Staged(1, 0, 3, 7), Accepted(1, 0, 3, 7), Opened(2, 1, 3, 12), change)
      .When(Accept(2))
      .Then(Accepted(2, 1, 3, 12));
}

TEST(Extract, IsHeldWhenMoreThanOneLineInTwentyWasRejected) {
  v1::ExtractOpened opened = Opened(1, 0, 3, 7);
  opened.set_rejected(1);
  v1::ExtractQuarantined held = Text(R"pb(
    dataset_id: "westmoor-street"
    month { year: 2016 month: 3 }
    revision: 1
    reasons: TOO_MANY_REJECTED
    rows: 3
    rejected: 1
  )pb");
  Given(opened, Staged(1, 0, 3, 7)).When(Accept(1)).Then(held);
}

TEST(Extract, IsHeldWhenAForcesOwnMonthHasNoRow) {
  v1::DatasetState territory;
  territory.mutable_registered()->set_territorial(true);
  v1::ExtractQuarantined held = Text(R"pb(
    dataset_id: "westmoor-street"
    month { year: 2016 month: 3 }
    revision: 1
    reasons: NO_ROWS
  )pb");
  Given(Opened(1, 0, 0, 0)).With<Dataset>("westmoor-street", territory).When(Accept(1)).Then(held);
  // A force whose own territory it is not, the railways' for one, may well have none.
  Given(Opened(1, 0, 0, 0)).When(Accept(1)).Then(Accepted(1, 0, 0, 0));
}

TEST(Extract, IsHeldWhenItIsFarFromTheMonthsBefore) {
  v1::ExtractQuarantined held = Text(R"pb(
    dataset_id: "westmoor-street"
    month { year: 2016 month: 3 }
    revision: 1
    reasons: FAR_FROM_MEDIAN
    rows: 49
    median_rows: 100
  )pb");
  Given(Opened(1, 0, 49, 7), Staged(1, 0, 49, 7))
      .With<Extract>("westmoor-street.2016-02", MonthWith(100))
      .With<Extract>("westmoor-street.2016-01", MonthWith(100))
      .With<Extract>("westmoor-street.2015-12", MonthWith(100))
      .With<Extract>("westmoor-street.2015-11", MonthWith(100))
      .With<Extract>("westmoor-street.2015-10", MonthWith(90))
      .With<Extract>("westmoor-street.2015-09", MonthWith(110))
      .When(Accept(1))
      .Then(held);
}

TEST(Extract, IsNotHeldForSmallMonths) {
  Given(Opened(1, 0, 4, 7), Staged(1, 0, 4, 7))
      .With<Extract>("westmoor-street.2016-02", MonthWith(20))
      .With<Extract>("westmoor-street.2016-01", MonthWith(20))
      .With<Extract>("westmoor-street.2015-12", MonthWith(20))
      .With<Extract>("westmoor-street.2015-11", MonthWith(20))
      .With<Extract>("westmoor-street.2015-10", MonthWith(20))
      .With<Extract>("westmoor-street.2015-09", MonthWith(20))
      .When(Accept(1))
      .Then(Accepted(1, 0, 4, 7));
}

TEST(Extract, ThatIsHeldCountsOnceAPersonLetsItThrough) {
  v1::ExtractQuarantined held;
  held.set_revision(1);
  v1::ApproveExtract approve = Text(R"pb(
    extract_id: "westmoor-street.2016-03"
    revision: 1
    reason: "The force changed its system."
  )pb");
  v1::ExtractAccepted accepted = Accepted(1, 0, 3, 7);
  accepted.set_approved_by("someone");
  accepted.set_reason("The force changed its system.");
  Given(Opened(1, 0, 3, 7), Staged(1, 0, 3, 7), held).When(approve).Then(accepted);
  Given(Opened(1, 0, 3, 7), Staged(1, 0, 3, 7)).When(approve).ThenRefused(Refusal::WRONG_STATE);
}

TEST(Extract, CanBeAbandonedAndOpenedAgain) {
  v1::AbandonExtract abandon =
      Text(R"pb(extract_id: "westmoor-street.2016-03" revision: 1 reason: "Wrong file.")pb");
  v1::ExtractAbandoned abandoned = Text(R"pb(
    dataset_id: "westmoor-street"
    month { year: 2016 month: 3 }
    revision: 1
    reason: "Wrong file."
  )pb");
  Given(Opened(1, 0, 3, 7)).When(abandon).Then(abandoned);
  Given(Opened(1, 0, 3, 7), abandoned).When(Delivery(2, 0, 3, 8)).Then(Opened(2, 0, 3, 8));
  Given(Opened(1, 0, 3, 7), abandoned).When(abandon).ThenNothingHappens();
}

TEST(Extract, GoesBackToTheRevisionBefore) {
  v1::RevertExtract revert =
      Text(R"pb(extract_id: "westmoor-street.2016-03" revision: 2 reason: "Bad file.")pb");
  const auto outcome = Given(Opened(1, 0, 3, 7), Staged(1, 0, 3, 7), Accepted(1, 0, 3, 7),
                             Opened(2, 1, 4, 9), Staged(2, 0, 1, 2), Accepted(2, 1, 4, 9))
                           .To("westmoor-street.2016-03")
                           .When(revert);
  v1::ExtractReverted reverted = Text(R"pb(
    dataset_id: "westmoor-street"
    month { year: 2016 month: 3 }
    revision: 2
    to_revision: 1
    reason: "Bad file."
  )pb");
  outcome.Then(reverted);
  ASSERT_EQ(outcome.state().accepted_size(), 1);
  EXPECT_EQ(outcome.state().accepted(0).digest(), Digest(7));
}

TEST(Extract, TakesBackOnlyTheRevisionThatCounts) {
  v1::RevertExtract revert =
      Text(R"pb(extract_id: "westmoor-street.2016-03" revision: 1 reason: "Bad file.")pb");
  Given(Opened(1, 0, 3, 7), Staged(1, 0, 3, 7), Accepted(1, 0, 3, 7), Opened(2, 1, 4, 9),
        Staged(2, 0, 1, 2), Accepted(2, 1, 4, 9))
      .When(revert)
      .ThenRefused(Refusal::NOT_CURRENT);
}

TEST(Extract, TakesTheSameRowsAgainOnlyToResolveThemInMoreSets) {
  v1::OpenExtract resolve = Delivery(2, 1, 3, 7);
  resolve.set_mode(v1::Extract::RELOCATION);
  Given(Opened(1, 0, 3, 7), Staged(1, 0, 3, 7), Accepted(1, 0, 3, 7))
      .When(resolve)
      .ThenNothingHappens();
  type::v1::AreaSet& ward = *resolve.add_area_sets();
  ward.set_kind("ward");
  ward.set_vintage("2013");
  v1::ExtractOpened opened = Opened(2, 1, 3, 7);
  opened.set_mode(v1::Extract::RELOCATION);
  *opened.add_area_sets() = ward;
  Given(Opened(1, 0, 3, 7), Staged(1, 0, 3, 7), Accepted(1, 0, 3, 7)).When(resolve).Then(opened);
}

TEST(Extract, TakesTheSameRowsAgainToResolveThemInASetThatAnotherFileJoined) {
  v1::ExtractOpened first = Opened(1, 0, 3, 7);
  type::v1::AreaSet& ward = *first.add_area_sets();
  ward.set_kind("ward");
  ward.set_vintage("2013");
  v1::OpenExtract resolve = Delivery(2, 1, 3, 7);
  resolve.set_mode(v1::Extract::RELOCATION);
  *resolve.add_area_sets() = ward;
  resolve.add_area_set_versions(1);
  Given(first, Staged(1, 0, 3, 7), Accepted(1, 0, 3, 7)).When(resolve).ThenNothingHappens();
  resolve.set_area_set_versions(0, 2);
  v1::ExtractOpened opened = Opened(2, 1, 3, 7);
  opened.set_mode(v1::Extract::RELOCATION);
  *opened.add_area_sets() = ward;
  opened.add_area_set_versions(2);
  Given(first, Staged(1, 0, 3, 7), Accepted(1, 0, 3, 7)).When(resolve).Then(opened);
  // What was opened by fewer areas does not go on by more.
  v1::OpenExtract again = Delivery(1, 0, 3, 7);
  *again.add_area_sets() = ward;
  Given(first).When(again).ThenNothingHappens();
  again.add_area_set_versions(2);
  Given(first).When(again).ThenRefused(Refusal::REVISION_OPEN);
}

TEST(DigestSum, WrapsAroundAtTwoToThePowerOf256) {
  const std::string most(32, '\xFF');
  EXPECT_EQ(AddDigests(most, Digest(1)), Digest(0));
  EXPECT_EQ(SubtractDigests(Digest(0), Digest(1)), most);
  EXPECT_EQ(SubtractDigests(AddDigests(Digest(200), Digest(99)), Digest(99)), Digest(200));
  EXPECT_EQ(AddDigests("", ""), Digest(0));
}

}  // namespace
}  // namespace holdfast::metrics
