#include "journal/acceptance.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "holdfast/journal/v1/journal.pb.h"

#include "base/hex.h"

namespace holdfast::journal {
namespace {

WriterId WriterNumber(std::uint8_t number, std::uint64_t epoch) {
  WriterId writer;
  writer.epoch = epoch;
  writer.instance.fill(number);
  return writer;
}

v1::Commit CommitAfter(const TenantHead& head, const std::string& tenant, const char* payload) {
  v1::Commit commit;
  commit.set_format(kCommitFormat);
  commit.set_tenant(tenant);
  commit.set_seq(head.seq + 1);
  commit.set_prev_hash(head.hash.data(), head.hash.size());
  commit.set_stream("site/mill-lane");
  commit.set_version(head.seq + 1);
  commit.add_events()->set_payload(payload);
  return commit;
}

// A fold with its log, so that a test reads as a history.
class History {
 public:
  Folded Append(const std::string& record) {
    const absl::StatusOr<Folded> folded = fold.Apply(next_++, record);
    EXPECT_TRUE(folded.ok()) << folded.status();
    return folded.ok() ? *folded : Folded{};
  }
  Outcome Barrier(const WriterId& writer) { return Append(EncodeBarrier(writer)).outcome; }
  Outcome Commit(const WriterId& writer, const std::string& tenant, const char* payload = "x") {
    return Append(
               EncodeCommitRecord(writer, CommitAfter(fold.HeadOf(tenant), tenant, payload)).record)
        .outcome;
  }

  AcceptanceFold fold;

 private:
  Offset next_ = 0;
};

const WriterId kFirst = WriterNumber(1, 1);
const WriterId kSecond = WriterNumber(2, 2);

TEST(Acceptance, TakesNothingBeforeTheFirstBarrier) {
  History history;
  EXPECT_EQ(history.Commit(WriterNumber(0, 0), "westmoor"), Outcome::kFenced);
  EXPECT_EQ(history.Commit(kFirst, "westmoor"), Outcome::kFenced);
  EXPECT_EQ(history.Barrier(WriterNumber(1, 2)), Outcome::kFenced);
  EXPECT_EQ(history.Barrier(kFirst), Outcome::kAccepted);
  EXPECT_EQ(history.Commit(kFirst, "westmoor"), Outcome::kAccepted);
}

TEST(Acceptance, LogOrderDecidesBetweenTwoBarriersOfOneEpoch) {
  History history;
  EXPECT_EQ(history.Barrier(kFirst), Outcome::kAccepted);
  EXPECT_EQ(history.Barrier(WriterNumber(9, 1)), Outcome::kFenced);
  EXPECT_EQ(history.Commit(WriterNumber(9, 1), "westmoor"), Outcome::kFenced);
  EXPECT_EQ(history.Commit(kFirst, "westmoor"), Outcome::kAccepted);
}

TEST(Acceptance, FencesEveryRecordOfAReplacedWriter) {
  History history;
  history.Barrier(kFirst);
  history.Commit(kFirst, "westmoor");
  EXPECT_EQ(history.Barrier(kSecond), Outcome::kAccepted);
  EXPECT_EQ(history.Commit(kFirst, "westmoor"), Outcome::kFenced);
  EXPECT_EQ(history.Append(EncodeTenantClosed(kFirst, "westmoor")).outcome, Outcome::kFenced);
  EXPECT_EQ(history.fold.HeadOf("westmoor").seq, 1U);
  EXPECT_FALSE(history.fold.HeadOf("westmoor").receiving);
  EXPECT_EQ(history.Commit(kSecond, "westmoor"), Outcome::kAccepted);
}

TEST(Acceptance, VoidsACommitWhoseNumberFitsButWhoseHistoryIsAnother) {
  History history;
  history.Barrier(kFirst);
  history.Commit(kFirst, "westmoor", "a");
  TenantHead other = history.fold.HeadOf("westmoor");
  other.hash[31] ^= 1U;
  const auto forked = EncodeCommitRecord(kFirst, CommitAfter(other, "westmoor", "b"));
  EXPECT_EQ(history.Append(forked.record).outcome, Outcome::kConflict);
}

TEST(Acceptance, VoidsACommitAfterAGap) {
  History history;
  history.Barrier(kFirst);
  TenantHead ahead;
  ahead.seq = 1;
  EXPECT_EQ(history.Append(EncodeCommitRecord(kFirst, CommitAfter(ahead, "westmoor", "b")).record)
                .outcome,
            Outcome::kConflict);
  EXPECT_TRUE(history.fold.heads().empty());
}

TEST(Acceptance, KeepsTheChainsOfTwoTenantsApart) {
  History history;
  history.Barrier(kFirst);
  EXPECT_EQ(history.Commit(kFirst, "westmoor"), Outcome::kAccepted);
  EXPECT_EQ(history.Commit(kFirst, "eastvale"), Outcome::kAccepted);
  EXPECT_EQ(history.Commit(kFirst, "westmoor"), Outcome::kAccepted);
  EXPECT_EQ(history.fold.HeadOf("westmoor").seq, 2U);
  EXPECT_EQ(history.fold.HeadOf("eastvale").seq, 1U);
}

TEST(Acceptance, TheHeadIsTheHashOfTheStoredBytesAfterTheHashBefore) {
  History history;
  history.Barrier(kFirst);
  const EncodedCommit encoded =
      EncodeCommitRecord(kFirst, CommitAfter(TenantHead{}, "westmoor", "a"));
  const Folded folded = history.Append(encoded.record);
  EXPECT_EQ(folded.commit_bytes, encoded.commit());
  EXPECT_EQ(folded.hash, Sha256Of(std::string(32, '\0') + std::string(encoded.commit())));
  EXPECT_EQ(history.fold.HeadOf("westmoor").hash, folded.hash);
  EXPECT_EQ(folded.commit->events(0).payload(), "a");
}

TEST(Acceptance, AClosedTenantTakesCopiesOnlyUntilItIsOpenedAtTheHeadTheyReached) {
  History source;
  source.Barrier(kFirst);
  std::vector<std::string> commits;
  for (const char* payload : {"a", "b", "c"}) {
    const auto encoded = EncodeCommitRecord(
        kFirst, CommitAfter(source.fold.HeadOf("westmoor"), "westmoor", payload));
    commits.emplace_back(encoded.commit());
    source.Append(encoded.record);
  }
  EXPECT_EQ(source.Append(EncodeCopy(kFirst, commits[0])).outcome, Outcome::kClosed);
  EXPECT_EQ(source.Append(EncodeTenantClosed(kFirst, "westmoor")).outcome, Outcome::kAccepted);
  EXPECT_EQ(source.Append(EncodeTenantClosed(kFirst, "westmoor")).outcome, Outcome::kClosed);
  EXPECT_EQ(source.Commit(kFirst, "westmoor"), Outcome::kClosed);
  const TenantHead head = source.fold.HeadOf("westmoor");

  History target;
  target.Barrier(kSecond);  // void: the target's epoch is its own
  const WriterId owner = WriterNumber(7, 1);
  target.Barrier(owner);
  EXPECT_EQ(target.Append(EncodeTenantOpened(owner, "westmoor", head)).outcome, Outcome::kClosed);
  EXPECT_EQ(target.Append(EncodeCopy(owner, commits[1])).outcome, Outcome::kConflict);
  EXPECT_EQ(target.Append(EncodeCopy(owner, commits[0])).outcome, Outcome::kAccepted);
  EXPECT_EQ(target.Commit(owner, "westmoor"), Outcome::kClosed);
  EXPECT_EQ(target.Append(EncodeTenantOpened(owner, "westmoor", head)).outcome, Outcome::kConflict);
  EXPECT_EQ(target.Append(EncodeCopy(owner, commits[1])).outcome, Outcome::kAccepted);
  EXPECT_EQ(target.Append(EncodeCopy(owner, commits[2])).outcome, Outcome::kAccepted);
  EXPECT_EQ(target.Append(EncodeTenantOpened(owner, "westmoor", head)).outcome, Outcome::kAccepted);
  EXPECT_EQ(target.fold.HeadOf("westmoor").hash, head.hash);
  EXPECT_EQ(target.Commit(owner, "westmoor"), Outcome::kAccepted);
}

TEST(Acceptance, AClosingSaysWhereTheTenantGoesOn) {
  History history;
  history.Barrier(kFirst);
  EXPECT_FALSE(history.fold.Knows("westmoor"));
  const Folded closed = history.Append(EncodeTenantClosed(kFirst, "westmoor", 0));
  EXPECT_TRUE(closed.accepted());
  EXPECT_EQ(closed.to_partition, std::uint32_t{0}) << "which is another thing than none";
  EXPECT_TRUE(history.fold.Knows("westmoor"));
  EXPECT_EQ(history.Append(EncodeTenantClosed(kFirst, "eastvale")).to_partition, std::nullopt);
}

TEST(Acceptance, ATenantWithoutCommitsMovesToo) {
  History target;
  target.Barrier(kFirst);
  EXPECT_EQ(target.Append(EncodeTenantClosed(kFirst, "westmoor")).outcome, Outcome::kAccepted);
  EXPECT_EQ(target.Append(EncodeTenantOpened(kFirst, "westmoor", {})).outcome, Outcome::kAccepted);
  EXPECT_TRUE(target.fold.Knows("westmoor"));
  EXPECT_EQ(target.Commit(kFirst, "westmoor"), Outcome::kAccepted);
}

TEST(Acceptance, FreezesOnWhatItCannotReadAndChangesNothing) {
  History history;
  history.Barrier(kFirst);
  const PartitionState before = history.fold.state();
  v1::Commit later = CommitAfter(TenantHead{}, "westmoor", "a");
  later.set_format(2);
  v1::Record empty;
  empty.mutable_writer()->set_instance(std::string(16, '\1'));
  v1::Record no_instance;
  no_instance.mutable_barrier();
  const std::vector<std::string> unreadable = {
      "\xFF\xFF",
      EncodeCommitRecord(kFirst, later).record,
      empty.SerializeAsString(),
      no_instance.SerializeAsString(),
      EncodeCopy(kFirst, "\xFF\xFF"),
      EncodeTenantClosed(kFirst, ""),
      EncodeCommitRecord(kFirst, CommitAfter(TenantHead{}, "", "a")).record};
  for (const std::string& record : unreadable) {
    EXPECT_EQ(history.fold.Apply(1, record).status().code(), absl::StatusCode::kDataLoss)
        << ToHex(record);
    EXPECT_EQ(history.fold.state(), before);
  }
  EXPECT_TRUE(history.fold.heads().empty());
}

TEST(Acceptance, AnOwnCommitFoldsAsTheDecodedOne) {
  History decoded;
  AcceptanceFold own;
  decoded.Barrier(kFirst);
  ASSERT_TRUE(own.Apply(0, EncodeBarrier(kFirst)).ok());
  for (Offset offset = 1; offset < 4; ++offset) {
    const TenantHead head = own.HeadOf("westmoor");
    const EncodedCommit encoded = EncodeCommitRecord(kFirst, CommitAfter(head, "westmoor", "a"));
    const Hash hash = ChainHash(head.hash, encoded.commit());
    EXPECT_EQ(
        own.ApplyOwn(offset, encoded.record, {kFirst, "westmoor", head.seq + 1, head.hash, hash}),
        decoded.Append(encoded.record).outcome);
  }
  EXPECT_EQ(own.state(), decoded.fold.state());
  EXPECT_EQ(own.heads(), decoded.fold.heads());
}

TEST(Acceptance, TheDigestIsTheOneThatHeartbeatsCompare) {
  History history;
  const std::string barrier = EncodeBarrier(kFirst);
  history.Append(barrier);
  const std::string late = EncodeBarrier(kFirst);
  history.Append(late);
  const std::string zeros(8, '\0');
  const Hash one =
      Sha256Of(std::string(32, '\0') + zeros + '\0' + std::string(AsBytes(Sha256Of(barrier))));
  const Hash two = Sha256Of(std::string(AsBytes(one)) + std::string(7, '\0') + '\1' + '\1' +
                            std::string(AsBytes(Sha256Of(late))));
  EXPECT_EQ(history.fold.digest(), two);
}

TEST(Acceptance, TheReportedDigestCoversTheRecordsBelowAMultipleOf256) {
  History history;
  history.Barrier(kFirst);
  Hash at_256{};
  for (Offset offset = 1; offset < 300; ++offset) {
    history.Commit(kFirst, "westmoor");
    if (offset == 255) at_256 = history.fold.digest();
  }
  EXPECT_EQ(history.fold.state().reported_at, 256U);
  EXPECT_EQ(history.fold.state().reported, at_256);

  // A broker may skip offsets, also the multiple itself.
  AcceptanceFold sparse;
  ASSERT_TRUE(sparse.Apply(10, EncodeBarrier(kFirst)).ok());
  const Hash before = sparse.digest();
  ASSERT_TRUE(sparse.Apply(1000, EncodeBarrier(kSecond)).ok());
  EXPECT_EQ(sparse.state().reported_at, 768U);
  EXPECT_EQ(sparse.state().reported, before);
}

TEST(Acceptance, GoesOnFromWhatWasSaved) {
  History history;
  history.Barrier(kFirst);
  history.Commit(kFirst, "westmoor");
  history.Commit(kFirst, "eastvale");
  history.Append(EncodeTenantClosed(kFirst, "eastvale"));

  AcceptanceFold restored;
  ASSERT_TRUE(restored.Restore(*ParsePartitionState(Serialise(history.fold.state()))).ok());
  for (const auto& [tenant, head] : history.fold.heads())
    restored.RestoreHead(tenant, *ParseTenantHead(Serialise(head)));
  EXPECT_EQ(restored.state(), history.fold.state());
  EXPECT_EQ(restored.heads(), history.fold.heads());
  const auto next =
      EncodeCommitRecord(kFirst, CommitAfter(restored.HeadOf("westmoor"), "westmoor", "z"));
  EXPECT_EQ(restored.Apply(4, next.record)->outcome, history.Append(next.record).outcome);
  EXPECT_EQ(restored.digest(), history.fold.digest());
  EXPECT_FALSE(ParsePartitionState("short").has_value());
  EXPECT_FALSE(ParseTenantHead("short").has_value());
}

TEST(Acceptance, WithoutDigestsDecidesTheSame) {
  AcceptanceFold plain(false);
  ASSERT_TRUE(plain.Apply(0, EncodeBarrier(kFirst)).ok());
  EXPECT_EQ(plain.digest(), Hash{});
  EXPECT_EQ(AcceptanceFold().Restore(plain.state()).code(), absl::StatusCode::kFailedPrecondition);
}

TEST(Record, WrittenByHandEqualsTheGeneratedEncoding) {
  for (const std::uint64_t epoch : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
    const WriterId writer = WriterNumber(3, epoch);
    const v1::Commit commit = CommitAfter(TenantHead{}, "westmoor", "a");
    v1::Record record;
    record.mutable_writer()->set_epoch(epoch);
    record.mutable_writer()->set_instance(std::string(16, '\3'));
    record.set_commit(commit.SerializeAsString());
    EXPECT_EQ(EncodeCommitRecord(writer, commit).record, record.SerializeAsString());
    record.set_copied(true);
    EXPECT_EQ(EncodeCopy(writer, commit.SerializeAsString()), record.SerializeAsString());
  }
}

TEST(PartitionOf, IsTheFirstEightBytesOfTheHashOfTheSlug) {
  const std::uint64_t first = ReadBigEndian64(AsBytes(Sha256Of("westmoor")));
  EXPECT_EQ(PartitionOf("westmoor", 4), first % 4);
  EXPECT_EQ(PartitionOf("westmoor", 24), first % 24);
  EXPECT_EQ(PartitionOf("westmoor", 1), 0U);
}

}  // namespace
}  // namespace holdfast::journal
