#include "keyvault/shred_ledger.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace holdfast::keyvault {
namespace {

class ShredLedgerTest : public ::testing::Test {
 protected:
  ShredLedgerTest()
      : folder_(absl::StrCat(::testing::TempDir(), "/shred_ledger_",
                             ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    std::filesystem::remove_all(folder_);
  }
  ~ShredLedgerTest() override { std::filesystem::remove_all(folder_); }

  static key::v1::ShredEntry Of(const std::string& key_id) {
    key::v1::ShredEntry entry;
    entry.set_tenant("westmoor");
    entry.set_case_id("c1");
    entry.add_key_id(key_id);
    return entry;
  }
  ShredLedger::Mark FilledWith(int entries) const {
    auto ledger = ShredLedger::Open(folder_);
    EXPECT_TRUE(ledger.ok()) << ledger.status();
    for (int i = 0; i < entries; ++i) EXPECT_TRUE(ledger->Append(Of(absl::StrCat("k", i))).ok());
    return ledger->mark();
  }
  std::string path() const { return folder_ + "/shredded"; }
  std::string Content() const {
    std::ifstream file(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void Write(const std::string& content) const {
    std::ofstream(path(), std::ios::binary) << content;
  }

  const std::string folder_;
};

TEST_F(ShredLedgerTest, ListsWhatWasDestroyedAfterAReopen) {
  const ShredLedger::Mark mark = FilledWith(3);
  EXPECT_EQ(mark.entries, 3U);
  const auto ledger = ShredLedger::Open(folder_);
  ASSERT_TRUE(ledger.ok()) << ledger.status();
  EXPECT_EQ(ledger->mark(), mark);
  EXPECT_TRUE(ledger->Lists("k0"));
  EXPECT_TRUE(ledger->Lists("k2"));
  EXPECT_FALSE(ledger->Lists("k3"));
}

TEST_F(ShredLedgerTest, CutsOffWhatACrashLeftAtItsEndAndGoesOn) {
  const ShredLedger::Mark mark = FilledWith(2);
  const std::string whole = Content();
  FilledWith(1);
  const std::string longer = Content();
  for (std::size_t size = whole.size(); size < longer.size(); ++size) {
    Write(longer.substr(0, size));
    auto ledger = ShredLedger::Open(folder_);
    ASSERT_TRUE(ledger.ok()) << ledger.status();
    EXPECT_EQ(ledger->mark(), mark);
    EXPECT_EQ(Content(), whole);
  }
  EXPECT_EQ(FilledWith(1).entries, 3U);
}

TEST_F(ShredLedgerTest, RefusesAChangedByteAnywhereBeforeItsEnd) {
  FilledWith(3);
  const std::string whole = Content();
  const std::size_t last = whole.size() / 3 * 2;  // entries are of one size
  for (std::size_t at = 0; at < last; ++at) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    Write(changed);
    const auto ledger = ShredLedger::Open(folder_);
    // A changed length may swallow the rest; then it is shorter, which its owner notices.
    EXPECT_TRUE(absl::IsDataLoss(ledger.status()) || ledger->mark().entries < 3) << at;
  }
}

TEST_F(ShredLedgerTest, TellsAShorterOrAnotherLedgerFromItself) {
  const ShredLedger::Mark third = FilledWith(3);
  auto ledger = ShredLedger::Open(folder_);
  ASSERT_TRUE(ledger.ok());
  EXPECT_TRUE(ledger->Continues({}));
  EXPECT_TRUE(ledger->Continues(third));
  ASSERT_TRUE(ledger->Append(Of("k4")).ok());
  EXPECT_TRUE(ledger->Continues(third));
  EXPECT_FALSE(ledger->Continues({5, third.head}));
  EXPECT_FALSE(ledger->Continues({2, third.head}));
}

}  // namespace
}  // namespace holdfast::keyvault
