#include "security/audit_bundle.h"

#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "holdfast/audit/v1/bundle.pb.h"

#include "absl/strings/str_cat.h"
#include "base/random.h"
#include "security/merkle_tree.h"

namespace holdfast::security {
namespace {

using audit::v1::BundleEntry;
using audit::v1::BundleHead;
using audit::v1::BundlePart;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = BundleFault::Kind;

constexpr char kOrigin[] = "example/audit/westmoor";

// A log of `size` records with a checkpoint at every 10th, and bundles of it.
class Log {
 public:
  explicit Log(std::uint64_t size) {
    for (std::uint64_t i = 0; i < size; ++i) {
      BundleEntry entry;
      entry.set_index(i);
      entry.set_payload(absl::StrCat("record ", i));
      if (i % 3 == 0) entry.add_sealed(absl::StrCat("sealed ", i));
      tree_.Append(AuditLeaf(entry));
      entries_.push_back(std::move(entry));
    }
  }

  std::string Note(std::uint64_t size) const {
    const Checkpoint checkpoint{kOrigin, size, tree_.RootAt(size)};
    return FormatCheckpoint(
        {checkpoint,
         {SignCheckpoint(checkpoint, kOrigin, *key_),
          CosignCheckpoint(checkpoint, "eastvale/witness", *witness_, absl::UnixEpoch())}});
  }

  BundleHead Head(std::uint64_t first) const {
    BundleHead head;
    head.set_origin(kOrigin);
    head.set_first(first);
    // The complete subtrees of [0, first).
    std::uint64_t at = 0;
    for (int level = 63; level >= 0; --level) {
      const std::uint64_t leaves = std::uint64_t{1} << static_cast<unsigned>(level);
      if ((first & leaves) == 0) continue;
      MerkleTree subtree;
      for (std::uint64_t i = at; i < at + leaves; ++i) subtree.Append(AuditLeaf(entries_[i]));
      head.add_prefix(std::string(AsBytes(subtree.Root())));
      at += leaves;
    }
    for (std::uint64_t size = first / 10 * 10 + 10; size <= entries_.size(); size += 10)
      head.add_checkpoints(Note(size));
    return head;
  }

  // As the log writes it; `change` may spoil the entries before they are written.
  std::string Bundle(
      std::uint64_t first = 0, bool tiles = true,
      const std::function<void(std::vector<BundleEntry>&)>& change = [](auto&) {}) const {
    std::vector<BundleEntry> entries(entries_.begin() + static_cast<std::ptrdiff_t>(first),
                                     entries_.end());
    change(entries);
    std::ostringstream out;
    BundleWriter writer(out);
    BundlePart part;
    *part.mutable_head() = Head(first);
    EXPECT_TRUE(writer.Write(part));
    if (tiles) {
      part.mutable_tile()->set_first(first);
      for (std::uint64_t i = first; i < entries_.size(); ++i)
        part.mutable_tile()->mutable_leaf_hashes()->append(AsBytes(AuditLeaf(entries_[i])));
      EXPECT_TRUE(writer.Write(part));
    }
    for (const BundleEntry& entry : entries) {
      *part.mutable_entry() = entry;
      EXPECT_TRUE(writer.Write(part));
    }
    return out.str();
  }

  BundleKeys keys() const {
    return {&key_->public_key(), {{"eastvale/witness", &witness_->public_key()}}};
  }

 private:
  std::unique_ptr<const Ed25519PrivateKey> key_ = Ed25519PrivateKey::Generate();
  std::unique_ptr<const Ed25519PrivateKey> witness_ = Ed25519PrivateKey::Generate();
  MerkleTree tree_;
  std::vector<BundleEntry> entries_;
};

class AnAuditBundle : public ::testing::Test {
 protected:
  absl::StatusOr<BundleVerdict> Verify(const std::string& bundle) const {
    std::istringstream in(bundle);
    return VerifyBundle(in, log_.keys());
  }
  void ExpectFault(const std::string& bundle, Kind kind, std::uint64_t index) const {
    const auto verdict = Verify(bundle);
    ASSERT_TRUE(verdict.ok()) << verdict.status();
    ASSERT_TRUE(verdict->fault.has_value());
    EXPECT_EQ(*verdict->fault, (BundleFault{kind, index})) << verdict->fault->Sentence();
  }
  Log log_{40};
};

TEST_F(AnAuditBundle, HoldsAsItWasWritten) {
  for (const std::uint64_t first : {0U, 1U, 7U, 10U, 29U}) {
    for (const bool tiles : {true, false}) {
      const auto verdict = Verify(log_.Bundle(first, tiles));
      ASSERT_TRUE(verdict.ok()) << verdict.status();
      EXPECT_TRUE(verdict->holds()) << "from " << first << ": " << verdict->fault->Sentence();
      EXPECT_EQ(verdict->proved, 40U);
      EXPECT_EQ(verdict->first, first);
      EXPECT_THAT(verdict->witnesses, ElementsAre("eastvale/witness"));
    }
  }
}

TEST_F(AnAuditBundle, NamesTheRecordThatWasChanged) {
  ExpectFault(log_.Bundle(0, true, [](auto& e) { e[17].set_payload("record 71"); }), Kind::kAltered,
              17);
  ExpectFault(log_.Bundle(0, true, [](auto& e) { e[18].set_sealed(0, ""); }), Kind::kAltered, 18);
  ExpectFault(log_.Bundle(0, true, [](auto& e) { e[19].add_sealed("more"); }), Kind::kAltered, 19);
  ExpectFault(log_.Bundle(7, true, [](auto& e) { e[0].set_payload("other"); }), Kind::kAltered, 7);
}

// Payload and sealed bytes are told apart by their lengths.
TEST_F(AnAuditBundle, NamesARecordWhoseBytesWereMovedBetweenItsParts) {
  ExpectFault(log_.Bundle(0, true,
                          [](auto& e) {
                            e[3].set_payload(e[3].payload() + e[3].sealed(0));
                            e[3].set_sealed(0, "");
                          }),
              Kind::kAltered, 3);
}

TEST_F(AnAuditBundle, NamesTheRecordThatIsMissing) {
  ExpectFault(log_.Bundle(0, true, [](auto& e) { e.erase(e.begin() + 17); }), Kind::kMissing, 17);
  ExpectFault(log_.Bundle(0, false, [](auto& e) { e.erase(e.begin() + 17); }), Kind::kMissing, 17);
  ExpectFault(log_.Bundle(0, true, [](auto& e) { e.pop_back(); }), Kind::kMissing, 39);
  ExpectFault(log_.Bundle(0, true, [](auto& e) { e.clear(); }), Kind::kMissing, 0);
}

TEST_F(AnAuditBundle, NamesTheRecordThatIsMissingWhereTheOthersWereNumberedAnew) {
  ExpectFault(log_.Bundle(0, true,
                          [](auto& e) {
                            e.erase(e.begin() + 17);
                            for (std::size_t i = 17; i < e.size(); ++i) e[i].set_index(i);
                          }),
              Kind::kMissing, 17);
}

TEST_F(AnAuditBundle, NamesTheRecordThatWasAdded) {
  ExpectFault(log_.Bundle(0, true,
                          [](auto& e) {
                            e.insert(e.begin() + 17, e[17])->set_payload("never logged");
                            for (std::size_t i = 17; i < e.size(); ++i) e[i].set_index(i);
                          }),
              Kind::kAdded, 17);
}

TEST_F(AnAuditBundle, NamesTheFirstOfTwoThatChangedPlaces) {
  ExpectFault(log_.Bundle(0, true, [](auto& e) { std::swap(e[12], e[13]); }), Kind::kReordered, 12);
  ExpectFault(log_.Bundle(0, true, [](auto& e) { std::swap(e[12], e[18]); }), Kind::kReordered, 12);
  ExpectFault(log_.Bundle(0, true, [](auto& e) { e[12].set_index(13); }), Kind::kMissing, 12);
}

TEST_F(AnAuditBundle, SaysFromWhereOnWhereNothingTellsWhichRecord) {
  ExpectFault(log_.Bundle(0, false, [](auto& e) { e[17].set_payload("other"); }), Kind::kUnknown,
              10);
}

TEST_F(AnAuditBundle, ProvesNothingBeyondItsLastCheckpoint) {
  const Log longer(45);
  std::istringstream in(longer.Bundle());
  const auto verdict = VerifyBundle(in, longer.keys());
  ASSERT_TRUE(verdict.ok()) << verdict.status();
  EXPECT_EQ(verdict->fault, (BundleFault{Kind::kUnproved, 40}));
  EXPECT_EQ(verdict->proved, 40U);
}

TEST_F(AnAuditBundle, BelievesNoOtherLogsKey) {
  const Log other(40);
  std::istringstream in(log_.Bundle());
  const auto verdict = VerifyBundle(in, other.keys());
  ASSERT_TRUE(verdict.ok()) << verdict.status();
  EXPECT_EQ(verdict->fault, (BundleFault{Kind::kUnsigned, 0}));
  EXPECT_THAT(verdict->witnesses, IsEmpty());
}

TEST_F(AnAuditBundle, SaysWhereAFileStopsBeingOne) {
  const std::string bundle = log_.Bundle();
  EXPECT_THAT(std::string(Verify("").status().message()), HasSubstr("first line"));
  EXPECT_THAT(std::string(Verify(bundle.substr(0, 24)).status().message()), HasSubstr("no head"));
  EXPECT_THAT(std::string(Verify(bundle.substr(0, bundle.size() - 1)).status().message()),
              HasSubstr("cut off"));
  EXPECT_THAT(std::string(Verify(bundle + "\xFF\xFF\xFF\x7F").status().message()),
              HasSubstr("longer than 2 MiB"));
}

// One byte changed anywhere: it is named, or the file is none.
TEST_F(AnAuditBundle, HoldsWithNoByteChanged) {
  const std::string bundle = log_.Bundle(7);
  for (std::size_t at = 0; at < bundle.size(); ++at) {
    std::string changed = bundle;
    changed[at] = static_cast<char>(changed[at] ^ 0x01);
    const auto verdict = Verify(changed);
    if (!verdict.ok() || !verdict->holds() || verdict->witnesses.empty()) continue;
    // A hash of a tile alone may differ: tiles only tell which record, and nothing was wrong.
    EXPECT_EQ(verdict->proved, 40U);
    EXPECT_EQ(verdict->first, 7U);
    EXPECT_EQ(verdict->origin, kOrigin);
  }
}

}  // namespace
}  // namespace holdfast::security
