#include "eventsourcing/state_layout.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.h"

namespace holdfast::eventsourcing {
namespace {

TEST(StateLayout, ReadsWhatItWrote) {
  FirstReceipt receipt;
  receipt.seq = 7;
  receipt.version = 3;
  receipt.recorded_at = absl::FromUnixNanos(-5);
  receipt.mac = {1, Sha256Of("mac")};
  receipt.stream = "tool/d";
  receipt.warnings = {"LONG_LOAN", ""};
  EXPECT_EQ(layout::ReadFirstReceipt(layout::Encode(receipt)), receipt);

  const ReactionMark mark{1, 2, 3};
  EXPECT_EQ(layout::ReadReactionMark(layout::Encode(mark)), mark);

  TenantRow tenant;
  tenant.head = {9, Sha256Of("head"), true};
  tenant.recorded_at = absl::FromUnixSeconds(1772445600);
  tenant.frozen = true;
  const auto read = layout::ReadTenantRow(layout::Encode(tenant));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->head, tenant.head);
  EXPECT_EQ(read->recorded_at, tenant.recorded_at);
  EXPECT_TRUE(read->frozen);

  PartitionRow row;
  row.fingerprint = Sha256Of("shape");
  row.fold.next_offset = 12;
  row.last = LastRecord{11, true, Sha256Of("last")};
  const auto partition = layout::ReadPartitionRow(layout::Encode(row));
  ASSERT_TRUE(partition);
  EXPECT_EQ(partition->fingerprint, row.fingerprint);
  EXPECT_EQ(partition->fold, row.fold);
  EXPECT_EQ(partition->last, row.last);
}

TEST(StateLayout, TakesNoBytesThatWereCutOff) {
  FirstReceipt receipt;
  receipt.stream = "tool/d";
  receipt.warnings = {"LONG_LOAN"};
  const std::string whole = layout::Encode(receipt);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto read = layout::ReadFirstReceipt(whole.substr(0, size));
    EXPECT_TRUE(!read || read->warnings.empty());  // cut exactly before the warnings
  }
  const std::string row = layout::Encode(TenantRow{});
  for (std::size_t size = 0; size < row.size(); ++size)
    EXPECT_FALSE(layout::ReadTenantRow(row.substr(0, size)));
  EXPECT_FALSE(layout::ReadPartitionRow("\2 of another layout"));
}

TEST(StateLayout, ListsTimersInTheOrderOfTime) {
  std::vector<std::string> keys;
  for (const int seconds : {5, -3, 70'000, 0}) {
    keys.push_back(
        layout::DueKey("westmoor", "tool/d", {"overdue", absl::FromUnixSeconds(seconds)}));
  }
  std::sort(keys.begin(), keys.end());
  const std::string prefix = layout::DuePrefix("westmoor");
  absl::Time before = absl::InfinitePast();
  for (const std::string& key : keys) {
    const auto due = layout::ReadDueKey(std::string_view(key).substr(prefix.size()));
    ASSERT_TRUE(due);
    EXPECT_GT(due->due.at, before);
    EXPECT_EQ(due->stream, "tool/d");
    EXPECT_EQ(due->due.kind, "overdue");
    before = due->due.at;
  }
}

TEST(StateLayout, KeepsTagsApartWhoseTextsContinueEachOther) {
  EXPECT_FALSE(layout::TagPrefix("westmoor", "ab").starts_with(layout::TagPrefix("westmoor", "a")));
  EXPECT_FALSE(layout::StateKey("west", "tool/d").starts_with(layout::StateKey("we", "")));
}

TEST(StateLayout, FindsAReceiptByItsPlaceInAWrite) {
  std::string receipts;
  for (std::uint64_t seq = 1; seq <= 3; ++seq) {
    FirstReceipt receipt;
    receipt.seq = seq;
    receipt.stream = std::string(seq, 'x');
    layout::AppendReceipt(receipts, receipt);
  }
  for (std::size_t place = 0; place < 3; ++place)
    EXPECT_EQ(layout::ReadReceipt(receipts, place)->seq, place + 1);
  EXPECT_FALSE(layout::ReadReceipt(receipts, 3));
  EXPECT_FALSE(layout::ReadReceipt(receipts.substr(0, receipts.size() - 1), 2));
}

}  // namespace
}  // namespace holdfast::eventsourcing
